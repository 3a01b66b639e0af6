from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.relevance.vocabulary import Vocabulary
from bot.store import Store
from tests.database import lay_out
from tests.fakes.clock import Clock
from tests.fakes.papers import EPOCH, make_paper


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    lay_out(tmp_path / "papers.db")
    async with await Store.open(f"sqlite:///{tmp_path}/papers.db") as opened:
        yield opened


async def publish(store: Store, numbers: range, title: str, abstract: str = "") -> None:
    papers = [make_paper(number, title=title, abstract=abstract) for number in numbers]
    await store.record(papers, [], EPOCH)


async def test_a_word_of_two_titles_or_abstracts_is_meant(store: Store) -> None:
    clock = Clock()
    vocabulary = Vocabulary(store, clock=clock)
    await publish(store, range(1, 2), "Metamorphic testing")
    await publish(store, range(2, 3), "Tests", "They are metamorphic.")
    assert await vocabulary.meant("metamorhpic tset") == {0: "metamorphic"}
    assert await vocabulary.meant('au:metamorhpic OR "metamorphic"') == {}


async def test_a_word_of_one_paper_may_be_misspelt_itself(store: Store) -> None:
    clock = Clock()
    await publish(store, range(1, 2), "Metamorhpic testing")
    await publish(store, range(2, 4), "Metamorphic tests")
    assert await Vocabulary(store, clock=clock).meant("metamorhpic") == {0: "metamorphic"}


async def test_what_comes_later_is_counted_with_a_tenth_more_papers_and_after_a_day(store: Store) -> None:
    clock = Clock()
    vocabulary = Vocabulary(store, clock=clock)
    await publish(store, range(1, 101), "Speech")
    assert await vocabulary.count() == 3_600
    await publish(store, range(200, 205), "Metamorphic testing")
    assert await vocabulary.meant("metamorhpic") == {}
    clock.advance(timedelta(days=1))
    assert await vocabulary.meant("metamorhpic") == {0: "metamorphic"}
    await publish(store, range(300, 320), "Diffusion")
    assert await vocabulary.meant("difusion") == {0: "diffusion"}


async def test_a_clock_that_was_set_back_does_not_keep_old_counts(store: Store) -> None:
    clock = Clock()
    vocabulary = Vocabulary(store, clock=clock)
    await publish(store, range(1, 101), "Speech")
    await vocabulary.count()
    await publish(store, range(200, 205), "Metamorphic testing")
    clock.advance(timedelta(days=-3))
    assert await vocabulary.meant("metamorhpic") == {0: "metamorphic"}
