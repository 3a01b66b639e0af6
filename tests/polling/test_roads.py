"""Which road is taken, when one is closed, and that changing roads neither loses nor repeats anything."""

from __future__ import annotations

import itertools
import logging
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from bot.config import PollSettings
from bot.model.outbox import Kind
from bot.model.papers import PaperId
from bot.model.polling import PollState
from tests.fakes import arxiv as fakes
from tests.fakes.arxiv import revised
from tests.fakes.papers import make_paper
from tests.polling.poller_cases import DAY
from tests.polling.roads_cases import MONDAY, RoadsWorld, close, news, versions, world

__all__ = ["world"]

HOUR = timedelta(hours=1)


# Which road


async def test_few_queries_are_asked_for_in_batches(world: RoadsWorld):
    await world.begin(4)
    await world.announce(news(9_000))
    await world.poller.run()
    assert world.asked() == {"api": 2, "oai": 0}
    assert world.served() == ("api",)
    assert await world.subjects() == versions(news(9_000))


async def test_more_than_a_harvest_would_cost_are_harvested_and_a_few_less_still_are(world: RoadsWorld):
    await world.begin(2)
    many = [await world.subscribe(f'ti:"{"long phrase " * 20}{n}"', channel=100 + n) for n in range(300)]
    await world.announce([])
    await world.poller.run()  # those were never asked for, which a harvest cannot make up for
    for remove, road in ((0, "oai"), (100, "oai"), (100, "api")):
        for canonical in many[:remove]:
            [one] = [each for each in await world.store.subscriptions.all() if each.query == canonical]
            await world.store.subscriptions.remove(one.id, world.clock())
        many = many[remove:]
        await world.subscribe(f"topic {len(many)}", channel=5, known=None)
        await world.poller.run()  # of this query alone, which does not count
        world.forget()
        await world.announce(news(9_000 + remove, 1))
        await world.poller.run()
        assert world.served()[-1:] == (road,)
    assert world.asked()["oai"] == 0


@pytest.mark.parametrize(("source", "road"), [("api", "api"), ("harvest", "oai")])
async def test_the_configuration_prefers_a_road(world: RoadsWorld, source: str, road: str):
    await world.begin()
    world.prefer(source)
    await world.announce(news(9_000))
    await world.poller.run()
    assert road in world.served()
    assert (world.asked()["oai"] > 0) is (source == "harvest")
    assert await world.subjects() == versions(news(9_000))


async def test_a_query_that_was_never_asked_for_is_asked_for_before_a_harvest(world: RoadsWorld):
    await world.begin()
    world.prefer("harvest")
    await world.announce(news(9_000))
    await world.subscribe("topic 1", channel=5, known=None)
    await world.poller.run()
    assert [request.parameters.get("from") for request in world.arxiv.oai.requests] == ["2026-07-25"]
    assert any("topic 1" in request.search_query for request in world.arxiv.requests)
    assert not any("speech" in request.search_query for request in world.arxiv.requests)
    assert {query.last_polled for query in await world.store.queries.active()} == {world.clock()}


# A closed road


@pytest.mark.parametrize(
    "fault", [fakes.rate_exceeded(), fakes.status(503), fakes.status(403), fakes.reset()], ids=str
)
async def test_where_the_query_api_is_closed_a_harvest_serves_in_the_same_round(
    world: RoadsWorld, fault: fakes.Fault, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO, "bot.polling.roads")
    await world.begin()
    close(world.arxiv, fault)
    await world.announce(news(9_000))
    await world.poller.run()
    assert await world.subjects() == versions(news(9_000))
    assert world.served() == ("oai",)
    assert (world.poller.report.state, world.poller.report.error) == (PollState.FRESH, "")
    assert world.closed() == {"api": world.clock()}
    assert world.poller.roads[0].error
    assert "arXiv's API is closed, next try in " in caplog.text


async def test_where_oai_is_closed_batches_serve_in_the_same_round(world: RoadsWorld):
    await world.begin()
    world.prefer("harvest")
    close(world.arxiv.oai, fakes.status(503))
    await world.announce(news(9_000))
    await world.poller.run()
    assert await world.subjects() == versions(news(9_000))
    assert world.served() == ("api",)
    assert world.poller.report.state == "fresh"
    assert world.closed() == {"oai": world.clock()}


