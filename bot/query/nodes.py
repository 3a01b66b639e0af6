"""What a query consists of, and how each part is found in an analysed paper (pure).

A query is a tree of `Term` and `Submitted` under `And`, `Or` and `AndNot`. Each node tells which words of a
paper match it (perhaps none; None means that it does not match), how it is written, and what it means in
plain words. A `Term` looks into one or more index fields with a pattern each (`all:` into seven); one
is enough.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.i18n import gettext as _
from bot.i18n import gettext_noop
from bot.model.taxonomy import ARCHIVES, CATEGORIES
from bot.query.text import AnalysedPaper, Analysis

FIELD_WORDS = {
    "ti": gettext_noop("in the title"),
    "abs": gettext_noop("in the abstract"),
    "au": gettext_noop("among the authors"),
    "co": gettext_noop("in the comment"),
    "jr": gettext_noop("in the journal reference"),
    "all": gettext_noop("anywhere"),
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms at fixed distances; *rest* holds (distance from the first, term). Gaps match any one word."""

    first: str
    rest: tuple[tuple[int, str], ...] = ()

    @classmethod
    def of(cls, analysis: Analysis) -> Phrase | None:
        """Make the phrase of an analysed text; None where it has nothing but stop words."""
        kept = [(position, term) for position, term in enumerate(analysis.terms) if term is not None]
        if not kept:
            return None
        start, first = kept[0]
        return cls(first, tuple((position - start, term) for position, term in kept[1:]))

    @property
    def terms(self) -> tuple[str, ...]:
        return (self.first, *(term for _, term in self.rest))

    def match(self, analysis: Analysis) -> tuple[str, ...] | None:
        """Return the first place where the phrase stands, as it is written there; None if nowhere."""
        starts = analysis.positions.get(self.first)
        if starts is None:
            return None
        if not self.rest:
            return (analysis.excerpt(starts[0], starts[0]),)
        terms, reach = analysis.terms, self.rest[-1][0]
        for start in starts:
            if start + reach >= len(terms):
                return None
            for gap, term in self.rest:
                if terms[start + gap] != term:
                    break
            else:
                return (analysis.excerpt(start, start + reach),)
        return None


@dataclass(frozen=True, slots=True)
class EveryWord:
    """Terms that must all stand in one value of the field, in any order."""

    terms: tuple[str, ...]

    def match(self, analysis: Analysis) -> tuple[str, ...] | None:
        positions = analysis.positions
        if not all(term in positions for term in self.terms):
            return None
        first = sorted(positions[term][0] for term in self.terms)
        return tuple(analysis.excerpt(position, position) for position in first)


@dataclass(frozen=True, slots=True)
class Wildcard:
    """One term of the index that fits a pattern. The index holds stems, and a pattern is never stemmed."""

    regex: re.Pattern[str]

    @classmethod
    def of(cls, glob: str) -> Wildcard:
        """Compile *glob*: `*` is any run of characters, `?` any one. Takes linear time, whatever it is."""
        first, *others = re.sub(r"\*+", "*", glob).split("*")
        parts = [_literal(first), *(f"(?>.*?{_literal(part)})" for part in others[:-1])]
        if others:
            parts.append(f".*{_literal(others[-1])}")
        return cls(re.compile("".join(parts), re.DOTALL))

    def match(self, analysis: Analysis) -> tuple[str, ...] | None:
        for term, positions in analysis.positions.items():
            if self.regex.fullmatch(term):
                return (analysis.excerpt(positions[0], positions[0]),)
        return None


def _literal(part: str) -> str:
    return ".".join(re.escape(piece) for piece in part.split("?"))


Pattern = Phrase | EveryWord | Wildcard


def _likeness(glob: str) -> str:
    beginning = glob.rstrip("*")
    whole = beginning == glob or "*" in beginning or "?" in beginning
    return (
        _("like “{text}”").format(text=glob)
        if whole
        else _("that begins with “{text}”").format(text=beginning)
    )


def _category_said(category: str) -> str:
    """Name a category as people know it, and say how to reach what was probably meant."""
    if known := CATEGORIES.get(category):
        return f"{known} ({category})"
    archive = ARCHIVES.get(category.removesuffix(".*"))
    if archive and category.endswith(".*"):
        return _("any of {name} ({category})").format(name=archive, category=category)
    if archive:
        return _("{category} alone (all of {name} is {category}.*)").format(category=category, name=archive)
    if spelling := _SPELLINGS.get(category.lower()):
        return _("{category} (which arXiv writes {spelling})").format(category=category, spelling=spelling)
    return (
        _("a category like {category}").format(category=category)
        if "*" in category or "?" in category
        else category
    )


