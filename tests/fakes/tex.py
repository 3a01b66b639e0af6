"""Writes text in TeX, as authors type it and as OAI-PMH and the feeds show it; the API shows Unicode."""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = {
    "\u0301": "'",
    "\u0308": '"',
    "\u0300": "`",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0307": ".",
    "\u030b": "H",
    "\u0327": "c",
    "\u0328": "k",
    "\u030a": "r",
    "\u0306": "u",
    "\u030c": "v",
}
_LETTERS = {
    "ß": "ss",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "æ": "ae",
    "α": "alpha",
    "β": "beta",
    "λ": "lambda",
    "μ": "mu",
    "π": "pi",
    "Δ": "Delta",
    "φ": "phi",
}
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def to_tex(text: str) -> str:
    """Return *text* with accents and Greek letters as macros; a character without one stays."""
    return _NOT_ASCII.sub(_macro, unicodedata.normalize("NFC", text))


def _macro(match: re.Match[str]) -> str:
    char = match[0]
    if name := _LETTERS.get(char):
        return f"{{\\{name}}}"
    letter, marks = (parts := unicodedata.normalize("NFD", char))[0], parts[1:]
    if letter.isascii() and (accent := _ACCENTS.get(marks)):
        return f"\\{accent}{{{letter}}}"
    return char
