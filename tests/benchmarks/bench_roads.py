"""What one announcement costs by each road: requests, bytes, and the time until the last post is queued.

An announcement brings 1,500 new and 900 replaced papers, each on one of ten thousand topics, after two weeks
that brought as many on each weekday. Each query asks for a topic. The real poller asks a fake arXiv through
the real gate; waiting for the gate and for arXiv's answers passes on a simulated clock. The bot's own work is
processor time, with the fake's in it. The naive poller asks for one keyword at a time through the same gate,
and for no new versions: its numbers beyond a hundred keywords are arithmetic.

    python -m tests.benchmarks.bench_roads
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Literal

import aiohttp
import sqlalchemy as sa

from bot.arxiv.client import ArxivClient, Sort
from bot.arxiv.feeds_client import FeedsClient
from bot.arxiv.gate import Gate
from bot.arxiv.oai_client import OaiClient
from bot.config import ArxivSettings, DeliverySettings, Settings
from bot.model.subscriptions import Options, Place
from bot.polling.poller import Poller
from bot.query.query import parse
from bot.runtime.sources import source_of
from bot.store import Store
from bot.store.chunks import execute_many
from bot.store.tables import queries, subscriptions
from tests.database import lay_out
from tests.fakes.papers import make_paper
from tests.looks import look_at
from tests.simulation.arxiv import ClockedArxiv, Visit
from tests.simulation.clock import EventClock
from tests.simulation.submissions import Submissions, evenings, topics_of
from tests.simulation.traffic import kind_of

COLUMNS = ("requests", "bytes", "time", "work")
COUNTS = (4, 100, 1_000, 10_000)
MEASURED = 100  # keywords of the naive poller; more are arithmetic
NEW, REPLACED, TOPICS = 1_500, 900, 10_000
_FIRST, _DAYS = date(2026, 10, 5), 11  # two weeks and a day
_UNTIL_COMPLETE = timedelta(hours=7, minutes=30)
_NAIVE_PAGE = 100
Row = tuple[str, str, str, str, str]
_Source = Literal["api", "harvest"]


@dataclass(frozen=True)
class Cost:
    """Of one announcement: *visits* to arXiv, and seconds of waiting and of *work*."""

    visits: Sequence[Visit]
    waited: float
    work: float
    queued: int = 0

    def row(self, what: str) -> Row:
        kinds = Counter(kind_of(one) for one in self.visits)
        parts = " + ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        size = sum(one.size for one in self.visits)
        return what, _counted(len(self.visits), parts), _size(size), _time(self.waited), f"{self.work:.1f} s"


class Weeks:
    """Two weeks of arXiv; `announce` lets the next evening come and its index fill."""

    def __init__(self, arxiv: ClockedArxiv, clock: EventClock, topics: Sequence[str], chance: Random) -> None:
        self._arxiv, self._clock = arxiv, clock
        self._submissions = Submissions(chance, topics, new=NEW, replaced=REPLACED)
        self._evenings = evenings(_FIRST)
        self._arxiv.known(self._submissions.archive(4 * REPLACED, clock()), clock() - timedelta(days=400))

    def announce(self) -> None:
        evening = next(self._evenings)
        self._clock.advance(self._clock.until(evening))
        items = self._submissions.evening(evening)
        self._arxiv.begin_evening()
        self._arxiv.announce([one.paper for one in items], [one.topics for one in items])
        self._clock.advance(_UNTIL_COMPLETE.total_seconds())


class Bench:
    """A poller of the first *count* topics, after two weeks of them."""

    def __init__(
        self,
        store: Store,
        arxiv: ClockedArxiv,
        clock: EventClock,
        session: aiohttp.ClientSession,
        source: _Source,
    ) -> None:
        self._store, self._arxiv, self._clock = store, arxiv, clock
        self._settings = Settings(
            arxiv=ArxivSettings(
                api_url=arxiv.url, oai_url=arxiv.oai_url, rss_url=arxiv.rss_url, source=source, timeout=600
            ),
            delivery=DeliverySettings(daily_cap=None),
        )
        gate = Gate(3, clock=clock.seconds, sleep=clock.sleep)
        self.client = ArxivClient(session, gate, self._settings.arxiv, clock=clock)
        oai = OaiClient(session, gate, self._settings.arxiv, clock=clock)
        feeds = FeedsClient(session, gate, self._settings.arxiv, clock=clock)
        roads = source_of(self._settings, self.client, oai, feeds, store, clock=clock)
        self._poller = Poller(store, roads, self._settings, clock=clock, on_queued=lambda: None)

    async def subscribe(self, topics: Sequence[str]) -> None:
        """Subscribe a channel to one of *topics* as a command does, and copy that for the others."""
        now, first = self._clock(), parse(topics[0])
        known = make_paper(id="2609.15000", published=now - timedelta(days=3))
        await self._store.subscriptions.subscribe(
            place=Place(1, 1), keyword=first.typed, query=first.canonical, options=Options(), created_by=1,
            now=now, look=look_at([known]),
        )  # fmt: skip
        async with self._store.database.write() as connection:
            query = dict((await connection.execute(sa.select(queries))).mappings().one())
            model = dict((await connection.execute(sa.select(subscriptions))).mappings().one())
            del model["id"]
            numbers = range(query["id"] + 1, query["id"] + len(topics))
            texts = [parse(topic).canonical for topic in topics[1:]]
            rows = [
                query | {"id": number, "canonical": text} for number, text in zip(numbers, texts, strict=True)
            ]
            await execute_many(connection, queries.insert(), rows)
            await execute_many(connection, subscriptions.insert(), [model | {"query_id": n} for n in numbers])

    async def poll(self) -> int:
        await self._poller.run()
        return self._poller.report.queued

    async def measure(self, act: Callable[[], Awaitable[int]]) -> Cost:
        """Return what *act* costs, which returns how many posts it has queued."""
        visits, waited, worked = len(self._arxiv.visits), self._clock.seconds(), time.process_time()
        queued = await act()
        work = time.process_time() - worked
        return Cost(self._arxiv.visits[visits:], self._clock.seconds() - waited, work, queued)


@asynccontextmanager
async def _benches(source: _Source, topics: Sequence[str]) -> AsyncIterator[tuple[Bench, Weeks]]:
    chance = Random(5)  # noqa: S311 - chance, not secrecy
    clock = EventClock(datetime(2026, 10, 5, 8, tzinfo=UTC))
    with tempfile.TemporaryDirectory() as folder:
        lay_out(Path(folder) / "papers.db")
        async with (
            ClockedArxiv(clock, topics, chance) as arxiv,
            aiohttp.ClientSession() as session,
            await Store.open(f"sqlite:///{folder}/papers.db") as store,
        ):
            yield Bench(store, arxiv, clock, session, source), Weeks(arxiv, clock, topics, chance)


async def polled(source: _Source, topics: Sequence[str], count: int) -> Cost:
    """Return what the poll after an announcement costs, after one that brought the bot up to date."""
    async with _benches(source, topics) as (bench, weeks):
        for _ in range(_DAYS - 2):
            weeks.announce()
        await bench.subscribe(topics[:count])
        weeks.announce()
        await bench.poll()
        weeks.announce()
        return await bench.measure(bench.poll)


async def naive(topics: Sequence[str], count: int) -> Cost:
    """Return what a request for each keyword costs; beyond `MEASURED` keywords, by arithmetic."""
    asked = [parse(topic) for topic in topics[: min(count, MEASURED)]]
    async with _benches("api", topics) as (bench, weeks):
        for _ in range(_DAYS):
            weeks.announce()

        async def ask() -> int:
            pages = [
                await bench.client.search(query.arxiv, max_results=_NAIVE_PAGE, sort=Sort.SUBMITTED)
                for query in asked
            ]
            return sum(len(page.papers) for page in pages)

        cost = await bench.measure(ask)
    times = count // len(asked)
    return Cost([*cost.visits] * times, cost.waited * times, cost.work * times)


def run() -> list[Row]:
    """Return the rows of the table; takes minutes."""
    return asyncio.run(_run())


async def _run() -> list[Row]:
    logging.disable()
    topics = topics_of(Random(5), TOPICS)  # noqa: S311
    rows = []
    for count in COUNTS:
        rows.append((await polled("api", topics, count)).row(f"{count:,} queries: query API"))
        rows.append((await polled("harvest", topics, count)).row("harvest"))
        arithmetic = " (arithmetic)" if count > MEASURED else ""
        rows.append((await naive(topics, count)).row(f"one keyword at a time{arithmetic}"))
    logging.disable(logging.NOTSET)
    return rows


def _counted(count: int, parts: str) -> str:
    return f"{count:,}" if " + " not in parts else f"{count:,} ({parts})"


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _time(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds < 3_600 else f"{seconds / 3_600:,.1f} h"


if __name__ == "__main__":
    for line in run():
        print(" | ".join(line))
