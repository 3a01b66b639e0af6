"""How many papers a channel gets at once, and what happens to the others (pure). It drops none.

Three things bring more papers than people want one by one, each with its own rule:

- **A broad keyword.** Papers beyond the daily cap, and with `live: best` all but the best, wait for the
  channel's digest; a channel without a digest gets a list once a day. Under a cap the closest are posted. The
  day is that of the channel's digest, else of UTC, and it counts how many posts were *queued*, because that
  is decided when papers are found.
- **An outage.** After it, everything comes at once: posts still unsent after a day, and the papers of three
  or more announcements in a single poll. Up to 25 are posted, of a poll the closest; the others go where
  those beyond the cap go. A post that was attempted is never listed instead: Discord may already have it.
- **A faulty feed.** What a poll brings to a channel beyond `poll.max_posts` (or `poll.surge_factor` times
  its busiest day of the last month, if that is more) is held back until a manager decides, or a poll at least
  half a day later confirms it; see `bot.rules.held`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.model.outbox import Kind
from bot.model.subscriptions import Schedule
from bot.rules.choice import BACKLOG, NOTHING_CHOSEN, Choice
from bot.rules.newness import Intent

STALE = timedelta(days=1)
"""A post that is unsent for this long belongs to a backlog."""
USUAL = timedelta(days=30)
"""The period in which the busiest day is searched."""

_CALM = timedelta(minutes=30)  # a poll of many queries takes a while, and all its papers belong in one list
_LONGEST_WAIT = timedelta(hours=3)


@dataclass(slots=True)
class Pace:
    """What holds in one poll, and what it has brought so far.

    *cap* is the configuration's for a day, *at_once* that for a poll (None: no limit), both for each channel;
    *surge_factor* says how many times its busiest day a channel may get from a poll;
    queries that were last polled before *behind* catch up. `brought` counts the new papers by destination,
    `over` are the destinations for which some were held back. `away` are those whose server had removed the
    bot at some moment of the poll: what came back meanwhile gets all of it with the next poll, in
    order. *choice* are the best papers of what is recorded next. *deadline* returns until when submissions
    are announced at a moment: arXiv shows none that came later.
    """

    cap: int | None = None
    at_once: int | None = None
    surge_factor: int = 1
    behind: datetime | None = None
    brought: Counter[int] = field(default_factory=Counter)
    over: set[int] = field(default_factory=set)
    away: set[int] = field(default_factory=set)
    choice: Choice = NOTHING_CHOSEN
    deadline: Callable[[datetime], datetime] = lambda moment: moment

    def is_behind(self, last_polled: datetime | None) -> bool:
        """Tell whether a query that was last polled at *last_polled* catches up in this poll."""
        return self.behind is not None and last_polled is not None and last_polled < self.behind


@dataclass(slots=True)
class Allowance:
    """What a destination may get: its daily cap, the posts queued *today*, and the *most* from one poll.

    *most* stays None until the poll has brought more than `Pace.at_once`. *best* papers can still be chosen
    of this announcement day, which has *best_of_day*; with *best_only*, others are not posted one by one.
    """

    cap: int | None
    today: int = 0
    most: int | None = None
    best: int = 0
    best_of_day: int = 0
    best_only: bool = False


def apply_limits(intents: Iterable[Intent], allowances: Mapping[int, Allowance], pace: Pace) -> list[Intent]:
    """Return *intents* with papers beyond a cap moved to the digest, and papers beyond `most` held back.

    The best of the day are marked as `Pace.choice` says, as long as there are places.

    *allowances* has an entry for the destination of every new paper; this updates it and *pace*.
    """
    return [
        intent if intent.kind is not Kind.PAPER else _limited(intent, allowances[intent.destination], pace)
        for intent in intents
    ]


def _limited(intent: Intent, allowance: Allowance, pace: Pace) -> Intent:
    intent = replace(intent, score=pace.choice.score(intent.destination, intent.paper))
    brought = pace.brought[intent.destination]
    pace.brought[intent.destination] += 1
    if allowance.most is not None and brought >= allowance.most:
        pace.over.add(intent.destination)
        return replace(intent, held=True)
    key = (intent.destination, intent.paper)
    mark = pace.choice.marks.get(key)
    if mark is not None and allowance.best > 0:
        allowance.best -= 1
        intent = replace(intent, mark=mark)
    if not intent.live:
        return intent
    if intent.mark is None and allowance.best_only:
        beyond = allowance.best_of_day
        return replace(intent, live=False, digest=True, overflow=True, beyond_best=beyond)
    if key in pace.choice.deferred:
        return replace(intent, live=False, digest=True, overflow=True)
    cap = allowance.cap
    # The choice has kept to `BACKLOG`; papers that come first by number must not use it up for the closest.
    if intent.behind and intent.score is None:
        cap = BACKLOG if cap is None else min(cap, BACKLOG)
    if cap is not None and allowance.today >= cap:
        return replace(intent, live=False, digest=True, overflow=True)
    allowance.today += 1
    return intent


def surging(new: Mapping[int, int], allowances: Mapping[int, Allowance], pace: Pace) -> list[int]:
    """Return the destinations whose *new* papers exceed `Pace.at_once` and whose `Allowance.most` is missing.

    The caller looks up their busiest day, which is slow.
    """
    if pace.at_once is None:
        return []
    return [
        destination
        for destination, count in new.items()
        if allowances[destination].most is None and pace.brought[destination] + count > pace.at_once
    ]


def most_at_once(pace: Pace, busiest_day: int) -> int | None:
    """Return how many new papers a poll may bring to a channel that got *busiest_day* on its busiest day."""
    return None if pace.at_once is None else max(pace.at_once, pace.surge_factor * busiest_day)


def day_of(schedule: Schedule | None, now: datetime) -> date:
    """Return the current date of a destination: in its digest's time zone, or UTC without a digest."""
    return now.astimezone(_zone(schedule)).date()


def start_of_day(schedule: Schedule | None, now: datetime) -> datetime:
    """Return when (UTC) the day that `day_of` returns began."""
    zone = _zone(schedule)
    return datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)


def _zone(schedule: Schedule | None) -> tzinfo:
    try:
        return ZoneInfo(schedule.zone) if schedule else UTC
    except ZoneInfoNotFoundError:  # removed from the zone database, which must not stop a poll
        return UTC


def backlog(waiting: Mapping[int, datetime], now: datetime) -> list[int]:
    """Return the unattempted posts of a destination to put into a list: all stale ones if they are too many.

    *waiting* maps a row's id to when it was queued.
    """
    stale = [row for row, queued in waiting.items() if now - queued >= STALE]
    return stale if len(stale) > BACKLOG else []


def list_due(first: datetime, last: datetime, now: datetime) -> bool:
    """Tell whether to post a list of papers that have waited since *first*, the latest of them since *last*.

    A list waits until the poll that brings its papers has probably ended, but not for ever.
    """
    return now - last >= _CALM or now - first >= _LONGEST_WAIT


def new_papers_by_destination(intents: Collection[Intent]) -> Counter[int]:
    """Count the new papers in *intents* by destination."""
    return Counter(intent.destination for intent in intents if intent.kind is Kind.PAPER)
