"""In the hour of its announcement arXiv answers badly: on its clock no poll begins then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.config import PollSettings
from tests.fakes import arxiv as fakes
from tests.polling.poller_cases import World, recent, world

__all__ = ["world"]

# In Eastern time, which is four hours behind UTC in summer.
SEVEN, EIGHT, NINE = (datetime(2026, 7, 26 + hour // 24, hour % 24, tzinfo=UTC) for hour in (23, 24, 25))
MINUTE = timedelta(minutes=1)


async def asked_at(world: World, moment: datetime) -> bool:
    """Tell whether a poll takes place at *moment*."""
    world.pass_time(moment - world.clock())
    before = len(world.arxiv.requests)
    await world.poller.run()
    return len(world.arxiv.requests) > before


async def test_a_query_that_was_never_asked_for_waits_for_the_end_of_the_hour(world: World):
    world.clock.now = EIGHT - MINUTE
    await world.subscribe("speech synthesis", known=None)
    assert not await asked_at(world, EIGHT)
    assert world.poller.report.next == NINE
    assert not await asked_at(world, NINE - timedelta(seconds=1))
    assert await world.poller.run() == 1
    assert await asked_at(world, NINE)


async def test_a_poll_just_before_the_hour_takes_place(world: World):
    await world.subscribe("speech synthesis", known=None)
    assert await asked_at(world, EIGHT - timedelta(seconds=1))


@pytest.mark.parametrize("fault", [fakes.status(500), fakes.rate_exceeded("600")], ids=["failed", "held off"])
async def test_no_probe_takes_place_in_it(world: World, fault: fakes.Fault):
    await world.subscribe("speech synthesis", known=None)
    world.clock.now = EIGHT - 5 * MINUTE
    world.arxiv.always = fault
    assert await asked_at(world, EIGHT - 5 * MINUTE)
    world.arxiv.always = None
    for minutes in range(5, 65):
        assert not await asked_at(world, EIGHT + (minutes - 5) * MINUTE)
    assert await asked_at(world, NINE)


async def test_the_hour_is_that_of_eastern_time_in_winter_too(world: World):
    evening = datetime(2026, 12, 8, 1, tzinfo=UTC)
    await world.subscribe("speech synthesis", known=None)
    assert not await asked_at(world, evening)
    assert await asked_at(world, evening + 60 * MINUTE)


@pytest.mark.parametrize("world", [PollSettings(every="10m")], indirect=True, ids=["every ten minutes"])
async def test_a_fixed_interval_is_kept(world: World):
    world.arxiv.publish(recent(1))
    world.clock.now = EIGHT - 5 * MINUTE
    await world.subscribe("speech synthesis", known=recent(1))
    for minutes in (5, 15, 25, 35, 45, 55):
        assert await asked_at(world, EIGHT + minutes * MINUTE)


async def test_a_person_is_not_kept_waiting(world: World):
    world.arxiv.publish(recent(1))
    world.clock.now = EIGHT + MINUTE
    page = await world.client.search('ti:"speech synthesis"', person=True)
    assert page.total == 1
