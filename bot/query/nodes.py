"""The nodes of a query's syntax tree: how each matches an analyzed paper, and how it is written (pure).

A query is a tree of `Term` and `Submitted` under `And`, `Or` and `AndNot`. Each node has

- `match`, which returns the words of a paper that match, perhaps none; None if the paper does not match,
- `canonical`, its text in the query's canonical text,
- `arxiv`, its text in arXiv's `search_query`,
- `description`, its meaning in the current language, as the middle of a sentence.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.i18n import format_date, gettext_noop
from bot.i18n import gettext as _
from bot.model.taxonomy import ARCHIVES, CATEGORIES, SPELLINGS
from bot.query.patterns import EveryWord, Pattern, Phrase, Wildcard
from bot.query.text import AnalyzedPaper

# TRANSLATORS: {what} is “speech synthesis” as a phrase, or several of these
_WHERE = {
    "ti": gettext_noop("{what} in the title"),
    "abs": gettext_noop("{what} in the abstract"),
    "au": gettext_noop("{what} among the authors"),
    "co": gettext_noop("{what} in the comment"),
    "jr": gettext_noop("{what} in the journal reference"),
    "all": gettext_noop("{what} anywhere"),
}


def _describe_wildcard(glob: str, *, is_name: bool) -> str:
    beginning = glob.rstrip("*")
    if beginning == glob or "*" in beginning or "?" in beginning:
        template = _("a name like “{text}”") if is_name else _("a word like “{text}”")
        return template.format(text=glob)
    template = _("a name that begins with “{text}”") if is_name else _("a word that begins with “{text}”")
    return template.format(text=beginning)


def _describe_category(category: str) -> str:
    """Return the name of *category*, and for a likely mistake also what was probably meant."""
    if known := CATEGORIES.get(category):
        return f"{known} ({category})"
    archive = ARCHIVES.get(category.removesuffix(".*"))
    if archive and category.endswith(".*"):
        return _("any {name} category ({category})").format(name=archive, category=category)
    if archive:
        return _("{category} only (for all of {name}, use {category}.*)").format(
            category=category, name=archive
        )
    if spelling := SPELLINGS.get(category.lower()):
        return _("{category} (arXiv spells it {spelling})").format(category=category, spelling=spelling)
    return (
        _("a category like {category}").format(category=category)
        if "*" in category or "?" in category
        else category
    )


RUNNING_TEXT = frozenset({"ti", "abs", "co", "jr", "combined"})
"""A match in these fields is shown by its words; in others (a name, a category) by the whole value."""
_FREE_TEXT = frozenset({"ti", "abs", "co", "jr", "au", "all"})


@dataclass(frozen=True, slots=True)
class Term:
    """A word, phrase, name, category or wildcard in one field.

    *value* identifies the term: two terms of one field are equal if their values are. It is written after
    `field:`, in quotes if *quoted*; *typed* is the text as typed. *lookups* pairs index fields with the
    pattern to find in each (`all:` has seven); one match is enough. A term of stop words only has no lookups
    and matches nothing, as on arXiv.
    """

    field: str
    value: str
    quoted: bool
    typed: str = dataclasses.field(compare=False)
    lookups: tuple[tuple[str, Pattern], ...] = dataclasses.field(compare=False)

    @property
    def depth(self) -> int:
        return 0

    @property
    def canonical(self) -> str:
        return f'{self.field}:"{self.value}"' if self.quoted else f"{self.field}:{self.value}"

    @property
    def arxiv(self) -> str:
        # Without quotes, arXiv treats some words specially: a year, TeX, a surname before a comma.
        needs_quotes = self.field in _FREE_TEXT and (
            not self.lookups or isinstance(self.lookups[0][1], Phrase)
        )
        return f'{self.field}:"{self.typed}"' if needs_quotes or self.quoted else f"{self.field}:{self.typed}"

    @property
    def what(self) -> str:
        """The description without the field; `where` describes the field."""
        pattern = self.lookups[0][1] if self.lookups else None
        if self.field == "cat":
            return _("filed under {category}").format(category=_describe_category(self.typed))
        if self.field in {"id", "doi"}:
            return self._describe_value(wild=isinstance(pattern, Wildcard))
        if isinstance(pattern, Wildcard):
            return _describe_wildcard(self.typed, is_name=self.field == "au")
        if isinstance(pattern, EveryWord):
            return _("all words of “{text}”").format(text=self.typed)
        if pattern is None:
            return _("“{text}” (which arXiv never finds)").format(text=self.typed)
        phrase = pattern.rest and self.field != "au"
        return (_("“{text}” as a phrase") if phrase else _("“{text}”")).format(text=self.typed)

    def _describe_value(self, *, wild: bool) -> str:
        if self.field == "id":
            template = _("an identifier like {text}") if wild else _("the identifier {text}")
        else:
            template = _("a DOI like {text}") if wild else _("the DOI {text}")
        return template.format(text=self.typed)

    @property
    def where(self) -> str:
        """The template for `what` in its field, `{what} in the title`; "" where `what` names it."""
        phrase = _WHERE.get(self.field)
        return _(phrase) if phrase else ""

    @property
    def description(self) -> str:
        return self.where.format(what=self.what) if self.where else self.what

    def match(self, paper: AnalyzedPaper) -> tuple[str, ...] | None:
        for name, pattern in self.lookups:
            for analysis in paper.fields[name]:
                words = pattern.match(analysis)
                if words is not None:
                    return words if name in RUNNING_TEXT else (analysis.text,)
        return None


@dataclass(frozen=True, slots=True)
class Submitted:
    """Version 1 was submitted between *start* and *end*, inclusive, to the minute, UTC."""

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
    def description(self) -> str:
        return _("submitted between {start} and {end} UTC").format(
            start=_moment(self.start), end=_moment(self.end)
        )

    def match(self, paper: AnalyzedPaper) -> tuple[str, ...] | None:
        # ArXiv compares minutes: a paper submitted at 23:59:30 is in a range that ends at 23:59.
        minute = paper.paper.published.replace(second=0, microsecond=0)
        return () if self.start <= minute <= self.end else None


def _moment(moment: datetime) -> str:
    return _("{date}, {time}").format(date=format_date(moment), time=f"{moment:%H:%M}")


@dataclass(frozen=True, slots=True)
class And:
    """Matches what all of *parts* match."""

    parts: tuple[Node, ...]
    depth: int = dataclasses.field(compare=False)

    def match(self, paper: AnalyzedPaper) -> tuple[str, ...] | None:
        all_words: tuple[str, ...] = ()
        for part in self.parts:
            words = part.match(paper)
            if words is None:
                return None
            all_words += words
        return all_words

    @property
    def canonical(self) -> str:
        return " AND ".join(_grouped(part, part.canonical) for part in self.parts)

    @property
    def arxiv(self) -> str:
        return " AND ".join(_grouped(part, part.arxiv) for part in self.parts)

    @property
    def description(self) -> str:
        if what := in_title_and_abstract(self.parts):
            return _("{what} in both the title and the abstract").format(what=what)
        return _describe(self.parts, _("{one} and {other}"))


@dataclass(frozen=True, slots=True)
class Or:
    """Matches what any of *parts* matches."""

    parts: tuple[Node, ...]
    depth: int = dataclasses.field(compare=False)

    def match(self, paper: AnalyzedPaper) -> tuple[str, ...] | None:
        all_words: tuple[str, ...] | None = None
        for part in self.parts:
            words = part.match(paper)
            if words is not None:
                all_words = words if all_words is None else all_words + words
        return all_words

    @property
    def canonical(self) -> str:
        return " OR ".join(_grouped(part, part.canonical) for part in self.parts)

    @property
    def arxiv(self) -> str:
        return " OR ".join(_grouped(part, part.arxiv) for part in self.parts)

    @property
    def description(self) -> str:
        if what := in_title_and_abstract(self.parts):
            return _("{what} in the title or the abstract").format(what=what)
        return _describe(self.parts, _("{one} or {other}"))


@dataclass(frozen=True, slots=True)
class AndNot:
    """Matches what *keep* matches and *drop* does not."""

    keep: Node
    drop: Node
    depth: int = dataclasses.field(compare=False)

    def match(self, paper: AnalyzedPaper) -> tuple[str, ...] | None:
        words = self.keep.match(paper)
        return None if words is None or self.drop.match(paper) is not None else words

    @property
    def canonical(self) -> str:
        return f"{_grouped(self.keep, self.keep.canonical)} ANDNOT {_grouped(self.drop, self.drop.canonical)}"

    @property
    def arxiv(self) -> str:
        return f"{_grouped(self.keep, self.keep.arxiv)} ANDNOT {_grouped(self.drop, self.drop.arxiv)}"

    @property
    def description(self) -> str:
        return _("{one}, but not {other}").format(
            one=_grouped(self.keep, self.keep.description), other=_grouped(self.drop, self.drop.description)
        )


Node = Term | Submitted | And | Or | AndNot


def join(operator: str, parts: Sequence[Node]) -> Node:
    """Return *parts* joined by `AND` or `OR`, or two parts joined by `ANDNOT`.

    A chain of one operator becomes one flat node without duplicates: `a AND (b AND a)` is `a AND b`.
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


def _describe(parts: Sequence[Node], template: str) -> str:
    """Return the descriptions of *parts* joined by *template*; a field that all share is named once."""
    fields = {part.where if isinstance(part, Term) else "" for part in parts}
    if len(fields) == 1 and (where := fields.pop()):
        what = _joined([part.what for part in parts if isinstance(part, Term)], template)
        return where.format(what=what)
    return _joined([_grouped(part, part.description) for part in parts], template)


def _joined(descriptions: Sequence[str], template: str) -> str:
    """Join *descriptions* pairwise; *template* has the places `{one}` and `{other}`."""
    joined = descriptions[0]
    for other in descriptions[1:]:
        joined = template.format(one=joined, other=other)
    return joined


def in_title_and_abstract(parts: Sequence[Node]) -> str | None:
    """Return `what` of *parts* if they look for the same text in the title and in the abstract, else None."""
    if len(parts) != 2:
        return None
    title, abstract = parts
    if not (isinstance(title, Term) and isinstance(abstract, Term)):
        return None
    same = (title.field, abstract.field) == ("ti", "abs") and title.value == abstract.value
    return title.what if same else None
