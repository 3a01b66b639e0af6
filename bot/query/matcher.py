"""Matches many papers with many queries (pure).

It is an inverted index over the *queries*. Each query is filed under keys such that every matching paper has
at least one of them (for `ti:a AND abs:b` one key is enough, for `ti:a OR abs:a` both are needed); the rarest
such keys are chosen. The terms of a paper then select the few queries worth evaluating. `Query.matches` has
the last word, so a bad choice of keys only costs time. Queries without a required term (only a wildcard or a
date) are evaluated for every paper.

Why not a full-text index over the papers: a day has 2,000 papers and 100,000 queries, so in this direction
one dictionary look-up for each word decides, and nothing needs to be stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from bot.model.papers import Match, Paper
from bot.query.nodes import And, AndNot, Node, Or, Term
from bot.query.patterns import EveryWord, Pattern, Phrase
from bot.query.query import Query
from bot.query.text import AnalyzedPaper, analyze_paper

# Field, term and following term: a term of an index field or, if the third is not empty, two adjacent terms.
Key = tuple[str, str, str]
# How much more frequent a term is in this field than in a title. These affect only speed.
_COMMON = {"ti": 1.0, "abs": 10.0, "combined": 12.0, "au": 0.5, "class": 500.0, "cat": 500.0}
_PAIR = 0.02


class Matcher:
    """Matches papers with a fixed set of queries; equal queries count once."""

    def __init__(self, queries: Iterable[Query]) -> None:
        self._queries = list(dict.fromkeys(queries))
        self._always: list[int] = []
        self._single: dict[str, dict[str, list[int]]] = {}
        self._paired: dict[str, dict[str, dict[str, list[int]]]] = {}
        frequency = Counter(term for query in self._queries for term in _terms(query.root))
        for number, query in enumerate(self._queries):
            cover = _cover(query.root, frequency)
            if cover is None:
                self._always.append(number)
            else:
                for key in cover[1]:
                    self._file(key, number)

    def __len__(self) -> int:
        return len(self._queries)

    def match(self, papers: Sequence[Paper]) -> list[Match]:
        """Return all matches, ordered as *papers* are, then as the queries were given.

        It needs much processor time: next to an event loop, call it in a thread.
        """
        return [match for paper in papers for match in self.match_one(paper)]

    def match_one(self, paper: Paper) -> list[Match]:
        """Return the matches of one paper, ordered as the queries were given."""
        analyzed = analyze_paper(paper)
        matches: list[Match] = []
        for number in sorted(self._candidates(analyzed)):
            query = self._queries[number]
            words = query.matches(analyzed)
            if words is not None:
                matches.append(Match(query.canonical, paper.id, words))
        return matches

    def _file(self, key: Key, number: int) -> None:
        name, term, following = key
        if following:
            filed = self._paired.setdefault(name, {}).setdefault(term, {}).setdefault(following, [])
        else:
            filed = self._single.setdefault(name, {}).setdefault(term, [])
        filed.append(number)

    def _candidates(self, paper: AnalyzedPaper) -> set[int]:
        candidates = set(self._always)
        for name, by_term in self._single.items():
            for analysis in paper.fields[name]:
                for term in analysis.terms:
                    if term is not None and term in by_term:
                        candidates.update(by_term[term])
        for name, by_first in self._paired.items():
            for analysis in paper.fields[name]:
                by_second = None
                for term in analysis.terms:
                    if by_second is not None and term is not None and term in by_second:
                        candidates.update(by_second[term])
                    by_second = by_first.get(term) if term is not None else None
        return candidates


def _terms(node: Node) -> Iterator[str]:
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _terms(part)
    elif isinstance(node, AndNot):
        yield from _terms(node.keep)
    elif isinstance(node, Term):
        for _, pattern in node.lookups:
            if isinstance(pattern, Phrase | EveryWord):
                yield from pattern.terms


def _cover(node: Node, frequency: Counter[str]) -> tuple[float, tuple[Key, ...]] | None:
    """Return how many papers may have these keys, and keys of which every paper that *node* matches has one.

    None means that there are no such keys; an empty tuple of keys means that no paper matches.
    """
    if isinstance(node, Term):
        return _all_of(_of_pattern(name, pattern, frequency) for name, pattern in node.lookups)
    if isinstance(node, Or):
        return _all_of(_cover(part, frequency) for part in node.parts)
    if isinstance(node, And):
        covers = [cover for part in node.parts if (cover := _cover(part, frequency)) is not None]
        return min(covers, default=None, key=lambda cover: cover[0])
    if isinstance(node, AndNot):
        return _cover(node.keep, frequency)
    return None


def _all_of(
    covers: Iterable[tuple[float, tuple[Key, ...]] | None],
) -> tuple[float, tuple[Key, ...]] | None:
    total, keys = 0.0, dict[Key, None]()
    for cover in covers:
        if cover is None:
            return None
        total += cover[0]
        keys.update(dict.fromkeys(cover[1]))
    return total, tuple(keys)


def _of_pattern(name: str, pattern: Pattern, frequency: Counter[str]) -> tuple[float, tuple[Key, ...]] | None:
    """Choose the rarest key of one pattern; a term in many queries is assumed to be frequent in papers."""
    common = _COMMON.get(name, 1.0)
    if isinstance(pattern, Phrase | EveryWord):
        options: list[tuple[float, Key]] = [
            (frequency[term] * common, (name, term, "")) for term in pattern.terms
        ]
        if isinstance(pattern, Phrase):
            line = ((0, pattern.first), *pattern.rest)
            for (at, term), (after, following) in pairwise(line):
                if after == at + 1:
                    weight = min(frequency[term], frequency[following]) * common * _PAIR
                    options.append((weight, (name, term, following)))
        weight, key = min(options)
        return weight, (key,)
    return None
