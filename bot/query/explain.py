"""Why a query matches a paper or does not: the words in each field, the parts that fail (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.query.nodes import RUNNING_TEXT, And, AndNot, Node, Or, Term
from bot.query.query import Query
from bot.query.text import AnalyzedPaper


@dataclass(frozen=True, slots=True)
class FieldMatch:
    """The *words*, as they stand in the paper, that a query matched in one of `text.INDEX_FIELDS`."""

    field: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition of a query, in canonical text, and whether the paper fulfils it.

    *excluding* marks what follows ANDNOT: the condition is fulfilled if the paper does not match it.
    """

    text: str
    holds: bool
    excluding: bool = False


def field_matches(query: Query, paper: AnalyzedPaper) -> tuple[FieldMatch, ...]:
    """Return what each term of *query* matched, in the query's order; () if *paper* does not match."""
    if query.matches(paper) is None:
        return ()
    return tuple(dict.fromkeys(_field_matches(query.root, paper)))


def _field_matches(node: Node, paper: AnalyzedPaper) -> Iterator[FieldMatch]:
    match node:
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from _field_matches(part, paper)
        case AndNot(keep=keep):
            yield from _field_matches(keep, paper)
        case Term():
            for name, pattern in node.lookups:
                for analysis in paper.fields[name]:
                    if (words := pattern.match(analysis)) is not None:
                        yield FieldMatch(name, words if name in RUNNING_TEXT else (analysis.text,))
                        return


def clauses(query: Query, paper: AnalyzedPaper) -> tuple[Clause, ...]:
    """Return the conditions of *query*, all of which a matching paper fulfils.

    A query without AND is a single condition, and so is an OR within an AND.
    """
    return tuple(_clauses(query.root, paper))


def _clauses(node: Node, paper: AnalyzedPaper) -> Iterator[Clause]:
    match node:
        case And(parts=parts):
            for part in parts:
                yield from _clauses(part, paper)
        case AndNot(keep=keep, drop=drop):
            yield from _clauses(keep, paper)
            yield Clause(drop.canonical, drop.match(paper) is None, excluding=True)
        case _:
            yield Clause(node.canonical, node.match(paper) is not None)
