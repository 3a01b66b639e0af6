"""What a channel or a person cares for, learnt from papers that were saved or left (pure).

Rocchio's method: the mean of the saved papers, minus a share of the mean of those that were seen and left.
Terms that this makes negative are dropped; only *Less like this* makes a term negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.ranking.vectors import EMPTY, Vector, Weights, combined, mean, unit

ENOUGH = 3
"""How many saved or added papers make an interest; with fewer, papers are ordered by keyword."""
_SURE = 5
_SEEN = 0.75
_LESS = 0.5
_MOST_TERMS = 1000
# How much the keyword counts beside an interest, whose scores spread over about a fifth as much.
_KEYWORD_AT_FIRST = 0.15
_KEYWORD = 0.1
# How many are multiplied at once, which bounds the memory for their products.
_INTERESTS_AT_ONCE, _PAPERS_AT_ONCE = 100, 8


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A *vector* of terms, the negative ones of which count against a paper, learnt from *given* papers."""

    vector: Vector = EMPTY
    given: int = 0

    @property
    def is_enough(self) -> bool:
        """Whether it rests on enough papers to mark others with a star."""
        return self.given >= ENOUGH


def learn(
    given: Sequence[Vector],
    seen: Sequence[Vector] = (),
    less: Sequence[Vector] = (),
    *,
    enough: int = ENOUGH,
) -> Profile:
    """Return the interest of those who saved or added the papers *given*, in any order.

    They saw *seen* and left them, and asked for less like *less*. Fewer papers than *enough* say nothing yet.
    """
    away = mean(seen)
    wanted = _beyond(given, away) if len(given) >= enough else EMPTY
    vector = combined([(1, wanted), (-_LESS, _beyond(less, away))])
    return Profile(_strongest(vector), len(given))


def _beyond(papers: Sequence[Vector], away: Vector) -> Vector:
    """Return what sets *papers* apart from those seen and left."""
    raw = combined([(1, mean(papers)), (-_SEEN, away)])
    kept = raw.weights > 0
    return unit(Vector(raw.terms[kept], raw.weights[kept]))


def _strongest(vector: Vector) -> Vector:
    if len(vector.terms) <= _MOST_TERMS:
        return vector
    order = np.argsort(-np.abs(vector.weights), kind="stable")[:_MOST_TERMS]
    kept = np.sort(order)
    return Vector(vector.terms[kept], vector.weights[kept])


def likeness(interests: Sequence[Profile], papers: Sequence[Vector]) -> Weights:
    """Return how like each interest each paper is: a row for each of *papers*, a column for each interest.

    It needs much processor time: next to an event loop, call it in a thread.
    """
    rows = np.zeros((len(papers), len(interests)), dtype=np.float32)
    for first in range(0, len(interests), _INTERESTS_AT_ONCE):
        index = _Index([interest.vector for interest in interests[first : first + _INTERESTS_AT_ONCE]])
        for number in range(0, len(papers), _PAPERS_AT_ONCE):
            likenesses = index.products(papers[number : number + _PAPERS_AT_ONCE])
            rows[number : number + _PAPERS_AT_ONCE, first : first + _INTERESTS_AT_ONCE] = likenesses
    return rows


class _Index:
    """Which of *vectors* hold a term, and how much of it: a paper has only a few of all their terms."""

    def __init__(self, vectors: Sequence[Vector]) -> None:
        self._count = len(vectors)
        terms = np.concatenate([vector.terms for vector in vectors])
        order = np.argsort(terms, kind="stable")
        lengths = [len(vector.terms) for vector in vectors]
        self._owners = np.repeat(np.arange(len(vectors), dtype=np.int32), lengths)[order]
        self._weights = np.concatenate([vector.weights for vector in vectors])[order]
        self._terms, self._starts = np.unique(terms[order], return_index=True)
        self._ends = np.append(self._starts[1:], len(terms))

    def products(self, papers: Sequence[Vector]) -> Weights:
        """Return the scalar products of *papers*, one in a row, with all vectors."""
        bins = len(papers) * self._count
        if not len(self._terms):
            return np.zeros((len(papers), self._count), dtype=np.float32)
        terms = np.concatenate([paper.terms for paper in papers])
        at = np.searchsorted(self._terms, terms)
        at[at == len(self._terms)] = 0
        known = self._terms[at] == terms
        at = at[known]
        lengths = self._ends[at] - self._starts[at]
        places = _ranges(self._starts[at], lengths)
        own = np.concatenate([paper.weights for paper in papers])[known]
        row = np.repeat(np.arange(len(papers)), [len(paper.terms) for paper in papers])[known]
        products = self._weights[places] * np.repeat(own, lengths)
        cells = self._owners[places] + np.repeat(row * self._count, lengths)
        summed = np.bincount(cells, weights=products, minlength=bins).astype(np.float32)
        return summed.reshape(len(papers), self._count)


def _ranges(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers from each of *starts*, as many as its length, one range after the other."""
    before = np.cumsum(lengths) - lengths
    numbers: NDArray[np.int64] = np.arange(lengths.sum()) + np.repeat(starts - before, lengths)
    return numbers


def with_keyword(alike: float, centrality: float, given: int) -> float:
    """Return the score of a paper: its likeness to an interest, and how central the keyword is to it.

    *given* is the number of papers that the interest rests on; with few, the keyword counts for more.
    """
    return alike + (_KEYWORD if given >= _SURE else _KEYWORD_AT_FIRST) * centrality
