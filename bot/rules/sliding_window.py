"""How often something happened lately (pure)."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta


class SlidingWindow:
    """The moments of the last *span*. Those of later than now are none: the clock was set back since."""

    def __init__(self, span: timedelta) -> None:
        self._span = span
        self._moments: deque[datetime] = deque()

    def add(self, now: datetime) -> None:
        self.count(now)
        self._moments.append(now)

    def count(self, now: datetime) -> int:
        """Return how many there are, and forget all others."""
        while self._moments and self._moments[-1] > now:
            self._moments.pop()
        while self._moments and now - self._moments[0] >= self._span:
            self._moments.popleft()
        return len(self._moments)

    def wait(self, now: datetime, limit: int) -> timedelta:
        """Return how long it takes until there are fewer than *limit*; nothing where there are."""
        count = self.count(now)
        return self._moments[count - limit] + self._span - now if count >= limit else timedelta()
