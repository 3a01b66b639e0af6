"""Papers as vectors of length 1: how rare a term is, and how much it stands for a paper (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.ranking.terms import Hashes, TermCounts

Weights = NDArray[np.float32]
# A term of the title counts three times. Rarity is damped: undamped, one odd word decides.
_TITLE = 3
_DAMPING = 0.7
_BUCKETS = 1 << 21


class Frequencies:
    """In how many of the stored papers each term occurs, in 4 MiB.

    Terms share two million counters; those of ten thousand papers hardly ever meet. A counter stops at
    65,535.
    """

    def __init__(self) -> None:
        self.papers = 0
        self._counters = np.zeros(_BUCKETS, dtype=np.uint16)

    @classmethod
    def of(cls, papers: Iterable[TermCounts]) -> Frequencies:
        """Count *papers*."""
        counted = cls()
        for paper in papers:
            counted.add(paper)
        return counted

    def add(self, paper: TermCounts) -> None:
        """Count one more paper."""
        places = np.unique(paper.terms % _BUCKETS)
        counters = self._counters[places]
        self._counters[places] = counters + (counters < np.iinfo(np.uint16).max)
        self.papers += 1

    def papers_with(self, terms: Hashes) -> NDArray[np.int64]:
        """Return for each of *terms* how many papers hold it."""
        return self._counters[terms % _BUCKETS].astype(np.int64)

    def rarity(self, terms: Hashes) -> Weights:
        """Return the weight of each of *terms*: 1 for one that all papers hold, more for rare ones."""
        held = self.papers_with(terms)
        return ((np.log((self.papers + 1) / (held + 1)).clip(0) + 1) ** _DAMPING).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """*weights* of *terms*, which ascend; a paper's has length 1, unless it is empty."""

    terms: Hashes
    weights: Weights


EMPTY = Vector(np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.float32))


def vector_of(paper: TermCounts, frequencies: Frequencies) -> Vector:
    """Return *paper* as a vector: 1 + ln of how often a term occurs, times its rarity."""
    often = _TITLE * paper.in_title.astype(np.float32) + paper.in_abstract
    return unit(Vector(paper.terms, (1 + np.log(often)) * frequencies.rarity(paper.terms)))


def unit(vector: Vector) -> Vector:
    """Return *vector* with length 1; an empty one stays empty."""
    length = float(np.sqrt(np.square(vector.weights).sum()))
    return Vector(vector.terms, (vector.weights / length).astype(np.float32)) if length else EMPTY


def mean(vectors: Sequence[Vector]) -> Vector:
    """Return the mean of *vectors*, shorter than they are; of none, an empty vector."""
    return combined([(1 / len(vectors), vector) for vector in vectors]) if vectors else EMPTY


def combined(parts: Sequence[tuple[float, Vector]]) -> Vector:
    """Return the sum of vectors, each multiplied by its factor."""
    if not parts:
        return EMPTY
    terms, places = np.unique(np.concatenate([vector.terms for _, vector in parts]), return_inverse=True)
    weights = np.concatenate([np.float32(factor) * vector.weights for factor, vector in parts])
    return Vector(terms, np.bincount(places, weights=weights, minlength=len(terms)).astype(np.float32))


def dot(one: Vector, other: Vector) -> float:
    """Return the scalar product of two vectors."""
    _, left, right = np.intersect1d(one.terms, other.terms, assume_unique=True, return_indices=True)
    return float(one.weights[left] @ other.weights[right])
