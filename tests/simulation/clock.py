"""One clock for arXiv, the bot and the gate between them. It moves when somebody waits."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta

# Large, so that a wait of an hour added to it is exact: a gate that wakes too early would wait again.
_BEGINNING = 1_000_000.0


class EventClock:
    """A wall clock (call it) and a monotonic one (`seconds`). What is planned `at` a time happens then."""

    def __init__(self, now: datetime) -> None:
        self._epoch = now
        self._seconds = _BEGINNING
        self._order = itertools.count()
        self._planned: list[tuple[float, int, Callable[[], None]]] = []

    def __call__(self) -> datetime:
        return self._epoch + timedelta(seconds=self._seconds - _BEGINNING)

    def seconds(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        until = self._seconds + seconds
        await asyncio.sleep(0)
        self._reach(until)

    def advance(self, seconds: float) -> None:
        self._reach(self._seconds + seconds)

    def at(self, moment: datetime, happens: Callable[[], None]) -> None:
        heapq.heappush(self._planned, (self._seconds_at(moment), next(self._order), happens))

    def until(self, moment: datetime) -> float:
        """Return the seconds until *moment*, 0 if it is over."""
        return max(0.0, self._seconds_at(moment) - self._seconds)

    def _seconds_at(self, moment: datetime) -> float:
        return _BEGINNING + (moment - self._epoch).total_seconds()

    def _reach(self, seconds: float) -> None:
        while self._planned and self._planned[0][0] <= seconds:
            due, _, happens = heapq.heappop(self._planned)
            self._seconds = max(self._seconds, due)
            happens()
        self._seconds = max(self._seconds, seconds)
