"""What the tests of the arXiv client share: a fake arXiv, and a client whose clocks stand still."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest

from bot.arxiv.client import ArxivClient
from bot.arxiv.gate import Gate
from bot.config import Arxiv
from bot.model.papers import Paper
from bot.query.query import parse
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock, Stopwatch
from tests.fakes.papers import make_papers

QUERY = parse("speech synthesis").arxiv
DAY = timedelta(days=1)


@pytest.fixture
async def arxiv() -> AsyncIterator[FakeArxiv]:
    async with FakeArxiv(make_papers(25)) as fake:
        yield fake


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(arxiv: FakeArxiv, session: aiohttp.ClientSession, watch: Stopwatch, clock: Clock) -> ArxivClient:
    settings = Arxiv(
        api_url=arxiv.url, contact="papers@example.org", page_size=10, timeout=2, max_bytes=256 * 1024
    )
    return ArxivClient(session, Gate(3, clock=watch, sleep=watch.sleep), settings, clock=clock)


def numbers(papers: list[Paper] | tuple[Paper, ...]) -> list[int]:
    return [paper.id.number for paper in papers]


def client_of(arxiv: FakeArxiv, session: aiohttp.ClientSession, page_size: int = 10) -> ArxivClient:
    watch = Stopwatch()
    settings = Arxiv(api_url=arxiv.url, page_size=page_size)
    return ArxivClient(session, Gate(3, clock=watch, sleep=watch.sleep), settings, clock=Clock())
