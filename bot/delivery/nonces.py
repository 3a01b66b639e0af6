"""Which nonces Discord still knows: it keeps one “for the past few minutes”.

Two clocks count these minutes, and the one by which more have passed is right: the loop's stands still while
the machine sleeps, and the machine's may be set. Where both may be wrong, as after a restart, none is known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

NONCE_KEPT = timedelta(minutes=4)
"""How long we rely on a nonce."""


class Nonces:
    """The rows that this process has sent first, each with its moment."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._used: dict[int, tuple[float, datetime]] = {}

    def use(self, row: int) -> None:
        """Note that the nonce of *row* goes to Discord for the first time, or as if for the first."""
        now = asyncio.get_running_loop().time()
        while self._used and now - next(iter(self._used.values()))[0] > NONCE_KEPT.total_seconds():
            del self._used[next(iter(self._used))]
        self._used.pop(row, None)
        self._used[row] = now, self._clock()  # at the end: they are in the order of time

    def know(self, row: int) -> bool:
        """Tell whether Discord still knows the nonce of *row*; in doubt it does not."""
        if row not in self._used:
            return False
        moment, read = self._used[row]
        passed = asyncio.get_running_loop().time() - moment
        return max(passed, abs((self._clock() - read).total_seconds())) <= NONCE_KEPT.total_seconds()