# In these fields the words found are shown; elsewhere (a name, a category, an identifier) the whole value.
_RUNNING_TEXT = frozenset({"ti", "abs", "co", "jr", "combined"})
_FREE_TEXT = frozenset({"ti", "abs", "co", "jr", "au", "all"})
_SPELLINGS = {name.lower(): name for name in (*ARCHIVES, *CATEGORIES)}


@dataclass(frozen=True, slots=True)
class Term:
    """A word, phrase, name, category or wildcard looked for in one field.

    *value* is what makes two terms the same: it is written after `field:`, in quotes if *quoted*. *typed* is
    the same text as it was typed. *looks* pairs index fields with what to find there; one of them is enough.
    Stop words alone have nothing to look for and are never found, as on arXiv.
    """

    field: str
    value: str
    quoted: bool
    typed: str = dataclasses.field(compare=False)
    looks: tuple[tuple[str, Pattern], ...] = dataclasses.field(compare=False)

    @property
    def depth(self) -> int:
        return 0

    @property
    def canonical(self) -> str:
        return f'{self.field}:"{self.value}"' if self.quoted else f"{self.field}:{self.value}"

    @property
    def arxiv(self) -> str:
        # Quotes keep arXiv from reading more into a word than it is: a year, TeX, a surname before a comma.
        plainly = self.field in _FREE_TEXT and (not self.looks or isinstance(self.looks[0][1], Phrase))
        return f'{self.field}:"{self.typed}"' if plainly or self.quoted else f"{self.field}:{self.typed}"

    @property
    def said(self) -> str:
        """What is looked for, in plain words that *place* follows."""
        pattern = self.looks[0][1] if self.looks else None
        if self.field == "cat":
            return _("filed under {category}").format(category=_category_said(self.typed))
        if self.field in {"id", "doi"}:
            return self._value_said(wild=isinstance(pattern, Wildcard))
        if isinstance(pattern, Wildcard):
            said = _("a name {likeness}") if self.field == "au" else _("a word {likeness}")
            return said.format(likeness=_likeness(self.typed))
        if isinstance(pattern, EveryWord):
            return _("all words of “{text}”").format(text=self.typed)
        if pattern is None:
            return _("“{text}” (which arXiv never finds)").format(text=self.typed)
        phrase = pattern.rest and self.field != "au"
        return (_("“{text}” as a phrase") if phrase else _("“{text}”")).format(text=self.typed)

    def _value_said(self, *, wild: bool) -> str:
        if self.field == "id":
            said = _("an identifier like {text}") if wild else _("the identifier {text}")
        else:
            said = _("a DOI like {text}") if wild else _("the DOI {text}")
        return said.format(text=self.typed)

    @property
    def place(self) -> str:
        """Where it is looked for, in plain words; empty where `said` tells."""
        place = FIELD_WORDS.get(self.field)
        return _(place) if place else ""

    @property
    def plain(self) -> str:
        return _placed(self.said, self.place) if self.place else self.said

    def match(self, paper: AnalysedPaper) -> tuple[str, ...] | None:
        for name, pattern in self.looks:
            for analysis in paper.fields[name]:
                found = pattern.match(analysis)
                if found is not None:
                    return found if name in _RUNNING_TEXT else (analysis.text,)
        return None


@dataclass(frozen=True, slots=True)
class Submitted:
    """Version 1 was submitted from *start* to *end*, both included; written as YYYYMMDDHHMM, UTC."""

    start: datetime
    end: datetime

    @property
    def depth(self) -> int:
        return 0

    @property
    def canonical(self) -> str:
        return f"submittedDate:[{self.start:%Y%m%d%H%M} TO {self.end:%Y%m%d%H%M}]"

    @property
    def arxiv(self) -> str:
        return self.canonical

    @property
    def plain(self) -> str:
        return _("submitted between {start} and {end} UTC").format(
            start=f"{self.start:%Y-%m-%d %H:%M}", end=f"{self.end:%Y-%m-%d %H:%M}"
        )

    def match(self, paper: AnalysedPaper) -> tuple[str, ...] | None:
        # ArXiv compares minutes: a paper of 23:59:30 is inside a range that ends at 23:59.
        minute = paper.paper.published.replace(second=0, microsecond=0)
        return () if self.start <= minute <= self.end else None


