"""Subscriptions and papers for the tests of digests."""

from __future__ import annotations

from bot.model.papers import Match, Paper
from bot.model.subscriptions import Deliver, Options, Place, Subscription
from bot.query.query import parse
from bot.store import Store
from tests.conftest import World
from tests.fakes.clock import Clock
from tests.fakes.papers import make_papers
from tests.looks import look_at

KEYWORD = "speech synthesis"


async def subscribed(
    world: World,
    store: Store,
    clock: Clock,
    keyword: str = KEYWORD,
    options: Options | None = None,
) -> Subscription:
    result = await store.subscriptions.subscribe(
        place=Place(world.guild.id, world.papers.id),
        keyword=keyword,
        query=parse(keyword).canonical,
        options=options or Options(deliver=Deliver.DIGEST),
        created_by=world.manager.id,
        now=clock(),
        look=look_at([]),
    )
    return result.subscription


async def announced(store: Store, clock: Clock, papers: list[Paper], keyword: str = KEYWORD) -> None:
    """Store *papers* as a poll does that found them for *keyword*."""
    canonical = parse(keyword).canonical
    found = [Match(canonical, paper.id) for paper in papers]
    await store.record(papers, found, clock(), asked=[canonical])


async def subscribed_twice(world: World, store: Store, clock: Clock) -> None:
    """Subscribe to two keywords, and announce papers of which both find one."""
    await subscribed(world, store, clock)
    await subscribed(world, store, clock, "TTS")
    papers = make_papers(3)
    await announced(store, clock, papers)
    await announced(store, clock, papers[:1], "TTS")
