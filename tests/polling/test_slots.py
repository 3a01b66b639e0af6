"""With a fixed interval, slots belong to the clock: queries of all ages share a round, and its requests."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.config import PollSettings
from bot.model.papers import Paper
from tests.fakes import arxiv as fakes
from tests.fakes.papers import make_paper
from tests.polling.poller_cases import DAY, FRIDAY, World, world

__all__ = ["world"]

TEN_MINUTES = timedelta(minutes=10)
every_ten_minutes = pytest.mark.parametrize(
    "world", [PollSettings(every="10m", max_posts=1000)], indirect=True, ids=["every ten minutes"]
)


def papers_of(keywords: int) -> list[Paper]:
    """Return a paper for each keyword, so that no list is empty; empty ones are asked for twice."""
    return [
        make_paper(n, published=FRIDAY - DAY, title=f"On topic {n}", abstract=f"It is topic {n}")
        for n in range(1, keywords + 1)
    ]


async def subscribe_apart(world: World, keywords: int, apart: timedelta) -> None:
    """Subscribe to *keywords* one after the other, while the poller works as its job lets it."""
    world.arxiv.publish(papers_of(keywords))
    for n in range(1, keywords + 1):
        await world.subscribe(f"topic {n}", channel=n, known=papers_of(keywords))
        world.pass_time(apart)


async def poll_for(world: World, span: timedelta) -> dict[datetime, int]:
    """Let the job work for *span*, and return the requests of each round by the time of its start.

    The wall clock moves with the gate's pauses, as it does in the world.
    """
    rounds = {}
    end = world.clock() + span
    while world.clock() < end:
        started, asked, ticked = world.clock(), len(world.arxiv.requests), world.watch.seconds
        rest = await world.poller.run()
        world.clock.advance(timedelta(seconds=world.watch.seconds - ticked))
        if len(world.arxiv.requests) > asked:
            rounds[started] = len(world.arxiv.requests) - asked
        world.pass_time(timedelta(seconds=rest))
    return rounds


async def last_polls(world: World) -> set[datetime | None]:
    return {query.last_polled for query in await world.store.queries.active()}


@every_ten_minutes
@pytest.mark.parametrize("apart", [timedelta(seconds=7), timedelta(minutes=2)], ids=str)
async def test_keywords_that_were_subscribed_apart_share_one_batch(world: World, apart: timedelta):
    await subscribe_apart(world, 4, apart)
    rounds = await poll_for(world, timedelta(hours=1))
    assert set(rounds.values()) == {2}  # one batch, by submission and by last update
    assert 5 <= len(rounds) <= 7
    assert len(await last_polls(world)) == 1


@every_ten_minutes
async def test_forty_keywords_that_were_subscribed_apart_finish_every_round(world: World):
    await subscribe_apart(world, 40, timedelta(seconds=14))
    rounds = await poll_for(world, timedelta(hours=1))
    assert set(rounds.values()) == {2}
    [last] = await last_polls(world)
    assert world.clock() - last <= TEN_MINUTES


@every_ten_minutes
async def test_no_keyword_is_asked_for_later_than_its_interval(world: World):
    await subscribe_apart(world, 1, timedelta(minutes=9))
    await world.subscribe("topic 2", channel=2, known=papers_of(2))
    first = await poll_for(world, timedelta(minutes=2))
    assert first == {FRIDAY + TEN_MINUTES: 2}
    assert await last_polls(world) == {FRIDAY + TEN_MINUTES}


@every_ten_minutes
async def test_a_keyword_that_was_never_asked_for_does_not_repeat_the_others(world: World):
    await subscribe_apart(world, 1, timedelta(minutes=1))
    await world.subscribe("topic 2", channel=2, known=None)
    await world.poller.run()
    asked = [request.search_query for request in world.arxiv.requests]
    assert asked
    assert not any("topic 1" in each.replace('"', "") for each in asked)
    world.pass_time(timedelta(minutes=9))
    await world.poller.run()
    assert await last_polls(world) == {world.clock()}


@every_ten_minutes
async def test_a_keyword_that_fails_waits_alone_and_returns_to_the_others(world: World):
    await subscribe_apart(world, 3, timedelta(0))
    refused = await world.subscribe("topic 4", channel=4, known=papers_of(4))
    world.arxiv.publish(papers_of(4))
    world.pass_time(TEN_MINUTES)
    # All four together, two halves, and each query of the second half.
    world.arxiv.fail(fakes.status(400), None, fakes.status(400), None, fakes.status(400))
    await world.poller.run()
    by_query = {query.canonical: query.last_polled for query in await world.store.queries.active()}
    assert by_query.pop(refused) is None
    assert set(by_query.values()) == {world.clock()}
    await poll_for(world, timedelta(minutes=21))
    assert len(await last_polls(world)) == 1


@every_ten_minutes
async def test_the_next_poll_is_reported_as_the_slot_that_all_share(world: World):
    await subscribe_apart(world, 3, timedelta(minutes=1))
    await world.poller.run()
    assert world.poller.report.next == FRIDAY + TEN_MINUTES
