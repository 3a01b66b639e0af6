"""A world in which the bot chooses among the roads to arXiv."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.config import Settings
from bot.model.papers import Paper
from bot.polling.roads import Roads
from bot.runtime.sources import source_of
from tests.fakes import arxiv as fakes
from tests.fakes.arxiv_faults import Fault, Faults
from tests.fakes.papers import make_papers
from tests.polling.poller_cases import DAY, FRIDAY, World, opened, recent

MONDAY = FRIDAY + 3 * DAY
REFUSED = fakes.rate_exceeded()
_FROM_EVENING = timedelta(hours=7, minutes=30)  # 20:30 Eastern


class RoadsWorld(World):
    """All roads, with a breaker each; `prefer` sets the configuration's choice."""

    preferred = "auto"

    def source(self) -> Roads:
        arxiv = self.settings.arxiv.model_copy(update={"source": self.preferred})
        settings = Settings(**{**dict(self.settings), "arxiv": arxiv})
        self.roads = source_of(settings, self.client, self.oai, self.feeds, self.store, clock=self.clock)
        return self.roads

    def prefer(self, road: str) -> None:
        """Start the bot again with another configuration."""
        self.preferred = road
        self.restart()

    async def begin(self, keywords: int = 1) -> None:
        """Subscribe on Friday; the first poll of all is over when this returns."""
        self.arxiv.publish(recent(3))
        for n in range(keywords):
            keyword = "speech synthesis" if n == 0 else f"topic {n}"
            await self.subscribe(keyword, channel=n + 1, known=recent(3))
        await self.announce([])
        await self.poller.run()
        assert await self.subjects() == []
        self.forget()

    def forget(self) -> None:
        for interface in (self.arxiv, self.arxiv.oai, self.arxiv.feeds):
            interface.requests.clear()

    async def announce(self, papers: Iterable[Paper]) -> None:
        """Publish *papers* in the evening before the next announcement's poll, and let that time come."""
        span = 3 * DAY if self.clock().weekday() == 4 else DAY
        self.pass_time(span - _FROM_EVENING)
        self.arxiv.publish(papers)
        self.pass_time(_FROM_EVENING)

    async def poll_through(self, span: timedelta) -> None:
        """Let the poller's job work for *span*."""
        end = self.clock() + span
        while self.clock() < end:
            self.pass_time(timedelta(seconds=await self.poller.run()))

    def asked(self) -> dict[str, int]:
        """Return how many requests each interface got since `forget`."""
        return {"api": len(self.arxiv.requests), "oai": len(self.arxiv.oai.requests)}

    def closed(self) -> dict[str, datetime]:
        """Return since when roads are closed, by road."""
        return {one.road.value: one.closed_since for one in self.poller.roads if one.closed_since}

    def served(self) -> tuple[str, ...]:
        return tuple(self.poller.report.roads)


def close(interface: Faults, fault: Fault | None = REFUSED) -> None:
    """Let every request to *interface* fail from now on; None lets it answer again."""
    interface.always = fault


def news(first: int, count: int = 2, **changes: Any) -> list[Paper]:
    return make_papers(count, first=first, **({"published": MONDAY - DAY} | changes))


async def a_week(world: RoadsWorld) -> None:
    """Let five announcements pass with forty papers each; then it is known how many are usual."""
    for day in range(5):
        bees = news(9_100 + 50 * day, 40, published=world.clock(), title="Bees", abstract="Bees")
        await world.announce(bees)
        await world.poller.run()


def versions(papers: Iterable[Paper]) -> list[str]:
    return sorted(paper.versioned for paper in papers)


@pytest.fixture
async def world(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[RoadsWorld]:
    async with opened(tmp_path, RoadsWorld, getattr(request, "param", None)) as world:
        yield world
