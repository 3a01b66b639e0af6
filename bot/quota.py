"""How often one person may ask for something that costs arXiv a request."""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime, timedelta

from bot.errors import UserError

_PEOPLE_BEFORE_SWEEP = 1_000


class Quota:
    """At most *limit* uses a person in any *window*; kept in memory, so a restart forgives everybody."""

    def __init__(self, limit: int, *, window: timedelta = timedelta(minutes=1)) -> None:
        self._limit = limit
        self._window = window
        self._uses: dict[int, deque[datetime]] = {}

    def take(self, person: int, now: datetime) -> None:
        """Count one use by *person*.

        Raises:
            UserError: the quota is used up; the sentence says when there is room again.
        """
        self._sweep(now)
        uses = self._uses.setdefault(person, deque())
        while uses and now - uses[0] >= self._window:
            uses.popleft()
        if len(uses) >= self._limit:
            seconds = math.ceil((uses[0] + self._window - now).total_seconds())
            raise UserError(
                f"That was {_times(self._limit)} in the last {_span(self._window)}, which is the limit for "
                f"one person here. Please try again in {_seconds(seconds)}."
            )
        uses.append(now)

    def _sweep(self, now: datetime) -> None:
        """Forget people who have not been here for a while, so that memory follows activity, not history."""
        if len(self._uses) < _PEOPLE_BEFORE_SWEEP:
            return
        self._uses = {who: uses for who, uses in self._uses.items() if uses and now - uses[-1] < self._window}


def _times(count: int) -> str:
    return "one search" if count == 1 else f"{count} searches"


def _span(window: timedelta) -> str:
    return "minute" if window == timedelta(minutes=1) else f"{window.total_seconds():g} seconds"


def _seconds(count: int) -> str:
    return "a second" if count <= 1 else f"{count} seconds"
