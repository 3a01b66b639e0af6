"""One clock for a world: Discord, arXiv and the bot's process read it, and it may run faster than ours.

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
    """At *monotonic* (this machine's) it was *unix*, and since then time has run *scale* times as fast."""

    monotonic: float
    unix: float
    scale: float = 1.0

    def unix_now(self) -> float:
        return self.unix + (time.monotonic() - self.monotonic) * self.scale

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class WorldClock:
    """The clock of one world; *scale* 1 is the machine's own."""

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
        """Let *seconds* pass at once; only while no process of this world runs."""
        self.reading = Reading(time.monotonic(), self.unix() + seconds, self.scale)

    def skewed(self, seconds: float) -> Reading:
        """Return what a machine reads whose clock is *seconds* ahead of Discord's."""
        return Reading(self.reading.monotonic, self.reading.unix + seconds, self.scale)
