r"""Titles and notes as BibTeX fields: LaTeX as it is, specials escaped, braces in pairs.

arXiv's text is no checked LaTeX: a dollar may be money, a brace may have lost its partner, and a backslash
may be one. What cannot be what it looks like is written out, so that it prints and breaks nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

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
    r"(?P<math>(?P<sign>\$\$?)(?P<inside>(?:\\.|[^\\$])+?)(?P=sign)|\\\((?P<round>.+?)\\\))"
    r"|\\(?P<command>[A-Za-z]+|[&%#_$ ,;!/@-]|\\(?=\s))"
    r"|\\(?P<accent>[\"'`^~=.])(?=\s*[A-Za-z{\\])"
    r"|\\(?P<braced>[{}])"
    r"|(?P<brace>[{}])"
    r"|(?P<special>[\\$&%#_^~])"
    r"|(?P<plain>[^\\${}&%#_^~]+)",
    re.DOTALL,
)
# What stands between two prices: “$5 and $10”, “$5-$10”.
_BETWEEN_PRICES = re.compile(r"\d[\d.,]*(?:\s|[kKmMbB]\b).*\s|\d[\d.,]*[kKmMbB]?[-–/]", re.DOTALL)
_ESCAPE_IN_MATH = re.compile(r"\\(?P<brace>[{}])|\\.|(?P<bare>[%#&])", re.DOTALL)
_UNFINISHED = re.compile(r"(?<!\\)(?:\\\\)*\\$")
_ABOUT = re.compile(r"\s~(?=\d)")  # before a number, but for this, a tilde is LaTeX's own blank
# A capital that a style may not make small: within a word, or one that stands alone.
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
    """Return a title as a field's value whose names, acronyms and formulas no style makes lower-case."""
    return "".join(_kept_capitals(piece) for piece in _pieces(title))


def verbatim(text: str) -> str:
    """Return a text in which nothing is LaTeX, such as a reader's own note, as a field's value."""
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
    """Cut *text* into pieces that are ready to be written; a brace without its partner is written out."""
    pieces = list(_read(text))
    opened: list[int] = []
    lonely: list[int] = []
    for number, piece in enumerate(pieces):
        piece.depth = len(opened)
        if piece.kind != "brace":
            continue
        if piece.text == "{":
            opened.append(number)
        elif opened:
            opened.pop()
        else:
            lonely.append(number)
    for number in (*lonely, *opened):
        pieces[number] = _Piece("special", _SPECIAL[pieces[number].text])
    if opened:  # what was counted as within a group that never ends is within the groups around it
        pieces = _again(pieces)
    return pieces


def _again(pieces: list[_Piece]) -> list[_Piece]:
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
    """Return a formula as LaTeX will take it, None for what is none after all, such as two prices."""
    inside = token["inside"] or token["round"] or ""
    if not inside.strip() or _UNFINISHED.search(inside):
        return None
    if token["sign"] == "$" and _BETWEEN_PRICES.fullmatch(inside):
        return None
    aligned = "\\begin" in inside
    safe = _ESCAPE_IN_MATH.sub(lambda found: _safe_in_math(found, aligned=aligned), inside)
    depth = 0
    for mark in re.findall(r"[{}]", safe):
        depth += 1 if mark == "{" else -1
        if depth < 0:
            return None
    sign = token["sign"] or "$"
    return f"{sign}{safe}{sign}" if not depth else None


def _safe_in_math(found: re.Match[str], *, aligned: bool) -> str:
    if found["brace"]:
        return "\\lbrace " if found["brace"] == "{" else "\\rbrace "
    if found["bare"] and not (found["bare"] == "&" and aligned):
        return f"\\{found['bare']}"
    return found[0]
