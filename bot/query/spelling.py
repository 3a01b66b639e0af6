"""The words of a query that may be misspelt, and the query with other words in their places (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.query.parser import Token, tokens_of

_WORD = re.compile(r"[^\W\d_]+")
_OF_TEXT = frozenset({"", "all", "ti", "title", "abs"})
"""The fields whose words are those of titles and abstracts; "" is no field."""


@dataclass(frozen=True, slots=True)
class TypedWord:
    """A word of running text in a query, and where it begins in the text of the query."""

    text: str
    at: int


def typed_words(typed: str) -> list[TypedWord]:
    """Return the words of running text in *typed*, a query that can be read, from left to right.

    Words with wildcards are left out.
    """
    return [
        TypedWord(word[0], token.at + (token.kind == "quoted") + word.start())
        for token in _running_text(typed)
        for piece in re.finditer(r"\S+", token.text)
        if not {"*", "?"} & set(piece[0])
        for word in _WORD.finditer(token.text, piece.start(), piece.end())
    ]


def respelled(typed: str, words: Mapping[int, str]) -> str:
    """Return *typed* with other *words* in the places of those with these numbers in `typed_words`.

    A number that is none changes nothing.
    """
    for number, old in reversed(list(enumerate(typed_words(typed)))):
        if new := words.get(number):
            new = new.capitalize() if old.text[:1].isupper() else new
            typed = typed[: old.at] + new + typed[old.at + len(old.text) :]
    return typed


def _running_text(typed: str) -> Iterator[Token]:
    groups, field = [""], ""
    for token in tokens_of(typed):
        match token.kind:
            case "prefix":
                field = token.text
                continue
            case "bracket" if token.text == "(":
                groups.append(field or groups[-1])
            case "bracket":
                groups = groups[:-1] or [""]
            case "text" | "quoted" if (field or groups[-1]) in _OF_TEXT:
                yield token
        field = ""
