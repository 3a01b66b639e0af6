"""When a query is asked for again, and how far back (pure).

Between two announcements arXiv's lists do not change, so on arXiv's clock a query has one slot for each
announcement; with an interval, it has a slot every so often, and the poller asks for all queries in the slot
of the earliest. A query that failed is tried again well before its next slot.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.arxiv.calendar import poll_due
from bot.config.values import LONGEST_LOOK_BACK
from bot.rules.backoff import backoff

_FIRST_RETRY = timedelta(minutes=5)
_LAST_RETRY = timedelta(hours=2)
# Longer than arXiv ever pauses. After such a gap, papers that were announced late may have been missed too.
_GAP = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Wait:
    """The time from *since* to *until*, in which something is not asked for."""

    since: datetime
    until: datetime

    def end(self, now: datetime) -> datetime:
        """Return when it ends; *now* where it has not begun yet, because the clock was set back."""
        return self.until if self.since <= now else now


def next_slot(last: datetime | None, now: datetime, interval: timedelta | None) -> datetime:
    """Return when a query is due that was last asked for at *last*; *interval* None means arXiv's clock.

    A query that was never asked for is due at once. So is one whose *last* lies in the future, because the
    clock was wrong then.
    """
    if last is None or last > now:
        return now
    return poll_due(last, now) if interval is None else last + interval


def retry_wait(failures: int, interval: timedelta | None) -> timedelta:
    """Return how long to wait after *failures* in a row: from minutes to hours, never beyond *interval*."""
    wait = backoff(failures, first=_FIRST_RETRY, ceiling=_LAST_RETRY)
    return wait if interval is None else min(wait, interval)


def look_back(last: datetime | None, now: datetime, days: int) -> datetime:
    """Return the earliest submission that a query asks for: *days* before *now*.

    After a long gap it is *days* before the query was *last* asked for, but never more than a year ago.
    """
    since = now - timedelta(days=days)
    if last is not None and now - last > _GAP:
        since = min(since, last - timedelta(days=days))
    return max(since, now - LONGEST_LOOK_BACK)
