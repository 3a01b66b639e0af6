"""Text of other people, such as a paper's title or a channel's name, bounded and visible (pure).

Control and format characters can reverse, hide or break the text around them; piles of combining marks cover
the lines above. The joiners U+200C and U+200D stay within words, since Persian and Hindi are misspelled
without them, and within emoji.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set as AbstractSet

_JOINERS = "\u200c\u200d"
_RUN_OF_JOINERS = re.compile(rf"[{_JOINERS}]+")
_UNSEEN = frozenset({"Cf", "Cs", "Cn"})
BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Fillers of Hangul and the empty Braille cell, which Unicode calls letters and symbols: nobody sees them."""
# Vietnamese and Hebrew put up to three marks on one letter.
_MOST_MARKS = 4

# What a terminal obeys: an order such as a colour, or a text such as a new title of its window.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\x9d\n]*(?:\x07|\x1b\\|\x9c)"
)
# Lines and columns of our own, and bytes of an argument or a file's name that are no UTF-8.
_SPARED = frozenset({"\n", "\t", *map(chr, range(0xDC80, 0xDD00))})


def clean_text(text: str, most: int = 100_000) -> str:
    """Return the first *most* characters of *text* on one line.

    White space is collapsed. Control characters become blanks, as arXiv's index takes them. Format and
    unassigned characters are left out, but for joiners within a word, and so are more than four combining
    marks on one letter.
    """
    text = text[: 4 * most]
    if not text.isascii() or not text.isprintable():
        text = _visible(text)
    return " ".join(text.split())[:most].rstrip()


def terminal_text(text: str) -> str:
    """Return *text* for a terminal: as `clean_text` does, but with its lines and columns.

    Escape sequences are left out. What could not be decoded stays, for the stream to encode.
    """
    return text if text.isascii() and text.isprintable() else _visible(_SEQUENCE.sub("", text), _SPARED)


def _visible(text: str, spared: AbstractSet[str] = frozenset()) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if char in spared:
            kept.append(char)
        elif char.isspace() or category == "Cc" or char in BLANKS:
            kept.append(" ")
        elif category in {"Mn", "Me"}:
            marks += 1
            if marks <= _MOST_MARKS:
                kept.append(char)
            continue
        elif category in _UNSEEN:  # the marks before and after it are on one letter
            kept += [char] if char in _JOINERS else []
            continue
        else:
            kept.append(char)
        marks = 0
    bare = "".join(kept)
    return _RUN_OF_JOINERS.sub(_joining, bare) if any(joiner in bare for joiner in _JOINERS) else bare


def _joining(run: re.Match[str]) -> str:
    """Return the first joiner of a run within a word or an emoji; elsewhere, where it joins nothing, none."""
    before = run.string[max(run.start() - 1, 0) : run.start()]
    after = run.string[run.end() : run.end() + 1]
    joins = all(side and _takes_joiner(side) for side in (before, after))
    return run[0][0] if joins else ""


def _takes_joiner(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LM" or category in {"So", "Sk"}
