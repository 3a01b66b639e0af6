"""Which of many queries want which of many papers (pure).

An inverted index over the *queries*: each query is filed under keys of which every paper that it matches has
at least one (of `ti:a AND abs:b` one key is enough, of `ti:a OR abs:a` both are needed), and the rarest such
keys are chosen. A paper's own terms then call up the few queries worth evaluating; what they evaluate to is
still up to `Query.matches`, so that a bad choice costs time and nothing else. Queries without a necessary
term (a wildcard or a date alone) are evaluated for every paper.

Why not a full-text index over the papers: a day has 2,000 papers and 100,000 queries, so this way round one
dictionary look-up a word decides, and nothing has to be stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from bot.model.papers import Match, Paper
from bot.query.nodes import And, AndNot, EveryWord, Node, Or, Pattern, Phrase, Term
from bot.query.query import Query
from bot.query.text import AnalysedPaper, analyse_paper

# A term of an index field, or (with *next* not empty) two terms side by side in it.
Key = tuple[str, str, str]
# How much more often a term stands in this field than in a title. Only speed depends on these.
_COMMON = {"ti": 1.0, "abs": 10.0, "combined": 12.0, "au": 0.5, "class": 500.0, "cat": 500.0}
_PAIR = 0.02


class Matcher:
    """Matches papers with a fixed set of queries; two queries with one canonical text count once."""

    def __init__(self, queries: Iterable[Query]) -> None:
        self._queries = list(dict.fromkeys(queries))
        self._always: list[int] = []
        self._single: dict[str, dict[str, list[int]]] = {}
        self._paired: dict[str, dict[str, dict[str, list[int]]]] = {}
        asked = Counter(term for query in self._queries for term in _terms(query.root))
        for number, query in enumerate(self._queries):
            cover = _cover(query.root, asked)
            if cover is None:
                self._always.append(number)
            else:
                for key in cover[1]:
                    self._file(key, number)

    def __len__(self) -> int:
        return len(self._queries)

    def match(self, papers: Sequence[Paper]) -> list[Match]:
        """Return all matches, by paper in the given order, then by query in the given order.

        Keeps a processor busy: call it in a thread where an event loop must go on.
        """
        return [match for paper in papers for match in self.match_one(paper)]

    def match_one(self, paper: Paper) -> list[Match]:
        """Return the matches of one paper, by query in the given order."""
        analysed = analyse_paper(paper)
        found: list[Match] = []
        for number in sorted(self._candidates(analysed)):
            query = self._queries[number]
            words = query.matches(analysed)
            if words is not None:
                found.append(Match(query.canonical, paper.id, words))
        return found

    def _file(self, key: Key, number: int) -> None:
        name, term, following = key
        if following:
            filed = self._paired.setdefault(name, {}).setdefault(term, {}).setdefault(following, [])
        else:
            filed = self._single.setdefault(name, {}).setdefault(term, [])
        filed.append(number)

    def _candidates(self, paper: AnalysedPaper) -> set[int]:
        found = set(self._always)
        for name, by_term in self._single.items():
            for analysis in paper.fields[name]:
                for term in analysis.terms:
                    if term is not None and term in by_term:
                        found.update(by_term[term])
        for name, by_first in self._paired.items():
            for analysis in paper.fields[name]:
                by_second = None
                for term in analysis.terms:
                    if by_second is not None and term is not None and term in by_second:
                        found.update(by_second[term])
                    by_second = by_first.get(term) if term is not None else None
        return found


def _terms(node: Node) -> Iterator[str]:
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _terms(part)
    elif isinstance(node, AndNot):
        yield from _terms(node.keep)
    elif isinstance(node, Term):
        for _, pattern in node.looks:
            if isinstance(pattern, Phrase | EveryWord):
                yield from pattern.terms


def _cover(node: Node, asked: Counter[str]) -> tuple[float, tuple[Key, ...]] | None:
    """Return keys of which every paper that *node* matches has one, and how many papers that may be.

    None: there are no such keys. No keys: no paper matches.
    """
    if isinstance(node, Term):
        return _all_of(_of_pattern(name, pattern, asked) for name, pattern in node.looks)
    if isinstance(node, Or):
        return _all_of(_cover(part, asked) for part in node.parts)
    if isinstance(node, And):
        covers = [cover for part in node.parts if (cover := _cover(part, asked)) is not None]
        return min(covers, default=None, key=lambda cover: cover[0])
    if isinstance(node, AndNot):
        return _cover(node.keep, asked)
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


def _of_pattern(name: str, pattern: Pattern, asked: Counter[str]) -> tuple[float, tuple[Key, ...]] | None:
    """Choose the rarest key of one pattern. What many ask for is taken to be common in papers too."""
    common = _COMMON.get(name, 1.0)
    if isinstance(pattern, Phrase | EveryWord):
        options: list[tuple[float, Key]] = [
            (asked[term] * common, (name, term, "")) for term in pattern.terms
        ]
        if isinstance(pattern, Phrase):
            line = ((0, pattern.first), *pattern.rest)
            for (at, term), (after, following) in pairwise(line):
                if after == at + 1:
                    weight = min(asked[term], asked[following]) * common * _PAIR
                    options.append((weight, (name, term, following)))
        weight, key = min(options)
        return weight, (key,)
    return None
