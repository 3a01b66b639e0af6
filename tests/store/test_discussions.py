"""Which thread a channel discusses a paper in, and on which post."""

from __future__ import annotations

from datetime import timedelta

from bot.model.outcomes import Fail, Sent
from bot.model.reasons import Reason, ReasonCode
from bot.store import Store
from tests.store.store_cases import (
    GRACE,
    GUILD,
    KEEP,
    MORE,
    NEWS,
    NOW,
    OTHER_CHANNEL,
    prune,
    record,
    store,
    subscribe,
)

__all__ = ["store"]


async def test_a_thread_is_known_by_channel_and_paper(store: Store) -> None:
    here = (await subscribe(store)).subscription.destination.id
    other = (await subscribe(store, channel=OTHER_CHANNEL)).subscription.destination.id
    await record(store, NEWS, MORE)
    await store.discussions.keep(here, NEWS, 5, NOW)
    assert await store.discussions.get(here, NEWS.id) == 5
    assert await store.discussions.get(other, NEWS.id) == 0
    assert await store.discussions.get(here, MORE.id) == 0
    await store.discussions.keep(here, NEWS, 6, NOW)
    assert await store.discussions.get(here, NEWS.id) == 6


async def test_it_is_forgotten_with_the_paper_and_with_the_channel(store: Store) -> None:
    here = (await subscribe(store)).subscription.destination.id
    await record(store, NEWS, MORE)
    for _ in range(2):
        [head] = await store.outbox.heads(NOW, 1)
        await store.settle(head, Sent(1), NOW)
    await store.discussions.keep(here, NEWS, 5, NOW)
    await prune(store, NOW + KEEP + timedelta(days=1))
    assert await store.discussions.get(here, NEWS.id) == 0
    await record(store, NEWS)
    await store.discussions.keep(here, NEWS, 6, NOW)
    await store.destinations.leave(GUILD, Reason(ReasonCode.BOT_REMOVED), NOW)
    await store.erase_gone(NOW + GRACE + timedelta(days=1), GRACE)
    assert await store.discussions.get(here, NEWS.id) == 0


async def test_a_paper_that_is_not_stored_is_stored_with_its_thread(store: Store) -> None:
    """A digest may be older than what is kept."""
    here = (await subscribe(store)).subscription.destination.id
    assert await store.papers.get(NEWS.id) is None
    await store.discussions.keep(here, NEWS, 5, NOW)
    assert await store.discussions.get(here, NEWS.id) == 5
    assert await store.papers.get(NEWS.id) == NEWS


async def test_a_thread_is_taken_if_it_is_stored_or_on_a_post(store: Store) -> None:
    here = (await subscribe(store)).subscription.destination.id
    other = (await subscribe(store, channel=OTHER_CHANNEL)).subscription.destination.id
    await record(store, NEWS)
    [head, *_] = [one for one in await store.outbox.heads(NOW, 9) if one.destination.id == here]
    await store.settle(head, Sent(7), NOW)
    await store.discussions.keep(here, NEWS, 5, NOW)
    assert await store.discussions.taken(here, [5, 6, 7]) == {5, 7}
    assert await store.discussions.taken(other, [5, 6, 7]) == set()
    assert await store.discussions.taken(here, []) == set()


async def test_a_post_is_what_discord_has(store: Store) -> None:
    here = (await subscribe(store)).subscription.destination.id
    await record(store, NEWS, MORE)
    assert await store.discussions.post(here, NEWS.id) == 0
    for outcome in (Sent(7), Fail(Reason(ReasonCode.NOT_ALLOWED))):
        [head] = await store.outbox.heads(NOW, 1)
        await store.settle(head, outcome, NOW)
    assert await store.discussions.post(here, NEWS.id) == 7
    assert await store.discussions.post(here, MORE.id) == 0
