"""How the bot asks arXiv: how often a day by road, how far apart, and at what hours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from bot.arxiv.calendar import EASTERN
from bot.model.polling import Road
from tests.simulation.arxiv import Visit

BY_ID = "id_list"
SEARCH = "search"
KINDS = (BY_ID, SEARCH, Road.OAI.value, Road.FEEDS.value)
# What issue and documentation promise for a day of 2,400 papers with all roads open.
_MOST = {BY_ID: 26, Road.OAI.value: 4, Road.FEEDS.value: 10}
MOST_A_DAY = 40
SPACING = 3.0
_EVENING = timedelta(hours=20)
_RUSH = (time(20), time(21))
_ROUNDING = 1e-3  # a wall clock has microseconds


@dataclass(frozen=True)
class Traffic:
    """Requests on each day (from 20:00 Eastern on) by kind; *closest* is in seconds."""

    days: tuple[Counter[str], ...]
    closest: float
    together: int
    rushing: int
    size: int

    def most(self, kind: str) -> int:
        return max((day[kind] for day in self.days), default=0)

    def usual(self, kind: str) -> float:
        """Return the mean of the days on which papers were announced, the others' requests included."""
        return sum(day[kind] for day in self.days) / max(1, len(self.days))

    @property
    def is_polite(self) -> bool:
        return self.closest >= SPACING - _ROUNDING and self.together <= 1 and not self.rushing

    @property
    def is_cheap(self) -> bool:
        """Whether each day keeps to 40 requests, and each road to its share."""
        return all(
            sum(day.values()) <= MOST_A_DAY and all(day[kind] <= most for kind, most in _MOST.items())
            for day in self.days
        )


def traffic_of(visits: Sequence[Visit], starts: Sequence[datetime], evenings: Sequence[datetime]) -> Traffic:
    """Return the traffic of *visits*; *starts* are when polls and probes began, *evenings* the days."""
    days: dict[date, Counter[str]] = {evening.astimezone(EASTERN).date(): Counter() for evening in evenings}
    for visit in visits:
        if (day := (visit.began.astimezone(EASTERN) - _EVENING).date()) in days:
            days[day][kind_of(visit)] += 1
    gaps = ((after.began - before.ended).total_seconds() for before, after in pairwise(visits))
    return Traffic(
        days=tuple(days.values()),
        closest=min(gaps, default=float("inf")),
        together=max((visit.together for visit in visits), default=0),
        rushing=sum(_RUSH[0] <= at.astimezone(EASTERN).time() < _RUSH[1] for at in starts),
        size=sum(visit.size for visit in visits),
    )


def kind_of(visit: Visit) -> str:
    """Return which of `KINDS` a request is."""
    if visit.road is Road.API:
        return BY_ID if visit.by_id else SEARCH
    return visit.road.value
