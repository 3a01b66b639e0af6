"""Papers as arXiv describes them, and their identifiers.

All values are frozen and know neither arXiv's wire, nor SQL, nor Discord. Every datetime is aware and UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
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
NUMBERS_A_MONTH = 100_000  # what `PaperId.serial` leaves for the numbers of one month


@total_ordering
@dataclass(frozen=True, slots=True)
class PaperId:
    """An arXiv identifier without version: `2607.16206` or `hep-th/9901001`.

    Identifiers sort in the order of announcement: a number is given when a paper is announced, not when it
    is submitted, and old-style identifiers come before all new-style ones. They never sort as text.
    """

    text: str

    @classmethod
    def parse(cls, text: str) -> tuple[PaperId, int | None]:
        """Read an identifier or a link to one; return it and the version that was named, if any.

        Raises:
            UserError: *text* holds no arXiv identifier.
        """
        bare = _ADDRESS.sub("", text.strip()).split("?")[0].split("#")[0].removesuffix(".pdf")
        bare = re.sub(r"^arxiv:\s*", "", bare, flags=re.IGNORECASE)
        version = _VERSION.search(bare)
        if version:
            bare = bare[: version.start()]
        if not (_NEW_STYLE.fullmatch(bare) or _OLD_STYLE.fullmatch(bare)):
            said = _(
                "“{typed}” is not an arXiv identifier; it looks like 2607.16206, hep-th/9901001 or "
                "https://arxiv.org/abs/2607.16206."
            ).format(typed=text.strip()[:100])
            raise UserError(join_sentences(said, _wrong_month(bare)))
        return cls(bare), int(version[1]) if version else None

    @property
    def month(self) -> int | None:
        """Months since January 2000 of a new-style identifier; None for an old-style one."""
        match = _NEW_STYLE.fullmatch(self.text)
        return int(match["yy"]) * 12 + int(match["mm"]) - 1 if match else None

    @property
    def number(self) -> int:
        """The running number within the month (and, for old-style identifiers, the archive)."""
        match = _NEW_STYLE.fullmatch(self.text) or _OLD_STYLE.fullmatch(self.text)
        if match is None:
            raise ValueError(f"not an arXiv identifier: {self.text!r}")
        return int(match["number"])

    @property
    def serial(self) -> int:
        """An integer that sorts as the identifiers do; negative for old-style ones. Fits 64 bits."""
        if (month := self.month) is not None:
            return month * NUMBERS_A_MONTH + self.number
        match = _OLD_STYLE.fullmatch(self.text)
        if match is None:
            raise ValueError(f"not an arXiv identifier: {self.text!r}")
        year = int(match["yy"])
        year += 1900 if year >= 91 else 2000  # arXiv began in 1991; old-style ended in March 2007
        return (year - 2100) * 12 * NUMBERS_A_MONTH + int(match["mm"]) * NUMBERS_A_MONTH + self.number

    def __lt__(self, other: PaperId) -> bool:
        return (self.serial, self.text) < (other.serial, other.text)

    def __str__(self) -> str:
        return self.text


def _wrong_month(identifier: str) -> str:
    """Say of what looks like an identifier, and is none, that its month is to blame."""
    if (match := _ANY_MONTH.fullmatch(identifier)) is None:
        return ""
    return _("Its third and fourth digits are the month, and there is no month {month}.").format(
        month=match[1] or match[2]
    )


@dataclass(frozen=True, slots=True)
class Paper:
    """One version of a paper as arXiv's feed gives it; white space collapsed, LaTeX left as it is.

    `published` is the submission of version 1, `updated` that of this version; neither is the announcement.
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

    `total`, `start`, `per_page` are OpenSearch's numbers as arXiv claims them; `skipped` are unread entries.
    """

    papers: tuple[Paper, ...]
    total: int
    start: int
    per_page: int
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """*query* (canonical text) wants *paper*, because of *words* (as they stand in the paper)."""

    query: str
    paper: PaperId
    words: tuple[str, ...] = ()
