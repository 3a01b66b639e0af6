"""Runs all worlds of a drill, several at a time."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.drill.processes import Launcher, Untouched
from tests.drill.report import Report
from tests.drill.world import SOURCES, Plan, World

_CAPPED = 4  # one world in so many, unless it is unmodified
_EVERY = 30.0  # seconds between two lines of progress


def plans(kills: int, seed: int, folder: Path, *, worlds: int, untouched: int, channels: int) -> list[Plan]:
    """Distribute *kills* among *worlds*, of which *untouched* run the bot unmodified."""
    made = []
    for number in range(1, worlds + 1):
        share = kills * number // worlds - kills * (number - 1) // worlds
        # Spread over the run, so that both kinds run at any time.
        real = number * untouched // worlds > (number - 1) * untouched // worlds
        capped = not real and number % _CAPPED == 0
        source = SOURCES[number % len(SOURCES)]
        made.append(Plan(number, seed, share, channels, real, folder / f"world-{number}", capped, source))
    return made


async def drill(given: Sequence[Plan], *, parallel: int, quiet: bool = False, commit: str = "") -> Report:
    """Run the worlds, *parallel* at a time, and return the report."""
    started = time.monotonic()
    waiting = list(given)[::-1]
    worlds: list[World] = []
    migrating = asyncio.Lock()

    async def work() -> None:
        launcher, untouched = Launcher(), Untouched()
        try:
            while waiting:
                worlds.append(World(waiting.pop(), launcher, untouched, migrating))
                await worlds[-1].run()
        finally:
            await launcher.close()
            await untouched.close()

    telling = None if quiet else asyncio.create_task(_tell(worlds, sum(each.kills for each in given)))
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(parallel, len(given))):
                group.create_task(work())
    finally:
        if telling is not None:
            telling.cancel()
    worlds.sort(key=lambda world: world.plan.number)
    return Report(worlds, given[0].seed, time.monotonic() - started, commit)


async def _tell(worlds: Sequence[World], kills: int) -> None:
    while True:
        await asyncio.sleep(_EVERY)
        killed = sum(world.killed for world in worlds)
        arrived = sum(world.witness.arrivals for world in worlds)
        strange = sum(len(world.tally.unexpected) for world in worlds)
        sys.stderr.write(
            f"{time.strftime('%H:%M:%S')}  {killed} of {kills} kills, {arrived} posts, {strange} unexpected\n"
        )
