"""What the tests of the poller share: a world between a fake arXiv and a real database."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import aiohttp
import pytest

from bot.arxiv.client import ArxivClient
from bot.arxiv.feeds_client import FeedsClient
from bot.arxiv.gate import Gate
from bot.arxiv.oai_client import OaiClient
from bot.config import ArxivSettings, DeliverySettings, PollSettings, Settings
from bot.model.outbox import OutboxRow
from bot.model.outcomes import Sent
from bot.model.papers import Paper
from bot.model.subscriptions import Options, Place
from bot.polling.api_source import ApiSource
from bot.polling.poller import Poller
from bot.polling.source import Source
from bot.query.query import parse
from bot.store.store import Store
from tests.database import lay_out
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock, Stopwatch
from tests.fakes.papers import make_papers
from tests.looks import look_at

FRIDAY = datetime(2026, 7, 24, 8, tzinfo=UTC)  # half an hour after the batch of the week's last day
DAY = timedelta(days=1)


class World:
    """A poller between a fake arXiv and a real database; its clock moves only when told to."""

    def __init__(
        self,
        store: Store,
        arxiv: FakeArxiv,
        session: aiohttp.ClientSession,
        clock: Clock,
        *,
        poll: PollSettings,
        delivery: DeliverySettings | None = None,
    ) -> None:
        self.store, self.arxiv, self.clock = store, arxiv, clock
        self.watch = Stopwatch()
        self.settings = settings = Settings(
            arxiv=ArxivSettings(
                api_url=arxiv.url, oai_url=arxiv.oai_url, rss_url=arxiv.rss_url, page_size=50, timeout=5
            ),
            poll=poll,
            delivery=delivery or DeliverySettings(daily_cap=None),
        )
        gate = Gate(3, clock=self.watch, sleep=self.watch.sleep)
        self.client = ArxivClient(session, gate, settings.arxiv, clock=clock)
        self.oai = OaiClient(session, gate, settings.arxiv, clock=clock)
        self.feeds = FeedsClient(session, gate, settings.arxiv, clock=clock)
        self.woken = 0
        self.poller = self._new_poller()

    def restart(self) -> None:
        """Go on with the same database and nothing else."""
        self.poller = self._new_poller()

    def _new_poller(self) -> Poller:
        return Poller(self.store, self.source(), self.settings, clock=self.clock, on_queued=self.wake)

    def source(self) -> Source:
        """Return how arXiv is asked."""
        return ApiSource(self.client, self.store.papers.matched_between)

    def wake(self) -> None:
        self.woken += 1

    def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)
        self.watch.seconds += by.total_seconds()

    async def subscribe(
        self,
        keyword: str,
        *,
        channel: int = 1,
        known: Sequence[Paper] | None = (),
        options: Options | None = None,
    ) -> str:
        """Subscribe as a command does; *known* None means that arXiv could not be asked."""
        query = parse(keyword).canonical
        await self.store.subscriptions.subscribe(
            place=Place(1, channel),
            keyword=keyword,
            query=query,
            options=options or Options(),
            created_by=1,
            now=self.clock(),
            look=look_at(known),
        )
        return query

    async def announce(self, papers: Iterable[Paper]) -> None:
        """Publish *papers* and let the next morning's poll come."""
        self.arxiv.publish(papers)
        self.pass_time(3 * DAY if self.clock().weekday() == 4 else DAY)

    async def queued(self) -> list[OutboxRow]:
        """Return what is to be sent, in order, as if all of it were sent now."""
        rows = []
        while heads := await self.store.outbox.heads(self.clock() + DAY, 100):
            for row in heads:
                rows.append(row)
                await self.store.settle(row, Sent(len(rows)), self.clock())
        return rows

    async def subjects(self) -> list[str]:
        return sorted(str(row.subject) for row in await self.queued())

    def windows(self) -> list[tuple[datetime, datetime]]:
        """Return the spans of submission that arXiv was asked for."""

        def moment(digits: str) -> datetime:
            return datetime.strptime(digits, "%Y%m%d%H%M").replace(tzinfo=UTC)

        found = (re.search(r"submittedDate:\[(\d+) TO (\d+)\]", r.search_query) for r in self.arxiv.requests)
        return [(moment(match[1]), moment(match[2])) for match in found if match]


W = TypeVar("W", bound=World)


def recent(count: int, *, first: int = 1, **changes: object) -> list[Paper]:
    return make_papers(count, first=first, published=FRIDAY - 2 * DAY, **changes)


@asynccontextmanager
async def opened(folder: Path, kind: type[W], poll: PollSettings | None = None) -> AsyncIterator[W]:
    """Open a world of some *kind*, whose database is in *folder*."""
    lay_out(folder / "papers.db")
    clock = Clock(FRIDAY)
    async with (
        FakeArxiv(clock=clock) as arxiv,
        aiohttp.ClientSession() as session,
        await Store.open(f"sqlite:///{folder}/papers.db") as store,
    ):
        yield kind(store, arxiv, session, clock, poll=poll or PollSettings(max_posts=1000))


@pytest.fixture
async def world(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with opened(tmp_path, World, getattr(request, "param", None)) as world:
        yield world


every = pytest.mark.parametrize("world", [PollSettings(every="1h")], indirect=True, ids=["every hour"])
