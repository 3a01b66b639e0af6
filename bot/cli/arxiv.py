"""The arXiv client of a single command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp

from bot.arxiv.client import ArxivClient
from bot.arxiv.gate import Gate
from bot.config import Arxiv


@asynccontextmanager
async def arxiv_client(settings: Arxiv) -> AsyncIterator[ArxivClient]:
    """Open a client with its own gate, since nothing else in this process sends requests to arXiv."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        yield ArxivClient(session, Gate(settings.min_interval), settings, clock=lambda: datetime.now(UTC))
