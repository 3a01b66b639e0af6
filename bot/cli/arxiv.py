"""The arXiv client of a single command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp

from bot.arxiv.client import ArxivClient
from bot.arxiv.gate import Gate
from bot.config import ArxivSettings
from bot.runtime.proxy import proxy_for


@asynccontextmanager
async def arxiv_client(settings: ArxivSettings) -> AsyncIterator[ArxivClient]:
    """Open a client with its own gate, since nothing else in this process sends requests to arXiv."""
    connector, proxy = aiohttp.TCPConnector(limit=1), proxy_for(settings.api_url)
    async with aiohttp.ClientSession(connector=connector, proxy=proxy) as session:
        yield ArxivClient(session, Gate(settings.min_interval), settings, clock=lambda: datetime.now(UTC))
