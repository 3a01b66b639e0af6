"""What `/why` reads from the store, from what polls, digests and delivery really leave there."""

from __future__ import annotations

from datetime import date, timedelta

from bot.model.outbox import Kind, Sending
from bot.model.outcomes import Later, Sent
from bot.model.papers import Match, PaperId
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Deliver, Destination
from bot.rules.digest import issue, pages
from bot.rules.pace import Pace
from bot.store import Store
from tests.fakes.papers import make_papers
from tests.store.store_cases import (
    CHANNEL,
    GUILD,
    MORE,
    NEWS,
    NOW,
    OLD,
    OTHER_CHANNEL,
    TTS,
    VOCODER,
    record,
    store,
    subscribe,
)

__all__ = ["store"]


async def places(store: Store) -> list[Destination]:
    return await store.destinations.of_guild(GUILD)


async def test_a_paper_that_nobody_fetched_has_no_story(store: Store) -> None:
    await subscribe(store)
    story = await store.history.of(PaperId("2607.55555"), await places(store))
    assert (story.paper, story.first_seen) == (None, None)
    [part] = story.channels
    assert [(one.subscription.keyword, one.known) for one in part.keywords] == [("TTS", None)]
    assert (part.arrival, part.messages) == (None, ())


async def test_matches_posts_and_times_are_told_for_each_channel_in_order(store: Store) -> None:
    await subscribe(store)
    await subscribe(store, VOCODER)
    await subscribe(store, VOCODER, channel=OTHER_CHANNEL)
    await record(store, NEWS, asked=[TTS])
    first, second = await places(store)
    story = await store.history.of(NEWS.id, [second, first])
    assert (story.paper, story.first_seen) == (NEWS, NOW)
    other, here = story.channels
    assert [part.destination.channel_id for part in story.channels] == [OTHER_CHANNEL, CHANNEL]
    assert other.messages == ()
    assert [one.known and one.known.words for one in here.keywords] == [("speech",), None]
    assert [one.last_polled for one in here.keywords] == [NOW, None]
    [row] = here.messages
    assert (row.kind, row.version, row.state) == (Kind.PAPER, 1, Sending.QUEUED)
    assert here.arrival is not None


async def test_tries_and_messages_are_told(store: Store) -> None:
    await subscribe(store)
    await record(store, NEWS)
    for outcome in (Later(timedelta(minutes=5), Reason(ReasonCode.DISCORD_ERROR, status=503)), Sent(77)):
        [head] = await store.outbox.heads(NOW + timedelta(hours=1), 1)
        claimed = await store.outbox.claim(head, NOW)
        assert claimed is not None
        await store.settle(claimed, outcome, NOW)
        [part] = (await store.history.of(NEWS.id, await places(store))).channels
        [row] = part.messages
        if isinstance(outcome, Later):
            assert (row.attempts, row.error) == (1, Reason(ReasonCode.DISCORD_ERROR, status=503))
    assert (row.state, row.message_id, row.settled_at) == (Sending.SENT, 77, NOW)


async def test_the_page_of_a_digest_is_the_one_that_lists_the_paper(store: Store) -> None:
    await subscribe(store, deliver=Deliver.DIGEST)
    found = make_papers(60, first=1001)
    await store.record(found, [Match(TTS, one.id, ("speech",)) for one in found], NOW)
    [place] = await places(store)
    day = date(2026, 7, 21)
    sheets = pages(day, await store.digests.pending(place.id))
    assert len(sheets) > 1
    assert await store.digests.run(place.id, day, sheets, NOW)
    for sheet in sheets:
        paper = sheet.sections[0].papers[0]
        [part] = (await store.history.of(paper, [place])).channels
        assert [(row.kind, str(row.subject)) for row in part.messages] == [
            (Kind.DIGEST, f"{day}/{sheet.number}")
        ]
        assert part.last_digest == day


async def test_a_list_above_the_cap_and_what_is_held_are_told(store: Store) -> None:
    await subscribe(store)
    await store.record(
        [NEWS, MORE], [Match(TTS, one.id, ("speech",)) for one in (NEWS, MORE)], NOW, pace=Pace(cap=1)
    )
    [place] = await places(store)
    [part] = (await store.history.of(MORE.id, [place])).channels
    assert part.arrival is not None
    assert (part.arrival.overflow, part.arrival.digested_on, part.messages) == (True, None, ())
    whole = issue(date(2026, 7, 21), await store.overflow.sections(place.id))
    assert whole is not None
    assert await store.overflow.run(place.id, whole, NOW)
    [part] = (await store.history.of(MORE.id, [place])).channels
    assert [row.kind for row in part.messages] == [Kind.LIST]


async def test_identifiers_that_begin_alike_are_told_apart(store: Store) -> None:
    await subscribe(store)
    [longer] = make_papers(1, id="2607.01001")
    shorter = make_papers(1, id="2607.0100")[0]
    await record(store, OLD, longer)
    [part] = (await store.history.of(shorter.id, await places(store))).channels
    assert part.messages == ()
