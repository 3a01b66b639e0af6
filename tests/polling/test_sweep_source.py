"""Sweeps: the query API without queries, where there are many and OAI-PMH is closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.config import PollSettings
from bot.model.outbox import Kind
from bot.model.papers import PaperId
from bot.model.subscriptions import Options
from bot.polling.source import DueQuery
from bot.polling.sweep_source import sweep_start
from bot.query.query import parse
from tests.fakes import arxiv as fakes
from tests.fakes.papers import make_paper, make_papers
from tests.polling.poller_cases import DAY, FRIDAY, recent
from tests.polling.roads_cases import MONDAY, RoadsWorld, a_week, close, news, versions, world

__all__ = ["world"]

HOUR = timedelta(hours=1)
MANY = 50  # of such a length that two share a request
PHRASE = " ".join(["long phrase"] * 100)


async def begin(world: RoadsWorld, *, options: Options | None = None) -> None:
    """Subscribe to so many long queries that a harvest is cheaper; they have all been answered once."""
    await world.begin()
    for n in range(MANY):
        await world.subscribe(f'ti:"{PHRASE} {n}"', channel=100 + n, known=())
    if options:
        await world.subscribe("ti:speech", channel=2, options=options, known=recent(3))
    await world.announce([])
    await world.poller.run()
    assert await world.subjects() == []
    close(world.arxiv.oai, fakes.status(503))
    world.forget()


def searches(world: RoadsWorld) -> set[str]:
    """Return what the query API was asked for, beside papers by their identifiers."""
    return {request.search_query for request in world.arxiv.requests if request.search_query}


async def test_where_oai_is_closed_many_queries_are_answered_by_a_sweep_in_the_same_round(world: RoadsWorld):
    await begin(world)
    wanted = make_paper(9_500, published=MONDAY - DAY, title=f"A {PHRASE} 7", abstract="x")
    await world.announce([*news(9_000), wanted])
    await world.poller.run()
    assert await world.subjects() == versions([*news(9_000), wanted])
    assert world.served() == ("api",)
    assert world.poller.report.state == "fresh"
    assert list(world.closed()) == ["oai"]
    assert {query.last_polled for query in await world.store.queries.active()} == {world.clock()}
    assert all(search.startswith("submittedDate:[") for search in searches(world))
    assert world.asked()["api"] < 10


async def test_few_queries_are_never_swept_for(world: RoadsWorld):
    await world.begin(3)
    world.prefer("harvest")
    close(world.arxiv.oai, fakes.status(503))
    await world.announce(news(9_000))
    await world.poller.run()
    assert await world.subjects() == versions(news(9_000))
    assert not any(search.startswith("submittedDate:[") for search in searches(world))


async def test_a_sweep_finds_what_was_submitted_two_weeks_ago_and_what_was_replaced(world: RoadsWorld):
    old = make_paper(1, id="2401.00007", published=MONDAY - 700 * DAY)
    world.arxiv.papers = [old]
    await begin(world, options=Options(revisions=True))
    late = make_paper(9_000, published=MONDAY - 12 * DAY)
    await world.announce([late, replace(old, version=2, updated=MONDAY - DAY)])
    await world.poller.run()
    found = {(row.kind, str(row.subject)) for row in await world.queued()}
    assert found == {(Kind.PAPER, "2607.09000v1"), (Kind.REVISION, "2401.00007v2")}


async def test_what_was_swept_is_read_for_the_harvest_and_the_witness(world: RoadsWorld):
    await begin(world)
    await world.announce([*news(9_000), *make_papers(30, first=9_100, title="Bees", abstract="Bees")])
    await world.poller.run()
    assert world.poller.report.checked.read == 32
    assert not any("id_list" in request.parameters for request in world.arxiv.requests)
    assert (await world.store.harvests.versions([PaperId("2607.09105")])) == {PaperId("2607.09105"): 1}
    close(world.arxiv.oai, None)
    world.forget()
    await world.announce(news(9_200))
    await world.poller.run()
    assert world.served() == ("oai",)
    fetched = [request.parameters["id_list"] for request in world.arxiv.requests]
    assert fetched == ["2607.09200,2607.09201"]
    assert len(await world.subjects()) == 4


@pytest.mark.parametrize("fault", [fakes.rate_exceeded(), fakes.status(503), fakes.reset()], ids=str)
async def test_a_sweep_that_breaks_off_is_made_again_and_repeats_nothing(
    world: RoadsWorld, fault: fakes.Fault
):
    await begin(world)
    close(world.arxiv.feeds, fakes.status(503))
    await world.announce(news(9_000))
    world.arxiv.fail(None, *[fault] * 3)
    await world.poller.run()
    assert world.poller.report.state == "failed"
    found = await world.subjects()
    await world.poll_through(3 * HOUR)
    assert sorted(found + await world.subjects()) == versions(news(9_000))
    assert {query.last_polled > MONDAY + DAY for query in await world.store.queries.active()} == {True}


async def test_a_sweep_with_far_fewer_papers_than_usual_is_made_again_and_then_not_believed(
    world: RoadsWorld,
):
    await begin(world)
    await a_week(world)
    close(world.arxiv.feeds, fakes.status(503))
    papers = news(9_900, 40, published=world.clock())
    before = list(world.arxiv.papers)
    await world.announce(papers)
    world.arxiv.papers = before + papers[:5]
    world.forget()
    await world.poller.run()
    assert world.poller.report.state == "failed"
    assert "far fewer new papers than usual" in world.poller.report.error
    world.arxiv.papers = before + papers
    await world.poll_through(3 * HOUR)
    assert await world.subjects() == versions(papers)


@pytest.mark.parametrize("world", [PollSettings(every="1h", max_posts=1000)], indirect=True)
async def test_between_two_announcements_a_sweep_reads_two_days(world: RoadsWorld):
    await begin(world)
    await world.announce(news(9_000))
    await world.poll_through(2 * HOUR)
    world.forget()
    await world.poll_through(2 * HOUR)
    spans = {last - first for first, last in world.windows() if first > FRIDAY - 300 * DAY}
    assert spans
    assert max(spans) < 3 * DAY


NOW = datetime.fromisoformat("2026-07-24T08:00Z")  # the announcement is complete since 07:30


@pytest.mark.parametrize(
    ("polled", "start"),
    [
        pytest.param(None, NOW - 90 * DAY, id="never answered"),
        pytest.param(NOW - DAY, NOW - 15 * DAY, id="before the latest announcement"),
        pytest.param(NOW - 30 * DAY, NOW - 44 * DAY, id="before an outage"),
        pytest.param(NOW - timedelta(minutes=10), NOW - 2 * DAY - timedelta(minutes=10), id="after it"),
        pytest.param(NOW + DAY, NOW - 2 * DAY, id="by a clock that was wrong"),
    ],
)
def test_how_far_back_a_sweep_reads(polled: datetime | None, start: datetime):
    assert sweep_start(DueQuery(parse("bees"), NOW - 90 * DAY, polled=polled), NOW) == start
