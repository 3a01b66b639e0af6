"""Lists that are far too short are doubted, asked for again, and then not believed; silent days are."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

import pytest

from bot.model.papers import PaperId
from bot.polling.doubt import Doubt
from bot.rules.announced_days import AnnouncedDays
from tests.fakes import arxiv as fakes
from tests.fakes import oai
from tests.polling.roads_cases import RoadsWorld, a_week, close, news, versions, world

__all__ = ["world"]

HOUR = timedelta(hours=1)
FRIDAY = date(2026, 7, 24)
MORNING = datetime.fromisoformat("2026-07-24T08:00Z")  # the announcement is complete since 07:30
EVENING = datetime.fromisoformat("2026-07-27T02:00Z")  # the next one fills the index


def ids(first: int, count: int) -> list[PaperId]:
    return [PaperId(f"2607.{first + n:05d}") for n in range(count)]


def days() -> AnnouncedDays:
    """Return what is known: a hundred papers are usual, and the last had the number 1,000."""
    highest = PaperId("2607.01000").serial
    return AnnouncedDays(FRIDAY - timedelta(days=1), highest, highest, usual={FRIDAY.weekday(): [100]})


@pytest.mark.parametrize(
    ("listed", "announced", "short"),
    [
        pytest.param(ids(1_001, 50), None, False, id="half as many as usual"),
        pytest.param(ids(1_001, 49), None, True, id="fewer, and the feeds do not answer"),
        pytest.param([], None, True, id="nothing, and the feeds do not answer"),
        pytest.param(ids(1_001, 49), 98, False, id="fewer, and so say the feeds"),
        pytest.param(ids(1_001, 49), 99, True, id="fewer, and the feeds list more"),
        pytest.param([], 0, False, id="a holiday"),
        pytest.param(ids(1, 1_000), 90, True, id="only what is old"),
    ],
)
async def test_a_list_with_fewer_than_half_of_the_usual_papers_is_short_unless_the_feeds_say_so_too(
    listed: list[PaperId], announced: int | None, short: bool
):
    async def meta(_key: str) -> str:
        return days().to_text()

    async def count(_now: datetime) -> int | None:
        return announced

    assert await Doubt(meta, count).is_short(listed, MORNING, FRIDAY) is short


@pytest.mark.parametrize(
    ("now", "since", "kept"),
    [
        pytest.param(MORNING, FRIDAY, None, id="nothing is known of earlier days"),
        pytest.param(MORNING, FRIDAY + timedelta(days=1), days().to_text(), id="the list begins later"),
        pytest.param(EVENING, FRIDAY, days().to_text(), id="the index fills"),
    ],
)
async def test_nothing_is_doubted_where_the_count_tells_nothing(now: datetime, since: date, kept: str | None):
    async def meta(_key: str) -> str | None:
        return kept

    assert not await Doubt(meta).is_short([], now, since)


async def begin(world: RoadsWorld) -> None:
    await world.begin()
    world.prefer("harvest")
    await a_week(world)
    world.forget()


async def test_a_short_list_of_changes_is_asked_for_again_from_an_earlier_day(
    world: RoadsWorld, caplog: pytest.LogCaptureFixture
):
    """OAI-PMH was seen to answer 12 papers instead of 334, with HTTP 200."""
    caplog.set_level(logging.INFO, "bot.polling.harvest_source")
    await begin(world)
    papers = news(9_900, 40, published=world.clock())
    await world.announce(papers)
    world.arxiv.oai.fail(fakes.serves(oai.error("noRecordsMatch", world.clock())))
    await world.poller.run()
    assert [one.parameters["from"] for one in world.arxiv.oai.requests] == ["2026-08-03", "2026-08-02"]
    assert "arXiv lists far fewer new papers than usual; asking again" in caplog.text
    assert await world.subjects() == versions(papers)
    assert (world.served(), world.closed(), world.poller.report.state) == (("oai",), {}, "fresh")


async def test_a_list_of_changes_that_stays_short_is_not_believed_and_searches_serve(world: RoadsWorld):
    await begin(world)
    papers = news(9_900, 40, published=world.clock())
    await world.announce(papers)
    world.arxiv.oai.behind = timedelta(days=1)
    close(world.arxiv.feeds, fakes.status(503))
    await world.poller.run()
    assert len(world.arxiv.oai.requests) == 2
    assert await world.subjects() == versions(papers)
    assert "oai" in world.closed()
    world.arxiv.oai.behind = timedelta()
    close(world.arxiv.feeds, None)
    await world.announce([])
    await world.poller.run()
    assert await world.subjects() == []


async def test_a_silent_day_that_no_calendar_knows_closes_no_road(world: RoadsWorld):
    await begin(world)
    close(world.arxiv, fakes.rate_exceeded())
    await world.announce([])
    await world.poller.run()
    assert world.poller.report.state == "quiet"
    assert "oai" not in world.closed()
    assert len(world.arxiv.oai.requests) == 1
