"""Reading lists, and what is held about a person: handed out whole, erased for good."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model.papers import Addition
from bot.store import Store
from tests.fakes.papers import make_paper, make_papers
from tests.store.store_cases import (
    NEWS,
    NOW,
    OLD,
    prune,
    record,
    store,
    subscribe,
    url_of,
)

__all__ = ["store"]

PERSON = 30_011_223_344  # no part of any other number here
SOMEBODY = 30_099_887_766
CONVERSATION = 900
MINUTE = timedelta(minutes=1)
YEAR = timedelta(days=365)


async def test_what_was_saved_last_stands_first(store: Store) -> None:
    for number in (1, 2, 3):
        assert await store.library.save(PERSON, [make_paper(number)], NOW + number * MINUTE, most=10)
    assert [one.paper.id.number for one in await store.library.all(PERSON)] == [3, 2, 1]
    assert [one.paper.id.number for one in await store.library.page(PERSON, 1, 1)] == [2]
    assert await store.library.count(PERSON) == 3
    assert await store.library.all(SOMEBODY) == []


async def test_a_saved_paper_comes_back_as_it_was(store: Store) -> None:
    paper = make_paper(7, id="hep-th/9901001", comment="12 pages", doi="10.1000/1", journal_ref="J. 1")
    await store.library.save(PERSON, [paper], NOW, most=10)
    found = await store.library.get(PERSON, paper.id)
    assert found is not None
    assert (found.paper, found.note, found.saved_at) == (paper, "", NOW)


async def test_saving_twice_keeps_the_note_and_the_moment(store: Store) -> None:
    await store.library.save(PERSON, [NEWS], NOW, most=10)
    assert await store.library.note(PERSON, NEWS.id, "read me")
    assert await store.library.save(PERSON, [NEWS], NOW + MINUTE, most=10) == Addition(known=(NEWS.id,))
    [found] = await store.library.all(PERSON)
    assert (found.note, found.saved_at) == ("read me", NOW)


async def test_a_list_has_an_end_and_says_what_fitted(store: Store) -> None:
    papers = make_papers(5)
    ids = tuple(paper.id for paper in papers)
    saved = await store.library.save(PERSON, [*papers, papers[0]], NOW, most=3)
    assert saved == Addition(added=ids[:3], left=ids[3:])
    again = await store.library.save(PERSON, papers, NOW, most=3)
    assert again == Addition(known=ids[:3], left=ids[3:])
    assert await store.library.count(PERSON) == 3
    assert await store.library.save(SOMEBODY, papers, NOW, most=5) == Addition(added=ids)


async def test_of_two_saves_at_once_the_second_finds_the_paper_there(store: Store) -> None:
    """The list has room for one: the second is told that the paper is on it, not that it is full."""
    saves = (store.library.save(PERSON, [NEWS], NOW, most=1) for _ in range(2))
    assert await asyncio.gather(*saves) == [Addition(added=(NEWS.id,)), Addition(known=(NEWS.id,))]


async def test_a_note_needs_its_paper_and_can_be_taken_away(store: Store) -> None:
    assert not await store.library.note(PERSON, NEWS.id, "nothing to stick to")
    await store.library.save(PERSON, [NEWS], NOW, most=10)
    await store.library.note(PERSON, NEWS.id, "x")
    await store.library.note(PERSON, NEWS.id, "")
    assert [one.note for one in await store.library.all(PERSON)] == [""]


async def test_what_is_removed_is_handed_back(store: Store) -> None:
    await store.library.save(PERSON, [NEWS], NOW, most=10)
    await store.library.save(SOMEBODY, [NEWS], NOW, most=10)
    await store.library.note(PERSON, NEWS.id, "x")
    removed = await store.library.remove(PERSON, NEWS.id)
    assert removed is not None
    assert (removed.paper, removed.note) == (NEWS, "x")
    assert await store.library.remove(PERSON, NEWS.id) is None
    assert await store.library.count(SOMEBODY) == 1


@pytest.mark.parametrize("typed", ["über", "ÜBER", "öl", "Öl ÜB", "СЛОВО"])
async def test_a_search_ignores_case_in_every_alphabet(tmp_path: Path, typed: str) -> None:
    """On PostgreSQL, the locale of the database decides which letters have two cases."""
    async with await Store.open(url_of(tmp_path)) as store:
        await store.library.save(PERSON, [make_paper(1, title="Über Öl, слово"), NEWS], NOW, most=10)
        assert [one.paper.id.number for one in await store.library.page(PERSON, 0, 5, words=typed)] == [1]
        assert await store.library.count(PERSON, words=typed) == 1
        found = await store.library.find(PERSON, typed.split(maxsplit=1)[0], 5)
        assert [one.paper.id.number for one in found] == [1]


async def test_a_list_is_searched_by_identifier_title_and_note(store: Store) -> None:
    await store.library.save(PERSON, [make_paper(1, title="100% LaTeX"), make_paper(22)], NOW, most=10)
    await store.library.note(PERSON, make_paper(22).id, "for Thursday")

    async def found(typed: str) -> list[int]:
        return [one.paper.id.number for one in await store.library.find(PERSON, typed, 25)]

    assert await found("00022") == [22]
    assert await found("latex") == [1]
    assert await found("%") == [1]
    assert await found("thursday") == [22]
    assert sorted(await found("")) == [1, 22]


async def test_saving_a_paper_makes_it_no_less_new_for_a_subscription(store: Store) -> None:
    await subscribe(store)
    await store.library.save(PERSON, [NEWS], NOW, most=10)
    assert (await record(store, NEWS)).queued == 1


async def test_a_saved_paper_outlives_its_year(store: Store) -> None:
    await store.library.save(PERSON, [OLD], NOW, most=10)
    await record(store, NEWS)
    later = NOW + timedelta(days=800)
    await prune(store, later)
    assert await store.papers.get(OLD.id) == OLD
    await store.library.remove(PERSON, OLD.id)
    await prune(store, later)
    assert await store.papers.get(OLD.id) is None


async def test_a_citation_key_stays_after_its_paper_is_removed_and_forgotten(store: Store) -> None:
    keys = store.library.give_keys
    await store.library.save(PERSON, [OLD], NOW, most=10)
    assert await keys(PERSON, {OLD.id: "ada2026news"}) == {OLD.id: "ada2026news"}
    await store.library.remove(PERSON, OLD.id)
    await prune(store, NOW + 2 * YEAR)
    assert await keys(PERSON, {NEWS.id: "ada2026news"}) == {NEWS.id: f"ada2026news:{NEWS.id}"}
    await store.library.save(PERSON, [OLD], NOW, most=10)
    assert await keys(PERSON, {OLD.id: "another2026title"}) == {OLD.id: "ada2026news"}
    assert await keys(SOMEBODY, {NEWS.id: "ada2026news"}) == {NEWS.id: "ada2026news"}


async def test_keys_beyond_the_limit_are_not_kept_and_stay_the_same(store: Store) -> None:
    papers = [make_paper(number).id for number in range(1, 6)]
    plain = dict.fromkeys(papers, "a2026b") | {papers[0]: "c2026d"}
    first = await store.library.give_keys(PERSON, plain, most=3)
    assert [first[paper] for paper in papers] == [
        "c2026d",
        "a2026b:2607.00002",
        "a2026b:2607.00003",
        "arxiv:2607.00004",
        "arxiv:2607.00005",
    ]
    assert await store.library.give_keys(PERSON, dict.fromkeys(papers, "e2026f"), most=3) == first
    assert await store.library.give_keys(PERSON, {papers[4]: "g2026h"}, most=3) == {
        papers[4]: first[papers[4]]
    }
    assert len((await store.people.export(PERSON))["citation_keys"]) == 3
