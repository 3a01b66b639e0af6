"""When a query is asked again, and how far back it looks. Pure.

Between two announcements arXiv's lists do not change, so on arXiv's clock a query has one slot a batch; with
an interval it has a slot every so often. A query that failed is tried again well before its next slot.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.arxiv.calendar import poll_due
from bot.rules.backoff import backoff

_FIRST_RETRY = timedelta(minutes=5)
_LAST_RETRY = timedelta(hours=2)
# Longer than arXiv ever pauses; whoever was not asked for so long may have missed late announcements too.
_OUTAGE = timedelta(days=6)
_LONGEST = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Rest:
    """The time from *since* to *until*, in which something is not asked for."""

    since: datetime
    until: datetime

    def end(self, now: datetime) -> datetime:
        """Return when it ends: *now* where it would not even have begun, for then the clock was set back."""
        return self.until if self.since <= now else now


def next_slot(last: datetime | None, now: datetime, interval: timedelta | None) -> datetime:
    """Return when a query that was last asked at *last* is due; *interval* None is arXiv's clock.

    Never asked is due at once, and so is one from the future: the machine's clock was wrong.
    """
    if last is None or last > now:
        return now
    return poll_due(last, now) if interval is None else last + interval


def retry_after(failures: int, interval: timedelta | None) -> timedelta:
    """Return how long to wait after *failures* in a row: minutes, doubling, within the day."""
    wait = backoff(failures, first=_FIRST_RETRY, ceiling=_LAST_RETRY)
    return wait if interval is None else min(wait, interval)


def look_back(last: datetime | None, now: datetime, days: int) -> datetime:
    """Return since when the papers of a query are asked for.

    *days* back from *now*; after an outage, *days* back from when it was *last* asked.
    """
    since = now - timedelta(days=days)
    if last is not None and now - last > _OUTAGE:
        since = min(since, last - timedelta(days=days))
    return max(since, now - _LONGEST)
