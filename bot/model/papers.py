"""The values that travel through the bot: papers, their identifiers, subscriptions, and what is to be sent.

All of them are frozen and know neither arXiv's wire, nor SQL, nor Discord. Every datetime is aware and UTC.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import total_ordering

from bot.i18n import gettext as _
from bot.i18n import sentences
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
_WITHDRAWN = re.compile(r"\bwithdrawn\b", re.IGNORECASE)
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
            raise UserError(sentences(said, _wrong_month(bare)))
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


def says_withdrawn(comment: str | None) -> bool:
    """Tell whether *comment* says that its paper was withdrawn; arXiv has no other sign of that."""
    return bool(comment and _WITHDRAWN.search(comment))


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


class Deliver(enum.StrEnum):
    """How the papers of a subscription arrive; `both` is once live and once in a digest."""

    LIVE = "live"
    DIGEST = "digest"
    BOTH = "both"


class State(enum.StrEnum):
    """Whether a destination or a subscription receives; `gone` is kept for the grace period, then erased."""

    ACTIVE = "active"
    PAUSED = "paused"
    GONE = "gone"


class Kind(enum.StrEnum):
    """What an outbox row sends; its `subject` is IDvN for papers, YYYY-MM-DD/PAGE for digests and lists.

    A list holds what was too much to be posted one by one, where no digest could. A revision answers the
    paper's post; an edit (subject IDvN#FACTS, see `newness.edit_subject`) changes it, and sends nothing.
    """

    PAPER = "paper"
    REVISION = "revision"
    EDIT = "edit"
    DIGEST = "digest"
    LIST = "list"


class Sending(enum.StrEnum):
    """The state of an outbox row; `held` waits for a manager, or a later poll, to say that it is wanted."""

    QUEUED = "queued"
    HELD = "held"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a destination's digest is due: the local *hour* in the IANA *zone*, on *days* (Monday is 0)."""

    hour: int
    zone: str
    days: frozenset[int] = frozenset(range(7))
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Destination:
    """A channel, thread, forum or direct-message channel that receives papers.

    `guild_id` is 0 and `user_id` set for direct messages, `user_id` 0 otherwise. `cap` None means the
    configuration's. What is posted in an announcement channel is crossposted unless `crosspost` is off. No
    digest is due before `scheduled_at`, when the schedule was set. `state_since` is when it was paused or
    went; `kicked` tells a server that removed the bot, and may invite it again, from a channel no more.
    """

    id: int
    guild_id: int
    channel_id: int
    user_id: int = 0
    schedule: Schedule | None = None
    cap: int | None = None
    state: State = State.ACTIVE
    reason: str = ""
    scheduled_at: datetime | None = None
    state_since: datetime | None = None
    kicked: bool = False
    crosspost: bool = True


@dataclass(frozen=True, slots=True)
class Options:
    """What a subscriber chose for one keyword; `role_id` 0 mentions nobody, no categories means all."""

    deliver: Deliver = Deliver.LIVE
    role_id: int = 0
    categories: tuple[str, ...] = ()
    cross_lists: bool = True
    revisions: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """A destination wants the papers of a query.

    `keyword` is the text as typed and `query` its canonical form. `since` is the highest identifier known
    when it was made; None means that the first poll is its baseline, and silent.
    """

    id: int
    destination: Destination
    keyword: str
    query: str
    options: Options
    since: PaperId | None
    created_at: datetime
    created_by: int = 0
    state: State = State.ACTIVE
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The papers of a digest under one keyword; `more` counts those that the cap left out.

    `also` names the other keywords that match a paper; `of` counts all papers of which these are a part.
    """

    keyword: str
    papers: tuple[PaperId, ...]
    more: int = 0
    also: Mapping[PaperId, tuple[str, ...]] = field(default_factory=dict, hash=False)
    of: int = 0


@dataclass(frozen=True, slots=True)
class DigestPage:
    """Page *number* of *pages* of a digest for the local *day*, with *total* papers; stored whole, 1 of 1."""

    day: date
    number: int
    pages: int
    total: int
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """Something to send, exactly once. `ambiguous`: an earlier try may have been posted all the same."""

    id: int
    destination: Destination
    kind: Kind
    subject: str
    due: datetime
    attempts: int = 0
    first_tried: datetime | None = None
    state: Sending = Sending.QUEUED
    message_id: int = 0
    error: str = ""
    page: DigestPage | None = None
    plain: bool = False
    created_at: datetime | None = None
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Crosspost:
    """A message of ours, in an announcement channel, that is to be passed on to the channels following it."""

    id: int
    channel_id: int
    message_id: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Gap:
    """From *since* to *until* the bot posted what its database, restored from a backup, knows nothing of."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """Word to a server's managers that *destination* was paused or is gone, told once.

    `name` is what the channel was called, where it is gone and no mention would show it. `subscriber` is who
    made the newest of its subscriptions, `waiting` what is queued for it. Once a try was made, `channel_id`
    or `user_id` is where it is being told, and `batch` the notice whose message tells it; `refused` are the
    channels and people that could not be told.
    """

    id: int
    destination: Destination
    reason: str
    name: str
    due: datetime
    subscriber: int
    waiting: int
    attempts: int = 0
    ambiguous: bool = False
    first_tried: datetime | None = None
    batch: int = 0
    channel_id: int = 0
    user_id: int = 0
    refused: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Posting:
    """What delivery needs to write a paper's message: the paper, the keywords that brought it, mentions."""

    paper: Paper
    keywords: tuple[str, ...]
    role_ids: tuple[int, ...] = ()
    words: tuple[str, ...] = field(default=())
