"""What a query leaves out of the text as it was typed, since arXiv does not index it (pure).

`vitamin a` finds `vitamin`, and `C++` finds `c`: whoever types that is told. Marks that only separate or
decorate words, such as commas, hyphens, brackets and quotes, are not worth a word; nor is the stop word
within a phrase, for which any other word may stand, or a formula's signs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot.model.errors import QueryError
from bot.query.operators import meant
from bot.query.parser import Token, is_keyword, tokens_of
from bot.query.text import analyze

_FREE_TEXT = frozenset({"ti", "title", "abs", "co", "jr", "all"})
_FORMULA = re.compile(r"\$[^$]*\$")
_TELLING = frozenset("#%&@*")  # of the punctuation
_DECORATING = frozenset("$^`´~¨¯")
_SYMBOLS = frozenset({"Sm", "So", "Sc", "Sk"})
_WILDCARDS = frozenset("*?")
_MOST, _LONGEST = 5, 40


def left_out(typed: str) -> tuple[str, ...]:
    """Return some of the words and signs of *typed* that its query does not look for."""
    return tuple(dict.fromkeys(piece[:_LONGEST] for piece in _pieces(typed)))[:_MOST]


def _pieces(typed: str) -> list[str]:
    found: list[str] = []
    try:
        if is_keyword(typed):
            signs = () if meant(typed) else _signs(typed)
            return [*_words(typed), *signs]
        for token in _free_text(tokens_of(typed)):
            wild = token.kind == "text"
            found += _words(token.text)
            found += [sign for sign in _signs(token.text) if not (wild and _WILDCARDS.issuperset(sign))]
    except QueryError:  # what an earlier version stored
        return []
    return found


def _free_text(tokens: Iterator[Token]) -> Iterator[Token]:
    """Yield the words and phrases of a query that are looked for in texts, as no names or categories are."""
    fields, pending = ["all"], ""
    for token in tokens:
        if token.kind == "prefix":
            pending = token.text
            continue
        field = pending or fields[-1]
        if token.kind == "bracket" and token.text == "(":
            fields.append(field)
        elif token.kind == "bracket" and len(fields) > 1:
            fields.pop()
        elif token.kind in {"text", "quoted"} and field in _FREE_TEXT:
            yield token
        if token.kind != "operator":
            pending = ""


def _words(text: str) -> Iterator[str]:
    """Yield the stop words at the ends of *text*; those within stand for any word."""
    analysis = analyze(text)
    kept = [at for at, term in enumerate(analysis.terms) if term is not None]
    for at, (start, end) in enumerate(analysis.spans):
        if not kept or not kept[0] <= at <= kept[-1]:
            yield text[start:end]


def _signs(text: str) -> Iterator[str]:
    """Yield the signs of *text*, such as `++`, that are no part of a word and may have a meaning."""
    text = _FORMULA.sub(lambda formula: " " * len(formula[0]), text)
    at = 0
    for start, end in [*analyze(text).spans, (len(text), len(text))]:
        gap = text[at:start]
        yield from "".join(map(_telling, gap)).split()
        if gap == "?" and at and start < len(text):  # a wildcard elsewhere: `organi?ation`
            yield gap
        at = end


def _telling(char: str) -> str:
    symbol = unicodedata.category(char) in _SYMBOLS and char not in _DECORATING
    return char if symbol or char in _TELLING else " "
