"""How much a channel is sent at once, and what becomes of the rest (pure). Nothing is dropped here.

Three things bring more papers than people want one by one, each with its own rule:

- **A keyword that finds much.** Above the cap of a day papers wait for the channel's digest; a channel
  without one gets a list a day. The day is that of the channel's digest, else UTC's, and what counts is how
  many posts were *queued* in it: that is decided when the papers are found.
- **An outage.** After it, what waited comes at once: posts that are still unsent after a day, and the papers
  of three or more announcements in a single poll. Up to 25 are posted, beyond that they go where those above
  the cap go. What was tried once is never listed: Discord may already have it.
- **A feed gone mad.** What a poll brings to a channel beyond `poll.max_posts` (or thrice its busiest day of
  the last month, where that is more) is held back until a manager decides or a later poll, half a day on,
  has confirmed it; see `judge`.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.model.outbox import Kind
from bot.model.subscriptions import Schedule
from bot.rules.newness import Intent

BACKLOG = 25
"""How many posts of a backlog are still posted one by one."""
STALE = timedelta(days=1)
"""A post that is still unsent after this long belongs to a backlog."""
SURGE = 3
"""How many times the papers of its busiest day a poll may bring to a channel."""
USUAL = timedelta(days=30)
"""How far back the busiest day is looked for."""
CONFIRMED_AFTER = timedelta(hours=12)
"""arXiv's lists change once a day: the same list a few minutes later confirms nothing."""

_CALM = timedelta(minutes=30)  # a poll of many queries takes a while; its list is to hold all of it
_LONGEST_WAIT = timedelta(hours=3)
_EDGE = timedelta(days=1)  # arXiv's windows of submission are sharp, its feeds less so


@dataclass(slots=True)
class Pace:
    """What holds in one poll, and what it has brought so far.

    *cap* is the configuration's for a day, *at_once* that for a poll (None: no limit), both for each channel;
    queries that were last polled before *behind* catch up. `brought` counts the new papers by destination,
    `over` are the destinations for which some were held back. `away` are those whose server had removed the
    bot at some moment of the poll: what came back meanwhile gets all of it with the next poll, in order.
    """

    cap: int | None = None
    at_once: int | None = None
    behind: datetime | None = None
    brought: Counter[int] = field(default_factory=Counter)
    over: set[int] = field(default_factory=set)
    away: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Room:
    """What is left of a destination's day: its cap, the posts queued *today*, and the *most* of a poll.

    *most* is None as long as the poll has brought no more than `Pace.at_once`.
    """

    cap: int | None
    today: int = 0
    most: int | None = None


def share_out(intents: Iterable[Intent], rooms: Mapping[int, Room], pace: Pace) -> list[Intent]:
    """Return *intents* with what is above a cap moved to the digest, and what is too much at all held back.

    *rooms* has an entry for the destination of every new paper; it and *pace* are kept up to date.
    """
    return [
        intent if intent.kind is not Kind.PAPER else _placed(intent, rooms[intent.destination], pace)
        for intent in intents
    ]


def _placed(intent: Intent, room: Room, pace: Pace) -> Intent:
    brought = pace.brought[intent.destination]
    pace.brought[intent.destination] += 1
    if room.most is not None and brought >= room.most:
        pace.over.add(intent.destination)
        return replace(intent, held=True)
    if not intent.live:
        return intent
    cap = room.cap
    if intent.behind:
        cap = BACKLOG if cap is None else min(cap, BACKLOG)
    if cap is not None and room.today >= cap:
        return replace(intent, live=False, digest=True, overflow=True)
    room.today += 1
    return intent


def most_at_once(at_once: int, busiest_day: int) -> int:
    """Return how many new papers a poll may bring to a channel that had *busiest_day* on one day."""
    return max(at_once, SURGE * busiest_day)


def day_of(schedule: Schedule | None, now: datetime) -> date:
    """Return the date by which a destination counts: its digest's zone, UTC where it has none."""
    return now.astimezone(_zone(schedule)).date()


def start_of_day(schedule: Schedule | None, now: datetime) -> datetime:
    """Return when (UTC) the day of `day_of` began."""
    zone = _zone(schedule)
    return datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)


def _zone(schedule: Schedule | None) -> tzinfo:
    try:
        return ZoneInfo(schedule.zone) if schedule else UTC
    except ZoneInfoNotFoundError:  # dropped from the zone database since: no reason to stop a poll
        return UTC


def backlog(waiting: Mapping[int, datetime], now: datetime) -> list[int]:
    """Return which untried posts of a destination are to be listed instead: none, or all that are stale.

    *waiting* maps a row to when it was queued.
    """
    stale = [row for row, queued in waiting.items() if now - queued >= STALE]
    return stale if len(stale) > BACKLOG else []


def list_due(first: datetime, last: datetime, now: datetime) -> bool:
    """Tell whether a list is to be made of papers that have waited since *first*, the latest since *last*.

    It waits until the poll that brings them is likely to be over, but not for ever.
    """
    return now - last >= _CALM or now - first >= _LONGEST_WAIT


class Verdict(enum.Enum):
    """What a poll says of a paper that was held back."""

    WAIT = enum.auto()
    LIST = enum.auto()
    DROP = enum.auto()


def judge(
    *,
    held_since: datetime,
    published: datetime,
    returned: bool,
    asked_from: Sequence[datetime | None],
    now: datetime,
) -> Verdict:
    """Decide on a paper that was held back, after a poll that itself brought no more than usual.

    *returned*: the poll brought the paper again. *asked_from* says for each query that wants it from which
    submission on the poll asked for all papers, None where it did not. Only what was asked for and did not
    come is dropped; a paper submitted earlier waits for a poll that looks back further.
    """
    if now - held_since < CONFIRMED_AFTER:
        return Verdict.WAIT
    if returned:
        return Verdict.LIST
    asked = [start for start in asked_from if start is not None]
    if asked and len(asked) == len(asked_from) and all(start + _EDGE <= published for start in asked):
        return Verdict.DROP
    return Verdict.WAIT


def destinations_of(intents: Collection[Intent]) -> Counter[int]:
    """Count the new papers in *intents* by destination."""
    return Counter(intent.destination for intent in intents if intent.kind is Kind.PAPER)
