"""A clock for a world, which Discord, arXiv and the bot's process share; it may run faster than real time.

It is a function of the machine's monotonic clock, which all processes share, so a process needs only the
numbers of a `Reading` to agree with the others to the microsecond.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Reading:
    """At *monotonic* (of this machine) the time was *unix*; since then it runs *scale* times as fast."""

    monotonic: float
    unix: float
    scale: float = 1.0

    def unix_now(self) -> float:
        return self.unix + (time.monotonic() - self.monotonic) * self.scale

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class WorldClock:
    """The clock of one world; with *scale* 1 it runs in real time."""

    def __init__(self, scale: float = 1.0) -> None:
        self.reading = Reading(time.monotonic(), time.time(), scale)

    @property
    def scale(self) -> float:
        return self.reading.scale

    def unix(self) -> float:
        return self.reading.unix_now()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.unix(), UTC)

    def jump(self, seconds: float) -> None:
        """Skip *seconds*; only while no process of this world runs."""
        self.reading = Reading(time.monotonic(), self.unix() + seconds, self.scale)

    def skewed(self, seconds: float) -> Reading:
        """Return the reading of a machine whose clock is *seconds* ahead of Discord's."""
        return Reading(self.reading.monotonic, self.reading.unix + seconds, self.scale)
