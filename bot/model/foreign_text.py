"""Text of other people, such as a paper's title or a channel's name, bounded and visible (pure).

Control and format characters can reverse, hide or break the text around them; piles of combining marks cover
the lines above. The joiners U+200C and U+200D stay within words, since Persian and Hindi are misspelled
without them.
"""

from __future__ import annotations

import re
import unicodedata

_JOINERS = "\u200c\u200d"
_LONE_JOINER = re.compile(rf"(?<![^\W\d_])[{_JOINERS}]+|[{_JOINERS}]+(?![^\W\d_])")
_UNSEEN = frozenset({"Cf", "Cs", "Cn"})
# Vietnamese and Hebrew put up to three marks on one letter.
_MOST_MARKS = 4


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


def _visible(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if char.isspace() or category == "Cc":
            kept.append(" ")
        elif category in {"Mn", "Me"}:
            marks += 1
            if marks <= _MOST_MARKS:
                kept.append(char)
            continue
        elif category not in _UNSEEN or char in _JOINERS:
            kept.append(char)
        marks = 0
    bare = "".join(kept)
    return _LONE_JOINER.sub("", bare) if any(joiner in bare for joiner in _JOINERS) else bare
