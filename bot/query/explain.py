"""Which words of a paper a query found, and where; or which part of the query does not hold (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.query.nodes import And, AndNot, Node, Or, Term
from bot.query.query import Query
from bot.query.text import AnalysedPaper


@dataclass(frozen=True, slots=True)
class Found:
    """*words*, as they stand in the paper, in one field of arXiv's index (`bot.query.text.INDEX_FIELDS`)."""

    field: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a query, in canonical text, that has to be right, and whether the paper has it so.

    *excluding*: it stands behind ANDNOT, so that it is right when the paper does not match it.
    """

    text: str
    holds: bool
    excluding: bool = False


def found(query: Query, paper: AnalysedPaper) -> tuple[Found, ...]:
    """Return what each part of *query* found in *paper*, in its order; nothing if it does not match."""
    if query.matches(paper) is None:
        return ()
    return tuple(dict.fromkeys(_found(query.root, paper)))


def _found(node: Node, paper: AnalysedPaper) -> Iterator[Found]:
    match node:
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from _found(part, paper)
        case AndNot(keep=keep):
            yield from _found(keep, paper)
        case Term():
            for name, pattern in node.looks:
                for analysis in paper.fields[name]:
                    if (words := pattern.match(analysis)) is not None:
                        whole = name in {"au", "cat", "id", "doi", "class"}
                        yield Found(name, (analysis.text,) if whole else words)
                        return


def clauses(query: Query, paper: AnalysedPaper) -> tuple[Clause, ...]:
    """Return the parts of *query* that must all be right, and which of them are.

    A query without AND is one part; so is an OR inside, of which nothing is found.
    """
    return tuple(_clauses(query.root, paper))


def _clauses(node: Node, paper: AnalysedPaper) -> Iterator[Clause]:
    match node:
        case And(parts=parts):
            for part in parts:
                yield from _clauses(part, paper)
        case AndNot(keep=keep, drop=drop):
            yield from _clauses(keep, paper)
            yield Clause(drop.canonical, drop.match(paper) is None, excluding=True)
        case _:
            yield Clause(node.canonical, node.match(paper) is not None)
