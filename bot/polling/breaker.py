"""When a road to arXiv is left alone because it failed (pure).

A road that fails is closed, and the others serve. After a wait it is probed: one poll tries it first. If that
fails, the next wait is twice as long, up to hours. With a fixed interval the first probe comes after one
interval.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.polling.schedule import Wait
from bot.rules.backoff import backoff

_FIRST_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Breaker:
    """Whether a road is open. Each transition returns a new value.

    `failures` counts the polls in a row that it failed. It is closed from `closed_since` on, because of
    `error`, and may be tried again after `wait`. `served` is when it last answered.
    """

    failures: int = 0
    closed_since: datetime | None = None
    error: str = ""
    wait: Wait | None = None
    served: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.closed_since is None

    def may_be_tried(self, now: datetime) -> bool:
        """Tell whether it is open, or due to be probed."""
        return self.wait is None or self.wait.end(now) <= now

    def failed(
        self, error: str, now: datetime, *, interval: timedelta | None, asked: timedelta | None = None
    ) -> Breaker:
        """*interval* is that of polls, None on arXiv's clock; *asked* is the pause that arXiv asked for."""
        failures = self.failures + 1
        first = interval or _FIRST_WAIT
        wait = backoff(failures, first=first, ceiling=max(first, _LONGEST_WAIT))
        return replace(
            self,
            failures=failures,
            closed_since=self.closed_since or now,
            error=error,
            wait=Wait(now, now + max(wait, asked or timedelta())),
        )

    def answered(self, now: datetime) -> Breaker:
        return Breaker(served=now)
