"""What the store knows about one paper in some channels; `bot.rules.why` explains it (pure values)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.model.outbox import Kind, PaperSubject, Sending, Subject
from bot.model.papers import Paper, StoredMatch
from bot.model.reasons import Reason
from bot.model.subscriptions import Destination, Subscription


@dataclass(frozen=True, slots=True)
class KeywordHistory:
    """A subscription of the channel, the last poll of its query, and its match with the paper, if any.

    Until `margin_until`, a number just below the subscription's `since` may be new.
    """

    subscription: Subscription
    known: StoredMatch | None = None
    margin_until: datetime | None = None
    last_polled: datetime | None = None
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """An outbox row about the paper: its post, a revision, an edit, or a digest or list with it."""

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
        """The version that a post or a revision shows; 0 for a digest, a list or an edit."""
        return self.subject.version if isinstance(self.subject, PaperSubject) else 0


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a new paper came to the channel, and whether for a digest (the table `seen`).

    With `overflow`, it was not posted though it was meant to be: it was not among the `beyond_best` best of
    its day or, if that is 0, there were too many papers.
    """

    at: datetime
    in_digest: bool = False
    digested_on: date | None = None
    overflow: bool = False
    beyond_best: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """The *place* of a paper among the *of* papers that an announcement day brought to a channel."""

    place: int
    of: int


@dataclass(frozen=True, slots=True)
class ChannelHistory:
    """What the store knows about the paper in one channel; messages in the order of their creation."""

    destination: Destination
    keywords: tuple[KeywordHistory, ...] = ()
    arrival: Arrival | None = None
    messages: tuple[MessageRecord, ...] = ()
    last_digest: date | None = None


@dataclass(frozen=True, slots=True)
class History:
    """A paper (None if it was never fetched), when it was first fetched, and its history in each channel.

    `highest` maps a month (`PaperId.month`) to the highest number known in it.
    """

    paper: Paper | None = None
    first_seen: datetime | None = None
    highest: Mapping[int, int] = field(default_factory=dict)
    channels: tuple[ChannelHistory, ...] = ()

    @property
    def found_at(self) -> datetime | None:
        """When the paper was first found for one of the channels; None if it was found for others alone.

        A poll serves all servers. What it found before a channel asked is a secret of those who asked.
        """
        if self.paper is None or self.first_seen is None:
            return None
        known = [moment for channel in self.channels for moment in _known_since(channel)]
        return max(self.first_seen, min(known)) if known else None


def _known_since(channel: ChannelHistory) -> Iterator[datetime]:
    """Yield the moments from which on the paper concerned the channel."""
    yield from (one.subscription.created_at for one in channel.keywords if one.known is not None)
    yield from (message.created_at for message in channel.messages)
    if channel.arrival is not None:
        yield channel.arrival.at
