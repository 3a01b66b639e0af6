"""Channels that stop and come back, servers that leave and return, and what managers are told of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model.outbox import Notice
from bot.model.outcomes import Fail, Later, Outcome, Pause, Sent
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Deliver, Destination, State
from bot.rules.baseline import ACCIDENT
from bot.store import Store
from bot.store.notices import COLLECTED_FOR
from tests.fakes.papers import make_paper
from tests.store.store_cases import (
    CHANNEL,
    GRACE,
    GUILD,
    KEEP,
    MORE,
    NEWS,
    NOW,
    OTHER_CHANNEL,
    PERSON,
    prune,
    queued,
    record,
    store,
    subscribe,
)

__all__ = ["store"]

WHY = Reason(ReasonCode.NOT_ALLOWED)


async def destination(store: Store, channel: int = CHANNEL) -> Destination:
    found = await store.destinations.by_channel(channel)
    assert found is not None
    return found


async def refuse(store: Store, outcome: Outcome) -> None:
    """Let Discord answer the oldest waiting post with *outcome*."""
    [row, *_] = await store.outbox.heads(NOW, 1)
    claimed = await store.outbox.claim(row, NOW)
    assert claimed is not None
    await store.settle(claimed, outcome, NOW)


# --- paused, and told -------------------------------------------------------------------------------------


async def test_a_pause_is_to_be_told_with_what_waits_and_who_subscribed(store: Store) -> None:
    await subscribe(store)
    await record(store, NEWS, MORE)
    await refuse(store, Pause(WHY))
    [notice] = await store.notices.waiting()
    assert (notice.reason, notice.subscriber, notice.waiting) == (WHY, PERSON, 2)
    assert notice.due == NOW + COLLECTED_FOR
    assert notice.destination == await destination(store)
    assert (notice.destination.state, notice.destination.state_since) == (State.PAUSED, NOW)


async def test_a_pause_of_direct_messages_is_nobodys_to_be_told(store: Store) -> None:
    await subscribe(store, guild=0, user=PERSON)
    await record(store, NEWS)
    await refuse(store, Pause(Reason(ReasonCode.DIRECT_MESSAGES_CLOSED)))
    assert await store.notices.waiting() == []


async def test_the_right_that_returns_takes_the_notice_back(store: Store) -> None:
    await subscribe(store)
    place = await destination(store)
    await store.destinations.pause(place.id, WHY, NOW)
    assert await store.destinations.resume(place.id, NOW) == place
    assert await store.notices.waiting() == []


async def told(store: Store) -> Notice:
    [notice] = await store.notices.waiting()
    assert await store.notices.claim([notice], NOW, channel_id=7)
    await store.notices.settle([notice], Sent(1), NOW)
    assert await store.notices.waiting() == []
    return notice


async def test_a_look_that_fails_is_the_same_pause_and_not_told_again(store: Store) -> None:
    await subscribe(store)
    await record(store, NEWS)
    await refuse(store, Pause(WHY))
    await told(store)
    for _ in range(3):
        await store.destinations.resume((await destination(store)).id, NOW)
        await refuse(store, Pause(WHY))
    assert await store.notices.waiting() == []


async def test_another_reason_or_a_post_in_between_is_told(store: Store) -> None:
    await subscribe(store)
    await record(store, NEWS, MORE)
    place = await destination(store)
    await refuse(store, Pause(WHY))
    await told(store)
    await store.destinations.resume(place.id, NOW)
    await refuse(store, Pause(Reason(ReasonCode.THREAD_LOCKED)))
    assert (await told(store)).reason == Reason(ReasonCode.THREAD_LOCKED)
    await store.destinations.resume(place.id, NOW)
    [row] = await store.outbox.heads(NOW, 1)
    await store.settle(row, Sent(1), NOW + timedelta(minutes=1))
    await refuse(store, Pause(Reason(ReasonCode.THREAD_LOCKED)))
    assert len(await store.notices.waiting()) == 1


async def test_a_notice_in_doubt_keeps_its_place_and_its_first_moment(
    store: Store, database_url: str
) -> None:
    await subscribe(store)
    await subscribe(store, channel=OTHER_CHANNEL)
    for channel in (CHANNEL, OTHER_CHANNEL):
        await store.destinations.pause((await destination(store, channel)).id, WHY, NOW)
    batch = await store.notices.waiting()
    assert await store.notices.claim(batch, NOW, channel_id=7)
    await store.close()
    async with await Store.open(database_url) as reopened:
        again = await reopened.notices.waiting()
        assert [(one.batch, one.channel_id, one.ambiguous, one.attempts) for one in again] == [
            (batch[0].id, 7, True, 1)
        ] * 2
        assert await reopened.notices.claim(again, NOW + timedelta(minutes=1), channel_id=7)
        assert [one.first_tried for one in await reopened.notices.waiting()] == [NOW, NOW]


@pytest.mark.parametrize(
    ("outcome", "left"),
    [
        (Sent(1), None),
        (
            Later(timedelta(seconds=9), Reason(ReasonCode.DISCORD_ERROR, status=503)),
            (NOW + timedelta(seconds=9), 7, ()),
        ),
        (Pause(Reason(ReasonCode.NOT_ALLOWED)), (NOW, 0, (7,))),
        (Fail(Reason(ReasonCode.DISCORD_ERROR, status=400)), None),
    ],
)
async def test_what_becomes_of_a_try_to_tell(
    store: Store, outcome: Outcome, left: tuple[object, ...] | None
) -> None:
    await subscribe(store)
    await store.destinations.pause((await destination(store)).id, WHY, NOW)
    batch = await store.notices.waiting()
    await store.notices.claim(batch, NOW, channel_id=7)
    await store.notices.settle(batch, outcome, NOW, place=7)
    after = await store.notices.waiting()
    assert [(one.due, one.channel_id, one.refused) for one in after] == ([left] if left else [])


async def test_a_refusal_after_a_try_in_doubt_is_not_told_elsewhere_as_well(store: Store) -> None:
    await subscribe(store)
    await store.destinations.pause((await destination(store)).id, WHY, NOW)
    await store.notices.claim(await store.notices.waiting(), NOW, channel_id=7)
    again = await store.notices.waiting()
    await store.notices.claim(again, NOW, channel_id=7)
    await store.notices.settle(again, Pause(Reason(ReasonCode.NOT_ALLOWED)), NOW)
    assert await store.notices.waiting() == []


async def test_what_was_told_of_is_not_claimed_again(store: Store) -> None:
    await subscribe(store)
    place = await destination(store)
    await store.destinations.pause(place.id, WHY, NOW)
    batch = await store.notices.waiting()
    await store.destinations.resume(place.id, NOW)
    assert not await store.notices.claim(batch, NOW, channel_id=7)


async def test_notices_are_forgotten_after_a_year(store: Store) -> None:
    await subscribe(store)
    place = await destination(store)
    await store.destinations.pause(place.id, WHY, NOW)
    await told(store)
    await prune(store, NOW + KEEP + timedelta(days=1))
    await store.destinations.resume(place.id, NOW)
    await store.destinations.pause(place.id, WHY, NOW)
    assert len(await store.notices.waiting()) == 1


# --- gone, restored, erased -------------------------------------------------------------------------------


async def test_a_channel_that_is_no_more_collects_nothing_and_is_not_paused(store: Store) -> None:
    subscription = (await subscribe(store)).subscription
    place = await destination(store)
    gone = await store.destinations.end(place.id, Reason(ReasonCode.CHANNEL_DELETED), NOW, name="papers")
    assert gone is not None
    assert (gone.state, gone.state_since, gone.kicked) == (State.GONE, NOW, False)
    assert await store.destinations.pause(place.id, Reason(ReasonCode.NOT_ALLOWED), NOW) == gone
    assert (await record(store, NEWS)).queued == 0
    assert await store.queries.active() == []
    [notice] = await store.notices.waiting()
    assert (notice.name, notice.reason) == ("papers", Reason(ReasonCode.CHANNEL_DELETED))
    [listed] = await store.subscriptions.of_guild(GUILD)
    assert (listed.id, listed.destination) == (subscription.id, gone)


async def test_discords_word_that_a_channel_is_unknown_ends_it(store: Store) -> None:
    await subscribe(store)
    await record(store, NEWS)
    await refuse(store, Pause(Reason(ReasonCode.CHANNEL_DELETED), gone=True))
    assert (await destination(store)).state is State.GONE
    assert await store.outbox.heads(NOW, 1) == []


async def test_subscribing_a_gone_channel_again_restores_it(store: Store) -> None:
    before = (await subscribe(store)).subscription
    await store.destinations.leave(GUILD, Reason(ReasonCode.BOT_REMOVED), NOW)
    after = (await subscribe(store)).subscription
    assert after.destination == before.destination


async def test_a_server_that_returns_within_a_day_misses_nothing(store: Store) -> None:
    await subscribe(store)
    await subscribe(store, deliver=Deliver.LIVE, channel=OTHER_CHANNEL)
    await record(store, NEWS)
    assert await store.destinations.leave(GUILD, Reason(ReasonCode.BOT_REMOVED), NOW) == 2
    assert await store.destinations.guilds() == set()
    assert all(one.kicked for one in await store.destinations.gone(GUILD))
    assert (await record(store, MORE)).queued == 0
    returned = await store.destinations.rejoin(GUILD, NOW + ACCIDENT - timedelta(hours=1))
    assert [one.state for one in returned] == [State.ACTIVE, State.ACTIVE]
    await record(store, NEWS, MORE)  # the next poll looks back
    assert await queued(store) == [NEWS.versioned, MORE.versioned]


async def test_a_server_that_returns_later_gets_what_waited_and_what_is_new_from_now_on(store: Store) -> None:
    await subscribe(store)
    await record(store, NEWS)
    await store.destinations.leave(GUILD, Reason(ReasonCode.BOT_REMOVED), NOW)
    await record(store, MORE)
    await store.destinations.rejoin(GUILD, NOW + timedelta(days=10))
    later = make_paper(1003)
    await record(store, NEWS, MORE, later)
    assert await queued(store) == [NEWS.versioned, later.versioned]


async def test_a_channel_deleted_before_the_server_left_stays_deleted(store: Store) -> None:
    await subscribe(store)
    await subscribe(store, channel=OTHER_CHANNEL)
    await store.destinations.end((await destination(store)).id, Reason(ReasonCode.CHANNEL_DELETED), NOW)
    assert await store.destinations.leave(GUILD, Reason(ReasonCode.BOT_REMOVED), NOW) == 1
    [returned] = await store.destinations.rejoin(GUILD, NOW)
    assert returned.channel_id == OTHER_CHANNEL
    assert [one.channel_id for one in await store.destinations.gone()] == [CHANNEL]
    assert await store.notices.waiting() == []


async def test_what_is_gone_is_erased_after_the_grace_period_with_all_that_was_its(store: Store) -> None:
    await subscribe(store)
    await subscribe(store, channel=OTHER_CHANNEL, guild=GUILD + 1)
    await record(store, NEWS)
    await store.destinations.leave(GUILD, Reason(ReasonCode.BOT_REMOVED), NOW)
    assert await store.erase_gone(NOW + GRACE - timedelta(seconds=1), GRACE) == 0
    assert await store.erase_gone(NOW + GRACE, GRACE) == 1
    assert await store.subscriptions.of_guild(GUILD) == []
    assert await store.outbox.depth() == 1
    assert len(await store.subscriptions.all()) == 1
    assert await store.destinations.rejoin(GUILD, NOW + GRACE) == []


async def test_what_is_paused_is_never_erased(store: Store) -> None:
    await subscribe(store)
    await store.destinations.pause((await destination(store)).id, WHY, NOW)
    assert await store.erase_gone(NOW + 100 * GRACE, GRACE) == 0
