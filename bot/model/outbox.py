"""The things that the bot sends: outbox rows, the digest pages in them, crossposts and notices.

All values are frozen; every datetime is aware and UTC.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.model.papers import Paper, PaperId
from bot.model.reasons import Reason
from bot.model.subscriptions import Destination


class Kind(enum.StrEnum):
    """What an outbox row sends.

    A list holds the papers beyond the daily cap of a channel without a digest. A revision answers the paper's
    post. An edit changes that post, and sends no message.
    """

    PAPER = "paper"
    REVISION = "revision"
    EDIT = "edit"
    DIGEST = "digest"
    LIST = "list"


class Sending(enum.StrEnum):
    """The state of an outbox row. A `held` row waits until a manager or a later poll confirms it."""

    QUEUED = "queued"
    HELD = "held"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PaperSubject:
    """A version of a paper: the subject of its post or of a revision. As text `2607.16206v2`."""

    paper: PaperId
    version: int

    def __str__(self) -> str:
        return f"{self.paper}v{self.version}"


@dataclass(frozen=True, slots=True)
class EditSubject:
    """A change to the post of a paper's version. As text `2607.16206v2#1f8b3c0d`.

    `facts` is a fingerprint of what the post will show, so that one change is queued once.
    """

    paper: PaperId
    version: int
    facts: str

    def __str__(self) -> str:
        return f"{self.paper}v{self.version}#{self.facts}"


@dataclass(frozen=True, slots=True)
class PageSubject:
    """Page *number* of the digest or list of a local *day*. As text `2026-07-21/1`."""

    day: date
    number: int = 1

    def __str__(self) -> str:
        return f"{self.day.isoformat()}/{self.number}"


Subject = PaperSubject | EditSubject | PageSubject
"""What an outbox row is about. A destination has one row for each kind and subject."""

_PAPER_OR_EDIT = re.compile(r"(?P<paper>[^#]+)v(?P<version>\d+)(?:#(?P<facts>.*))?", re.ASCII | re.DOTALL)
_PAGE = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)/(?P<number>\d+)", re.ASCII)


def parse_subject(text: str) -> Subject:
    """Return the subject of which `str` gives this *text*, which is how the store keeps it.

    Raises:
        ValueError: it is the text of no subject.
    """
    if page := _PAGE.fullmatch(text):
        return PageSubject(date.fromisoformat(page["day"]), int(page["number"]))
    found = _PAPER_OR_EDIT.fullmatch(text)
    if found is None:
        raise ValueError(f"not the subject of an outbox row: {text!r}")
    paper, version = PaperId(found["paper"]), int(found["version"])
    return (
        PaperSubject(paper, version)
        if found["facts"] is None
        else EditSubject(paper, version, found["facts"])
    )


@dataclass(frozen=True, slots=True)
class Section:
    """The papers of a digest under one keyword; `more` counts those that the cap left out.

    `also` names the other keywords that match a paper; `of` counts all papers of which these are a part.
    With `best`, these are the papers closest to what the channel saves: there is no keyword, `also` names all
    that match, and `terms` say in words what a paper shares with what was saved.
    """

    keyword: str
    papers: tuple[PaperId, ...]
    more: int = 0
    also: Mapping[PaperId, tuple[str, ...]] = field(default_factory=dict, hash=False)
    of: int = 0
    best: bool = False
    terms: Mapping[PaperId, tuple[str, ...]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class WeeklyTop:
    """The papers that were saved most in a channel from the day *first* to *last*, the most saved first.

    `counts` says by how many people each was saved, never by whom.
    """

    first: date
    last: date
    counts: tuple[tuple[PaperId, int], ...]


@dataclass(frozen=True, slots=True)
class QuietNote:
    """What the note about a day without papers says: on which keywords, and what the last seven days brought.

    `keywords` are the first few, `more` counts the others. Of the `papers`, people saved `saved` there.
    """

    keywords: tuple[str, ...] = ()
    more: int = 0
    papers: int = 0
    saved: int = 0


@dataclass(frozen=True, slots=True)
class DigestPage:
    """Page `number` of `pages` of a digest for the local `day`, with `total` papers; stored as 1 of 1.

    What a digest shows is decided when it is queued, so every attempt to send it shows the same. `top` is on
    its first page. With `file`, it comes with a file of all its papers, as lists always do. Without papers it
    is a `note`. `enough_saved` says whether the channel has saved enough for its papers to be in order of
    interest; None where they have another order.
    """

    day: date
    number: int
    pages: int
    total: int
    sections: tuple[Section, ...]
    top: WeeklyTop | None = None
    file: bool = False
    note: QuietNote | None = None
    enough_saved: bool | None = None


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """Something to send exactly once. `ambiguous`: an earlier attempt may have posted it."""

    id: int
    destination: Destination
    kind: Kind
    subject: Subject
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
    """A message of the bot in an announcement channel, to be crossposted to the channels that follow it."""

    id: int
    channel_id: int
    message_id: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Gap:
    """The time from a backup to its restore: the restored database does not know what was posted then."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to a server's managers, sent once: `destination` was paused or is gone.

    `name` is the name of a deleted channel, which no mention would show. `subscriber` is the person who made
    the newest subscription of the channel, `waiting` the number of rows queued for it. After the first
    attempt, `channel_id` or `user_id` is the recipient, and `batch` is the notice whose message includes this
    one. `refused` are the channels and people that could not be notified.
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
class PaperMark:
    """That a paper is one of the best of its announcement day in a channel.

    With a `star`, the channel has saved enough to say so, and `terms` say in words what the paper shares with
    what was saved.
    """

    star: bool = False
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Posting:
    """What a paper's message shows: the paper, the keywords and words that matched, the roles to mention.

    `subscribed` is the number of the channel's subscriptions. `marked` are the terms for which the paper is
    close to what people save there; None if it is not marked. `best` says that the paper is one of the best
    of its day, with or without a mark.
    """

    paper: Paper
    keywords: tuple[str, ...]
    role_ids: tuple[int, ...] = ()
    words: tuple[str, ...] = field(default=())
    subscribed: int = 1
    marked: tuple[str, ...] | None = None
    best: bool = False


@dataclass(frozen=True, slots=True)
class FirstPost:
    """The bot's oldest message about a paper in a destination; in a forum, its thread has the same id."""

    message_id: int
    plain: bool = False


@dataclass(frozen=True, slots=True)
class PreparedRow:
    """An outbox row with everything from the store that sending it needs.

    `posting` is None for a digest or list. `papers` are those that the message shows. `first_post` is the
    message that a revision answers and an edit changes, None if none is known. `last_message` is the newest
    message that the destination is known to have, 0 if none is known; a lost message is newer.
    """

    row: OutboxRow
    posting: Posting | None
    papers: Mapping[PaperId, Paper]
    first_post: FirstPost | None = None
    last_message: int = 0
