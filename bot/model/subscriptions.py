"""Channels, their subscriptions, and how papers are delivered to them. Every datetime is aware and UTC."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from bot.model.papers import PaperId
from bot.model.reasons import Reason


class Deliver(enum.StrEnum):
    """How the papers of a subscription are delivered; `both` means once live and once in a digest."""

    LIVE = "live"
    DIGEST = "digest"
    BOTH = "both"


class State(enum.StrEnum):
    """Whether a destination or a subscription gets papers; `gone` is deleted after the grace period."""

    ACTIVE = "active"
    PAUSED = "paused"
    GONE = "gone"


class Style(enum.StrEnum):
    """How a channel's posts look: a few lines and four buttons, or all that arXiv says."""

    COMPACT = "compact"
    FULL = "full"


class Live(enum.StrEnum):
    """Which papers a channel gets one by one: all, or the best of each day and the others together."""

    ALL = "all"
    BEST = "best"


class Notify(enum.StrEnum):
    """Which messages of a channel notify people: all, those of the best papers of a day, or none."""

    ALL = "all"
    BEST = "best"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From the local hour *first* until *last* in the IANA *zone*, everything arrives silently."""

    first: int
    last: int
    zone: str

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a destination's digest is due: at the local *hour* in the IANA *zone*, on *days* (Monday is 0).

    *quiet* posts a note on days without papers. With *top*, the first digest with papers in a week shows what
    was saved most. With *file*, a digest comes with a Markdown file of its papers.
    """

    hour: int
    zone: str
    days: frozenset[int] = frozenset(range(7))
    quiet: bool = False
    top: bool = False
    file: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where papers can go: a channel, a thread, a forum or a direct-message conversation.

    `user_id` is 0 in a server; `guild_id` is 0 in direct messages.
    """

    guild_id: int
    channel_id: int
    user_id: int = 0


@dataclass(frozen=True, slots=True)
class Destination:
    """A channel, thread, forum or direct-message channel that gets papers.

    For direct messages `guild_id` is 0 and `user_id` is set, otherwise `user_id` is 0. `cap` None means the
    default of the configuration. Posts in an announcement channel are crossposted unless `crosspost` is off.
    No digest is due before `scheduled_at`, when the schedule was set. `state_since` is when the destination
    was paused or deleted. `kicked` means that the server removed the bot, and may invite it again.
    """

    id: int
    guild_id: int
    channel_id: int
    user_id: int = 0
    schedule: Schedule | None = None
    cap: int | None = None
    state: State = State.ACTIVE
    reason: Reason | None = None
    scheduled_at: datetime | None = None
    state_since: datetime | None = None
    kicked: bool = False
    crosspost: bool = True
    style: Style = Style.COMPACT
    live: Live = Live.ALL
    best: int | None = None
    notify: Notify = Notify.ALL
    quiet_hours: QuietHours | None = None

    @property
    def place(self) -> Place:
        return Place(self.guild_id, self.channel_id, self.user_id)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a subscription; `role_id` 0 mentions nobody, no `categories` means all."""

    deliver: Deliver = Deliver.LIVE
    role_id: int = 0
    categories: tuple[str, ...] = ()
    cross_lists: bool = True
    revisions: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """A destination's subscription to the papers of a query.

    `keyword` is the text as typed, `query` its canonical text. Papers above `since` are new; None means that
    the first poll only records existing papers.
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
    reason: Reason | None = None
