"""A recurring background task that no exception ends.

discord.py's `tasks.loop` stops permanently at most exceptions; at the others it runs again within seconds,
regardless of its interval, which is wrong for an API with rate limits. A `Job` survives every exception of
its body, waits as long as the body says, and logs a failure and the recovery once each.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from bot.model.errors import REASON_LENGTH, BotError, StoreError
from bot.model.foreign_text import clean_text

_log = logging.getLogger(__name__)

_CLEAN_UP = 1.0  # seconds that a cancelled body has to clean up


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Job:
    """Runs *body* repeatedly; each run returns the seconds until the next.

    After an exception, the next run starts in *on_failure_wait* seconds. `last_error` is the error of the
    last run, "" if it succeeded; `last_success` is when a run last ended successfully.
    """

    def __init__(
        self,
        name: str,
        body: Callable[[], Awaitable[float]],
        *,
        on_failure_wait: float,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.name = name
        self.last_success: datetime | None = None
        self.last_error = ""
        self._body = body
        self._on_failure_wait = on_failure_wait
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._sleep: asyncio.Task[None] | None = None
        self._woken = False
        self._stopping = False

    @property
    def running(self) -> bool:
        """Whether the job has been started and not stopped, even if it is between two runs."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Start the job unless it is running."""
        if not self.running:
            self._stopping = False
            self._task = asyncio.create_task(self._loop(), name=f"job {self.name}")

    def wake(self) -> None:
        """Start the next run now, or right after the current one."""
        self._woken = True
        if self._sleep is not None:
            self._sleep.cancel()

    async def stop(self, grace: float = 0.0) -> None:
        """Stop the job: now if it is between runs, else after the current run or *grace* seconds."""
        if self._task is None:
            return
        self._stopping = True
        self.wake()
        await asyncio.wait({self._task}, timeout=grace)
        self._task.cancel()
        _, pending = await asyncio.wait({self._task}, timeout=_CLEAN_UP)
        if pending:
            _log.warning("job %s does not stop", self.name)

    async def _loop(self) -> None:
        while not self._stopping:
            self._woken = False
            await self._pause(await self._run())

    async def _run(self) -> float:
        try:
            wait = max(0.0, float(await self._body()))
        except asyncio.CancelledError as error:
            if self._cancelled():
                raise
            # Not the job was cancelled, but something that its body awaited.
            return self._failed(error)
        except Exception as error:  # noqa: BLE001 - no exception may end a job
            return self._failed(error)
        if self.last_error:
            _log.info("job %s works again", self.name)
        self.last_error = ""
        self.last_success = self._clock()
        return wait

    @staticmethod
    def _cancelled() -> bool:
        task = asyncio.current_task()
        return task is not None and task.cancelling() > 0

    def _failed(self, error: BaseException) -> float:
        first = not self.last_error
        self.last_error = clean_text(str(error), REASON_LENGTH) or type(error).__name__
        # A final error ends the process, which then prints its message.
        final = isinstance(error, StoreError) and error.final
        level = logging.ERROR if first and not final else logging.DEBUG
        # A BotError has a message for the operator; anything else is a bug and needs its traceback.
        traceback = None if isinstance(error, BotError) else error
        _log.log(
            level,
            "job %s failed: %s (next try in %.0f s)",
            self.name,
            self.last_error,
            self._on_failure_wait,
            exc_info=traceback,
        )
        return self._on_failure_wait

    async def _pause(self, seconds: float) -> None:
        if self._woken:
            await asyncio.sleep(0)
            return
        # A sleeping task rather than an Event with a time-out: simcord recognizes a sleep and advances its
        # virtual clock past it.
        self._sleep = asyncio.create_task(asyncio.sleep(seconds), name=f"job {self.name}, waiting")
        try:
            await asyncio.wait({self._sleep})
        finally:
            self._sleep.cancel()
            self._sleep = None
