"""Subscriptions and destinations: made, repeated, edited, listed, removed, and what becomes of what waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.model.outcomes import Later, Sent
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Deliver, Options, Place, Schedule, State
from bot.store import Store
from tests.fakes.papers import make_paper, make_papers
from tests.store.store_cases import (
    CHANNEL,
    GUILD,
    MORE,
    NEWS,
    NOW,
    OLD,
    OTHER_CHANNEL,
    PERSON,
    TTS,
    UNDO,
    VOCODER,
    prune,
    queued,
    record,
    store,
    subscribe,
)

__all__ = ["store"]

SECOND = timedelta(seconds=1)


async def test_a_subscription_comes_back_as_it_was_made(store: Store) -> None:
    options: dict[str, Any] = {
        "deliver": Deliver.BOTH,
        "role_id": 7,
        "categories": ("cs.CL", "stat"),
        "cross_lists": False,
        "revisions": True,
    }
    made = await subscribe(store, keyword="Text to Speech", **options)
    assert made.created
    subscription = made.subscription
    assert subscription.options == Options(**options)
    assert (subscription.keyword, subscription.query, subscription.since) == ("Text to Speech", TTS, OLD.id)
    assert (subscription.created_at, subscription.created_by) == (NOW, PERSON)
    assert await store.subscriptions.get(subscription.id) == subscription
    assert await store.subscriptions.all() == [subscription]
    assert await store.subscriptions.get(99) is None


async def test_repeating_a_keyword_edits_it_and_keeps_since(store: Store) -> None:
    first = (await subscribe(store)).subscription
    again = await subscribe(store, known=[OLD, MORE], keyword="tts (again)", role_id=7)
    assert not again.created
    assert again.subscription.id == first.id
    assert (again.subscription.keyword, again.subscription.options.role_id) == ("tts (again)", 7)
    assert again.subscription.since == first.since
    assert await queued(store) == [MORE.versioned]  # new for the subscription that was there before


async def test_repeating_a_paused_keyword_resumes_it(store: Store) -> None:
    first = (await subscribe(store)).subscription
    await store.subscriptions.set_state(first.id, State.PAUSED, Reason(ReasonCode.NOT_ALLOWED))
    assert (await subscribe(store)).subscription.state is State.ACTIVE


async def test_since_is_the_highest_identifier_that_the_store_knows_of_any_query(store: Store) -> None:
    await record(store, MORE, queries=[VOCODER])
    assert (await subscribe(store, known=[OLD])).subscription.since == MORE.id


async def test_subscriptions_are_listed_by_channel_server_and_person(store: Store) -> None:
    await subscribe(store)
    await subscribe(store, VOCODER)
    await subscribe(store, channel=OTHER_CHANNEL)
    await subscribe(store, channel=900, guild=0, user=PERSON)
    of = store.subscriptions
    assert [one.query for one in await of.of_channel(CHANNEL)] == [TTS, VOCODER]
    assert [one.destination.channel_id for one in await of.of_guild(GUILD)] == [200, 200, 201]
    assert [one.destination.channel_id for one in await of.of_user(PERSON)] == [900]
    assert (await of.count_guild(GUILD), await of.count_user(PERSON), await of.count_user(1)) == (3, 1, 0)
    assert [one.id for one in await of.all()] == sorted(one.id for one in await of.all())
    assert [one.canonical for one in await store.queries.active()] == [TTS, VOCODER]


async def test_keywords_complete_by_prefix_in_any_case_and_never_from_another_person(store: Store) -> None:
    for number, keyword in enumerate(["Speech", "speaker 100%", "vision", "speaker 1000"]):
        await subscribe(store, f"q{number}", keyword=keyword)
    await subscribe(store, channel=900, guild=0, user=PERSON, keyword="secret speech")
    keywords = store.subscriptions.keywords
    assert await keywords(GUILD, "SPE", 10) == ["speaker 100%", "speaker 1000", "Speech"]
    assert await keywords(GUILD, "speaker 100%", 10) == ["speaker 100%"]
    await subscribe(store, "speech", channel=OTHER_CHANNEL, keyword="Speech")
    assert await keywords(GUILD, "speech", 10) == ["Speech"], "once, however many channels have it"
    assert len(await keywords(GUILD, "", 2)) == 2
    assert await keywords(0, "", 10) == []
    assert await keywords(0, "", 10, user_id=PERSON) == ["secret speech"]


async def test_removing_takes_back_what_waits_for_it_alone(store: Store) -> None:
    tts = (await subscribe(store)).subscription
    await subscribe(store, VOCODER)
    await record(store, NEWS, MORE)
    await record(store, MORE, queries=[VOCODER])
    assert await store.subscriptions.remove(tts.id, NOW) == tts
    assert await queued(store) == [MORE.versioned]
    assert await store.subscriptions.remove(tts.id, NOW) is None


@pytest.mark.parametrize(("later", "restored"), [(UNDO - SECOND, True), (UNDO, False)])
async def test_a_removal_can_be_undone_for_a_while(store: Store, later: timedelta, restored: bool) -> None:
    before = (await subscribe(store)).subscription
    await store.subscriptions.remove(before.id, NOW)
    assert await store.subscriptions.removed_from(before.id) == before.destination
    assert await store.subscriptions.restore(before.id, NOW + later, UNDO) == (before if restored else None)
    assert await store.subscriptions.all() == ([before] if restored else [])
    assert await store.subscriptions.restore(before.id, NOW + later, UNDO) is None


async def test_removals_are_forgotten_when_they_cannot_be_undone_any_more(store: Store) -> None:
    first, second = [(await subscribe(store, query)).subscription for query in (TTS, VOCODER)]
    await store.subscriptions.remove(first.id, NOW)
    await store.subscriptions.remove(second.id, NOW + SECOND)
    await prune(store, NOW + UNDO)
    assert await store.subscriptions.removed_from(first.id) is None
    assert await store.subscriptions.removed_from(second.id) == second.destination


async def test_what_was_taken_back_is_still_news_for_another_keyword(store: Store) -> None:
    tts = (await subscribe(store)).subscription
    await subscribe(store, VOCODER)
    await record(store, NEWS)
    await store.subscriptions.remove(tts.id, NOW)
    assert await queued(store) == []
    await record(store, NEWS, queries=[VOCODER])
    assert await queued(store) == [NEWS.versioned]


async def test_what_was_tried_or_sent_is_not_taken_back(store: Store) -> None:
    tts = (await subscribe(store)).subscription
    await subscribe(store, VOCODER)
    await record(store, NEWS, MORE)
    for outcome in (Sent(1), Later(timedelta(minutes=1), Reason(ReasonCode.NO_RESPONSE), ambiguous=True)):
        [head] = await store.outbox.heads(NOW, 1)
        claimed = await store.outbox.claim(head, NOW)
        assert claimed is not None
        await store.settle(claimed, outcome, NOW)
    await store.subscriptions.remove(tts.id, NOW)
    assert await queued(store) == [MORE.versioned]
    assert (await record(store, NEWS, MORE, queries=[VOCODER])).queued == 0


async def test_a_digest_forgets_what_only_a_removed_keyword_brought(store: Store) -> None:
    tts = (await subscribe(store, deliver=Deliver.DIGEST)).subscription
    await subscribe(store, VOCODER, deliver=Deliver.DIGEST)
    await record(store, NEWS)
    await store.subscriptions.remove(tts.id, NOW)
    assert await store.digests.pending(tts.destination.id) == []
    assert (await record(store, NEWS, queries=[VOCODER])).for_digest == 1


async def test_digest_instead_moves_what_waits_into_the_digest(store: Store) -> None:
    subscription = (await subscribe(store)).subscription
    await record(store, NEWS, MORE)
    edited = await store.subscriptions.edit(subscription.id, Options(deliver=Deliver.DIGEST))
    assert edited is not None
    assert edited.options.deliver is Deliver.DIGEST
    assert await queued(store) == []
    [section] = await store.digests.pending(subscription.destination.id)
    assert section.papers == (MORE.id, NEWS.id)
    assert await store.subscriptions.edit(99, Options()) is None


async def test_digest_instead_leaves_what_another_keyword_wants_live(store: Store) -> None:
    subscription = (await subscribe(store)).subscription
    await subscribe(store, VOCODER)
    await record(store, NEWS, queries=[TTS, VOCODER])
    await store.subscriptions.edit(subscription.id, Options(deliver=Deliver.DIGEST))
    assert await queued(store) == [NEWS.versioned]


async def test_backfill_queues_old_papers_once_in_order(store: Store) -> None:
    papers = make_papers(4)
    subscription = (await subscribe(store, known=papers, deliver=Deliver.DIGEST)).subscription
    wanted = [papers[3].id, papers[1].id, make_paper(77).id]
    backfill = store.subscriptions.backfill
    assert await backfill(subscription.id, wanted, NOW) == 2
    assert await backfill(subscription.id, wanted, NOW) == 0
    assert await backfill(99, wanted, NOW) == 0
    assert await queued(store) == [papers[1].versioned, papers[3].versioned]
    [row] = await store.outbox.heads(NOW, 5)
    assert await store.outbox.prepare(row) is not None


async def test_a_destination_is_made_once_and_restored_when_it_is_back(store: Store) -> None:
    ensure = store.destinations.ensure
    made = await ensure(Place(GUILD, CHANNEL), NOW)
    assert await ensure(Place(GUILD, CHANNEL), NOW) == made == await store.destinations.by_channel(CHANNEL)
    await store.destinations._update(made.id, {"state": State.GONE, "reason": Reason(ReasonCode.BOT_REMOVED)})
    assert await ensure(Place(GUILD, CHANNEL), NOW) == made
    await store.destinations.pause(made.id, Reason(ReasonCode.NOT_ALLOWED), NOW)
    assert (await ensure(Place(GUILD, CHANNEL), NOW)).state is State.PAUSED
    assert await store.destinations.get(99) is None
    assert await store.destinations.pause(99, Reason(ReasonCode.NOT_ALLOWED), NOW) is None


async def test_a_schedule_is_kept_with_the_moment_it_was_set(store: Store) -> None:
    made = await store.destinations.ensure(Place(GUILD, CHANNEL), NOW)
    assert await store.destinations.scheduled() == []
    schedule = Schedule(hour=9, zone="Europe/Berlin", days=frozenset({0, 3}), quiet=True)
    scheduled = await store.destinations.schedule(made.id, schedule, NOW)
    assert scheduled is not None
    assert (scheduled.schedule, scheduled.scheduled_at) == (schedule, NOW)
    assert await store.destinations.scheduled() == [scheduled]
    assert await store.destinations.schedule(made.id, None, NOW) == made


async def test_destinations_are_counted_by_state(store: Store) -> None:
    one = await store.destinations.ensure(Place(GUILD, CHANNEL), NOW)
    await store.destinations.ensure(Place(GUILD, OTHER_CHANNEL), NOW)
    paused = await store.destinations.pause(one.id, Reason(ReasonCode.NOT_ALLOWED), NOW)
    assert paused is not None
    assert (paused.state, paused.reason) == (State.PAUSED, Reason(ReasonCode.NOT_ALLOWED))
    assert await store.destinations.paused() == [paused]
    assert await store.destinations.counts() == {State.ACTIVE: 1, State.PAUSED: 1, State.GONE: 0}
    assert await store.destinations.resume(one.id, NOW) == one
    assert len(await store.destinations.of_guild(GUILD)) == 2


@pytest.mark.parametrize("state", [State.PAUSED, State.GONE])
async def test_a_query_that_nobody_listens_to_is_not_polled(store: Store, state: State) -> None:
    subscription = (await subscribe(store)).subscription
    await subscribe(store, VOCODER, channel=OTHER_CHANNEL, revisions=True)
    if state is State.PAUSED:
        await store.subscriptions.set_state(subscription.id, state)
    else:
        await store.destinations._update(subscription.destination.id, {"state": state})
    assert [(one.canonical, one.revisions) for one in await store.queries.active()] == [(VOCODER, True)]


async def test_papers_are_counted_by_the_day_they_were_submitted(store: Store) -> None:
    papers = make_papers(10)
    await subscribe(store, known=papers)
    first, last = papers[2].published, papers[5].published
    assert await store.papers.matched_between(TTS, first, last) == 3
    assert await store.papers.matched_between("nothing", first, last) == 0
    assert await store.papers.highest() == papers[-1].id
    assert (await store.history.of(papers[0].id, [])).highest == {papers[0].id.month: 10}
    assert await store.papers.count() == 10
    assert await store.papers.get_many([papers[3].id, make_paper(99).id, papers[1].id, papers[3].id]) == [
        papers[3],
        papers[1],
    ]


async def test_meta_keeps_text_by_key(store: Store) -> None:
    assert await store.meta.get("commands") is None
    await store.meta.set("commands", "one")
    await store.meta.set("commands", "two")
    assert await store.meta.get("commands") == "two"


async def test_what_is_gone_can_neither_be_paused_nor_changed(store: Store) -> None:
    assert await store.subscriptions.set_state(4711, State.PAUSED) is None
    assert await store.subscriptions.edit(4711, Options()) is None
