"""How late the event loop is: whatever holds it holds everything, from heartbeats to slash commands."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

_EVERY = 0.5  # seconds between two looks
_RECENT = 60.0  # seconds that a long hold is remembered
_STUCK = 10.0  # seconds; Discord drops a connection whose heartbeats are later than that


class LoopWatch:
    """Measures, while it is entered, how late it is woken, and tells *observe* (in seconds)."""

    def __init__(self, observe: Callable[[float], None] = lambda _: None) -> None:
        self._observe = observe
        self._holds: deque[tuple[float, float]] = deque()
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
        """Say, for a minute after it, that the loop was held for so long that the bot did not work."""
        self._forget(asyncio.get_running_loop().time())
        longest = max((lag for _, lag in self._holds), default=0.0)
        return f"held for {longest:.0f} seconds within the last minute" if longest >= _STUCK else ""

    async def _watch(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            asked = clock() + _EVERY
            await asyncio.sleep(_EVERY)
            now = clock()
            lag = max(0.0, now - asked)
            self._observe(lag)
            if lag >= _STUCK:
                self._holds.append((now, lag))
            self._forget(now)

    def _forget(self, now: float) -> None:
        while self._holds and now - self._holds[0][0] > _RECENT:
            self._holds.popleft()
