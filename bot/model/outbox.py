"""What is to be sent: outbox rows, the digest pages they carry, crossposts and notices.

All values are frozen; every datetime is aware and UTC.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.model.papers import Paper, PaperId
from bot.model.reasons import Reason
from bot.model.subscriptions import Destination


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
    error: Reason | None = None
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
    reason: Reason
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
