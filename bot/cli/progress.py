"""A client of arXiv for one command, and progress on stderr while it works."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import aiohttp
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.arxiv.client import ArxivClient
from bot.arxiv.gate import Gate
from bot.config import Arxiv


@asynccontextmanager
async def arxiv_client(settings: Arxiv) -> AsyncIterator[ArxivClient]:
    """Open a client with a gate of its own: the command is the only one in this process to ask."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        yield ArxivClient(session, Gate(settings.min_interval), settings, clock=lambda: datetime.now(UTC))


class Counting:
    """Says on stderr how many of *total* things are done: a bar on a terminal, elsewhere a line for each."""

    def __init__(self, total: int) -> None:
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._total = total
        self._done = 0
        self._task = self._bar.add_task("Asking arXiv", total=total)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def done(self, what: str) -> None:
        """Count one more thing, and name it."""
        self._done += 1
        self._bar.advance(self._task)
        if self._bar.disable:
            typer.echo(f"{self._done} of {self._total}: {what}", err=True)
