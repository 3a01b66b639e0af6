"""A recurring task that cannot die.

discord.py's `tasks.loop` ends for good at most exceptions and, at the others, runs again within seconds
whatever its interval, which is wrong for an API that asks for patience. A `Job` survives everything its body
raises, waits as long as it was told, and says once that it broke and once that it works again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from bot.model.errors import BotError, StoreError

_log = logging.getLogger(__name__)

_LAST_PATIENCE = 1.0  # seconds that a cancelled body has for its clean-up


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Job:
    """Runs *body* again and again; it returns the seconds to its next run.

    After an exception the next run is *on_failure_wait* seconds away. `last_error` is "" while the job works,
    `last_success` the end of the last run that did.
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
        self._nap: asyncio.Task[None] | None = None
        self._woken = False
        self._stopping = False

    @property
    def running(self) -> bool:
        """Whether the job is started and not stopped, at work or at rest."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Start the job; nothing happens if it is running already."""
        if not self.running:
            self._stopping = False
            self._task = asyncio.create_task(self._forever(), name=f"job {self.name}")

    def wake(self) -> None:
        """End the rest before the next run; a run in progress is followed by another at once."""
        self._woken = True
        if self._nap is not None:
            self._nap.cancel()

    async def stop(self, grace: float = 0.0) -> None:
        """End the job: at once where it rests, else after its run, which has *grace* seconds."""
        if self._task is None:
            return
        self._stopping = True
        self.wake()
        await asyncio.wait({self._task}, timeout=grace)
        self._task.cancel()
        _, pending = await asyncio.wait({self._task}, timeout=_LAST_PATIENCE)
        if pending:
            _log.warning("job %s does not let itself be stopped", self.name)

    async def _forever(self) -> None:
        while not self._stopping:
            self._woken = False
            await self._rest(await self._run())

    async def _run(self) -> float:
        try:
            wait = max(0.0, float(await self._body()))
        except asyncio.CancelledError as error:
            if self._cancelled():
                raise
            # Something that the body awaited was cancelled, not the job.
            return self._broken(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the job goes on
            return self._broken(error)
        if self.last_error:
            _log.info("job %s works again", self.name)
        self.last_error = ""
        self.last_success = self._clock()
        return wait

    @staticmethod
    def _cancelled() -> bool:
        task = asyncio.current_task()
        return task is not None and task.cancelling() > 0

    def _broken(self, error: BaseException) -> float:
        first = not self.last_error
        self.last_error = str(error) or type(error).__name__
        # What is final ends the process with its sentence, which is said once.
        final = isinstance(error, StoreError) and error.final
        level = logging.ERROR if first and not final else logging.DEBUG
        # A BotError is a sentence for the operator; anything else is a bug, and needs its traceback.
        traceback = None if isinstance(error, BotError) else error
        _log.log(
            level,
            "job %s does not work: %s (next try in %.0f s)",
            self.name,
            self.last_error,
            self._on_failure_wait,
            exc_info=traceback,
        )
        return self._on_failure_wait

    async def _rest(self, seconds: float) -> None:
        if self._woken:
            await asyncio.sleep(0)
            return
        # A task that sleeps, rather than an Event and a time-out: a simulated Discord with a clock of its own
        # recognises a sleep as a job at rest, and can let its time pass.
        self._nap = asyncio.create_task(asyncio.sleep(seconds), name=f"job {self.name} at rest")
        try:
            await asyncio.wait({self._nap})
        finally:
            self._nap.cancel()
            self._nap = None
