"""Measures how late the event loop is: what blocks it delays everything, heartbeats and commands included."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

_EVERY = 0.5  # seconds between two measurements
_RECENT = 60.0  # seconds for which a long block is remembered
_STUCK = 10.0  # seconds; Discord drops connections with later heartbeats


class LoopWatch:
    """Measures while it is entered how late it wakes up, and calls *observe* with the seconds."""

    def __init__(self, observe: Callable[[float], None] = lambda _: None) -> None:
        self._observe = observe
        self._blocks: deque[tuple[float, float]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch(), name="watch the event loop")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def probe(self) -> str:
        """Return a message for a minute after the loop was blocked for 10 seconds or longer, else ""."""
        self._forget(asyncio.get_running_loop().time())
        longest = max((lag for _, lag in self._blocks), default=0.0)
        return f"blocked for {longest:.0f} seconds within the last minute" if longest >= _STUCK else ""

    async def _watch(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            expected = clock() + _EVERY
            await asyncio.sleep(_EVERY)
            now = clock()
            lag = max(0.0, now - expected)
            self._observe(lag)
            if lag >= _STUCK:
                self._blocks.append((now, lag))
            self._forget(now)

    def _forget(self, now: float) -> None:
        while self._blocks and now - self._blocks[0][0] > _RECENT:
            self._blocks.popleft()
