"""For how long, and from which length on, a blocked event loop is reported."""

from __future__ import annotations

import asyncio

import pytest

from bot.runtime.loop_lag import LoopWatch


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([], ""),
        ([(0, 9.9)], ""),
        ([(0, 10.0)], "blocked for 10 seconds within the last minute"),
        ([(59, 12.0), (1, 11.0)], "blocked for 12 seconds within the last minute"),
        ([(61, 12.0), (1, 11.0)], "blocked for 11 seconds within the last minute"),
        ([(61, 12.0)], ""),
    ],
)
async def test_a_block_of_ten_seconds_is_reported_for_a_minute(
    blocks: list[tuple[float, float]], said: str
) -> None:
    watch = LoopWatch()
    now = asyncio.get_running_loop().time()
    watch._blocks.extend((now - ago, seconds) for ago, seconds in blocks)
    assert await watch.probe() == said
