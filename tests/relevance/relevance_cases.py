"""A store with a channel, and papers on two subjects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.model.interests import Verdict
from bot.model.papers import Match, Paper
from bot.model.subscriptions import Options, Place
from bot.query.query import parse
from bot.relevance.interests import Interests
from bot.store import Store
from tests.database import lay_out
from tests.fakes.clock import Clock
from tests.fakes.papers import make_paper
from tests.looks import look_at

SPLATTING = "We render {} with Gaussian splatting and radiance fields."
ROBOTS = "Legged robots walk on {} with a policy."
PLACE = Place(100, 200)


def paper(number: int, abstract: str, **more: Any) -> Paper:
    return make_paper(number, title=f"Of {number}", abstract=abstract, **more)


LIKED = [paper(n, SPLATTING.format(kind)) for n, kind in enumerate(("rooms", "streets", "faces"), 1)]


@dataclass
class Lab:
    """A channel with its interests."""

    store: Store
    clock: Clock
    interests: Interests
    channel: int

    async def like(self, *papers: Paper, verdict: Verdict = Verdict.MORE) -> None:
        await self.store.feedback.give(self.channel, papers, verdict, self.clock())

    async def subscribe(self, keyword: str, **options: Any) -> None:
        """Subscribe the channel, whose old papers are those up to number 10."""
        await self.store.subscriptions.subscribe(
            place=PLACE,
            keyword=keyword,
            query=parse(keyword).canonical,
            options=Options(**options),
            created_by=1,
            now=self.clock(),
            look=look_at([make_paper(10)]),
        )

    async def record(self, keyword: str, papers: Sequence[Paper], **more: Any) -> None:
        matches = [Match(parse(keyword).canonical, one.id, ("x",)) for one in papers]
        await self.store.record(papers, matches, self.clock(), **more)


@asynccontextmanager
async def lab_in(folder: Path) -> AsyncIterator[Lab]:
    lay_out(folder / "papers.db")
    clock = Clock()
    async with await Store.open(f"sqlite:///{folder}/papers.db") as store:
        channel = await store.destinations.ensure(PLACE, clock())
        yield Lab(store, clock, Interests(store, clock=clock), channel.id)
