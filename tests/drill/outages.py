"""Outages of Discord, and of arXiv's interfaces, that last minutes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from random import Random

from tests.drill.clock import WorldClock
from tests.drill.fakes import DrillArxiv, DrillDiscord
from tests.fakes import arxiv as fakes

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


_CLOSED_EVERY = 6  # lives
_CLOSED = (20.0, 400.0)  # seconds of the world
_LONGEST_CLOSURE = 20.0  # seconds of ours


class Closures:
    """Closes roads to arXiv, one at a time or several at once, and opens them again; counts in *faults*."""

    def __init__(
        self,
        arxiv: DrillArxiv,
        clock: WorldClock,
        chance: Random,
        *,
        faults: Counter[str],
        note: Callable[[str], None],
    ) -> None:
        self._arxiv = arxiv
        self._clock = clock
        self._chance = chance
        self._faults = faults
        self._note = note
        self._closing: asyncio.Task[None] | None = None

    def maybe_begin(self) -> None:
        if self._closing is None and self._chance.random() < 1 / _CLOSED_EVERY:
            roads = list(self._arxiv.roads)
            closed = self._chance.sample(roads, self._chance.choice((1, 1, 1, 2, len(roads))))
            self._closing = asyncio.create_task(self._close(sorted(closed)))

    async def _close(self, roads: list[str]) -> None:
        seconds = self._chance.uniform(*_CLOSED)
        self._faults[f"closed for a while: {', '.join(roads)}"] += 1
        self._note(f"{', '.join(roads)} closed for {seconds:.0f} s")
        kinds = (fakes.rate_exceeded(), fakes.status(503), fakes.status(403), fakes.reset())
        self._arxiv.closed = {road: self._chance.choice(kinds) for road in roads}
        try:
            await asyncio.sleep(min(seconds / self._clock.scale, _LONGEST_CLOSURE))
        finally:
            self._arxiv.closed = {}
        self._closing = None

    async def end(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
            await asyncio.wait({self._closing})
