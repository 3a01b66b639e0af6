"""The ledger of digests, through nights on which clocks change: real job, real store, moved clock."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.model.outcomes import Sent
from bot.model.papers import PaperId
from bot.model.subscriptions import Schedule
from tests.delivery.digest_cases import Desk, desk
from tests.fakes.papers import make_paper
from tests.store.store_cases import record

__all__ = ["desk"]

STEP = timedelta(hours=1)


async def walk(desk: Desk, until: datetime, *, papers: bool = True) -> dict[str, list[PaperId]]:
    """Let time pass in steps, each with a paper and a process of its own; return what each page held."""
    held: dict[str, list[PaperId]] = {}
    number = 1001 + desk.clock().toordinal() % 7 * 1000
    while desk.clock() <= until:
        if papers:
            number += 1
            await record(desk.store, make_paper(number), now=desk.clock())
        desk.restart()
        await desk.job.run()
        held |= await collect(desk)
        desk.clock.advance(STEP)
    return held


async def collect(desk: Desk) -> dict[str, list[PaperId]]:
    held = {}
    while rows := await desk.queued():
        for row in rows:
            assert row.page is not None
            held[str(row.subject)] = [paper for section in row.page.sections for paper in section.papers]
            await desk.store.settle(row, Sent(row.id), desk.clock())
    return held


@pytest.mark.parametrize(
    ("zone", "hour", "night"),
    [
        ("Europe/Berlin", 2, "2026-03-29"),  # does not exist that night
        ("Europe/Berlin", 2, "2026-10-25"),  # comes twice
        ("America/New_York", 1, "2026-11-01"),  # comes twice
        ("Africa/Cairo", 0, "2026-04-24"),  # midnight itself does not exist
        ("Australia/Lord_Howe", 2, "2026-10-04"),  # half an hour is skipped
    ],
)
async def test_every_local_date_around_a_clock_change_has_one_digest_and_every_paper_is_in_one(
    desk: Desk, zone: str, hour: int, night: str
) -> None:
    middle = datetime.combine(date.fromisoformat(night), datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    desk.clock.now = middle - timedelta(days=1, hours=3)
    destination = await desk.subscribe(schedule=Schedule(hour, zone))
    held = await walk(desk, middle + timedelta(days=2, hours=6))
    days = await desk.days(destination)
    around = {date.fromisoformat(night) + timedelta(days=days) for days in (-1, 0, 1)}
    assert around <= set(days)
    assert len(days) == len(set(days))
    counted = Counter(paper for papers in held.values() for paper in papers)
    assert counted
    assert set(counted.values()) == {1}


async def test_a_zone_changed_in_between_neither_repeats_a_date_nor_a_paper(desk: Desk) -> None:
    destination = await desk.subscribe(schedule=Schedule(9, "Pacific/Auckland"))
    held = await walk(desk, desk.clock() + timedelta(days=1))
    for zone in ("Pacific/Honolulu", "Europe/Berlin", "Pacific/Auckland"):
        await desk.store.destinations.schedule(destination, Schedule(9, zone), desk.clock())
        more = await walk(desk, desk.clock() + timedelta(hours=30), papers=False)
        assert not held.keys() & more.keys()
        held |= more
    days = await desk.days(destination)
    assert len(days) == len(set(days))
    counted = Counter(paper for papers in held.values() for paper in papers)
    assert set(counted.values()) == {1}


async def test_a_bot_that_was_down_for_three_days_posts_one_late_digest_of_all_of_it(desk: Desk) -> None:
    start = desk.clock()
    destination = await desk.subscribe(schedule=Schedule(9, "Europe/Berlin"))
    await record(desk.store, make_paper(1001))
    desk.clock.advance(timedelta(hours=2))
    await desk.job.run()
    assert await desk.days(destination) == [date(2026, 7, 20)]
    await collect(desk)
    for day in range(1, 4):  # a poll found them before the process went down, and after it came back
        await record(desk.store, make_paper(1001 + day))
    desk.clock.now = start + timedelta(days=3, hours=12)
    desk.restart()
    for _ in range(3):
        await desk.job.run()
    assert await desk.days(destination) == [date(2026, 7, 23), date(2026, 7, 20)]
    held = await collect(desk)
    assert list(held) == ["2026-07-23/1"]
    assert [str(paper) for paper in held["2026-07-23/1"]] == ["2607.01004", "2607.01003", "2607.01002"]
