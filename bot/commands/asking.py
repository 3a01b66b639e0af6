"""A client of arXiv for one command, and progress on stderr while it works."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
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


def progress() -> Progress:
    """Return a bar on stderr that leaves nothing behind."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
