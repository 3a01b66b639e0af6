"""Divide arXiv's line of authors into names, as its search index does (pure).

OAI-PMH has one line for all of them, with affiliations in parentheses: `A. Bee (X), C. Dee and E. Eff (Y)`.
The rules follow arXiv's own code (https://github.com/arXiv/arxiv-base, `arxiv/authors`).
"""

from __future__ import annotations

import re

from bot.arxiv.tex import as_indexed
from bot.model.foreign_text import clean_text

_LONGEST_LINE = 200_000
_LONGEST_NAME = 300
_MOST_NAMES = 10_000
_PARENTHESIS = re.compile(r"[()]")
_BETWEEN = re.compile(r",?\s(?:and|&)\s|[,:]")
_AND_OTHERS = re.compile(r"et\.?\s+al\b", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|[IV]{2,}")
_DOT = re.compile(r"(?<!\\)\.(?=\S)")
_LONE_BRACES = re.compile(r"\{([^{}\\])\}")


def authors_of(line: str) -> tuple[str, ...]:
    """Return the names in *line*, without affiliations, in Unicode and with a blank after each initial."""
    names: list[str] = []
    for part in _BETWEEN.split(" ".join(_without_affiliations(line[:_LONGEST_LINE]).split())):
        # A dot may be an accent, so the initials come first.
        name = _LONE_BRACES.sub(r"\1", as_indexed(_DOT.sub(". ", part.strip())))
        name = clean_text(name, _LONGEST_NAME)
        if names and _SUFFIX.fullmatch(name):
            names[-1] = f"{names[-1]} {name}"
        elif name and not _AND_OTHERS.match(name):
            names.append(name)
    return tuple(names[:_MOST_NAMES])


def _without_affiliations(line: str) -> str:
    """Return *line* without what stands in parentheses, which may stand in each other.

    One that never closes hides everything after it, as arXiv has it; one that never opened is dropped.
    """
    kept: list[str] = []
    depth = start = 0
    for sign in _PARENTHESIS.finditer(line):
        if depth == 0:
            kept.append(line[start : sign.start()])
        depth = depth + 1 if sign[0] == "(" else max(depth - 1, 0)
        start = sign.end()
    return " , ".join([*kept, line[start:]] if depth == 0 else kept)
