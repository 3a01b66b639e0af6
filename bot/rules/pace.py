"""How much a channel is sent at once, and what becomes of the rest (pure). Nothing is dropped here.

Three things bring more papers than people want one by one, each with its own rule:

- **A keyword that finds much.** Above the cap of a day papers wait for the channel's digest; a channel
  without one gets a list a day. The day is that of the channel's digest, else UTC's, and what counts is how
  many posts were *queued* in it: that is decided when the papers are found.
- **An outage.** After it, what waited comes at once: posts that are still unsent after a day, and the papers
  of three or more announcements in a single poll. Up to 25 are posted, beyond that they go where those above
  the cap go. What was tried once is never listed: Discord may already have it.
- **A feed gone mad.** What a poll brings to a channel beyond `poll.max_posts` (or `poll.surge_factor` times
  its busiest day of the last month, where that is more) is held back until a manager decides or a later poll,
  half a day on, has confirmed it; see `bot.rules.held`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
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
USUAL = timedelta(days=30)
"""How far back the busiest day is looked for."""

_CALM = timedelta(minutes=30)  # a poll of many queries takes a while; its list is to hold all of it
_LONGEST_WAIT = timedelta(hours=3)


@dataclass(slots=True)
class Pace:
    """What holds in one poll, and what it has brought so far.

    *cap* is the configuration's for a day, *at_once* that for a poll (None: no limit), both for each channel;
    *surge_factor* says how many times its busiest day a channel may get from a poll;
    queries that were last polled before *behind* catch up. `brought` counts the new papers by destination,
    `over` are the destinations for which some were held back. `away` are those whose server had removed the
    bot at some moment of the poll: what came back meanwhile gets all of it with the next poll, in order.
    """

    cap: int | None = None
    at_once: int | None = None
    surge_factor: int = 1
    behind: datetime | None = None
    brought: Counter[int] = field(default_factory=Counter)
    over: set[int] = field(default_factory=set)
    away: set[int] = field(default_factory=set)

    def is_behind(self, last_polled: datetime | None) -> bool:
        """Tell whether a query that was last polled then catches up now."""
        return self.behind is not None and last_polled is not None and last_polled < self.behind


@dataclass(slots=True)
class Allowance:
    """What a destination may get: its cap for a day, the posts queued *today*, and the *most* of a poll.

    *most* is None as long as the poll has brought no more than `Pace.at_once`.
    """

    cap: int | None
    today: int = 0
    most: int | None = None


def share_out(intents: Iterable[Intent], allowances: Mapping[int, Allowance], pace: Pace) -> list[Intent]:
    """Return *intents* with what is above a cap moved to the digest, and what is too much at all held back.

    *allowances* has an entry for the destination of every new paper; it and *pace* are kept up to date.
    """
    return [
        intent if intent.kind is not Kind.PAPER else _placed(intent, allowances[intent.destination], pace)
        for intent in intents
    ]


def _placed(intent: Intent, allowance: Allowance, pace: Pace) -> Intent:
    brought = pace.brought[intent.destination]
    pace.brought[intent.destination] += 1
    if allowance.most is not None and brought >= allowance.most:
        pace.over.add(intent.destination)
        return replace(intent, held=True)
    if not intent.live:
        return intent
    cap = allowance.cap
    if intent.behind:
        cap = BACKLOG if cap is None else min(cap, BACKLOG)
    if cap is not None and allowance.today >= cap:
        return replace(intent, live=False, digest=True, overflow=True)
    allowance.today += 1
    return intent


def surging(new: Mapping[int, int], allowances: Mapping[int, Allowance], pace: Pace) -> list[int]:
    """Return the destinations for which *new* papers exceed `Pace.at_once` and `Allowance.most` is missing.

    What is usual there has to be looked up, which takes long.
    """
    if pace.at_once is None:
        return []
    return [
        destination
        for destination, count in new.items()
        if allowances[destination].most is None and pace.brought[destination] + count > pace.at_once
    ]


def most_at_once(pace: Pace, busiest_day: int) -> int | None:
    """Return how many new papers a poll may bring to a channel that had *busiest_day* on one day."""
    return None if pace.at_once is None else max(pace.at_once, pace.surge_factor * busiest_day)


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


def destinations_of(intents: Collection[Intent]) -> Counter[int]:
    """Count the new papers in *intents* by destination."""
    return Counter(intent.destination for intent in intents if intent.kind is Kind.PAPER)
