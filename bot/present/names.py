"""How a card and a list name the authors: on one line, however many there are. Plain text, not Markdown."""

from __future__ import annotations

import re

from bot.i18n import format_number
from bot.i18n import gettext as _
from bot.model.papers import Paper
from bot.present import limits
from bot.present.latex.unicode import to_unicode
from bot.present.lines import fits_a_phone, joined
from bot.present.markdown import clean

_ROOM = 42  # characters in which all names are shown
_MANY = 30
_NAME = 60
_GROUP = re.compile(r"\b(?:collaborations?|consortium)\b", re.IGNORECASE)
_FIRST = 5  # names among which a collaboration is looked for: it comes first
_SUFFIX = re.compile(r"(?:jr|sr)\.?|ii|iii|iv", re.IGNORECASE)


def authors_line(paper: Paper, when: str = "") -> str:
    """Return all authors if they are two or short, else the first and the last with the count of all.

    Of more than thirty the last is nobody in particular, so only the others are counted. A collaboration
    stands for its members. If the line, with *when* at its end, would break on a phone, it has surnames only.
    """
    if group := _group(paper):
        return group
    names = [shown for name in paper.authors[: _MANY + 1] if (shown := _shown(name))]
    count = len(paper.authors)
    if count > _MANY:
        return _("{names} and {count} more").format(names=names[0], count=format_number(count - 1))
    together = ", ".join(names)
    if count < 2:
        return together
    of_all = "" if count == 2 else f" ({format_number(count)})"
    lines = [f"{surnames(paper)}{of_all}"]
    if count > 2:
        lines.insert(0, f"{names[0]} … {names[-1]}{of_all}")
    if count == 2 or len(together) <= _ROOM:
        lines.insert(0, together)
    return next((line for line in lines if fits_a_phone(joined(line, when))), lines[-1])


def surnames(paper: Paper) -> str:
    """Return the authors as lists name them: “Hort & Moonen”, “Karagöz … Stocco”."""
    if group := _group(paper):
        return group
    ends = [paper.authors[0], paper.authors[-1]] if len(paper.authors) > 1 else list(paper.authors)
    names = [shown for name in ends if (shown := _surname(name))]
    return (" & " if len(paper.authors) == 2 else " … ").join(names).replace(" & ", "\u00a0&\u00a0")


def _group(paper: Paper) -> str:
    """Return “CMS and LHCb Collaborations (2,831 authors)” if a collaboration is named first; else ""."""
    for at, name in enumerate(paper.authors[:_FIRST]):
        if _GROUP.search(name):
            named = ", ".join(_shown(each) for each in paper.authors[: at + 1]).partition(":")[0].strip()
            named = limits.cut(re.sub(r"^the\s+", "", named, flags=re.IGNORECASE), _NAME)
            if at:  # arXiv takes “The CMS and LHCb Collaborations” for two authors
                first, _comma, last = named.rpartition(", ")
                named = _("{first} and {last}").format(first=first, last=last) if first else named
            if len(paper.authors) == 1:
                return named
            count = format_number(len(paper.authors))
            return _("{name} ({count} authors)").format(name=named, count=count)
    return ""


def _surname(name: str) -> str:
    words = _shown(name).split()
    while len(words) > 1 and _SUFFIX.fullmatch(words[-1]):
        words.pop()
    return words[-1] if words else ""


def _shown(name: str) -> str:
    return limits.cut(clean(to_unicode(name)), _NAME)
