"""The arXiv papers that a text names: by link, DOI, ADS bibcode or identifier, of either style (pure).

One reader serves the commands that take a paper and the message menus, so they all read the same forms.
"""

from __future__ import annotations

import re
import unicodedata

from bot.i18n import gettext as _
from bot.model.errors import UserError
from bot.model.papers import PaperId
from bot.model.taxonomy import ARCHIVES, FORMER_ARCHIVES, SPELLINGS

_NAMED = re.compile(
    r"(?:(?<![\w.,$€£-])|(?<=arxiv)|(?<=arxiv[._-]))"
    r"(?:(?P<new>\d\d(?:0[1-9]|1[0-2])\.\d{4,5})"
    r"|(?P<archive>(?!arxiv\b)[a-z][a-z-]{1,8})(?:\.(?P<class>[a-z]{2}|[a-z-]{3,9}))?/(?P<old>\d\d(?:0[1-9]|1[0-2])\d{3}))"
    r"(?:\[?v(?P<version>[1-9]\d?)\]?)?(?![\w-]|[.,]\d)",
    re.ASCII | re.IGNORECASE,
)
_FIVE_DIGITS = 1501  # since January 2015 an identifier has five
_DOI = re.compile(r"\b10\.\d{4,9}/\S+", re.ASCII)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.", re.IGNORECASE)
# NASA ADS writes the paper 2607.16206 of an author S… as 2026arXiv260716206S.
_BIBCODE = re.compile(r"\b(?:19|20)\d\darXiv(\d{4})\.?(\d{4,5})[A-Z.](?!\w)", re.ASCII)


def papers_in(text: str) -> list[PaperId]:
    """Return the papers that *text* names, in its order, without duplicates.

    It leaves out what only looks like an identifier: a number of four digits in a year of five, an archive
    that never existed, part of another publisher's DOI.
    """
    return list(dict.fromkeys(paper for paper, _version in _named(text)))


def read_paper(typed: str) -> tuple[PaperId, int | None]:
    """Return the paper that *typed* names in any form that `papers_in` finds, and its version, if given.

    The identifier has no subject class, as in arXiv's answers.

    Raises:
        UserError: *typed* does not name exactly one paper.
    """
    picked, _dot, _title = typed.partition("·")
    named = _named(picked) or _named(typed)  # a choice shows an identifier and a title, which may name others
    papers = list(dict.fromkeys(paper for paper, _version in named))
    if len(papers) > 1:
        raise UserError(
            _("This names {count} papers: {papers}. Please choose one.").format(
                count=len(papers), papers=", ".join(map(str, papers[:5]))
            )
        )
    if papers:
        return named[0]
    if doi := other_doi(typed):
        raise UserError(
            _(
                "{doi} is another publisher's DOI, which does not lead to an arXiv paper. Please give an "
                "arXiv identifier such as 2607.16206, or search for the title with `/search`."
            ).format(doi=doi[:100])
        )
    paper, version = PaperId.parse(typed)
    return canonical(paper), version


def other_doi(text: str) -> str:
    """Return the first DOI in *text* if it is another publisher's, which names no arXiv paper; else ""."""
    doi = _DOI.search(text)
    return "" if doi is None or _ARXIV_DOI.match(doi[0]) else doi[0].rstrip(".,;:)]}>\"'")


def canonical(paper: PaperId) -> PaperId:
    """Return *paper* without a subject class, as in arXiv's answers: `math/0309136` for `math.GT/0309136`."""
    return PaperId(re.sub(r"\.[A-Z]{2}/", "/", paper.text))


def _named(text: str) -> list[tuple[PaperId, int | None]]:
    """Return each paper that *text* names with its version, in its order, with duplicates."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(char for char in plain if unicodedata.category(char) != "Cf")
    plain = _BIBCODE.sub(r"arXiv:\1.\2", plain)
    plain = _DOI.sub(lambda doi: doi[0] if _ARXIV_DOI.match(doi[0]) else " ", plain)
    return [
        (paper, int(named["version"]) if named["version"] else None)
        for named in _NAMED.finditer(plain)
        if (paper := _paper(named))
    ]


def _paper(named: re.Match[str]) -> PaperId | None:
    if new := named["new"]:
        month, _, number = new.partition(".")
        # Old-style identifiers ended in March 2007.
        known = int(month) >= 704 and int(month) // 100 < 90
        return PaperId(new) if known and len(number) == 4 + (int(month) >= _FIVE_DIGITS) else None
    archive = named["archive"].lower()
    known = archive in ARCHIVES or archive in FORMER_ARCHIVES
    subject = (named["class"] or "").lower()
    if len(subject) > 2:  # cond-mat.stat-mech; which classes of two letters there were once, nobody knows
        known = f"{archive}.{subject}" in SPELLINGS
    return PaperId(f"{archive}/{named['old']}") if known else None