async def test_a_closed_road_is_left_alone_and_then_probed_by_one_poll(world: RoadsWorld):
    """On arXiv's clock the next poll is that of the next announcement, hours later."""
    await world.begin()
    close(world.arxiv)
    await world.announce(news(9_000))
    await world.poller.run()
    closed_at = world.clock()
    assert world.asked()["api"] == 1
    await world.announce(news(9_010))
    await world.poller.run()
    assert world.asked()["api"] == 2
    assert world.closed() == {"api": closed_at}
    close(world.arxiv, None)
    await world.announce(news(9_020))
    await world.poller.run()
    assert world.served() == ("api",)
    assert world.closed() == {}
    assert await world.subjects() == versions(news(9_000) + news(9_010) + news(9_020))


async def test_a_person_who_gets_an_answer_opens_the_road(world: RoadsWorld):
    await world.begin()
    close(world.arxiv)
    await world.announce(news(9_000))
    await world.poller.run()
    close(world.arxiv, None)
    world.pass_time(timedelta(minutes=2))
    await world.client.search("ti:speech", person=True)
    await world.subscribe("topic 1", channel=7, known=None)
    await world.poller.run()
    assert world.served() == ("api",)


@pytest.mark.parametrize("world", [PollSettings(every="10m", max_posts=1000)], indirect=True)
async def test_with_an_interval_the_first_probe_comes_after_one(world: RoadsWorld):
    await world.begin()
    close(world.arxiv)
    world.pass_time(timedelta(minutes=10))
    await world.poller.run()
    assert (world.asked()["api"], world.served()) == (1, ("oai",))
    world.pass_time(timedelta(minutes=10))
    await world.poller.run()
    assert (world.asked()["api"], world.served()) == (2, ("oai",))
    world.pass_time(timedelta(minutes=10))
    await world.poller.run()
    assert (world.asked()["api"], world.served()) == (2, ("oai",))  # now it waits for two intervals


async def test_where_none_is_open_the_one_closed_longest_is_probed_at_the_next_poll(world: RoadsWorld):
    await world.begin()
    close(world.arxiv)
    close(world.arxiv.oai)
    await world.announce(news(9_000))
    await world.poller.run()
    assert world.asked() == {"api": 1, "oai": 1}
    assert world.poller.report.state == "failed"
    close(world.arxiv, None)
    await world.poll_through(3 * HOUR)
    assert await world.subjects() == versions(news(9_000))
    assert world.poller.report.state == "fresh"


async def test_all_closed_for_days_loses_and_repeats_nothing(world: RoadsWorld):
    await world.begin()
    expected = []
    interfaces = (world.arxiv, world.arxiv.oai, world.arxiv.feeds)
    for interface in interfaces:
        close(interface, fakes.status(503))
    for day in range(4):
        expected += news(9_000 + 10 * day, published=MONDAY + day * DAY)
        await world.announce(news(9_000 + 10 * day, published=MONDAY + day * DAY))
        await world.poll_through(12 * HOUR)
    assert await world.subjects() == []
    for interface in interfaces:
        close(interface, None)
    await world.poll_through(6 * HOUR)
    assert await world.subjects() == versions(expected)


async def test_a_query_that_alone_fails_closes_no_road(world: RoadsWorld):
    await world.begin()
    await world.subscribe("topic 1", channel=9)
    await world.announce(news(9_000))
    world.arxiv.fail(fakes.status(400), None, fakes.status(400))
    await world.poller.run()
    assert await world.subjects() == versions(news(9_000))
    assert world.closed() == {}
    assert world.asked()["oai"] == 0


# Text


async def test_provisional_text_is_replaced_when_the_query_api_answers_again_without_a_second_post(
    world: RoadsWorld,
):
    await world.begin()
    close(world.arxiv)
    world.prefer("harvest")
    await world.announce(news(9_000))
    await world.poller.run()
    assert await world.subjects() == versions(news(9_000))
    assert len(await world.store.papers.provisional(10)) == 2
    close(world.arxiv, None)
    await world.announce([])
    await world.poller.run()
    assert await world.store.papers.provisional(10) == []
    assert await world.store.papers.get(PaperId("2607.09000")) == news(9_000)[0]
    assert await world.subjects() == []


