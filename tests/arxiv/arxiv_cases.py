"""What the tests of the arXiv client share: a fake arXiv, and a client whose clocks stand still."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import aiohttp
import pytest

from bot.arxiv.client import ArxivClient
from bot.arxiv.gate import Gate
from bot.config import ArxivSettings
from bot.model.papers import Paper
from bot.query.query import parse
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.atom import atom
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
    settings = ArxivSettings(
        api_url=arxiv.url, contact="papers@example.org", page_size=10, timeout=2, max_bytes=256 * 1024
    )
    return ArxivClient(session, Gate(3, clock=watch, sleep=watch.sleep), settings, clock=clock)


def numbers(papers: list[Paper] | tuple[Paper, ...]) -> list[int]:
    return [paper.id.number for paper in papers]


def client_of(arxiv: FakeArxiv, session: aiohttp.ClientSession, page_size: int = 10) -> ArxivClient:
    watch = Stopwatch()
    settings = ArxivSettings(api_url=arxiv.url, page_size=page_size)
    return ArxivClient(session, Gate(3, clock=watch, sleep=watch.sleep), settings, clock=Clock())


HOSTILE_FEEDS: dict[str, Callable[[int], bytes]] = {
    "deep elements": lambda n: b"<a>" * n,
    "flat elements": lambda n: b"<a/>" * n,
    "flat elements with text": lambda n: b"<title>x</title>" * (n // 5),
    "nested namespaces": lambda n: b"".join(b'<a xmlns:n%d="u%d">' % (i, i) for i in range(n // 8)),
    "flat namespaces": lambda n: b"".join(b'<a xmlns:n%d="u%d"/>' % (i, i) for i in range(n // 8)),
    "categories": lambda n: b"<entry>" + b'<category term="c"/>' * (n // 8) + b"</entry>",
    "authors": lambda n: b"<entry>" + b"<author><name>A</name></author>" * (n // 10) + b"</entry>",
    "one long text": lambda n: b"<entry><summary>" + b"x" * (4 * n) + b"</summary></entry>",
    "attributes": lambda n: b"<a " + b"".join(b'x%d="" ' % i for i in range(n // 4)) + b"/>",
    "empty entries": lambda n: b"<entry></entry>" * (n // 6),
}
"""What a feed may repeat to do harm, about *n* times."""


def hostile_feed(kind: str, length: int) -> bytes:
    """Return a feed of *length* bytes, or of fewer, that repeats what *kind* of `HOSTILE_FEEDS` does."""
    start = atom([]).removesuffix(b"</feed>") + HOSTILE_FEEDS[kind](length // 4)
    return start[: length - 7] + b"</feed>"


HOSTILE_ROWS: dict[str, Callable[[int], bytes]] = HOSTILE_FEEDS | {
    "flat elements in a row": lambda n: b"<record>" + b"<a/>" * (n // 4) + b"</record>",
    "rows in rows": lambda n: b"<record>" * (n // 8),
    "empty rows": lambda n: b"<record/>" * (n // 9),
    "versions": lambda n: b"<record>" + b'<version version="v1"/>' * (n // 24) + b"</record>",
}
"""What a list of rows may repeat to do harm, about *n* times."""
