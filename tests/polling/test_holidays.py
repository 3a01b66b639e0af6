"""Days on which arXiv announces nothing, in a year whose list the bot does not have, and with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.arxiv.calendar import observe
from bot.config import PollSettings
from tests.fakes import arxiv as fakes
from tests.polling.poller_cases import DAY, recent
from tests.polling.roads_cases import RoadsWorld, close, news, versions, world

__all__ = ["world"]

HOUR = timedelta(hours=1)
HOLIDAY = date(2027, 1, 18)  # a Monday
BEFORE = datetime(2027, 1, 18, 9, tzinfo=UTC)  # that of Sunday evening is complete since 08:30


@pytest.fixture
def known() -> Iterator[None]:
    observe([HOLIDAY])
    yield
    observe([])


async def begin(world: RoadsWorld, source: str) -> None:
    world.prefer(source)
    world.pass_time(BEFORE - world.clock())
    world.arxiv.publish(recent(3))
    await world.subscribe("speech synthesis", known=recent(3))
    await world.poller.run()
    assert await world.subjects() == []


every_source = pytest.mark.parametrize("source", ["api", "harvest"])


@every_source
async def test_without_the_years_list_a_silent_day_is_quiet_when_the_feeds_say_so(
    world: RoadsWorld, source: str, caplog: pytest.LogCaptureFixture
):
    await begin(world, source)
    await world.announce([])
    await world.poll_through(11 * HOUR)
    assert world.poller.report.state == "quiet"
    assert (world.poller.report.error, world.poller.report.overdue, world.closed()) == ("", None, {})
    assert not [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]
    await world.announce(news(9_000, published=world.clock()))
    await world.poller.run()
    assert (world.poller.report.state, await world.subjects()) == ("fresh", versions(news(9_000)))


@every_source
async def test_without_the_feeds_it_is_no_alarm_either(world: RoadsWorld, source: str):
    await begin(world, source)
    close(world.arxiv.feeds, fakes.status(503))
    await world.announce([])
    await world.poll_through(11 * HOUR)
    assert world.poller.report.state == "incomplete"
    assert (world.poller.report.error, world.poller.report.overdue) == ("", None)


@every_source
async def test_with_the_list_nobody_asks_on_that_day(world: RoadsWorld, source: str, known: None):
    await begin(world, source)
    requests = len(world.arxiv.all_requests)
    world.pass_time(DAY - 1 * HOUR)
    await world.poll_through(11 * HOUR)
    assert world.poller.report.state == "quiet"
    assert len(world.arxiv.all_requests) == requests


@pytest.mark.parametrize("world", [PollSettings(every="1h", max_posts=1000)], indirect=True)
async def test_with_an_interval_a_silent_day_is_quiet_too(world: RoadsWorld):
    await begin(world, "api")
    await world.announce([])
    await world.poll_through(5 * HOUR)
    assert world.poller.report.state == "quiet"
