"""Held papers as the store loads them: each by its own keywords, channel, categories and outbox rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.model.papers import Match, Paper
from bot.model.subscriptions import Deliver, Options, State
from bot.rules.pace import Pace
from bot.store import Store
from bot.store.tables import outbox
from tests.fakes.papers import make_paper, make_papers
from tests.store.store_cases import (
    CHANNEL,
    NOW,
    OTHER_CHANNEL,
    TTS,
    VOCODER,
    prune,
    queued,
    store,
    subscribe,
)

__all__ = ["store"]

DAY = timedelta(days=1)
FIRST, SECOND, THIRD = make_papers(3, first=1001)


async def hold(store: Store, **found: Sequence[Paper]) -> None:
    """Record a poll that brings *found*, by query, and holds back all of it."""
    papers = {paper.id: paper for papers in found.values() for paper in papers}
    matches = [Match(query, paper.id) for query, papers in found.items() for paper in papers]
    await store.record(list(papers.values()), matches, NOW, pace=Pace(at_once=0))


async def in_digest(store: Store, destination: int) -> list[str]:
    return [paper.text for section in await store.digests.pending(destination) for paper in section.papers]


async def test_a_held_paper_counts_for_the_keywords_that_matched_it_alone(store: Store) -> None:
    place = (await subscribe(store, TTS)).subscription.destination.id
    await subscribe(store, VOCODER, deliver=Deliver.DIGEST)
    await hold(store, tts=[FIRST, THIRD], vocoder=[SECOND, THIRD])
    assert await store.held.post(place, NOW + DAY) == 3
    assert await queued(store) == [FIRST.versioned, THIRD.versioned]
    assert sorted(await in_digest(store, place)) == [SECOND.id.text, THIRD.id.text]


async def test_a_held_paper_counts_for_keywords_of_its_own_channel_alone(store: Store) -> None:
    place = (await subscribe(store, TTS)).subscription.destination.id
    other = (await subscribe(store, TTS, channel=OTHER_CHANNEL, deliver=Deliver.DIGEST)).subscription
    await hold(store, tts=[FIRST])
    assert await store.held.post(place, NOW + DAY) == 1
    assert (await queued(store), await in_digest(store, place)) == ([FIRST.versioned], [])
    assert [held.papers for held in await store.held.waiting([other.destination.id])] == [1]
    assert await store.held.to_digest(other.destination.id, NOW + DAY) == 1
    assert await in_digest(store, other.destination.id) == [FIRST.id.text]
    assert await queued(store, OTHER_CHANNEL) == []


async def test_categories_and_pauses_since_then_are_respected(store: Store) -> None:
    live = (await subscribe(store, TTS)).subscription
    digest = (await subscribe(store, VOCODER, deliver=Deliver.DIGEST)).subscription
    maths = make_paper(1001, categories=("math.PR",), primary_category="math.PR")
    await hold(store, tts=[maths, SECOND], vocoder=[maths, SECOND])
    await store.subscriptions.set_state(digest.id, State.PAUSED)
    await store.subscriptions.edit(live.id, Options(categories=("cs",)))
    assert await store.held.post(live.destination.id, NOW + DAY) == 2
    assert await queued(store) == [SECOND.versioned]
    assert await in_digest(store, live.destination.id) == []
    assert await store.held.waiting() == []


async def test_a_review_asks_for_every_query_that_wants_the_paper(store: Store) -> None:
    place = (await subscribe(store, TTS)).subscription.destination.id
    await subscribe(store, VOCODER)
    await hold(store, tts=[FIRST, SECOND], vocoder=[SECOND])
    reviewed = await store.held.review(returned=(), asked={TTS: NOW - 30 * DAY}, over=(), now=NOW + DAY)
    assert (reviewed.listed, reviewed.dropped) == (0, 1)
    assert [held.papers for held in await store.held.waiting()] == [1]
    reviewed = await store.held.review(returned=[SECOND.id], asked={}, over=[place], now=NOW + DAY)
    assert (reviewed.listed, reviewed.dropped) == (0, 0)
    reviewed = await store.held.review(returned=[SECOND.id], asked={}, over=[], now=NOW + DAY)
    assert (reviewed.listed, reviewed.dropped) == (1, 0)
    assert await in_digest(store, place) == [SECOND.id.text]


async def test_a_review_of_several_channels_counts_them_all(store: Store) -> None:
    for channel in (CHANNEL, OTHER_CHANNEL):
        await subscribe(store, channel=channel)
    await hold(store, tts=[FIRST, SECOND])
    reviewed = await store.held.review(
        returned=[FIRST.id], asked={TTS: NOW - 30 * DAY}, over=(), now=NOW + DAY
    )
    assert (reviewed.listed, reviewed.dropped) == (2, 2)


@pytest.mark.parametrize("decide", ["post", "drop"])
async def test_a_decision_leaves_the_other_papers_of_the_channel_alone(store: Store, decide: str) -> None:
    place = (await subscribe(store)).subscription.destination.id
    await store.record([FIRST], [Match(TTS, FIRST.id)], NOW)
    await hold(store, tts=[SECOND])
    decided = store.held.post(place, NOW) if decide == "post" else store.held.drop(place)
    assert await decided == 1
    assert await queued(store) == [FIRST.versioned, *([SECOND.versioned] if decide == "post" else [])]


async def test_released_posts_are_due_at_once_and_count_for_the_day_of_their_release(store: Store) -> None:
    place = (await subscribe(store)).subscription.destination.id
    await hold(store, tts=[FIRST])
    await store.held.post(place, NOW + DAY)
    async with store.database.read() as connection:
        [row] = await connection.execute(outbox.select())
    assert (row.due, row.created_at) == (NOW + DAY, NOW + DAY)


async def test_a_released_paper_can_be_forgotten_like_any_other(store: Store) -> None:
    """A held one is kept, however long nobody decides."""
    place = (await subscribe(store)).subscription.destination.id
    await hold(store, tts=[FIRST, SECOND])
    await prune(store, NOW + 500 * DAY)
    assert await store.papers.get(FIRST.id) is not None
    await store.held.drop(place)
    await prune(store, NOW + 500 * DAY)
    assert await store.papers.get(FIRST.id) is None
