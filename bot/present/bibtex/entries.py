r"""BibTeX entries that BibTeX, biber and reference managers all parse in the same way.

Every value is delimited by braces, and BibTeX counts braces even after a backslash. So braces are always
balanced, and `\{` becomes a command without a brace. LaTeX stays as arXiv gives it; outside mathematics,
LaTeX's special characters are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bot.model.papers import Paper, PaperId
from bot.present.bibtex.names import key_of, names
from bot.present.bibtex.text import protected, tex, verbatim
from bot.present.markdown import clean
from bot.rules.citation_keys import assign_keys

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DOI = re.compile(r"10\.\d{4,9}/[^\s{}\\%#\"]+", re.ASCII)
# Only references as clear as “Phys. Rev. D 94, 104001 (2016)”: journal, volume, pages or number, year.
_JOURNAL = re.compile(
    r"(?P<journal>[^\W\d_][^\d{}$\\]{2,80}?)[\s,]+(?:vol\.?\s*)?(?P<volume>\d{1,4})"
    r"(?:\s*\((?P<number>\d{1,3})\))?\s*[,:]\s*(?:pp?\.?\s*)?(?P<pages>\d{1,7}(?:\s*[-–]{1,2}\s*\d{1,7})?)"
    r",?\s*\((?P<year>(?:19|20)\d\d)\)\.?",
    re.ASCII,
)


def bibtex(
    papers: Iterable[Paper],
    notes: Mapping[PaperId, str] | None = None,
    keys: Mapping[PaperId, str] | None = None,
) -> str:
    """Return an entry for each of *papers*, without duplicates, in their order.

    *notes* are a person's notes on some of the papers; they become `annote`, which no style prints. *keys*
    are the keys that the person was given.
    """
    unique = {paper.id: paper for paper in papers}
    keys = assign_keys(plain_keys(unique.values()), keys or {})
    entries = (_entry(keys[paper.id], paper, (notes or {}).get(paper.id, "")) for paper in unique.values())
    return "\n".join(entries)


def plain_keys(papers: Iterable[Paper]) -> dict[PaperId, str]:
    """Return the key that each of *papers* would have if it were the only one."""
    return {paper.id: key_of(paper) for paper in papers}


def _entry(key: str, paper: Paper, note: str) -> str:
    published = _JOURNAL.fullmatch(clean(paper.journal_ref or ""))
    fields = [("title", protected(clean(paper.title)) or paper.id.text)]
    if paper.authors:
        fields.append(("author", names(paper.authors)))
    if published:
        fields += _published(published)
    else:
        fields += [("year", str(paper.published.year)), ("month", _MONTHS[paper.published.month - 1])]
    fields += [
        ("eprint", paper.id.text),
        ("archivePrefix", "arXiv"),
        ("primaryClass", verbatim(paper.primary_category)),
        ("doi", _doi(paper)),
        ("url", f"https://arxiv.org/abs/{paper.id}"),
        ("note", _note(paper, journal=not published)),
        ("annote", verbatim(clean(note))),
    ]
    lines = [f"  {name} = {_value(name, value)}," for name, value in fields if value]
    return "\n".join([f"@{'article' if published else 'misc'}{{{key},", *lines, "}\n"])


def _value(name: str, value: str) -> str:
    return value if name == "month" else f"{{{value}}}"  # months are macros that every style defines


def _published(reference: re.Match[str]) -> list[tuple[str, str]]:
    pages = re.sub(r"\s*[-–]{1,2}\s*", "--", reference["pages"])
    return [
        ("journal", tex(reference["journal"].strip(" ,"))),
        ("volume", reference["volume"]),
        ("number", reference["number"] or ""),
        ("pages", pages),
        ("year", reference["year"]),
    ]


def _note(paper: Paper, *, journal: bool) -> str:
    parts = ("Withdrawn" if paper.withdrawn else "", tex(clean(paper.journal_ref or "")) if journal else "")
    return "; ".join(filter(None, parts))


def _doi(paper: Paper) -> str:
    """Return the first DOI unchanged, since BibTeX takes it verbatim; "" if it would break the entry."""
    first = (paper.doi or "").split()[:1]
    return first[0] if first and _DOI.fullmatch(first[0]) else ""
