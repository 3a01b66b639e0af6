"""Digests: what waits for the next one, once a local day, and what is forgotten after a year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from bot.model.outbox import DigestPage, Kind, QuietNote, Section, WeeklyTop
from bot.model.outcomes import Sent
from bot.model.papers import PaperId
from bot.model.subscriptions import Deliver, Options
from bot.rules.digest import papers_on
from bot.store import Pruned, Store
from bot.store.tables import library, outbox
from tests.fakes.papers import make_paper, make_papers
from tests.store.store_cases import (
    GUILD,
    KEEP,
    MORE,
    NEWS,
    NOW,
    OLD,
    TTS,
    VOCODER,
    days_of_digests,
    prune,
    queued,
    record,
    store,
    subscribe,
)

__all__ = ["store"]

DAY = date(2026, 7, 21)


def pages_of(*sections: Section, pages: int = 1) -> list[DigestPage]:
    total = sum(len(section.papers) for section in sections)
    return [DigestPage(DAY, number, pages, total, sections) for number in range(1, pages + 1)]


async def test_a_paper_stands_once_under_its_first_keyword(store: Store) -> None:
    third = make_paper(1003)
    destination = (await subscribe(store, deliver=Deliver.DIGEST)).subscription.destination.id
    await subscribe(store, VOCODER, deliver=Deliver.BOTH)
    await subscribe(store, "quiet", deliver=Deliver.DIGEST)
    await record(store, NEWS, MORE)
    await record(store, MORE, third, queries=[VOCODER])
    assert await store.digests.pending(destination) == [
        Section("TTS", (MORE.id, NEWS.id), also={MORE.id: ("VOCODER",)}),
        Section("VOCODER", (third.id,)),
    ]


async def test_a_keyword_that_asks_for_a_digest_comes_before_one_that_does_not(store: Store) -> None:
    destination = (await subscribe(store)).subscription.destination.id
    await subscribe(store, VOCODER, deliver=Deliver.DIGEST)
    await record(store, NEWS, queries=[TTS, VOCODER])
    assert await store.digests.pending(destination) == [
        Section("VOCODER", (NEWS.id,), also={NEWS.id: ("TTS",)})
    ]


async def test_categories_hold_in_digests_too(store: Store) -> None:
    first = (await subscribe(store, deliver=Deliver.DIGEST, categories=("math",))).subscription
    await subscribe(store, VOCODER, deliver=Deliver.DIGEST)
    await record(store, NEWS, queries=[TTS, VOCODER])
    assert await store.digests.pending(first.destination.id) == [Section("VOCODER", (NEWS.id,))]


async def test_a_digest_runs_once_a_day_and_holds_a_paper_once(store: Store) -> None:
    destination = (await subscribe(store, deliver=Deliver.DIGEST)).subscription.destination.id
    await record(store, NEWS)
    sections = await store.digests.pending(destination)
    await record(store, MORE)  # between the look and the run
    pages = pages_of(*sections, pages=2)
    assert await store.digests.run(destination, DAY, pages, NOW)
    assert not await store.digests.run(destination, DAY, pages, NOW)
    assert await queued(store) == ["2026-07-21/1", "2026-07-21/2"]
    [row] = await store.outbox.heads(NOW, 5)
    assert (row.kind, row.page) == (Kind.DIGEST, pages[0])
    prepared = await store.outbox.prepare(row)
    assert prepared is not None
    assert prepared.posting is None
    assert set(prepared.papers) == set(papers_on(pages[0]))
    assert await store.digests.pending(destination) == [Section("TTS", (MORE.id,))]
    assert await store.digests.last_run(destination) == DAY
    tomorrow = DAY + timedelta(days=1)
    assert await store.digests.run(destination, tomorrow, [], NOW)
    assert await days_of_digests(store, destination) == [tomorrow, DAY]
    assert await store.digests.last_run(destination + 1) is None


async def test_the_last_digest_with_papers_is_known(store: Store) -> None:
    destination = (await subscribe(store, deliver=Deliver.DIGEST)).subscription.destination.id
    assert await store.digests.last_with_papers(destination, before=DAY) is None
    await record(store, NEWS)
    await store.digests.run(destination, DAY, pages_of(Section("TTS", (NEWS.id,))), NOW)
    tomorrow = DAY + timedelta(days=1)
    await store.digests.run(destination, tomorrow, [], NOW)
    assert await store.digests.last_with_papers(destination, before=tomorrow + timedelta(days=1)) == DAY
    assert await store.digests.last_with_papers(destination, before=DAY) is None


async def test_a_queued_digest_keeps_what_it_shows(store: Store) -> None:
    """So a second attempt shows what the first one did, whatever has been saved in between."""
    destination = (await subscribe(store, deliver=Deliver.DIGEST)).subscription.destination.id
    await record(store, NEWS, MORE)
    top = WeeklyTop(DAY - timedelta(days=7), DAY - timedelta(days=1), ((MORE.id, 2),))
    [page] = pages_of(Section("TTS", (NEWS.id,)))
    page = replace(page, top=top, file=True, enough_saved=True)
    await store.digests.run(destination, DAY, [page], NOW)
    [row] = await store.outbox.heads(NOW, 5)
    assert row.page == page
    prepared = await store.outbox.prepare(row)
    assert prepared is not None
    assert set(prepared.papers) == {NEWS.id, MORE.id}


async def test_what_a_page_leaves_out_waits_for_the_next_digest(store: Store) -> None:
    destination = (await subscribe(store, deliver=Deliver.DIGEST)).subscription.destination.id
    await record(store, NEWS, MORE)
    pages = pages_of(Section("TTS", (MORE.id,), more=1))
    assert await store.digests.run(destination, DAY, pages, NOW)
    assert await store.digests.pending(destination) == [Section("TTS", (NEWS.id,))]
    [row] = await store.outbox.heads(NOW, 1)
    assert row.page == pages[0]


async def test_a_digest_goes_before_waiting_papers(store: Store) -> None:
    destination = (await subscribe(store, deliver=Deliver.BOTH)).subscription.destination.id
    await record(store, NEWS)
    await store.digests.run(destination, DAY, pages_of(Section("TTS", (NEWS.id,))), NOW)
    assert await queued(store) == ["2026-07-21/1", NEWS.versioned]


async def test_removing_a_keyword_leaves_the_digest_that_is_queued(store: Store) -> None:
    subscription = (await subscribe(store, deliver=Deliver.DIGEST)).subscription
    await record(store, NEWS)
    await store.digests.run(subscription.destination.id, DAY, pages_of(Section("TTS", (NEWS.id,))), NOW)
    await store.subscriptions.remove(subscription.id, NOW)
    assert await queued(store) == ["2026-07-21/1"]


async def test_after_a_year_papers_and_what_was_sent_are_forgotten_but_not_that_they_were_seen(
    store: Store,
) -> None:
    subscription = (await subscribe(store)).subscription
    await record(store, NEWS, MORE)
    for _ in range(2):
        [head] = await store.outbox.heads(NOW, 1)
        await store.settle(head, Sent(1), NOW)
    assert await prune(store, NOW + KEEP) == Pruned(papers=0, queries=0, outbox=0, seen=0)
    later = NOW + KEEP + timedelta(days=1)
    assert await prune(store, later) == Pruned(papers=2, queries=0, outbox=2, seen=0)
    assert await store.papers.highest() == MORE.id  # new subscriptions count from there
    assert (await record(store, replace(NEWS, version=9), now=later)).queued == 0
    await store.subscriptions.remove(subscription.id, NOW)
    assert (await prune(store, later + KEEP)).seen == 2


async def test_what_waits_or_is_saved_is_not_forgotten(store: Store) -> None:
    saved, waiting, in_digest, forgotten, last = make_papers(5, first=1001)
    await subscribe(store)
    await subscribe(store, VOCODER, deliver=Deliver.DIGEST)
    await record(store, waiting, last)
    await record(store, in_digest, queries=[VOCODER])
    await store.record([saved, forgotten], [], NOW)
    async with store.database.write() as connection:
        await connection.execute(library.insert().values(user_id=1, paper_id=saved.id, note="", saved_at=NOW))
    await prune(store, NOW + 2 * KEEP)
    kept = [OLD, saved, waiting, in_digest, forgotten, last]
    assert await store.papers.get_many([paper.id for paper in kept]) == [saved, waiting, in_digest, last]


async def test_a_query_without_subscribers_is_forgotten_with_its_matches(store: Store) -> None:
    subscription = (await subscribe(store)).subscription
    await store.subscriptions.remove(subscription.id, NOW)
    assert (await prune(store, NOW + timedelta(days=30))).queries == 0
    assert (await prune(store, NOW + KEEP)).queries == 1
    assert await store.papers.newest(TTS, 10) == []


@pytest.mark.parametrize("deliver", list(Deliver))
async def test_a_change_of_mind_loses_nothing(store: Store, deliver: Deliver) -> None:
    """Whatever a keyword is changed to and back, each of its papers is either queued or in the digest."""
    subscription = (await subscribe(store, deliver=deliver)).subscription
    await record(store, NEWS)
    for other in (*Deliver, deliver):
        await store.subscriptions.edit(subscription.id, Options(deliver=other))
        sections = await store.digests.pending(subscription.destination.id)
        waiting = {PaperId.parse(subject)[0] for subject in await queued(store)}
        assert waiting | {paper for section in sections for paper in section.papers} == {NEWS.id}
    assert await store.subscriptions.count_guild(GUILD) == 1


async def test_a_queued_note_keeps_what_it_says(store: Store) -> None:
    destination = (await subscribe(store, deliver=Deliver.DIGEST)).subscription.destination.id
    page = DigestPage(DAY, 1, 1, 0, (), note=QuietNote(("TTS", "a"), 3, 9, 2))
    await store.digests.run(destination, DAY, [page], NOW)
    [row] = await store.outbox.heads(NOW, 5)
    assert row.page == page


async def test_a_digest_that_an_earlier_version_queued_has_its_file(store: Store) -> None:
    destination = (await subscribe(store, deliver=Deliver.DIGEST)).subscription.destination.id
    await record(store, NEWS)
    await store.digests.run(destination, DAY, pages_of(Section("TTS", (NEWS.id,))), NOW)
    async with store.database.write() as connection:
        page = await connection.scalar(sa.select(outbox.c.page))
        left = {name: value for name, value in page.items() if name not in {"file", "top", "note"}}
        await connection.execute(outbox.update().values(page=left))
    [row] = await store.outbox.heads(NOW, 5)
    assert row.page is not None
    assert (row.page.file, row.page.top, row.page.note) == (True, None, None)
