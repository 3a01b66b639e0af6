"""Knows which nonces Discord still remembers: it keeps one “for the past few minutes”.

Two clocks count these minutes, and the one that counts more is right: the event loop's clock stands still
while the machine sleeps, and people may set the machine's clock. After a restart both may be wrong, so no
nonce counts as remembered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

NONCE_KEPT = timedelta(minutes=4)
"""How long the bot relies on a nonce."""


class Nonces:
    """The rows that this process was the first to send, each with the time."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._used: dict[int, tuple[float, datetime]] = {}

    def use(self, row: int) -> None:
        """Note that the nonce of *row* now goes to Discord for the first time."""
        now = asyncio.get_running_loop().time()
        while self._used and now - next(iter(self._used.values()))[0] > NONCE_KEPT.total_seconds():
            del self._used[next(iter(self._used))]
        self._used.pop(row, None)
        self._used[row] = now, self._clock()  # at the end, since the oldest come first

    def know(self, row: int) -> bool:
        """Tell whether Discord certainly remembers the nonce of *row*."""
        if row not in self._used:
            return False
        moment, read = self._used[row]
        passed = asyncio.get_running_loop().time() - moment
        return max(passed, abs((self._clock() - read).total_seconds())) <= NONCE_KEPT.total_seconds()
