"""Above the cap and after an outage: papers wait for the digest or a list, each once, whatever restarts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.delivery.digest_queue import DigestJob
from bot.delivery.messages import digest_message
from bot.model.outbox import DigestPage, Kind, OutboxRow, Section, Sending
from bot.model.outcomes import Pause, Sent
from bot.model.papers import Match, Paper
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Deliver, Options, Schedule
from bot.rules.choice import BACKLOG
from bot.rules.pace import Pace
from bot.store import Store
from bot.store.digests import mark
from bot.store.overflow import Waiting
from bot.store.tables import outbox
from tests.database import file_of
from tests.fakes.clock import Clock
from tests.fakes.papers import make_papers
from tests.store.store_cases import (
    CHANNEL,
    NOW,
    OLD,
    OTHER_CHANNEL,
    VOCODER,
    prune,
    queued,
    record,
    store,
    subscribe,
    url_of,
)

__all__ = ["store"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NINE = Schedule(hour=9, zone="UTC")


async def bring(
    store: Store,
    papers: Sequence[Paper],
    now: datetime = NOW,
    *,
    queries: Sequence[str] = ("tts",),
    **pace: Any,
) -> None:
    """Record *papers* as a poll of its own would, under a cap of three unless *pace* says otherwise."""
    matches = [Match(query, paper.id) for query in queries for paper in papers]
    await store.record(papers, matches, now, pace=Pace(**({"cap": 3, "surge_factor": 3} | pace)))


async def run_job(store: Store, now: datetime) -> None:
    await DigestJob(store, clock=lambda: now, on_queued=lambda: None).run()


async def send_all(store: Store, now: datetime, channel: int = CHANNEL) -> list[OutboxRow]:
    """Send what is queued, in order, and return it."""
    sent: list[OutboxRow] = []
    while rows := [
        row for row in await store.outbox.heads(now + DAY, 50) if row.destination.channel_id == channel
    ]:
        for row in rows:
            claimed = await store.outbox.claim(row, now)
            assert claimed is not None
            await store.settle(claimed, Sent(len(sent) + 1), now)
            sent.append(claimed)
    return sent


def shown(rows: Sequence[OutboxRow]) -> list[str]:
    """Return every paper that *rows* show, one by one or in a list."""
    found = []
    for row in rows:
        listed = [paper.text for section in row.page.sections for paper in section.papers] if row.page else []
        found += listed or [str(row.subject).partition("v")[0]]
    return found


async def waiting(store: Store, now: datetime = NOW) -> list[Waiting]:
    return await store.overflow.waiting(now.date())


# --- the cap ------------------------------------------------------------------------------------------------


async def test_above_the_cap_papers_wait_for_the_digest_of_the_channel(store: Store) -> None:
    destination = (await subscribe(store)).subscription.destination.id
    await store.destinations.schedule(destination, NINE, NOW - DAY)
    papers = make_papers(5, first=1001)
    await bring(store, papers)
    assert await queued(store) == [paper.versioned for paper in papers[:3]]
    [one] = await waiting(store)
    assert (one.papers, one.destination.id) == (2, destination)
    await run_job(store, NOW + 2 * HOUR)
    rows = await send_all(store, NOW + 2 * HOUR)
    assert Counter(row.kind for row in rows) == {Kind.PAPER: 3, Kind.DIGEST: 1}
    assert sorted(shown(rows)) == [paper.id.text for paper in papers]
    assert await waiting(store) == []


async def test_P7_with_no_digest_what_is_above_the_cap_is_one_list_a_day(store: Store) -> None:
    await subscribe(store)
    papers = make_papers(40, first=1001)
    await bring(store, papers[:20])
    await bring(store, papers[20:], NOW + timedelta(minutes=5))
    await run_job(store, NOW + timedelta(minutes=10))  # the poll may still be going on
    assert [row.kind for row in await send_all(store, NOW)] == [Kind.PAPER] * 3
    await run_job(store, NOW + HOUR)
    await run_job(store, NOW + 2 * HOUR)
    rows = await send_all(store, NOW + 2 * HOUR)
    assert [str(row.subject) for row in rows] == ["2026-07-21/1"]
    assert {row.kind for row in rows} == {Kind.LIST}
    assert sorted(shown(rows)) == [paper.id.text for paper in papers[3:]]
    first = digest_message(rows[0], {paper.id: paper for paper in papers})
    assert first.content == "**37 more papers, 21 July**"
    assert "were not posted one by one" in (first.embeds[0].description or "")
    late = make_papers(2, first=1050)
    await bring(store, late, NOW + 5 * HOUR)
    await run_job(store, NOW + 7 * HOUR)
    assert await send_all(store, NOW + 7 * HOUR) == []  # one list a day
    await run_job(store, NOW + DAY)
    rows = await send_all(store, NOW + DAY)
    assert [str(row.subject) for row in rows] == ["2026-07-22/1"]
    assert shown(rows) == [paper.id.text for paper in reversed(late)]


async def test_the_cap_holds_over_the_pieces_of_a_poll_and_a_restart(store: Store) -> None:
    await subscribe(store)
    papers = make_papers(6, first=1001)
    for number, paper in enumerate(papers):
        await bring(store, [paper], NOW + number * HOUR)
        await send_all(store, NOW + number * HOUR)
        async with await Store.open(url_of(file_of(store).parent)) as again:
            [[sent]] = await _count(again, Kind.PAPER)
            assert sent == min(number + 1, 3)
    await bring(store, make_papers(1, first=1010), NOW + DAY)
    assert len(await queued(store)) == 1


async def _count(store: Store, kind: Kind) -> Sequence[Sequence[int]]:
    statement = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.kind == kind)
    async with store.database.read() as connection:
        return [tuple(row) for row in await connection.execute(statement)]


@pytest.mark.parametrize(("zone", "posted"), [("Asia/Tokyo", 6), ("UTC", 3)])
async def test_a_day_is_the_channels_own(store: Store, zone: str, posted: int) -> None:
    destination = (await subscribe(store)).subscription.destination.id
    await store.destinations.schedule(destination, Schedule(hour=9, zone=zone), NOW)
    evening = datetime(2026, 7, 21, 14, tzinfo=UTC)  # 23:00 in Tokyo
    await bring(store, make_papers(5, first=1001), evening)
    await bring(store, make_papers(5, first=1101), evening + 2 * HOUR)
    assert len(await queued(store)) == posted


async def test_a_channel_has_its_own_cap_before_the_configurations(store: Store) -> None:
    one = (await subscribe(store)).subscription.destination.place
    await subscribe(store, channel=OTHER_CHANNEL)
    assert (await store.destinations.change(one, NOW, cap=1)).cap == 1
    await bring(store, make_papers(5, first=1001))
    assert (len(await queued(store)), len(await queued(store, OTHER_CHANNEL))) == (1, 3)
    await store.destinations.change(one, NOW, cap=0)
    await bring(store, make_papers(5, first=1101), NOW + DAY)
    assert len(await queued(store)) == 4
    with pytest.raises(ValueError, match="a cap is not negative"):
        await store.destinations.change(one, NOW, cap=-1)


async def test_without_a_cap_everything_is_posted(store: Store) -> None:
    await subscribe(store)
    papers = make_papers(200, first=1001)
    await record(store, *papers)
    assert len(await queued(store)) == 200
    assert await waiting(store) == []


async def test_a_keyword_that_is_removed_takes_what_waits_for_a_list_along(store: Store) -> None:
    one = (await subscribe(store)).subscription
    await bring(store, make_papers(5, first=1001))
    await store.subscriptions.remove(one.id, NOW)
    assert await waiting(store) == []
    await subscribe(store, VOCODER)
    await bring(store, make_papers(5, first=1001), NOW + DAY, queries=[VOCODER])
    assert len(await queued(store)) == 3  # another keyword may still bring them


async def test_a_list_leaves_alone_what_waits_for_a_digest_hour(store: Store) -> None:
    await subscribe(store)
    await subscribe(store, VOCODER, deliver=Deliver.DIGEST)
    await bring(store, make_papers(2, first=1001), queries=[VOCODER])
    await bring(store, make_papers(4, first=1011))
    await run_job(store, NOW + HOUR)
    rows = await send_all(store, NOW + HOUR)
    assert "2607.01001" not in shown(rows)
    assert len(shown(rows)) == 4


async def test_a_revision_of_a_paper_that_waits_for_a_list_is_not_posted_before_it(store: Store) -> None:
    await subscribe(store, revisions=True)
    papers = make_papers(4, first=1001)
    await bring(store, papers)
    revised = make_papers(1, first=1004, version=2)
    await bring(store, revised, NOW + HOUR)
    assert await queued(store) == [paper.versioned for paper in papers[:3]]
    await bring(
        store, make_papers(1, first=1001, version=2), NOW + HOUR
    )  # nor of one that waits to be posted
    assert len(await queued(store)) == 3


# --- backlogs -----------------------------------------------------------------------------------------------


async def test_P6_the_backlog_of_a_paused_channel_comes_as_lists(store: Store) -> None:
    destination = (await subscribe(store)).subscription.destination.id
    papers = make_papers(60, first=1001)
    await record(store, *papers)
    [head] = await store.outbox.heads(NOW, 5)
    tried = await store.outbox.claim(head, NOW)
    assert tried is not None
    await store.settle(tried, Pause(Reason(ReasonCode.NOT_ALLOWED)), NOW)
    later = NOW + 3 * DAY
    await record(store, *make_papers(1, first=1100), now=later)
    assert await store.overflow.defer_backlogs(NOW + HOUR) == 0
    assert await store.overflow.defer_backlogs(later) == 59
    assert await store.overflow.defer_backlogs(later) == 0
    # What was tried may be in the channel already, and what has just been found is no backlog.
    assert await queued(store) == [papers[0].versioned, "2607.01100v1"]
    await run_job(store, later)
    assert len(await queued(store)) == 2  # nothing is listed in a paused channel
    await store.destinations.resume(destination, later)
    await run_job(store, later)
    rows = await send_all(store, later)
    assert [row.kind for row in rows] == [Kind.PAPER, Kind.LIST, Kind.PAPER]
    assert sorted(shown(rows)) == [*(paper.id.text for paper in papers), "2607.01100"]
    assert len(shown(rows)) == len(set(shown(rows)))
    await record(store, *papers, now=later + DAY)
    assert await queued(store) == []


async def test_a_backlog_brings_no_paper_into_a_second_digest(store: Store) -> None:
    """Of a keyword with `both`, a digest had the papers whose posts were not sent."""
    destination = (await subscribe(store, deliver=Deliver.BOTH)).subscription.destination.id
    papers = make_papers(60, first=1001)
    await record(store, *papers)
    await mark_as_digested(store, destination, papers[:30])
    assert await store.overflow.defer_backlogs(NOW + 3 * DAY) == 60
    left = [paper for section in await store.digests.pending(destination) for paper in section.papers]
    assert sorted(left) == [paper.id for paper in papers[30:]]
    assert await queued(store) == []


async def mark_as_digested(store: Store, destination: int, papers: Sequence[Paper]) -> None:
    async with store.database.write() as connection:
        await mark(connection, destination, [paper.id for paper in papers], NOW.date())


async def test_a_small_backlog_is_posted(store: Store) -> None:
    await subscribe(store)
    await record(store, *make_papers(BACKLOG, first=1001))
    assert await store.overflow.defer_backlogs(NOW + 9 * DAY) == 0
    assert len(await queued(store)) == BACKLOG


async def test_the_papers_of_an_outage_of_the_bot_are_mostly_listed(store: Store) -> None:
    await subscribe(store)
    await record(store, asked=["tts"])
    papers = make_papers(60, first=1001)
    later = NOW + 6 * DAY
    behind = Pace(cap=100, behind=later - 3 * DAY)
    await store.record(papers, [Match("tts", paper.id) for paper in papers], later, pace=behind)
    assert len(await queued(store)) == BACKLOG
    [one] = await waiting(store)
    assert one.papers == 60 - BACKLOG


async def test_a_list_of_a_day_is_queued_once_by_whoever_comes_first(store: Store) -> None:
    destination = (await subscribe(store)).subscription.destination.id
    papers = make_papers(5, first=1001)
    await bring(store, papers)
    clock = Clock(NOW + HOUR)
    jobs = [DigestJob(store, clock=clock, on_queued=lambda: None) for _ in range(2)]
    for job in jobs:
        await job.run()
    assert len([row for row in await queued(store) if "/" in row]) == 1
    again = DigestPage(clock().date(), 1, 1, 1, (Section("TTS", (papers[0].id,)),))
    assert await store.overflow.run(destination, again, clock()) is False


# --- what one poll brings too much --------------------------------------------------------------------------


async def test_what_is_held_back_is_not_sent_and_not_brought_again(store: Store) -> None:
    destination = (await subscribe(store)).subscription.destination.id
    papers = make_papers(60, first=1001)
    await bring(store, papers, cap=100, at_once=20)
    assert len(await queued(store)) == 20
    [held] = await store.held.waiting()
    assert (held.destination.id, held.papers, held.since) == (destination, 40, NOW)
    assert await store.held.waiting([destination + 1]) == []
    await bring(store, papers, NOW + HOUR, cap=100, at_once=20)
    assert len(await queued(store)) == 20
    await prune(store, NOW + 500 * DAY)
    assert len(await store.held.waiting()) == 1
    assert (await store.papers.get(papers[-1].id)) is not None


async def test_a_channel_may_get_thrice_its_busiest_day(store: Store) -> None:
    await subscribe(store)
    for day in range(3):
        await bring(store, make_papers(15, first=1001 + 100 * day), NOW + day * DAY, cap=100, at_once=20)
    await bring(store, make_papers(45, first=2001), NOW + 4 * DAY, cap=1000, at_once=20)
    assert await store.held.waiting() == []
    await bring(store, make_papers(136, first=3001), NOW + 5 * DAY, cap=1000, at_once=20)
    assert [held.papers for held in await store.held.waiting()] == [1]


@pytest.mark.parametrize("deliver", list(Deliver))
async def test_what_a_manager_posts_comes_as_its_keyword_asks(store: Store, deliver: Deliver) -> None:
    destination = (await subscribe(store, deliver=deliver)).subscription.destination.id
    papers = make_papers(5, first=1001)
    await bring(store, papers, cap=100, at_once=1)
    later = NOW + 2 * DAY
    assert await store.held.post(destination, later) == 4
    assert await store.held.post(destination, later) == 0
    assert await store.overflow.defer_backlogs(later + HOUR) == 0
    live = 0 if deliver is Deliver.DIGEST else 5
    listed = 0 if deliver is Deliver.LIVE else 5
    assert len(await queued(store)) == live
    assert sum(len(one.papers) for one in await store.digests.pending(destination)) == listed


async def test_what_a_manager_lists_or_drops_is_gone_from_the_held(store: Store) -> None:
    destination = (await subscribe(store)).subscription.destination.id
    papers = make_papers(5, first=1001)
    await bring(store, papers, cap=100, at_once=1)
    assert await store.held.to_digest(destination, NOW) == 4
    assert [one.papers for one in await waiting(store)] == [4]
    more = make_papers(18, first=1101)  # thrice the five of the day before may come
    await bring(store, more, NOW + DAY, cap=100, at_once=1)
    assert await store.held.drop(destination) == 3
    await bring(store, more, NOW + 2 * DAY, cap=100, at_once=1)
    assert await store.held.waiting() == []


async def test_a_later_poll_lists_what_it_brings_again_and_forgets_the_rest(store: Store) -> None:
    await subscribe(store)
    papers = make_papers(6, first=1001)
    await bring(store, papers, cap=100, at_once=2)
    review: dict[str, Any] = {
        "asked": {"tts": NOW - 14 * DAY},
        "over": (),
        "returned": {papers[2].id, papers[3].id},
    }
    soon = await store.held.review(**review, now=NOW + HOUR)
    assert (soon.listed, soon.dropped) == (0, 0)
    mad = await store.held.review(**(review | {"over": {1}}), now=NOW + DAY)
    assert (mad.listed, mad.dropped) == (0, 0)
    sane = await store.held.review(**review, now=NOW + DAY)
    assert (sane.listed, sane.dropped) == (2, 2)
    assert await store.held.waiting() == []
    [one] = await waiting(store)
    assert one.papers == 2
    # Should they come after all, they are new.
    await bring(store, papers[4:], NOW + 2 * DAY)
    assert await queued(store) == [paper.versioned for paper in (*papers[:2], *papers[4:])]


async def test_a_keyword_that_is_removed_takes_what_is_held_back_along(store: Store) -> None:
    one = (await subscribe(store)).subscription
    await bring(store, make_papers(5, first=1001), cap=100, at_once=1)
    await store.subscriptions.remove(one.id, NOW)
    assert await store.held.waiting() == []
    assert await queued(store) == []


async def test_what_is_held_back_stays_when_its_keyword_asks_for_a_digest(store: Store) -> None:
    one = (await subscribe(store)).subscription
    await bring(store, make_papers(5, first=1001), cap=100, at_once=1)
    await store.subscriptions.edit(one.id, Options(deliver=Deliver.DIGEST))
    assert [held.papers for held in await store.held.waiting()] == [4]
    assert [row.state for row in await store.outbox.heads(NOW, 5)] == []
    assert await store.held.post(one.destination.id, NOW) == 4
    [section] = await store.digests.pending(one.destination.id)
    assert len(section.papers) == 5
    assert Sending.HELD not in {row.state for row in await store.outbox.heads(NOW, 5)}


async def test_old_papers_are_not_listed_to_who_subscribes(store: Store) -> None:
    """The cap does not bring what a baseline left out."""
    await subscribe(store, known=(OLD, *make_papers(50, first=1001)))
    await bring(store, make_papers(50, first=1001))
    assert await queued(store) == []
    assert await waiting(store) == []
