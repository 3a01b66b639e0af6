"""The queues: heads, claims, outcomes, and what is composed from a row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.model.outbox import FirstPost, OutboxRow, Sending
from bot.model.outcomes import Fail, Later, Outcome, Pause, Plainly, Sent
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Deliver, State
from bot.store import Store
from bot.store.tables import outbox, papers
from tests.fakes.papers import make_paper, make_papers
from tests.store.store_cases import (
    CHANNEL,
    MORE,
    NEWS,
    NOW,
    OTHER_CHANNEL,
    TTS,
    VOCODER,
    queued,
    record,
    store,
    subscribe,
)

__all__ = ["store"]

UNAVAILABLE, TOO_MANY, MALFORMED = (
    Reason(ReasonCode.DISCORD_ERROR, status=status) for status in (503, 429, 400)
)

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


async def claimed_head(store: Store) -> OutboxRow:
    [head] = await store.outbox.heads(NOW, 1)
    row = await store.outbox.claim(head, NOW)
    assert row is not None
    return row


async def rows(store: Store) -> list[Any]:
    async with store.database.read() as connection:
        return list(await connection.execute(outbox.select()))


async def test_each_channel_shows_only_its_oldest_row(store: Store) -> None:
    await subscribe(store)
    await subscribe(store, channel=OTHER_CHANNEL)
    await record(store, NEWS, MORE)
    heads = await store.outbox.heads(NOW, 10)
    assert [(row.destination.channel_id, str(row.subject)) for row in heads] == [
        (CHANNEL, NEWS.versioned),
        (OTHER_CHANNEL, NEWS.versioned),
    ]
    assert len(await store.outbox.heads(NOW, 1)) == 1
    assert await store.outbox.depth() == 4


async def test_a_claim_is_stored_before_anything_is_sent(store: Store) -> None:
    await subscribe(store)
    await record(store, NEWS)
    row = await claimed_head(store)
    assert (row.attempts, row.first_tried, row.ambiguous) == (1, NOW, True)
    [stored] = await store.outbox.heads(NOW, 1)
    assert stored == row
    again = await store.outbox.claim(row, NOW + MINUTE)
    assert again is not None
    assert (again.attempts, again.first_tried) == (2, NOW)


async def test_a_row_that_is_gone_or_settled_cannot_be_claimed(store: Store) -> None:
    subscription = (await subscribe(store)).subscription
    await record(store, NEWS, MORE)
    row = await claimed_head(store)
    await store.settle(row, Sent(1), NOW)
    assert await store.outbox.claim(row, NOW) is None
    [other] = await store.outbox.heads(NOW, 1)
    await store.subscriptions.remove(subscription.id, NOW)
    assert await store.outbox.claim(other, NOW) is None


@pytest.mark.parametrize("tries", [1, 2])
async def test_releasing_a_claim_leaves_no_trace_of_it(store: Store, tries: int) -> None:
    await subscribe(store)
    await record(store, NEWS)
    before = await store.outbox.heads(NOW, 1)
    for _ in range(tries - 1):
        reset = Later(timedelta(), Reason(ReasonCode.CONNECTION_FAILED), ambiguous=True)
        await store.settle(await claimed_head(store), reset, NOW)
        before = await store.outbox.heads(NOW, 1)
    await store.outbox.release(await claimed_head(store))
    assert await store.outbox.heads(NOW, 1) == before


async def test_sent_ends_a_row_and_the_next_one_is_up(store: Store) -> None:
    await subscribe(store)
    await record(store, NEWS, MORE)
    await store.settle(await claimed_head(store), Sent(4711), NOW + MINUTE)
    assert [str(row.subject) for row in await store.outbox.heads(NOW, 9)] == [MORE.versioned]
    async with store.database.read() as connection:
        sent = (await connection.execute(outbox.select().where(outbox.c.message_id == 4711))).one()
    assert (sent.subject, sent.settled_at) == (NEWS.versioned, NOW + MINUTE)


async def test_later_holds_up_its_channel_and_no_other(store: Store) -> None:
    await subscribe(store)
    await subscribe(store, channel=OTHER_CHANNEL)
    await record(store, NEWS, MORE)
    row = await claimed_head(store)
    await store.settle(row, Later(MINUTE, UNAVAILABLE, ambiguous=True), NOW)
    assert [one.destination.channel_id for one in await store.outbox.heads(NOW, 9)] == [OTHER_CHANNEL]
    assert await store.outbox.next_due(NOW) == NOW
    await store.settle(await claimed_head(store), Later(2 * MINUTE, TOO_MANY), NOW)
    assert await store.outbox.next_due(NOW) == NOW + MINUTE
    first, second = await store.outbox.heads(NOW + 2 * MINUTE, 9)
    assert (first.id, first.attempts, first.error, first.ambiguous) == (row.id, 1, UNAVAILABLE, True)
    assert (second.error, second.ambiguous) == (TOO_MANY, False)


async def test_nothing_overtakes_a_message_that_may_have_been_posted(store: Store) -> None:
    await subscribe(store)
    await record(store, MORE)
    row = await claimed_head(store)
    await store.settle(row, Later(timedelta(), Reason(ReasonCode.NO_RESPONSE), ambiguous=True), NOW)
    await record(store, NEWS)
    assert [one.id for one in await store.outbox.heads(NOW, 9)] == [row.id]
    assert await queued(store) == [MORE.versioned, NEWS.versioned]


async def test_plainly_is_tried_again_at_once_and_fail_is_not_tried_again(store: Store) -> None:
    await subscribe(store)
    await record(store, NEWS)
    await store.settle(await claimed_head(store), Plainly(MALFORMED), NOW)
    row = await claimed_head(store)
    assert (row.plain, row.error, row.attempts) == (True, MALFORMED, 2)
    await store.settle(row, Fail(MALFORMED), NOW)
    assert await store.outbox.heads(NOW, 9) == []
    assert await store.outbox.next_due(NOW) is None
    [failed] = await store.outbox.failed([row.destination.id], 10)
    assert (failed.id, failed.state, failed.error) == (row.id, Sending.FAILED, MALFORMED)
    assert await store.outbox.failed([row.destination.id + 1], 10) == []


async def test_pause_keeps_the_row_and_what_comes_after_it_until_the_channel_is_back(store: Store) -> None:
    await subscribe(store)
    await record(store, NEWS)
    row = await claimed_head(store)
    await store.settle(row, Pause(Reason(ReasonCode.NOT_ALLOWED)), NOW)
    await record(store, MORE)
    assert await store.outbox.heads(NOW, 9) == []
    assert await store.outbox.next_due(NOW) is None
    [paused] = await store.destinations.paused()
    assert paused.reason == Reason(ReasonCode.NOT_ALLOWED)
    await store.destinations.resume(paused.id, NOW)
    assert [one.id for one in await store.outbox.heads(NOW, 9)] == [row.id]
    assert await queued(store) == [NEWS.versioned, MORE.versioned]


@pytest.mark.parametrize("first", [Sent(1), Fail(MALFORMED)])
@pytest.mark.parametrize(
    "late", [Sent(2), Later(MINUTE, TOO_MANY, ambiguous=True), Plainly(MALFORMED), Fail(UNAVAILABLE), None]
)
async def test_a_settled_row_stays_as_it_is(store: Store, first: Outcome, late: Outcome | None) -> None:
    """Whatever is said of it later, and also when its claim is released."""
    await subscribe(store)
    await record(store, NEWS)
    row = await claimed_head(store)
    await store.settle(row, first, NOW)
    settled = await rows(store)
    if late is None:
        await store.outbox.release(row)
    else:
        await store.settle(row, late, NOW + MINUTE)
    assert await rows(store) == settled


async def test_a_posting_names_every_keyword_that_matches_and_mentions_who_asked(store: Store) -> None:
    await subscribe(store, role_id=1)
    await subscribe(store, VOCODER, role_id=2)
    await subscribe(store, "third", role_id=1)
    await subscribe(store, "digest", role_id=3, deliver=Deliver.DIGEST)
    await subscribe(store, "elsewhere", categories=("math",), role_id=4)
    await subscribe(store, "unmatched", role_id=5)
    await record(store, NEWS, queries=[TTS, VOCODER, "third", "digest", "elsewhere"])
    [row] = await store.outbox.heads(NOW, 1)
    prepared = await store.outbox.prepare(row)
    assert prepared is not None
    posting = prepared.posting
    assert posting is not None
    assert posting.paper == NEWS
    assert posting.keywords == ("TTS", "VOCODER", "THIRD", "DIGEST")
    assert posting.role_ids == (1, 2)
    assert posting.words == ("speech",)


async def test_a_posting_shows_the_paper_as_it_is_now(store: Store) -> None:
    await subscribe(store)
    await record(store, NEWS)
    second = replace(NEWS, version=2, title="Second")
    await record(store, second)
    prepared = await store.outbox.prepare((await store.outbox.heads(NOW, 1))[0])
    assert prepared is not None
    assert prepared.posting is not None
    assert prepared.posting.paper == second
    assert prepared.papers == {NEWS.id: second}


async def test_nothing_is_left_to_send_when_the_paper_or_all_who_want_it_are_gone(store: Store) -> None:
    subscription = (await subscribe(store)).subscription
    await record(store, NEWS)
    row = await claimed_head(store)
    await store.subscriptions.set_state(subscription.id, State.PAUSED)
    assert await store.outbox.prepare(row) is not None  # queued before the pause
    await store.subscriptions.remove(subscription.id, NOW)
    assert await store.outbox.prepare(row) is None
    await subscribe(store)
    assert await store.outbox.prepare(row) is not None
    async with store.database.write() as connection:
        await connection.execute(papers.delete().where(papers.c.id == NEWS.id))
    assert await store.outbox.prepare(row) is None


async def test_a_revision_comes_with_the_paper_s_first_post(store: Store) -> None:
    await subscribe(store, revisions=True)
    await record(store, NEWS)
    await store.settle(await claimed_head(store), Sent(4711), NOW)
    for version, message in ((2, 4712), (3, 4713)):
        await record(store, replace(NEWS, version=version))
        prepared = await store.outbox.prepare(row := await claimed_head(store))
        assert prepared is not None
        assert prepared.first_post == FirstPost(4711)
        await store.settle(row, Sent(message), NOW)


async def test_a_paper_s_own_post_and_another_paper_come_with_no_first_post(store: Store) -> None:
    await subscribe(store, revisions=True)
    await record(store, NEWS, MORE)
    await store.settle(await claimed_head(store), Sent(4711), NOW)
    prepared = await store.outbox.prepare(await claimed_head(store))
    assert prepared is not None
    assert (prepared.row.subject.paper, prepared.first_post) == (MORE.id, None)


async def test_the_last_message_of_a_channel_is_loaded_where_it_is_asked_for(store: Store) -> None:
    await subscribe(store)
    await subscribe(store, channel=OTHER_CHANNEL)
    await record(store, NEWS, MORE)
    for row in await store.outbox.heads(NOW, 2):
        await store.settle(row, Sent(4711 if row.destination.channel_id == CHANNEL else 9999), NOW)
    [row] = [row for row in await store.outbox.heads(NOW, 2) if row.destination.channel_id == CHANNEL]
    looking, blind = [await store.outbox.prepare(row, look_back=look_back) for look_back in (True, False)]
    assert (looking and looking.last_message, blind and blind.last_message) == (4711, 0)


async def test_row_ids_are_never_given_twice(store: Store) -> None:
    subscription = (await subscribe(store)).subscription
    await record(store, NEWS)
    [row] = await store.outbox.heads(NOW, 1)
    await store.subscriptions.remove(subscription.id, NOW)
    again = (await subscribe(store, known=[make_paper(10)])).subscription
    await record(store, make_paper(1005))
    [other] = await store.outbox.heads(NOW, 1)
    assert other.id > row.id
    assert again.id > subscription.id


async def test_old_identifiers_come_before_new_ones(store: Store) -> None:
    old = make_paper(id="hep-th/9901001")
    subscription = (await subscribe(store, known=[old, *make_papers(2)])).subscription
    await record(store, make_paper(3000))
    await store.subscriptions.backfill(subscription.id, [old.id, make_paper(2).id], NOW)
    assert await queued(store) == ["hep-th/9901001v1", "2607.00002v1", "2607.03000v1"]


async def test_what_was_put_off_can_be_made_due(store: Store) -> None:
    """Posts, notices and crossposts; what is settled, and who was first tried when, stays as it is."""
    await subscribe(store)
    await subscribe(store, channel=OTHER_CHANNEL)
    await record(store, NEWS, MORE)
    row = await claimed_head(store)
    await store.settle(row, Later(HOUR, UNAVAILABLE, ambiguous=True), NOW)
    other = await claimed_head(store)
    await store.settle(other, Sent(77, announced=True), NOW)
    [crosspost] = await store.crossposts.due(NOW, 9)
    await store.crossposts.settle(crosspost, Later(HOUR, TOO_MANY), NOW)
    await store.destinations.pause(other.destination.id, Reason(ReasonCode.NOT_ALLOWED), NOW)
    earlier = NOW - HOUR
    await store.make_due(earlier)
    [again] = await store.outbox.heads(earlier, 9)
    assert (again.id, again.first_tried, again.ambiguous) == (row.id, NOW, True)
    assert [notice.due for notice in await store.notices.waiting()] == [earlier]
    await store.destinations.resume(other.destination.id, earlier)
    assert len(await store.crossposts.due(earlier, 9)) == 1
