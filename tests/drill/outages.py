"""Outages of Discord that last minutes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from random import Random

from tests.drill.clock import WorldClock
from tests.drill.fakes import DrillDiscord

_EVERY = 40  # lives
_LONG = (240.0, 560.0)  # seconds of the world


class Outages:
    """Makes all of Discord unavailable, one outage at a time; counts in *faults* and keeps a note."""

    def __init__(
        self,
        discord: DrillDiscord,
        clock: WorldClock,
        chance: Random,
        *,
        faults: Counter[str],
        note: Callable[[str], None],
    ) -> None:
        self._discord = discord
        self._clock = clock
        self._chance = chance
        self._faults = faults
        self._note = note
        self._outage: asyncio.Task[None] | None = None

    def maybe_begin(self) -> None:
        if self._outage is None and self._chance.random() < 1 / _EVERY:
            self._outage = asyncio.create_task(self._be_away(self._chance.uniform(*_LONG)))

    async def _be_away(self, seconds: float) -> None:
        self._faults["Discord: outages of 4 to 9 minutes"] += 1
        self._note(f"Discord is away for {seconds:.0f} s")
        with self._discord.blackout():
            await self._discord.gateway.drop(1001)
            await asyncio.sleep(seconds / self._clock.scale)
        self._outage = None

    async def end(self) -> None:
        if self._outage is not None:
            self._outage.cancel()
            await asyncio.wait({self._outage})
