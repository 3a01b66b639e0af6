"""Runs the bot with a faster clock, and kills it at a named instant; the bot itself knows of neither.

    python -m tests.drill.child

It imports everything once, which takes seconds. Then, for each line of JSON on standard input, it forks a
process that runs the bot's own command line. Lines on standard output report what happened to the processes.
The bot's functions are wrapped from outside, only in the forked process. The process kills itself with
SIGKILL, so that nothing is flushed, rolled back or closed.

Kills at random instants need none of this; for them the drill uses `python -m bot run`.
"""

# Wrapping assigns to methods and modules.
# mypy: disable-error-code="assignment, attr-defined, method-assign, override"

from __future__ import annotations

import asyncio
import functools
import gc
import json
import os
import selectors
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, tzinfo
from typing import Any

import sqlalchemy as sa

import bot.runtime.app
import bot.store.engine
import bot.store.recording
import bot.store.schema
import cogs.digests
import cogs.search
import cogs.status
import cogs.subscribe
from bot.arxiv.gate import Gate
from bot.cli.main import main as command_line
from bot.delivery.sender import Sender
from bot.model.outbox import OutboxRow
from bot.model.outcomes import Outcome, Sent
from bot.store import Store
from bot.store.recording import Recorded
from tests.drill.clock import Reading

_LOADED = (cogs.digests, cogs.search, cogs.status, cogs.subscribe)  # the bot loads them by name
_START = "start"


# --- named instants ----------------------------------------------------------------------------------------


class Bomb:
    """Ends the process like a power cut when `pass_by` is called for the *at*th time."""

    def __init__(self, at: int) -> None:
        self._left = at

    def pass_by(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _before_commit(bomb: Bomb) -> None:
    """Papers, matches, seen and outbox are written but not committed."""
    original = bot.store.recording.record

    @functools.wraps(original)
    async def record(*arguments: Any, **options: Any) -> Recorded:
        recorded = await original(*arguments, **options)
        if recorded.queued:
            bomb.pass_by()
        return recorded

    bot.store.recording.record = record


def _after_commit(bomb: Bomb) -> None:
    """Committed, but delivery does not know yet."""
    original = Store.record

    @functools.wraps(original)
    async def record(self: Store, *arguments: Any, **options: Any) -> Recorded:
        recorded = await original(self, *arguments, **options)
        if recorded.queued:
            bomb.pass_by()
        return recorded

    Store.record = record


def _before_send(bomb: Bomb) -> None:
    """The row is claimed, but nothing has been sent."""
    original: Callable[..., Awaitable[Any]] = Sender.send

    @functools.wraps(original)
    async def send(self: Sender, *arguments: Any, **options: Any) -> Any:
        bomb.pass_by()
        return await original(self, *arguments, **options)

    Sender.send = send


def _settling(bomb: Bomb, *, after: bool) -> None:
    original = Store.settle

    @functools.wraps(original)
    async def settle(self: Store, row: OutboxRow, outcome: Outcome, now: datetime) -> None:
        if isinstance(outcome, Sent) and not after:
            bomb.pass_by()
        await original(self, row, outcome, now)
        if isinstance(outcome, Sent) and after:
            bomb.pass_by()

    Store.settle = settle


def _before_settle(bomb: Bomb) -> None:
    """Discord has answered, but the answer is not stored."""
    _settling(bomb, after=False)


def _after_settle(bomb: Bomb) -> None:
    """The answer is stored, and the channel's next row has not been read."""
    _settling(bomb, after=True)


def _migrating(bomb: Bomb) -> None:
    """Between two statements of a migration; the commit follows the last."""
    original = bot.store.schema.migrate

    @functools.wraps(original)
    def migrate(connection: sa.Connection, *arguments: Any) -> str:
        sa.event.listen(connection, "before_cursor_execute", lambda *_: bomb.pass_by())
        return original(connection, *arguments)

    bot.store.schema.migrate = migrate


POINTS: dict[str, Callable[[Bomb], None]] = {
    "before commit": _before_commit,
    "after commit": _after_commit,
    "before send": _before_send,
    "before settle": _before_settle,
    "after settle": _after_settle,
    "during migration": _migrating,
}


# --- a faster clock ----------------------------------------------------------------------------------------


class _Selector(selectors.DefaultSelector):
    """Waits a fraction of the requested time."""

    scale = 1.0

    def select(self, timeout: float | None = None) -> Any:
        return super().select(timeout if timeout is None else timeout / self.scale)


class _Loop(asyncio.SelectorEventLoop):
    """An event loop whose seconds are shorter."""

    def __init__(self) -> None:
        super().__init__(_Selector())

    def time(self) -> float:
        return time.monotonic() * _Selector.scale


class _Policy(asyncio.DefaultEventLoopPolicy):
    _loop_factory = _Loop


def _set_clock(reading: Reading) -> None:
    """Make `bot.runtime.app` use the clock of *reading*, and asyncio its seconds."""

    class Watch(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.fromtimestamp(reading.unix_now(), tz or UTC)

    _Selector.scale = reading.scale
    bot.runtime.app.datetime = Watch
    bot.runtime.app.Gate = functools.partial(Gate, clock=lambda: time.monotonic() * reading.scale)
    asyncio.set_event_loop_policy(_Policy())


# --- processes ---------------------------------------------------------------------------------------------


def _become(order: dict[str, Any]) -> None:
    """Run the bot in this process; never returns."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    os.environ.update(order["environ"])
    _set_clock(Reading(**order["clock"]))
    if order["point"]:
        POINTS[order["point"]](Bomb(order["at"]))
    code = 1
    try:
        command_line(order["arguments"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stderr.flush()
        os._exit(code)


def _say(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _serve() -> None:
    """Fork a process for each line and report its end; the end of input ends everything."""
    _say(ready=len(_LOADED))
    for line in sys.stdin.buffer.raw:
        pid = os.fork()
        if pid == 0:
            _become(json.loads(line))
        _say(pid=pid)
        _, status = os.waitpid(pid, 0)
        _say(ended=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    _serve()
