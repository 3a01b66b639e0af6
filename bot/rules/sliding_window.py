"""Counts events within the last minutes or hours (pure)."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta


class SlidingWindow:
    """The moments of the last *span*. Moments after now are dropped: the clock has been set back since."""

    def __init__(self, span: timedelta) -> None:
        self._span = span
        self._moments: deque[datetime] = deque()

    def add(self, now: datetime) -> None:
        self.count(now)
        self._moments.append(now)

    def count(self, now: datetime) -> int:
        """Return how many moments are within the span before *now*."""
        while self._moments and self._moments[-1] > now:
            self._moments.pop()
        while self._moments and now - self._moments[0] >= self._span:
            self._moments.popleft()
        return len(self._moments)

    def wait(self, now: datetime, limit: int) -> timedelta:
        """Return the time until fewer than *limit* moments are within the span; zero if they already are."""
        count = self.count(now)
        return self._moments[count - limit] + self._span - now if count >= limit else timedelta()
