"""Stored papers as `bot.ranking` reads them: without LaTeX and HTML."""

from __future__ import annotations

from bot.model.papers import Paper
from bot.present.latex.unicode import to_unicode
from bot.ranking.terms import PlainText, count_terms
from bot.ranking.vectors import Frequencies, Vector, vector_of


def plain_text(paper: Paper) -> PlainText:
    """Return the title and the abstract of *paper* as people read them."""
    return PlainText(to_unicode(paper.title), to_unicode(paper.abstract))


def vector_in(paper: Paper, frequencies: Frequencies) -> Vector:
    """Return *paper* as a vector; *frequencies* say which terms are rare."""
    return vector_of(count_terms(plain_text(paper)), frequencies)
