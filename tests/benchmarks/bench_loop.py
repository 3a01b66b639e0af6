"""How long a poll blocks the event loop, and how much memory it takes.

2,000 papers and 10,000 queries pass through the real client, matcher and store. ArXiv is a separate process
that answers at once, so that only the bot's own work is measured. The naive poll does the same work directly
on the loop.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp
import sqlalchemy as sa
from aiohttp import web

from bot.arxiv import feed
from bot.arxiv.client import ArxivClient
from bot.arxiv.gate import Gate
from bot.config import ArxivSettings, Settings
from bot.model.papers import Paper
from bot.model.subscriptions import Options, Place
from bot.polling.api_source import ApiSource
from bot.polling.poller import Poller
from bot.query.matcher import Matcher
from bot.query.query import parse
from bot.rules.forecast import NotAsked
from bot.store.store import Store
from bot.store.tables import queries, subscriptions
from tests.benchmarks.bench_matching import all_papers, some_queries
from tests.benchmarks.linux import megabytes
from tests.fakes.atom import atom

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)
PAPERS, QUERIES = 2_000, 10_000
_PAGE = 500
_BEAT = 0.001


def run() -> list[tuple[str, str, str, str]]:
    """Return the rows of the table; takes about a minute."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    arxiv = context.Process(target=_serve, args=(there,), daemon=True)
    arxiv.start()
    try:
        with context.Pool(1) as pool:
            hold, took, resident, peak, matched = pool.apply(_poll, (here.recv(),))
        with context.Pool(1) as pool:
            naive = pool.apply(_naive_hold)
    finally:
        arxiv.terminate()
    what = f"{PAPERS:,} papers × {QUERIES:,} queries"
    return [
        (
            f"longest hold of the loop, {what}",
            f"{hold * 1000:.0f} ms",
            f"{naive:.1f} s",
            f"{naive / hold:.0f}×",
        ),
        (f"the whole poll ({matched:,} papers matched)", f"{took:.1f} s", "", ""),
        ("memory before the poll, and at most", f"{resident:.0f}, {peak:.0f} MB", "", ""),
    ]


def papers() -> list[Paper]:
    """Return distinct papers of typical length, submitted within the look-back of a poll."""
    distinct = {paper.id: paper for paper in all_papers()}
    return [
        replace(paper, published=NOW - timedelta(days=2, seconds=number), updated=NOW - timedelta(days=2))
        for number, paper in enumerate(list(distinct.values())[-PAPERS:])
    ]


def texts() -> list[str]:
    """Return the canonical texts of the queries."""
    return [query.canonical for query in some_queries(all_papers(), QUERIES)]


def _serve(parent: Connection) -> None:
    """Run an arXiv that gives the same answer to every request."""
    newest_first = sorted(papers(), key=lambda paper: paper.published, reverse=True)
    pages: dict[tuple[int, int], bytes] = {}

    async def answer(request: web.Request) -> web.Response:
        given = {**request.query, **{key: str(value) for key, value in (await request.post()).items()}}
        place = int(given.get("start", "0")), int(given.get("max_results", "10"))
        if place not in pages:
            start, size = place
            page = newest_first[start : start + size]
            pages[place] = atom(page, total=PAPERS, start=start, per_page=size)
        return web.Response(body=pages[place], content_type="application/atom+xml")

    async def serve() -> None:
        app = web.Application()
        app.router.add_route("*", "/api/query", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        parent.send(f"http://127.0.0.1:{runner.addresses[0][1]}/api/query")
        await asyncio.Event().wait()

    asyncio.run(serve())


def _poll(url: str) -> tuple[float, float, float, float, int]:
    """Return seconds (longest block, whole poll), MB (before, peak) and the number of papers matched."""
    logging.disable()  # the log would report each paper that this arXiv returns for any request
    try:
        with tempfile.TemporaryDirectory() as folder:
            return asyncio.run(_polled(url, Path(folder)))
    finally:
        logging.disable(logging.NOTSET)


async def _polled(url: str, folder: Path) -> tuple[float, float, float, float, int]:
    settings = Settings(
        arxiv=ArxivSettings(api_url=url, min_interval=0, page_size=_PAGE), poll={"every": "1h"}
    )
    async with (
        await Store.open(f"sqlite:///{folder / 'papers.db'}") as store,
        aiohttp.ClientSession() as session,
    ):
        await _fill(store)
        client = ArxivClient(session, Gate(0), settings.arxiv, clock=lambda: NOW)
        source = ApiSource(client, store.papers.matched_between)
        poller = Poller(store, source, settings, clock=lambda: NOW, on_queued=lambda: None)
        resident = megabytes("VmRSS")
        gaps: list[float] = []
        heart = asyncio.create_task(_beat(gaps))
        started = time.perf_counter()
        await poller.run()
        took = time.perf_counter() - started
        heart.cancel()
        peak = megabytes("VmHWM")
        return max(gaps), took, resident, peak, poller.report.matched


async def _fill(store: Store) -> None:
    """Subscribe one channel to one query by the store's method, and copy that row for the others."""
    first, *rest = (parse(text) for text in texts())
    await store.subscriptions.subscribe(
        place=Place(1, 2), keyword=first.typed, query=first.canonical, options=Options(),
        created_by=3, now=NOW - timedelta(days=3), look=NotAsked(),
    )  # fmt: skip
    async with store.database.write() as connection:
        model = dict((await connection.execute(sa.select(subscriptions))).mappings().one())
        del model["id"]
        await connection.execute(
            queries.insert(),
            [
                {"id": number, "canonical": query.canonical, "last_error": "", "last_polled": NOW}
                for number, query in enumerate(rest, 2)
            ],
        )
        copies = [{**model, "query_id": number} for number in range(2, QUERIES + 1)]
        await connection.execute(subscriptions.insert(), copies)


async def _beat(gaps: list[float]) -> None:
    while True:
        before = time.perf_counter()
        await asyncio.sleep(_BEAT)
        gaps.append(time.perf_counter() - before - _BEAT)


def _naive_hold() -> float:
    """Return the seconds for which parsing and matching on the loop would block it."""
    pages = [atom(papers()[start : start + _PAGE], total=PAPERS, start=start, per_page=_PAGE)
             for start in range(0, PAPERS, _PAGE)]  # fmt: skip
    matcher = Matcher([parse(text) for text in texts()])
    started = time.perf_counter()
    matcher.match([paper for page in pages for paper in feed.parse(page).papers])
    return time.perf_counter() - started
