"""Notices that the machine's clock was set back, for then everything that was put off would wait for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.store import Store

_log = logging.getLogger(__name__)

_LOOK = 30.0
_SET_BACK = timedelta(minutes=1)  # by so much at least, or it was only adjusted


class ClockWatch:
    """Compares the clock with one that is never set; `run` is the body of a job.

    *monotonic* gives its seconds. *on_set_back* is called when what was put off has become due. That includes
    what Discord asked to put off: by how much of it is left, nobody knows any more.
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
        self._began: datetime | None = None  # by the clock, when the other one was at nought

    async def run(self) -> float:
        """Look once; return the seconds to the next look."""
        now, passed = self._clock(), timedelta(seconds=self._monotonic())
        if self._began is not None and (back := self._began + passed - now) > _SET_BACK:
            _log.warning("the clock was set back by %s; what was put off is tried now", back)
            await self._store.make_due(now)
            self._on_set_back()
        self._began = now - passed
        return _LOOK
