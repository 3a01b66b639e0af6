"""Excerpts of a paper with the words in bold that a query matched.

The words are searched in the text as it is shown, with LaTeX as Unicode, so that no formula is cut in two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.i18n import gettext as _
from bot.i18n import gettext_noop
from bot.model.papers import Paper
from bot.present import categories, limits
from bot.present.latex.unicode import to_unicode
from bot.present.markdown import clean, escape, escape_inside
from bot.query.explain import FieldMatch

_AROUND = 60  # characters shown on either side of a match
_PIECES = 3
_WORDS = 120
_LONGEST_WORDS = 200
_FIELDS = {
    "ti": gettext_noop("title"),
    "abs": gettext_noop("abstract"),
    "au": gettext_noop("author"),
    "co": gettext_noop("comment"),
    "jr": gettext_noop("journal"),
    "cat": gettext_noop("category"),
    "id": gettext_noop("identifier"),
    "doi": gettext_noop("DOI"),
    "class": gettext_noop("category"),
    "combined": gettext_noop("elsewhere"),
}


def in_context(paper: Paper, matches: Iterable[FieldMatch]) -> list[str]:
    """Return a line for each field with matches: the words in bold with some context."""
    by_field: dict[str, list[str]] = {}
    for match in matches:
        by_field.setdefault(_FIELDS.get(match.field, ""), []).extend(match.words)
    texts = {"title": paper.title, "abstract": paper.abstract, "comment": paper.comment}
    texts["journal"] = paper.journal_ref
    lines = []
    for name, words in by_field.items():
        shown = _excerpt(texts.get(name) or "", words) or _named(name, words)
        lines.append(_("{field}: {words}").format(field=_(name), words=shown) if name else shown)
    return lines


def _named(name: str, words: Iterable[str]) -> str:
    """Return whole values, such as authors, or words that the text no longer contains, in bold."""
    shown = []
    for word in dict.fromkeys(words):
        text = escape(limits.cut(clean(to_unicode(word)), _WORDS))
        known = categories.name(word) if name == "category" else word
        shown.append(f"**{text}**" if known == word else f"**{text}** {escape(known)}")
    return limits.cut(" · ".join(shown[:6]), 4 * _WORDS)


def _excerpt(text: str, words: Iterable[str]) -> str:
    """Return the parts of *text* around *words*; "" if none of them occurs."""
    text = clean(to_unicode(text))
    pieces: list[list[tuple[int, int]]] = []
    for start, end in _merged(filter(None, (_span(text, word) for word in dict.fromkeys(words)))):
        if pieces and start - pieces[-1][-1][1] <= 2 * _AROUND:
            pieces[-1].append((start, end))
        else:
            pieces.append([(start, end)])
    shown = [_piece(text, marked) for marked in pieces[:_PIECES]]
    return " ".join(shown).replace("… …", "…")


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return *spans* in order, joined where they overlap or touch: Discord does not read `**a****b**`."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _span(text: str, word: str) -> tuple[int, int] | None:
    """Return start and end of *word*, which may contain LaTeX, in *text*; None if it does not occur."""
    wanted = re.escape(clean(to_unicode(word))[:_LONGEST_WORDS])
    if not wanted:
        return None
    for pattern in (rf"(?<!\w){wanted}(?!\w)", wanted):
        if match := re.search(pattern, text):
            return match.span()
    return None


def _piece(text: str, marked: Sequence[tuple[int, int]]) -> str:
    """Return the part of *text* around the spans in *marked*, which are in bold, cut at spaces."""
    first, last = marked[0][0], marked[-1][1]
    start, end = max(first - _AROUND, 0), min(last + _AROUND, len(text))
    if start:
        start = text.find(" ", start, first) + 1 or first
    if end < len(text):
        end = max(text.rfind(" ", last, end), last)
    parts = [limits.ELLIPSIS + " " if start else ""]
    at = start
    for begin, stop in marked:
        parts += [escape_inside(text[at:begin]), f"**{escape(text[begin:stop])}**"]
        at = stop
    parts += [escape_inside(text[at:end]), " " + limits.ELLIPSIS if end < len(text) else ""]
    return "".join(parts)
