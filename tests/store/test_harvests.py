"""What harvests have read, and papers whose text is not the query API's yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.papers import Match, Paper, PaperId
from bot.store import Store
from tests.store.store_cases import MORE, NEWS, NOW, OLD, TTS, prune, queued, record, store, subscribe

__all__ = ["store"]

DAY = timedelta(days=1)
ONE, TWO, THREE = PaperId("2607.00001"), PaperId("2607.00002"), PaperId("2607.00003")


async def test_what_was_read_is_known_by_version_whether_it_matches_or_not(store: Store) -> None:
    await store.record([], [], NOW, harvested={ONE: 1, TWO: 3})
    await store.record([], [], NOW + DAY, harvested={ONE: 2, TWO: 2})
    assert await store.harvests.versions([ONE, TWO, THREE]) == {ONE: 2, TWO: 3}


async def test_what_was_read_is_stored_with_the_papers_or_not_at_all(store: Store) -> None:
    await subscribe(store)
    with pytest.raises(KeyError):  # its paper is neither given nor stored
        await store.record([], [Match(TTS, NEWS.id)], NOW, harvested={ONE: 1})
    assert await store.harvests.versions([ONE]) == {}


async def test_what_was_read_is_forgotten_after_a_month(store: Store) -> None:
    await store.record([], [], NOW, harvested={ONE: 1})
    await prune(store, NOW + 30 * DAY)
    assert await store.harvests.versions([ONE]) == {ONE: 1}
    await prune(store, NOW + 31 * DAY)
    assert await store.harvests.versions([ONE]) == {}


async def harvest(store: Store, *papers: Paper, provisional: bool = True) -> None:
    matches = [Match(TTS, paper.id) for paper in papers]
    names = {paper.id for paper in papers} if provisional else set()
    await store.record(papers, matches, NOW, provisional=names)


async def test_papers_without_the_query_apis_text_are_listed_the_highest_number_first(store: Store) -> None:
    await subscribe(store)
    await harvest(store, NEWS, MORE)
    assert await store.papers.provisional(10) == [MORE.id, NEWS.id]
    assert await store.papers.provisional(1) == [MORE.id]


async def test_the_query_apis_text_takes_the_place_of_another_without_a_second_post(store: Store) -> None:
    await subscribe(store)
    await harvest(store, replace(NEWS, title="Speech, as harvested", comment=None))
    before = await queued(store)
    await harvest(store, replace(NEWS, comment="9 pages"), provisional=False)
    assert await store.papers.get(NEWS.id) == replace(NEWS, comment="9 pages")
    assert await store.papers.provisional(10) == []
    assert await queued(store) == before == [f"{NEWS.id}v1"]


async def test_equal_text_is_enough(store: Store) -> None:
    await subscribe(store)
    await harvest(store, NEWS)
    await harvest(store, NEWS, provisional=False)
    assert await store.papers.provisional(10) == []


async def test_a_paper_that_a_person_saves_is_not_provisional(store: Store) -> None:
    await record(store, OLD)
    assert await store.papers.provisional(10) == []
