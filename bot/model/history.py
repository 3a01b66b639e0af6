"""What is known of one paper in the channels that it concerns, as it is stored (pure values).

`bot.rules.why` tells from it why a paper was posted, or why not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.model.outbox import Kind, PaperSubject, Sending, Subject
from bot.model.papers import Paper
from bot.model.reasons import Reason
from bot.model.subscriptions import Destination, Subscription


@dataclass(frozen=True, slots=True)
class Known:
    """The query of a subscription matched the paper: when last in *version*, by these *words*."""

    version: int
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Keyword:
    """A subscription of a channel, how its query fares, and its match with the paper (None: never matched).

    `margin_until` is that of the table: until when a number just below `since` may be new.
    """

    subscription: Subscription
    known: Known | None = None
    margin_until: datetime | None = None
    last_polled: datetime | None = None
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the outbox about the paper: its post, a revision's, an edit, or a page that lists it."""

    kind: Kind
    subject: Subject
    state: Sending
    due: datetime
    created_at: datetime
    settled_at: datetime | None = None
    attempts: int = 0
    message_id: int = 0
    error: Reason | None = None

    @property
    def version(self) -> int:
        """The version that a post or a revision shows; 0 where the row is a page or an edit."""
        return self.subject.version if isinstance(self.subject, PaperSubject) else 0


@dataclass(frozen=True, slots=True)
class Noted:
    """The channel has had the paper, or is about to: what `seen` remembers of it."""

    at: datetime
    in_digest: bool = False
    digested_on: date | None = None
    overflow: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One channel's part in the story; rows in the order in which they were made."""

    destination: Destination
    keywords: tuple[Keyword, ...] = ()
    noted: Noted | None = None
    rows: tuple[Row, ...] = ()
    last_digest: date | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """A paper (None: never fetched), when it was first fetched, and each channel's part.

    `highest` maps a month to the highest number known in it, as `newness.margin_floor` wants it.
    """

    paper: Paper | None = None
    first_seen: datetime | None = None
    highest: Mapping[int, int] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
