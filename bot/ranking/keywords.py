"""How central a keyword is to a paper that it matches: BM25 over title and abstract (pure).

Before anybody has saved anything, it is what there is to order by; it tells a paper about a subject from one
that mentions it. A score depends on nothing but the paper, so that papers of different rounds compare.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from bot.model.papers import Paper
from bot.query.nodes import And, AndNot, Node, Or, Term
from bot.query.patterns import EveryWord, Pattern, Phrase, Wildcard
from bot.query.query import Query
from bot.query.text import stem, words
from bot.ranking.terms import pairs_of, stem_term
from bot.ranking.vectors import Frequencies

_TITLE = 2
_SATURATION = 1.2
_BY_LENGTH = 0.75
_USUAL_LENGTH = 200  # words of an abstract, and twice those of its title
_FIELDS = ("ti", "abs")


Stems = tuple[str | None, ...]
"""The stems of a text in order, with None for the gap that a stop word leaves."""


class StemmedPaper(NamedTuple):
    """Title and abstract of a paper as the index has them, in 2 kB."""

    title: Stems
    abstract: Stems


def stemmed(paper: Paper) -> StemmedPaper:
    """Return the stems of *paper*."""
    title, abstract = (tuple(stem(word) for word in words(text)) for text in (paper.title, paper.abstract))
    return StemmedPaper(title, abstract)


class Centrality:
    """How central a subscription's *queries* are to papers; *frequencies* say which of them is rare."""

    def __init__(self, queries: Sequence[Query], frequencies: Frequencies) -> None:
        patterns = dict.fromkeys(pattern for query in queries for pattern in _patterns(query.root))
        self._weighted = [(pattern, _rarity(pattern, frequencies)) for pattern in patterns]
        self._most = sum(weight for _, weight in self._weighted) * (_SATURATION + 1)

    def of(self, paper: StemmedPaper) -> float:
        """Return a number from 0 to 1; 0 if no word of the queries is in the title or the abstract."""
        if not self._most:
            return 0.0
        title, abstract = paper
        length = (_TITLE * len(title) + len(abstract)) / _USUAL_LENGTH
        allowance = _SATURATION * (1 - _BY_LENGTH + _BY_LENGTH * length)
        total = 0.0
        for pattern, weight in self._weighted:
            often = _TITLE * _occurrences(pattern, title) + _occurrences(pattern, abstract)
            total += weight * often * (_SATURATION + 1) / (often + allowance)
        return total / self._most


def _patterns(node: Node) -> Iterator[Pattern]:
    """Yield what a query looks for in titles and abstracts, without what it excludes."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from _patterns(part)
        case AndNot(keep=keep):
            yield from _patterns(keep)
        case Term():
            yield from (pattern for name, pattern in node.lookups if name in _FIELDS)


def _occurrences(pattern: Pattern, text: Stems) -> int:
    match pattern:
        case Phrase(first=first, rest=()):
            return text.count(first)
        case Phrase(first=first, rest=rest):
            last = len(text)
            return sum(
                all(at + gap < last and text[at + gap] == term for gap, term in rest)
                for at in _places(first, text)
            )
        case EveryWord(terms=wanted):
            return min(text.count(term) for term in wanted)
        case Wildcard(regex=regex):
            return sum(term is not None and bool(regex.fullmatch(term)) for term in text)


def _places(wanted: str, text: Stems) -> Iterator[int]:
    """Yield where *wanted* stands; `index` passes over other words a hundred times faster than a loop."""
    at = -1
    for _ in range(text.count(wanted)):
        at = text.index(wanted, at + 1)
        yield at


def _rarity(pattern: Pattern, frequencies: Frequencies) -> float:
    """Return BM25's inverse document frequency; a phrase is as rare as its rarest word or pair of words."""
    match pattern:
        case Phrase(first=first, rest=rest):
            line = np.zeros(rest[-1][0] + 1 if rest else 1, dtype=np.uint32)
            for at, stemmed in ((0, first), *rest):
                line[at] = stem_term(stemmed)
            terms = np.concatenate([line, pairs_of(line)])
        case EveryWord(terms=stems):
            terms = np.array([stem_term(stemmed) for stemmed in stems], dtype=np.uint32)
        case Wildcard():
            return 1.0
    held = frequencies.papers_with(terms[terms != 0])
    fewest = int(held.min()) if len(held) else frequencies.papers
    return math.log(1 + (frequencies.papers + 0.5) / (fewest + 0.5))
