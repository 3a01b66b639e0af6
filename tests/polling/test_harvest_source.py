"""Harvesting: from OAI-PMH to the outbox, over real HTTP, with the text of the query API and without."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.model.errors import ArxivError
from bot.model.outbox import Kind
from bot.model.papers import Paper, PaperId
from bot.model.subscriptions import Options
from bot.polling.doubt import Doubt
from bot.polling.harvest_source import HarvestMemory, HarvestSource
from bot.polling.source import Source
from tests.fakes import arxiv as fakes
from tests.fakes import oai
from tests.fakes.arxiv import revised
from tests.fakes.papers import make_paper, make_papers
from tests.polling.poller_cases import DAY, FRIDAY, World, opened, recent

MONDAY = FRIDAY + 3 * DAY


class ApiTexts:
    """The query API's texts, until it fails."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def of(self, ids: Sequence[PaperId]) -> dict[PaperId, Paper] | None:
        try:
            return {paper.id: paper for paper in await self._world.client.by_id(ids)}
        except ArxivError:
            return None


class HarvestWorld(World):
    def source(self) -> Source:
        memory = HarvestMemory(
            papers=self.store.papers.as_stored,
            versions=self.store.harvests.versions,
            meta=self.store.meta.get,
        )
        return HarvestSource(self.oai, ApiTexts(self), memory, Doubt(self.store.meta.get))

    async def begin(self, *keywords: str, options: Options | None = None) -> None:
        """Subscribe on Friday and let the first harvest pass, so that later ones begin where it ended."""
        self.arxiv.publish(recent(3))
        for n, keyword in enumerate(keywords or ("speech synthesis",), start=1):
            await self.subscribe(keyword, channel=n, known=recent(3), options=options)
        await self.announce([])
        await self.poller.run()
        assert await self.subjects() == []
        self.forget()

    def forget(self) -> None:
        self.arxiv.requests.clear()
        self.arxiv.oai.requests.clear()

    def fetched(self) -> list[str]:
        """Return the identifiers that the query API was asked for, in order."""
        return [
            each
            for request in self.arxiv.requests
            for each in request.parameters.get("id_list", "").split(",")
            if each
        ]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[HarvestWorld]:
    async with opened(tmp_path, HarvestWorld) as world:
        yield world


def news(count: int = 3, *, first: int = 9_000, **changes: object) -> list[Paper]:
    return make_papers(count, first=first, published=MONDAY - DAY, **changes)


async def test_new_papers_are_posted_once_with_the_query_apis_text(world: HarvestWorld):
    await world.begin()
    await world.announce(news(title="Moiré speech synthesis"))
    await world.poller.run()
    assert await world.subjects() == [f"2607.0900{n}v1" for n in range(3)]
    assert await world.store.papers.get(PaperId("2607.09000")) == news(title="Moiré speech synthesis")[0]
    assert await world.store.papers.provisional(10) == []
    assert (len(world.arxiv.oai.requests), len(world.arxiv.requests)) == (1, 1)
    await world.announce([])
    await world.poller.run()
    assert await world.subjects() == []
    assert len(world.arxiv.requests) == 1  # what was read is not fetched again


async def test_a_harvest_answers_every_query_whatever_their_number(world: HarvestWorld):
    await world.begin(*(f"topic {n}" for n in range(30)))
    await world.announce(
        [make_paper(9_000 + n, published=MONDAY - DAY, title=f"Topic {n}", abstract="x") for n in range(30)]
    )
    await world.poller.run()
    assert len(await world.subjects()) == 30
    assert (len(world.arxiv.oai.requests), len(world.arxiv.requests)) == (1, 1)
    assert {query.last_polled for query in await world.store.queries.active()} == {world.clock()}
    assert world.poller.report.state == "fresh"