@dataclass(frozen=True, slots=True)
class And:
    """All of *parts*."""

    parts: tuple[Node, ...]
    depth: int = dataclasses.field(compare=False)

    def match(self, paper: AnalysedPaper) -> tuple[str, ...] | None:
        found: tuple[str, ...] = ()
        for part in self.parts:
            words = part.match(paper)
            if words is None:
                return None
            found += words
        return found

    @property
    def canonical(self) -> str:
        return " AND ".join(_grouped(part, part.canonical) for part in self.parts)

    @property
    def arxiv(self) -> str:
        return " AND ".join(_grouped(part, part.arxiv) for part in self.parts)

    @property
    def plain(self) -> str:
        if said := _both_places(self.parts):
            return _placed(said, _("in the title and in the abstract"))
        return _listed(self.parts, _("{one} and {other}"))


@dataclass(frozen=True, slots=True)
class Or:
    """Any of *parts*."""

    parts: tuple[Node, ...]
    depth: int = dataclasses.field(compare=False)

    def match(self, paper: AnalysedPaper) -> tuple[str, ...] | None:
        found: tuple[str, ...] | None = None
        for part in self.parts:
            words = part.match(paper)
            if words is not None:
                found = words if found is None else found + words
        return found

    @property
    def canonical(self) -> str:
        return " OR ".join(_grouped(part, part.canonical) for part in self.parts)

    @property
    def arxiv(self) -> str:
        return " OR ".join(_grouped(part, part.arxiv) for part in self.parts)

    @property
    def plain(self) -> str:
        if said := _both_places(self.parts):
            return _placed(said, _("in the title or the abstract"))
        return _listed(self.parts, _("{one} or {other}"))


@dataclass(frozen=True, slots=True)
class AndNot:
    """*keep*, but not *drop*."""

    keep: Node
    drop: Node
    depth: int = dataclasses.field(compare=False)

    def match(self, paper: AnalysedPaper) -> tuple[str, ...] | None:
        words = self.keep.match(paper)
        return None if words is None or self.drop.match(paper) is not None else words

    @property
    def canonical(self) -> str:
        return f"{_grouped(self.keep, self.keep.canonical)} ANDNOT {_grouped(self.drop, self.drop.canonical)}"

    @property
    def arxiv(self) -> str:
        return f"{_grouped(self.keep, self.keep.arxiv)} ANDNOT {_grouped(self.drop, self.drop.arxiv)}"

    @property
    def plain(self) -> str:
        return _("{one}, but not {other}").format(
            one=_grouped(self.keep, self.keep.plain), other=_grouped(self.drop, self.drop.plain)
        )


Node = Term | Submitted | And | Or | AndNot


def join(operator: str, parts: Sequence[Node]) -> Node:
    """Join nodes by `AND` or `OR`, or two by `ANDNOT`.

    A chain of one operator is one flat node without repetitions: `a AND (b AND a)` is `a AND b`.
    """
    if operator == "ANDNOT":
        keep, drop = parts
        return AndNot(keep, drop, max(keep.depth, drop.depth) + 1)
    kind = And if operator == "AND" else Or
    flat = dict.fromkeys(
        inner for part in parts for inner in (part.parts if isinstance(part, kind) else (part,))
    )
    if len(flat) == 1:
        return next(iter(flat))
    return kind(tuple(flat), max(part.depth for part in flat) + 1)


def _grouped(node: Node, written: str) -> str:
    return f"({written})" if node.depth else written


def _listed(parts: Sequence[Node], between: str) -> str:
    """Return *parts* in plain words; a place that all of them share is named once."""
    places = {part.place if isinstance(part, Term) else "" for part in parts}
    if len(places) == 1 and (place := places.pop()):
        return _placed(_joined([part.said for part in parts if isinstance(part, Term)], between), place)
    return _joined([_grouped(part, part.plain) for part in parts], between)


def _joined(said: Sequence[str], between: str) -> str:
    """Join what parts say by *between*, a sentence of one and another."""
    joined = said[0]
    for other in said[1:]:
        joined = between.format(one=joined, other=other)
    return joined


def _placed(said: str, place: str) -> str:
    # TRANSLATORS: “speech synthesis” as a phrase, then: in the title
    return _("{what} {where}").format(what=said, where=place)


def _both_places(parts: Sequence[Node]) -> str | None:
    """Return how *parts* put it if they are one text, once in the title and once in the abstract."""
    if len(parts) != 2:
        return None
    title, abstract = parts
    if not (isinstance(title, Term) and isinstance(abstract, Term)):
        return None
    same = (title.field, abstract.field) == ("ti", "abs") and title.value == abstract.value
    return title.said if same else None
