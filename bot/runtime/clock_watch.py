"""Detects that the machine's clock was set back, after which postponed messages would wait far too long."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.store import Store

_log = logging.getLogger(__name__)

_EVERY = 30.0  # seconds
_SET_BACK = timedelta(minutes=1)  # a smaller change is an ordinary adjustment


class ClockWatch:
    """Compares *clock* with *monotonic*, which is never set; `run` is the body of a job.

    If the clock was set back, everything that was postponed becomes due, and *on_set_back* is called. That
    includes what Discord asked to postpone, because the remaining time is no longer known.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime],
        on_set_back: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._clock = clock
        self._on_set_back = on_set_back
        self._monotonic = monotonic
        self._began: datetime | None = None  # the clock's time when `monotonic` was 0

    async def run(self) -> float:
        """Compare once; return the seconds until the next time."""
        now, passed = self._clock(), timedelta(seconds=self._monotonic())
        if self._began is not None and (back := self._began + passed - now) > _SET_BACK:
            _log.warning("the clock was set back by %s; postponed messages are sent now", back)
            await self._store.make_due(now)
            self._on_set_back()
        self._began = now - passed
        return _EVERY
