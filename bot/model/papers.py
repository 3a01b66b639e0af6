"""Papers as arXiv describes them, and their identifiers. Every datetime is aware and UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import total_ordering

from bot.i18n import gettext as _
from bot.i18n import join_sentences
from bot.model.errors import UserError

_NEW_STYLE = re.compile(r"(?P<yy>\d\d)(?P<mm>0[1-9]|1[0-2])\.(?P<number>\d{4,5})", re.ASCII)
_OLD_STYLE = re.compile(
    r"[a-z][a-z-]*(?:\.[A-Z]{2})?/(?P<yy>\d\d)(?P<mm>0[1-9]|1[0-2])(?P<number>\d{3})", re.ASCII
)
_ANY_MONTH = re.compile(r"(?:\d\d(\d\d)\.\d{4,5}|[a-z][a-z-]*(?:\.[A-Z]{2})?/\d\d(\d\d)\d{3})", re.ASCII)
_VERSION = re.compile(r"v([1-9]\d*)$", re.ASCII)
_ADDRESS = re.compile(
    r"^(?:https?://)?(?:[a-z-]+\.)?arxiv\.org/(?:abs|pdf|html|format|ps|src|e-print)/", re.IGNORECASE
)
NUMBERS_A_MONTH = 100_000  # more than the numbers of any month; see `PaperId.serial`


@total_ordering
@dataclass(frozen=True, slots=True)
class PaperId:
    """An arXiv identifier without version: `2607.16206` or `hep-th/9901001`.

    Identifiers sort in the order of announcement, since arXiv assigns numbers when it announces papers, not
    when authors submit them. Old-style identifiers sort before all new-style ones. They do not sort as text.
    """

    text: str

    @classmethod
    def parse(cls, text: str) -> tuple[PaperId, int | None]:
        """Return the identifier in *text*, which may be a link, and its version, None if it names none.

        Raises:
            UserError: *text* is neither an arXiv identifier nor a link to a paper.
        """
        bare = _ADDRESS.sub("", text.strip()).split("?")[0].split("#")[0].removesuffix(".pdf")
        bare = re.sub(r"^arxiv:\s*", "", bare, flags=re.IGNORECASE)
        version = _VERSION.search(bare)
        if version:
            bare = bare[: version.start()]
        why_not = _wrong_month(bare) or _wrong_digits(bare)
        if why_not or not (_NEW_STYLE.fullmatch(bare) or _OLD_STYLE.fullmatch(bare)):
            message = _(
                "“{typed}” is not an arXiv identifier. Use one such as 2607.16206 or hep-th/9901001, "
                "or a link such as https://arxiv.org/abs/2607.16206."
            ).format(typed=text.strip()[:100])
            raise UserError(join_sentences(message, why_not))
        return cls(bare), int(version[1]) if version else None

    @property
    def month(self) -> int | None:
        """Months from January 2000 to a new-style identifier's month; None for an old-style one."""
        match = _NEW_STYLE.fullmatch(self.text)
        return int(match["yy"]) * 12 + int(match["mm"]) - 1 if match else None

    @property
    def month_begins(self) -> datetime:
        """The beginning of the month that the identifier names; it was announced in it or soon after."""
        match = _NEW_STYLE.fullmatch(self.text) or _OLD_STYLE.fullmatch(self.text)
        if match is None:
            raise ValueError(f"not an arXiv identifier: {self.text!r}")
        year = int(match["yy"])
        old = "/" in self.text and year >= 91  # arXiv began in 1991; the old style ended in March 2007
        return datetime(year + (1900 if old else 2000), int(match["mm"]), 1, tzinfo=UTC)

    @property
    def number(self) -> int:
        """The number within the month and, for old-style identifiers, the archive."""
        match = _NEW_STYLE.fullmatch(self.text) or _OLD_STYLE.fullmatch(self.text)
        if match is None:
            raise ValueError(f"not an arXiv identifier: {self.text!r}")
        return int(match["number"])

    @property
    def serial(self) -> int:
        """A 64-bit integer that sorts as the identifiers do; negative for old-style ones."""
        if (month := self.month) is not None:
            return month * NUMBERS_A_MONTH + self.number
        begins = self.month_begins
        return ((begins.year - 2100) * 12 + begins.month) * NUMBERS_A_MONTH + self.number

    def __lt__(self, other: PaperId) -> bool:
        return (self.serial, self.text) < (other.serial, other.text)

    def __str__(self) -> str:
        return self.text


def _wrong_month(identifier: str) -> str:
    """Return a sentence on the month of *identifier* if that alone makes it invalid, else ""."""
    if (match := _ANY_MONTH.fullmatch(identifier)) is None or 1 <= int(match[1] or match[2]) <= 12:
        return ""
    return _(
        "The third and fourth digits of an identifier are the month, and there is no month {month}."
    ).format(month=match[1] or match[2])


def _wrong_digits(identifier: str) -> str:
    """Return a sentence on how many digits *identifier* has if that alone makes it invalid, else ""."""
    match = _NEW_STYLE.fullmatch(identifier)
    if match is None or len(match["number"]) == (5 if match["yy"] >= "15" else 4):
        return ""  # https://info.arxiv.org/help/arxiv_identifier.html
    return _("Identifiers since 2015 have five digits after the dot, and earlier ones four.")


@dataclass(frozen=True, slots=True)
class Paper:
    """One version of a paper as in arXiv's feed, with white space collapsed and LaTeX unchanged.

    `published` is when version 1 was submitted, `updated` when this version was; neither is the announcement.
    """

    id: PaperId
    version: int
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    primary_category: str
    published: datetime
    updated: datetime
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    withdrawn: bool = False

    @property
    def versioned(self) -> str:
        """The identifier with its version, `2607.16206v2`."""
        return f"{self.id}v{self.version}"

    @property
    def abs_url(self) -> str:
        return f"https://arxiv.org/abs/{self.versioned}"

    @property
    def pdf_url(self) -> str:
        return f"https://arxiv.org/pdf/{self.versioned}"


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of arXiv's query API.

    `total`, `start` and `per_page` are OpenSearch's numbers as arXiv reports them; `skipped` is the number of
    entries that could not be read.
    """

    papers: tuple[Paper, ...]
    total: int
    start: int
    per_page: int
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """*paper* matches *query* (its canonical text) with these *words* (as they stand in the paper)."""

    query: str
    paper: PaperId
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredMatch:
    """A match as it is stored: the paper's *version* when it last matched, and the *words* that matched."""

    version: int
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Addition:
    """What became of papers that were to be added to a bounded list, each in the order given.

    They were *added*, *known* because they were on it already, or *left* out because it is full.
    """

    added: tuple[PaperId, ...] = ()
    known: tuple[PaperId, ...] = ()
    left: tuple[PaperId, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedPaper:
    """A paper on somebody's reading list; without a note, `note` is empty."""

    paper: Paper
    note: str
    saved_at: datetime