async def test_pages_are_read_to_the_end_and_papers_fetched_a_hundred_to_a_request_by_number(
    world: HarvestWorld,
):
    await world.begin()
    world.arxiv.oai.page = 100
    await world.announce(news(250))
    await world.poller.run()
    assert len(await world.subjects()) == 250
    assert len(world.arxiv.requests) == 3
    assert world.fetched() == [f"2607.{n:05d}" for n in range(9_000, 9_250)]


async def test_a_harvest_begins_on_the_day_of_the_last_answer(world: HarvestWorld):
    await world.begin()
    last = f"{world.clock():%Y-%m-%d}"
    await world.announce(news())
    await world.poller.run()
    assert [request.parameters["from"] for request in world.arxiv.oai.requests] == [last]


async def test_where_the_query_api_is_closed_the_lists_own_text_is_posted_and_marked(world: HarvestWorld):
    await world.begin()
    world.arxiv.always = fakes.rate_exceeded("86000")
    await world.announce(news(title="Moiré speech synthesis à la π", comment="9 pages"))
    await world.poller.run()
    assert await world.subjects() == [f"2607.0900{n}v1" for n in range(3)]
    assert await world.store.papers.get(PaperId("2607.09000")) == replace(
        news(title="Moiré speech synthesis à la π", comment="9 pages")[0]
    )
    assert await world.store.papers.provisional(10) == [PaperId(f"2607.0900{n}") for n in (2, 1, 0)]
    assert len(world.arxiv.requests) == 1  # one try, then no more


async def test_what_the_index_does_not_show_yet_is_posted_as_the_list_shows_it(world: HarvestWorld):
    await world.begin()
    behind, *others = news()
    await world.announce([behind, *others])
    answer = fakes.atom(others, total=2, per_page=3)
    world.arxiv.fail(fakes.serves(answer))
    await world.poller.run()
    assert len(await world.subjects()) == 3
    assert await world.store.papers.provisional(10) == [behind.id]


async def test_an_edit_that_nobody_sees_costs_no_second_request(world: HarvestWorld):
    await world.begin()
    world.arxiv.ledger.touch([paper.id for paper in recent(3)], world.clock() + DAY - timedelta(hours=1))
    await world.announce([])
    await world.poller.run()
    assert (len(world.arxiv.oai.requests), len(world.arxiv.requests)) == (1, 0)


async def test_an_edit_of_a_stored_paper_is_fetched_and_edits_its_post(world: HarvestWorld):
    await world.begin(options=Options(revisions=True))
    await world.announce(news(1))
    await world.poller.run()
    assert len(await world.queued()) == 1
    world.forget()
    await world.announce([replace(news(1)[0], journal_ref="Speech 5, 1")])
    await world.poller.run()
    assert world.fetched() == ["2607.09000"]
    assert [row.kind for row in await world.queued()] == [Kind.EDIT]
    assert (await world.store.papers.get(PaperId("2607.09000"))).journal_ref == "Speech 5, 1"


async def test_edits_are_fetched_within_a_daily_budget_the_newest_numbers_first(
    world: HarvestWorld, monkeypatch: pytest.MonkeyPatch
):
    """The others are as the list shows them, and marked."""
    monkeypatch.setattr("bot.polling.harvest_source._EDITS_A_DAY", 3)
    await world.begin()
    await world.announce(news(5))
    await world.poller.run()
    assert len(await world.subjects()) == 5
    world.forget()
    await world.announce([replace(paper, journal_ref="Speech 5, 1") for paper in news(5)])
    await world.poller.run()
    assert world.fetched() == ["2607.09004", "2607.09003", "2607.09002"]
    assert await world.store.papers.provisional(10) == [PaperId("2607.09001"), PaperId("2607.09000")]
    world.forget()
    await world.announce([replace(paper, journal_ref="Speech 6, 1") for paper in news(2)])
    await world.poller.run()
    assert world.fetched() == ["2607.09001", "2607.09000"]


