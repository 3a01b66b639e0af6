"""A reading list for reference managers: RIS, and CSL's JSON.

RIS is https://en.wikipedia.org/wiki/RIS_(file_format), CSL-JSON https://citeproc-
js.readthedocs.io/en/latest/csl-json.
Both hold text, not LaTeX, so LaTeX becomes Unicode.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.model.papers import Paper, PaperId, SavedPaper
from bot.present.latex.unicode import to_unicode
from bot.present.markdown import clean

_SUFFIXES = frozenset({"Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV"})
_PARTICLES = frozenset(
    ["van", "von", "de", "der", "den", "del", "della", "di", "da", "du", "la", "le", "ten", "ter"]
)
_GROUP_WORDS = frozenset({"collaboration", "collaborations", "consortium", "team", "group"})


def as_ris(kept: Sequence[SavedPaper]) -> str:
    """Return a reading list as RIS; lines end with CR LF, as the format asks for."""
    return "".join(f"{line}\r\n" for one in kept for line in _ris(one))


def as_csl(kept: Sequence[SavedPaper], keys: Mapping[PaperId, str]) -> str:
    """Return a reading list as CSL-JSON, under the *keys* that the person was given."""
    items = [_csl(one, keys.get(one.paper.id, one.paper.id.text)) for one in kept]
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n"


def _ris(kept: SavedPaper) -> list[str]:
    paper = kept.paper
    day = paper.published
    rows = [
        ("TY", "JOUR" if paper.journal_ref else "UNPB"),
        ("TI", _text(paper.title)),
        *(("AU", _family_first(name)) for name in paper.authors),
        ("PY", str(day.year)),
        ("DA", f"{day:%Y/%m/%d}/"),
        ("AB", _text(paper.abstract)),
        ("JO", _text(paper.journal_ref or f"arXiv:{paper.versioned}")),
        ("DO", _doi(paper)),
        ("UR", paper.abs_url),
        ("L1", paper.pdf_url),
        *(("KW", category) for category in paper.categories),
        ("N1", _text(kept.note)),
    ]
    return [*(f"{tag}  - {text}" for tag, text in rows if text), "ER  - "]


def _csl(kept: SavedPaper, key: str) -> dict[str, Any]:
    paper = kept.paper
    day = paper.published
    item = {
        "id": key,
        "type": "article-journal" if paper.journal_ref else "article",
        "title": _text(paper.title),
        "author": [_csl_name(name) for name in paper.authors if _text(name)],
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "abstract": _text(paper.abstract),
        "container-title": _text(paper.journal_ref or ""),
        "publisher": "" if paper.journal_ref else "arXiv",
        "number": "" if paper.journal_ref else f"arXiv:{paper.versioned}",
        "DOI": _doi(paper),
        "URL": paper.abs_url,
        "note": _text(kept.note),
    }
    return {name: value for name, value in item.items() if value}


def _csl_name(name: str) -> dict[str, str]:
    family, given, suffix = _parts(name)
    if not given:
        return {"literal": family}
    return {"family": family, "given": given} | ({"suffix": suffix} if suffix else {})


def _family_first(name: str) -> str:
    """Return “Family, Given, Suffix”, as RIS wants it; a group as it is."""
    return ", ".join(filter(None, _parts(name)))


def _parts(name: str) -> tuple[str, str, str]:
    """Return family name with its particles, forenames, and suffix; of a group only the first."""
    words = _text(name).split()
    if len(words) < 2 or any(word.lower().rstrip(":") in _GROUP_WORDS for word in words):
        return " ".join(words), "", ""
    suffix = words.pop() if words[-1] in _SUFFIXES and len(words) > 2 else ""
    at = len(words) - 1
    while at > 1 and words[at - 1] in _PARTICLES:
        at -= 1
    return " ".join(words[at:]), " ".join(words[:at]), suffix


def _text(text: str) -> str:
    return clean(to_unicode(text))


def _doi(paper: Paper) -> str:
    return next(iter((paper.doi or "").split()), "")