async def test_provisional_text_is_replaced_where_the_full_text_matches_nothing_any_more(world: RoadsWorld):
    await world.begin()
    close(world.arxiv)
    world.prefer("harvest")
    [paper] = news(9_000, 1)
    await world.announce([paper])
    await world.poller.run()
    assert [row.kind for row in await world.queued()] == [Kind.PAPER]
    full = replace(paper, title="Bees", abstract="On bees")
    world.arxiv.papers = [full if each.id == paper.id else each for each in world.arxiv.papers]
    close(world.arxiv, None)
    await world.announce([])
    await world.poller.run()
    assert await world.store.papers.get(paper.id) == full
    assert await world.store.papers.provisional(10) == []
    assert [row.kind for row in await world.queued()] == [Kind.EDIT]


async def test_a_paper_that_the_query_api_never_shows_is_looked_for_three_times(world: RoadsWorld):
    await world.begin()
    close(world.arxiv)
    world.prefer("harvest")
    await world.announce(news(9_000, 1))
    await world.poller.run()
    world.arxiv.papers = [paper for paper in world.arxiv.papers if paper.id.number != 9_000]
    close(world.arxiv, None)
    world.forget()
    for _ in range(6):
        await world.announce([])
        await world.poller.run()
    assert world.asked()["api"] == 3


# Changing roads


@pytest.mark.parametrize("seed", range(3))
async def test_changing_roads_in_any_direction_loses_and_repeats_nothing(world: RoadsWorld, seed: int):
    """Roads close and open, and the configuration changes, between polls and within them."""
    chance = Random(seed)  # noqa: S311 - chance, not secrecy
    await world.begin()
    announced, posted = [], []
    for day in range(12):
        papers = news(9_000 + 10 * day, published=MONDAY + day * DAY - DAY)
        announced += papers
        if day % 3 == 2:
            papers = [*papers, revised(announced[0], updated=MONDAY + day * DAY)]
            announced[0] = papers[-1]
        for interface in (world.arxiv, world.arxiv.oai, world.arxiv.feeds):
            close(interface, chance.choice([None, None, fakes.status(503), fakes.rate_exceeded()]))
            interface.fail(*chance.choices([None, fakes.status(503), fakes.reset()], k=3))
        if chance.random() < 0.3:
            world.prefer(chance.choice(["auto", "api", "harvest"]))
        await world.announce(papers)
        await world.poll_through(chance.choice([1, 6]) * HOUR)
        posted += await world.subjects()
    for interface in (world.arxiv, world.arxiv.oai, world.arxiv.feeds):
        close(interface, None)
    await world.poll_through(DAY)
    posted += await world.subjects()
    numbers = [subject.partition("v")[0] for subject in posted]
    assert sorted(numbers) == sorted({paper.id.text for paper in announced})


@pytest.mark.parametrize("order", list(itertools.permutations(["api", "harvest", "auto"])), ids="-".join)
async def test_each_road_goes_on_where_another_stopped(world: RoadsWorld, order: tuple[str, ...]):
    await world.begin()
    for number, road in enumerate(order * 2):
        world.prefer(road)
        papers = news(9_000 + 10 * number, published=world.clock())
        await world.announce(papers)
        await world.poller.run()
        assert await world.subjects() == versions(papers)


async def test_a_paper_announced_while_a_harvest_failed_halfway_is_posted_once(world: RoadsWorld):
    await world.begin()
    world.prefer("harvest")
    world.arxiv.oai.page = 2
    papers = [make_paper(9_000 + n, published=MONDAY - DAY) for n in range(5)]
    await world.announce(papers)
    world.arxiv.oai.fail(None, *[fakes.reset()] * 3)
    await world.poller.run()
    assert world.served() == ("api", "oai")
    assert await world.subjects() == versions(papers)
    await world.announce([])
    await world.poller.run()
    assert await world.subjects() == []