async def test_fifty_thousand_edits_of_other_peoples_papers_cost_nothing_but_their_list(world: HarvestWorld):
    await world.begin()
    others = make_papers(500, first=20_000, published=FRIDAY - 300 * DAY, title="Bees", abstract="Bees")
    world.arxiv.papers += others
    world.arxiv.ledger.touch([paper.id for paper in others], world.clock() + timedelta(hours=20))
    await world.announce([])
    await world.poller.run()
    assert (len(world.arxiv.oai.requests), len(world.arxiv.requests)) == (1, 0)
    assert await world.store.papers.count() == 3


async def test_revisions_are_announced_where_somebody_wants_them(world: HarvestWorld):
    await world.begin(options=Options(revisions=True))
    unknown = make_paper(7, id="2401.00007", published=FRIDAY - 900 * DAY, version=3)
    await world.announce([replace(unknown, version=4, updated=MONDAY - DAY)])
    await world.poller.run()
    assert [(row.kind, str(row.subject)) for row in await world.queued()] == [(Kind.REVISION, "2401.00007v4")]


async def test_a_new_version_takes_the_place_of_the_stored_one(world: HarvestWorld):
    await world.begin()
    first = news(1)[0]
    await world.announce([first])
    await world.poller.run()
    await world.announce([revised(first, updated=MONDAY + DAY, title="Speech synthesis, again")])
    await world.poller.run()
    stored = await world.store.papers.get(first.id)
    assert (stored.version, stored.title) == (2, "Speech synthesis, again")


async def test_a_paper_that_moderation_held_for_months_is_found(world: HarvestWorld):
    await world.begin()
    await world.announce([make_paper(20_000, published=FRIDAY - 60 * DAY)])
    await world.poller.run()
    assert await world.subjects() == ["2607.20000v1"]


async def test_a_list_that_breaks_off_is_read_again_and_nothing_is_posted_twice(world: HarvestWorld):
    await world.begin()
    world.arxiv.oai.page = 2
    await world.announce(news(5))
    world.arxiv.oai.fail(None, *[fakes.status(503)] * 3)
    await world.poller.run()
    found = await world.subjects()
    assert 0 < len(found) < 5
    assert world.poller.report.state == "failed"
    (query,) = await world.store.queries.active()
    assert query.last_polled < world.clock()
    world.pass_time(timedelta(minutes=10))
    await world.poller.run()
    found += await world.subjects()
    assert sorted(found) == [paper.versioned for paper in news(5)]
    assert (await world.store.queries.active())[0].last_polled == world.clock()


@pytest.mark.parametrize(
    "fault",
    [
        fakes.status(500),
        fakes.reset(),
        fakes.truncated(),
        fakes.web_page(),
        fakes.rate_exceeded(),
        fakes.serves(oai.error("badArgument", FRIDAY)),
    ],
    ids=["500", "reset", "half", "a web page", "429", "refused"],
)
async def test_no_query_counts_as_answered_where_the_list_fails(world: HarvestWorld, fault: fakes.Fault):
    await world.begin()
    await world.announce(news(1))
    world.arxiv.oai.always = fault
    await world.poller.run()
    assert (await world.store.queries.active())[0].last_polled < world.clock()
    world.arxiv.oai.always = None
    world.pass_time(timedelta(hours=2))
    await world.poller.run()
    assert await world.subjects() == ["2607.09000v1"]


async def test_an_answer_from_a_cache_ends_on_its_own_day(world: HarvestWorld):
    """The next harvest begins there, and nothing that changed since is missed."""
    await world.begin()
    cached = oai.error("noRecordsMatch", datetime(2026, 7, 26, 12, tzinfo=UTC))
    world.arxiv.oai.fail(fakes.serves(cached))
    await world.announce(news(1))
    await world.poller.run()
    assert await world.subjects() == []
    await world.announce([])
    await world.poller.run()
    assert world.arxiv.oai.requests[-1].parameters["from"] == "2026-07-26"
    assert await world.subjects() == ["2607.09000v1"]
