"""The arXiv papers that a text names: by link, by DOI or by identifier, of either style (pure)."""

from __future__ import annotations

import re

from bot.model.papers import PaperId
from bot.model.taxonomy import ARCHIVES

# Closed long ago, or renamed; their papers keep their identifiers.
_FORMER_ARCHIVES = frozenset(
    re.findall(
        r"\S+",
        "acc-phys adap-org alg-geom ao-sci atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas dg-ga funct-an "
        "mtrl-th patt-sol plasm-ph q-alg solv-int supr-con",
    )
)
_NAMED = re.compile(
    r"(?:(?<![\w.,$€£-])|(?<=arxiv\.))"
    r"(?:(?P<new>\d\d(?:0[1-9]|1[0-2])\.\d{4,5})"
    r"|(?P<archive>[a-z][a-z-]{1,8})(?:\.[a-z]{2})?/(?P<old>\d\d(?:0[1-9]|1[0-2])\d{3}))"
    r"(?:v[1-9]\d?)?(?![\w-]|[.,]\d)",
    re.ASCII | re.IGNORECASE,
)
_FIVE_DIGITS = 1501  # since January 2015 an identifier has five


def papers_in(text: str) -> list[PaperId]:
    """Return the papers that *text* names, each once, in the order in which it does.

    What only looks like an identifier is left out: a number of four digits in a year of five, or an archive
    that never was.
    """
    return list(dict.fromkeys(paper for named in _NAMED.finditer(text) if (paper := _paper(named))))


def canonical(paper: PaperId) -> PaperId:
    """Return an old-style identifier without its subject class, as arXiv answers: `math.GT/0309136`."""
    return PaperId(re.sub(r"\.[A-Z]{2}/", "/", paper.text))


def _paper(named: re.Match[str]) -> PaperId | None:
    if new := named["new"]:
        month, _, number = new.partition(".")
        # Old-style identifiers ended in March 2007.
        known = int(month) >= 704 and int(month) // 100 < 90
        return PaperId(new) if known and len(number) == 4 + (int(month) >= _FIVE_DIGITS) else None
    archive = named["archive"].lower()
    known = archive in ARCHIVES or archive in _FORMER_ARCHIVES
    return PaperId(f"{archive}/{named['old']}") if known else None
