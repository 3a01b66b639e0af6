"""When arXiv announces papers, and when all of them can be searched (pure arithmetic on `now`).

arXiv announces at 20:00 Eastern time from Sunday to Thursday what was submitted up to 14:00 of that day, on
Sunday up to 14:00 on Friday (https://info.arxiv.org/help/availability.html). Its search index then fills for
hours. In 57 pairs of snapshots, no list changed between 03:00 and 20:00. So an announcement is complete at
03:30 of the next day, and one poll after that sees all of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
DEADLINE = time(14, 0)
ANNOUNCED = time(20, 0)
RUSH_ENDS = time(21, 0)
COMPLETE = time(3, 30)

# Evenings without an announcement. arXiv publishes those of a year in its January. In a year that is neither
# listed here nor in the configuration, the bot asks on every weekday, which costs a few requests that find
# nothing new; then the feeds say that the day is a silent one.
HOLIDAYS = frozenset(
    {
        date(2026, 1, 1),
        date(2026, 1, 19),
        date(2026, 6, 19),
        date(2026, 7, 3),
        date(2026, 9, 7),
        date(2026, 11, 26),
        date(2026, 12, 25),
        date(2026, 12, 29),
        date(2026, 12, 31),
    }
)
_further: frozenset[date] = frozenset()
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6
_DAY = timedelta(days=1)


def observe(holidays: Iterable[date]) -> None:
    """Take *holidays*, too, for evenings without an announcement, instead of those of the last call.

    What arXiv does is the same for the whole process, so this is kept in the module.
    """
    global _further  # noqa: PLW0603 - see above
    _further = frozenset(holidays)
    last_complete.cache_clear()
    next_complete.cache_clear()


def announces(day: date) -> bool:
    """Tell whether arXiv announces papers in the evening of *day* (a date in Eastern time)."""
    return day.weekday() not in {_FRIDAY, _SATURDAY} and day not in HOLIDAYS | _further


# Cached, since ten thousand queries are looked at for one and the same moment.
@lru_cache(maxsize=16)
def last_complete(now: datetime, back: int = 1) -> datetime:
    """Return the latest moment up to *now* when an announcement was complete, in UTC.

    *back* counts the announcements: 1 is the latest, 2 the one before.
    """
    morning = now.astimezone(EASTERN).date()
    while not announces(morning - _DAY) or _complete(morning) > now or (back := back - 1):
        morning -= _DAY
    return _complete(morning)


@lru_cache(maxsize=16)
def next_complete(now: datetime) -> datetime:
    """Return the first moment after *now* when an announcement is complete, in UTC."""
    morning = now.astimezone(EASTERN).date()
    while not announces(morning - _DAY) or _complete(morning) <= now:
        morning += _DAY
    return _complete(morning)


def unchanged_until(now: datetime) -> datetime:
    """Return how long a list that arXiv shows at *now* stays the same; *now* itself while the index fills."""
    return max(now, announced(now))


def announced(now: datetime) -> datetime:
    """Return when the announcement is made that will be complete next; while the index fills, when it was."""
    evening = next_complete(now).astimezone(EASTERN).date() - _DAY
    return _evening(evening)


def last_announced(now: datetime) -> datetime:
    """Return when the latest announcement up to *now* was made, in UTC."""
    evening = now.astimezone(EASTERN).date()
    while not announces(evening) or _evening(evening) > now:
        evening -= _DAY
    return _evening(evening)


def last_deadline(now: datetime) -> datetime:
    """Return until when submissions are part of the latest announcement up to *now*, in UTC."""
    evening = last_announced(now).astimezone(EASTERN).date()
    day = evening - 2 * _DAY if evening.weekday() == _SUNDAY else evening
    return datetime.combine(day, DEADLINE, EASTERN).astimezone(UTC)


def next_announced(now: datetime) -> datetime:
    """Return when the first announcement after *now* is made, in UTC."""
    evening = now.astimezone(EASTERN).date()
    while not announces(evening) or _evening(evening) <= now:
        evening += _DAY
    return _evening(evening)


def after_rush(now: datetime) -> datetime:
    """Return the first moment from *now* on that is not in arXiv's rush hour, from 20:00 to 21:00 Eastern.

    Everybody asks then, and hardly any request succeeds; arXiv's staff ask programs to stay away. It is kept
    every evening: in a year whose holidays are unknown, nobody knows on which evenings papers are announced.
    """
    eastern = now.astimezone(EASTERN)
    if ANNOUNCED <= eastern.time() < RUSH_ENDS:
        return datetime.combine(eastern.date(), RUSH_ENDS, EASTERN).astimezone(UTC)
    return now


def poll_due(last: datetime | None, now: datetime) -> datetime:
    """Return when a query that was last polled at *last* is due on arXiv's clock; up to *now* means at once.

    A query that was never polled is due at once.
    """
    complete = last_complete(now)
    return complete if last is None or last < complete else next_complete(now)


def _evening(day: date) -> datetime:
    return datetime.combine(day, ANNOUNCED, EASTERN).astimezone(UTC)


def _complete(morning: date) -> datetime:
    return datetime.combine(morning, COMPLETE, EASTERN).astimezone(UTC)
