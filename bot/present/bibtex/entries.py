r"""Papers as BibTeX that BibTeX, biber and reference managers read alike.

Every value is delimited by braces, and BibTeX counts braces without regard to backslashes: whatever the
text, none is left open, and a `\{` becomes a command without one. LaTeX stays as arXiv gives it; what LaTeX
would stumble over outside of mathematics is escaped. A key is made of what people remember a paper by.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bot.model.papers import Paper, PaperId
from bot.present.bibtex.names import key_of, names
from bot.present.bibtex.text import protected, tex, verbatim
from bot.present.markdown import clean

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DOI = re.compile(r"10\.\d{4,9}/[^\s{}\\%#\"]+", re.ASCII)
# “Phys. Rev. D 94, 104001 (2016)” and nothing less clear: a journal, a volume, pages or a number, a year.
_JOURNAL = re.compile(
    r"(?P<journal>[^\W\d_][^\d{}$\\]{2,80}?)[\s,]+(?:vol\.?\s*)?(?P<volume>\d{1,4})"
    r"(?:\s*\((?P<number>\d{1,3})\))?\s*[,:]\s*(?:pp?\.?\s*)?(?P<pages>\d{1,7}(?:\s*[-–]{1,2}\s*\d{1,7})?)"
    r",?\s*\((?P<year>(?:19|20)\d\d)\)\.?",
    re.ASCII,
)


def bibtex(papers: Iterable[Paper], notes: Mapping[PaperId, str] | None = None) -> str:
    """Return an entry for each of *papers*, each paper once, in their order.

    *notes* are a reader's own words on some of them; they become `annote`, which no style prints.
    """
    unique = {paper.id: paper for paper in papers}
    keys = _keys(list(unique.values()))
    entries = (_entry(keys[paper.id], paper, (notes or {}).get(paper.id, "")) for paper in unique.values())
    return "\n".join(entries)


def _keys(papers: Sequence[Paper]) -> dict[PaperId, str]:
    """Return a key for each paper: two that would share theirs get their identifiers appended, both."""
    plain = {paper.id: key_of(paper) for paper in papers}
    times = Counter(plain.values())
    # No plain key holds a colon, so what gets one meets none.
    return {
        paper: f"{key}:{paper.text.replace('/', '-')}" if times[key] > 1 else key
        for paper, key in plain.items()
    }


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
    return value if name == "month" else f"{{{value}}}"  # the months are macros that every style defines


def _published(found: re.Match[str]) -> list[tuple[str, str]]:
    pages = re.sub(r"\s*[-–]{1,2}\s*", "--", found["pages"])
    return [
        ("journal", tex(found["journal"].strip(" ,"))),
        ("volume", found["volume"]),
        ("number", found["number"] or ""),
        ("pages", pages),
        ("year", found["year"]),
    ]


def _note(paper: Paper, *, journal: bool) -> str:
    parts = ("Withdrawn" if paper.withdrawn else "", tex(clean(paper.journal_ref or "")) if journal else "")
    return "; ".join(filter(None, parts))


def _doi(paper: Paper) -> str:
    """Return the first DOI as it is, for it is read verbatim; nothing where it would break the entry."""
    first = (paper.doi or "").split()[:1]
    return first[0] if first and _DOI.fullmatch(first[0]) else ""
