r"""Titles and notes as BibTeX fields: LaTeX unchanged, special characters escaped, braces balanced.

arXiv's text is not always valid LaTeX: a dollar may be money, a brace may be unbalanced, and a backslash may
be just a backslash. Such characters are escaped, so that they are printed and break nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.present.latex.markup import read_markup

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}
_TOKEN = re.compile(
    r"(?P<math>(?P<sign>\$\$?)(?P<inside>(?:\\.|[^\\$])+?)(?P=sign)|\\\((?P<round>(?:[^\\]|\\(?![()]))+)\\\))"
    r"|\\(?P<command>[A-Za-z]+|[&%#_$ ,;!/@-]|\\(?=\s))"
    r"|\\(?P<accent>[\"'`^~=.])(?=\s*[A-Za-z{\\])"
    r"|\\(?P<braced>[{}])"
    r"|(?P<brace>[{}])"
    r"|(?P<special>[\\$&%#_^~])"
    r"|(?P<plain>[^\\${}&%#_^~]+)",
    re.DOTALL,
)
# Text between two prices: “$5 and $10”, “$5-$10”.
_BETWEEN_PRICES = re.compile(r"\d[\d.,]*(?:\s|[kKmMbB]\b).*\s|\d[\d.,]*[kKmMbB]?[-–/]", re.DOTALL)
_ESCAPE_IN_MATH = re.compile(r"\\(?P<brace>[{}])|\\.|(?P<bare>[%#&])", re.DOTALL)
_UNFINISHED = re.compile(r"(?<!\\)(?:\\\\)*\\$")
_ABOUT = re.compile(r"\s~(?=\d)")  # “about” before a number; any other tilde is LaTeX's space
# A word may have capitals that styles must not lower: inside it, or a single letter.
_WORD = re.compile(r"[^\W_]+")


@dataclass
class _Piece:
    kind: str
    text: str
    depth: int = 0


def tex(text: str) -> str:
    """Return *text* (one line) as a field's value."""
    return "".join(piece.text for piece in _pieces(text))


def protected(title: str) -> str:
    """Return a title as a field's value; braces keep styles from lower-casing names and acronyms."""
    return "".join(_kept_capitals(piece) for piece in _pieces(title))


def verbatim(text: str) -> str:
    """Return a text without LaTeX, such as a person's note, as a field's value."""
    return "".join(_SPECIAL.get(character, character) for character in text)


def _kept_capitals(piece: _Piece) -> str:
    if piece.depth:
        return piece.text
    if piece.kind == "math":
        return f"{{{piece.text}}}"
    if piece.kind == "plain":
        return _WORD.sub(_kept_word, piece.text)
    return piece.text


def _kept_word(word: re.Match[str]) -> str:
    text = word[0]
    inner = any(letter.isupper() for letter in text[1:])
    alone = len(text) == 1 and text.isupper() and text != "A"
    return f"{{{text}}}" if inner or alone else text


def _pieces(text: str) -> list[_Piece]:
    """Split *text* into pieces ready to be written; HTML is read, unbalanced braces are escaped."""
    pieces = list(_read(read_markup(text)))
    opened: list[int] = []
    unbalanced: list[int] = []
    for number, piece in enumerate(pieces):
        piece.depth = len(opened)
        if piece.kind != "brace":
            continue
        if piece.text == "{":
            opened.append(number)
        elif opened:
            opened.pop()
        else:
            unbalanced.append(number)
    for number in (*unbalanced, *opened):
        pieces[number] = _Piece("special", _SPECIAL[pieces[number].text])
    if opened:  # pieces counted as inside a group that never ends are really outside it
        pieces = _with_depths(pieces)
    return pieces


def _with_depths(pieces: list[_Piece]) -> list[_Piece]:
    depth = 0
    for piece in pieces:
        if piece.kind == "brace" and piece.text == "}":
            depth -= 1
        piece.depth = depth
        if piece.kind == "brace" and piece.text == "{":
            depth += 1
    return pieces


def _read(text: str) -> Iterator[_Piece]:
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or (token["math"] and (formula := _formula(token)) is None):
            yield _Piece("special", _SPECIAL.get(text[at], text[at]))
            at += 1
            continue
        at = token.end()
        kind = token.lastgroup or ""
        if token["math"]:
            yield _Piece("math", formula or "")
        elif token["command"] or token["accent"]:
            yield _Piece("command", token[0])
        elif token["braced"]:
            yield _Piece("special", _SPECIAL[token["braced"]])
        elif token["special"]:
            tie = token[0] == "~" and not _ABOUT.match(text, max(at - 2, 0))
            yield _Piece("special", "~" if tie else _SPECIAL[token[0]])
        else:
            yield _Piece(kind, token[0])


def _formula(token: re.Match[str]) -> str | None:
    """Return a formula as LaTeX accepts it; None if it is not one, such as the text between two prices."""
    inside = token["inside"] or token["round"] or ""
    if not inside.strip() or _UNFINISHED.search(inside):
        return None
    if token["sign"] == "$" and _BETWEEN_PRICES.fullmatch(inside):
        return None
    aligned = "\\begin" in inside
    safe = _ESCAPE_IN_MATH.sub(lambda escape: _safe_in_math(escape, aligned=aligned), inside)
    depth = 0
    for mark in re.findall(r"[{}]", safe):
        depth += 1 if mark == "{" else -1
        if depth < 0:
            return None
    sign = token["sign"] or "$"
    return f"{sign}{safe}{sign}" if not depth else None


def _safe_in_math(escape: re.Match[str], *, aligned: bool) -> str:
    if escape["brace"]:
        return "\\lbrace " if escape["brace"] == "{" else "\\rbrace "
    if escape["bare"] and not (escape["bare"] == "&" and aligned):
        return f"\\{escape['bare']}"
    return escape[0]
