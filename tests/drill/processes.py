"""The bot's processes: `python -m bot run` unmodified, or forked by `tests.drill.child`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.drill.clock import Reading

ROOT = Path(__file__).parents[2]
_KEPT_LINES = 400
_PATIENCE = 60.0


class Life:
    """A process from start to end; `log` is the end of its output, `code` its exit code."""

    def __init__(self, pid: int, log: deque[str]) -> None:
        self.pid = pid
        self.log = log
        self.code: int | None = None
        self._ended = asyncio.Event()

    def ended_with(self, code: int) -> None:
        self.code = code
        self._ended.set()

    @property
    def running(self) -> bool:
        return self.code is None

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send the signal synchronously, unless the process has ended."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def no_longer_watched(self, _watching: asyncio.Task[Any]) -> None:
        """Kill the process if whoever watched it was cancelled: nobody would learn of its end."""
        if self.running:
            self.kill()
            self.ended_with(-signal.SIGKILL)

    def limit_files(self, size: int | None) -> None:
        """Limit its files to *size* bytes, like a full disk; None removes the limit."""
        if self.running:
            _, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
            soft = hard if size is None else size
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (soft, hard))

    async def end(self, within: float | None = None) -> bool:
        """Wait for the end of the process; return False if it takes longer than *within* seconds."""
        try:
            async with asyncio.timeout(within):
                await self._ended.wait()
        except TimeoutError:
            return False
        return True


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("PAPERS_", "DISCORD_"))}
    return ours | {"PYTHONDONTWRITEBYTECODE": "1"} | dict(given)


async def _keep(stream: asyncio.StreamReader, log: deque[str]) -> None:
    with contextlib.suppress(ValueError):  # a line longer than the reader's limit
        while line := await stream.readline():
            log.append(line.decode(errors="replace").rstrip())


class Untouched:
    """Starts `python -m bot run -c FILE` or another command, unmodified."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, config: Path, environ: Mapping[str, str], *command: str) -> Life:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", *(command or ("run",)), "-c", str(config)),
            cwd=ROOT,
            env=_environment(environ),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=PIPE,
        )
        life = Life(process.pid, deque(maxlen=_KEPT_LINES))
        task = asyncio.create_task(self._watch(process, life))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(life.no_longer_watched)
        return life

    @staticmethod
    async def _watch(process: Process, life: Life) -> None:
        assert process.stderr is not None
        await _keep(process.stderr, life.log)
        life.ended_with(await process.wait())

    async def close(self) -> None:
        await asyncio.gather(*self._tasks)


class Launcher:
    """A `tests.drill.child`, which starts processes of the bot fast, with a clock and a named instant."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._log: deque[str] = deque(maxlen=_KEPT_LINES)
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.drill.child"),
            cwd=ROOT,
            env=_environment({}),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
        )
        assert self._process.stderr is not None
        self._tasks.add(asyncio.create_task(_keep(self._process.stderr, self._log)))
        await self._hear("ready")

    async def _hear(self, word: str) -> int:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the launcher has ended: " + "\n".join(self._log))
        return int(json.loads(line)[word])

    async def start(
        self,
        config: Path,
        environ: Mapping[str, str],
        *,
        clock: Reading,
        point: str = "",
        at: int = 0,
    ) -> Life:
        if self._process is None:
            await self.open()
        assert self._process is not None
        assert self._process.stdin is not None
        self._log.clear()
        order: dict[str, Any] = {
            "arguments": ["run", "-c", str(config)],
            "environ": dict(environ),
            "clock": clock.to_json(),
            "point": point,
            "at": at,
        }
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        await self._process.stdin.drain()
        life = Life(await self._hear("pid"), self._log)
        task = asyncio.create_task(self._watch(life))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(life.no_longer_watched)
        return life

    async def _watch(self, life: Life) -> None:
        life.ended_with(await self._hear("ended"))

    async def close(self) -> None:
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            async with asyncio.timeout(_PATIENCE):
                await self._process.wait()
                await asyncio.gather(*self._tasks, return_exceptions=True)
            self._process = None
