"""Papers that are alike, found in a real store by their signatures and ordered by their texts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model.papers import Paper
from bot.query.query import parse
from bot.query.text import analyze_paper
from bot.relevance import interests, similar
from bot.relevance.interests import Interests
from bot.relevance.similar import SimilarPapers
from bot.store import Store
from tests.database import lay_out
from tests.fakes.clock import Clock
from tests.fakes.papers import make_paper


def paper(number: int, abstract: str, title: str = "") -> Paper:
    return make_paper(number, title=title or f"Of {number}", abstract=abstract)


SPLATTING = [
    paper(n, f"We render {kind} with Gaussian splatting and radiance fields.")
    for n, kind in enumerate(("rooms", "streets", "faces"), 1)
]
ROBOTS = [
    paper(n, f"Legged robots walk on {kind} with a learned policy.")
    for n, kind in enumerate(("ice", "sand"), 11)
]
ASKED = paper(21, "Gaussian splatting of radiance fields for gardens.", title="Gaussian splatting")


@dataclass
class Shelf:
    store: Store
    clock: Clock
    similar: SimilarPapers

    async def put(self, *papers: Paper) -> None:
        await self.store.record(papers, [], self.clock())

    async def like(self, wanted: Paper, most: int = 10) -> list[Paper]:
        return [one.paper for one in await self.similar.to(wanted, most)]


async def test_the_job_counts_the_terms_although_no_signature_is_missing(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a start nobody waits for it."""
    monkeypatch.setattr(interests, "_MANY", 1)
    await shelf.put(*SPLATTING)
    await shelf.similar.sign()
    known = Interests(shelf.store, clock=shelf.clock)
    await SimilarPapers(shelf.store, known, clock=shelf.clock).sign()
    assert known._frequencies.papers == len(SPLATTING)


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    lay_out(tmp_path / "papers.db")
    clock = Clock()
    async with await Store.open(f"sqlite:///{tmp_path}/papers.db") as store:
        yield Shelf(store, clock, SimilarPapers(store, Interests(store, clock=clock), clock=clock))


async def test_the_most_alike_come_first_with_what_they_share_and_strangers_not_at_all(shelf: Shelf) -> None:
    await shelf.put(*SPLATTING, *ROBOTS)
    found = await shelf.similar.to(ASKED)
    assert {one.paper.id for one in found} == {one.id for one in SPLATTING}
    assert all("gaussian splatting" in one.terms for one in found)
    assert await shelf.like(ASKED, most=1) == [found[0].paper]


async def test_a_paper_is_not_like_itself_nor_like_a_withdrawn_one(shelf: Shelf) -> None:
    withdrawn = replace(SPLATTING[0], comment="This paper has been withdrawn by the authors.", withdrawn=True)
    await shelf.put(ASKED, withdrawn, *SPLATTING[1:])
    assert {one.id for one in await shelf.like(ASKED)} == {one.id for one in SPLATTING[1:]}


async def test_nothing_is_like_a_paper_on_an_empty_shelf(shelf: Shelf) -> None:
    assert await shelf.like(ASKED) == []
    assert await shelf.similar.sign() == 600


async def test_what_a_poll_brought_is_found_after_a_minute_and_a_new_version_counts(shelf: Shelf) -> None:
    await shelf.put(*ROBOTS)
    assert await shelf.like(ASKED) == []
    await shelf.put(SPLATTING[0])
    shelf.clock.advance(timedelta(minutes=1))
    assert [one.id for one in await shelf.like(ASKED)] == [SPLATTING[0].id]
    rewritten = replace(ROBOTS[0], version=2, abstract=SPLATTING[1].abstract, updated=shelf.clock())
    await shelf.put(rewritten)
    shelf.clock.advance(timedelta(minutes=1))
    assert {one.id for one in await shelf.like(ASKED)} == {SPLATTING[0].id, rewritten.id}


async def test_more_papers_than_are_signed_at_once_all_get_their_signatures(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar, "_AT_ONCE", 2)
    await shelf.put(*SPLATTING, *ROBOTS)
    await shelf.similar.sign()
    assert await shelf.store.signatures.missing(10) == []


async def test_signatures_leave_the_memory_after_an_hour_without_a_question(shelf: Shelf) -> None:
    await shelf.put(*SPLATTING)
    await shelf.like(ASKED)
    shelf.clock.advance(timedelta(minutes=59))
    await shelf.similar.sign()
    assert shelf.similar._signatures is not None
    shelf.clock.advance(timedelta(minutes=2))
    await shelf.similar.sign()
    assert shelf.similar._signatures is None
    assert len(await shelf.like(ASKED)) == len(SPLATTING)


async def test_the_query_for_similar_papers_finds_the_paper_itself(shelf: Shelf) -> None:
    await shelf.put(*SPLATTING, *ROBOTS)
    typed = await shelf.similar.query_for(SPLATTING[0])
    assert typed.startswith('abs:"gaussian splatting" AND abs:"')
    assert parse(typed).matches(analyze_paper(SPLATTING[0])) is not None
    assert await shelf.similar.query_for(paper(31, "", title="1984")) == ""
