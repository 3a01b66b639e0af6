"""Parsing 2,000 Atom entries: how long it takes, and how long it blocks the event loop.

They come in pages of 500, as the client requests them. Ours is `feed.parse` in a thread, as in the client;
naive is `feedparser.parse` directly on the loop.

    python -m tests.benchmarks.bench_feed
"""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Awaitable, Callable

import feedparser

from bot.arxiv.feed import parse
from tests.fakes.atom import atom
from tests.fakes.papers import make_papers

ENTRIES, PAGE = 2_000, 500
_BEAT = 0.001
_ABSTRACT = "We study speech synthesis with $\\alpha < 2$ and find it hard. " * 20


def run() -> list[tuple[str, str, str, str]]:
    """Return the rows of the table; takes about ten seconds."""
    pages = [
        atom(make_papers(PAGE, first=first, abstract=_ABSTRACT, authors=("Ada Author",) * 6))
        for first in range(1, ENTRIES, PAGE)
    ]

    async def ours() -> None:
        for content in pages:
            assert len((await asyncio.to_thread(parse, content)).papers) == PAGE

    async def naive() -> None:
        for content in pages:
            assert len(feedparser.parse(io.BytesIO(content)).entries) == PAGE
            await asyncio.sleep(2 * _BEAT)

    our_hold, our_time = asyncio.run(_measure(ours))
    naive_hold, naive_time = asyncio.run(_measure(naive))
    size = f"{ENTRIES:,} entries ({sum(map(len, pages)) / 1e6:.1f} MB)"
    return [
        (
            f"longest hold of the loop, parsing {size}",
            f"{our_hold * 1000:.0f} ms",
            f"{naive_hold * 1000:.0f} ms",
            f"{naive_hold / our_hold:.0f}×",
        ),
        (
            f"parsing {size}, until it is done",
            f"{our_time:.2f} s",
            f"{naive_time:.2f} s",
            f"{naive_time / our_time:.1f}×",
        ),
    ]


async def _measure(work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """Return the longest time between two beats of the loop during *work*, and the duration of *work*."""
    longest = 0.0

    async def beat() -> None:
        nonlocal longest
        last = time.perf_counter()
        while True:
            await asyncio.sleep(_BEAT)
            now = time.perf_counter()
            longest = max(longest, now - last - _BEAT)
            last = now

    beating = asyncio.create_task(beat())
    await asyncio.sleep(10 * _BEAT)
    started = time.perf_counter()
    await work()
    took = time.perf_counter() - started
    await asyncio.sleep(2 * _BEAT)
    beating.cancel()
    return longest, took


if __name__ == "__main__":
    for row in run():
        print(" | ".join(row))
