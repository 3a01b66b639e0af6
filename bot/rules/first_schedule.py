"""When a digest is posted whose hour nobody has chosen (pure).

Discord does not tell a bot in which time zone people are. What they have set does: the quiet hours of the
channel, or the digests and quiet hours of their other channels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import TypeVar

from bot.model.subscriptions import Destination, Schedule
from bot.rules.quiet import covers

T = TypeVar("T")

_HOUR = 9  # in the morning, and in UTC after the night's announcement
_ZONE = "UTC"


def first_schedule(destination: Destination, others: Collection[Destination]) -> Schedule:
    """Return a daily schedule for *destination*, which has none; *others* are channels of the same people.

    The zone is that of its quiet hours, else the one that most others have. The hour is that of most digests
    in this zone, else nine; where it is quiet then, the hour at which quiet hours end.
    """
    quiet = destination.quiet_hours
    zone = quiet.zone if quiet else _most(_zones(others), _ZONE)
    hour = _most((one.schedule.hour for one in others if one.schedule and one.schedule.zone == zone), _HOUR)
    return Schedule(quiet.last if quiet and covers(quiet, hour) else hour, zone)


def _zones(destinations: Iterable[Destination]) -> Iterator[str]:
    for one in destinations:
        if one.schedule:
            yield one.schedule.zone
        if one.quiet_hours:
            yield one.quiet_hours.zone


def _most(values: Iterable[T], default: T) -> T:
    """Return the commonest of *values*, the first of several; *default* if there is none."""
    return next((value for value, _count in Counter(values).most_common(1)), default)
