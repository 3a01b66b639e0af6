"""A few simulated days, and proof that the count notices faults; the long form: `docs/reliability.md`."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

import pytest

from bot.arxiv.calendar import EASTERN
from bot.model.outbox import Kind
from bot.model.papers import PaperId
from bot.model.polling import Road
from tests.fakes.papers import make_paper
from tests.simulation.__main__ import table_of, verdict
from tests.simulation.arrivals import Arrivals, Reader
from tests.simulation.arxiv import Lie, Visit
from tests.simulation.clock import EventClock
from tests.simulation.running import Outcome, Plan, simulate
from tests.simulation.scenarios import SCENARIOS, Scenario
from tests.simulation.submissions import Announced, Submissions, evenings, topics_of
from tests.simulation.traffic import Traffic, traffic_of

EVENING = datetime(2026, 10, 5, 20, tzinfo=EASTERN)
MORNING = EVENING + timedelta(hours=12)
PAPER, OLD = PaperId("2610.00001"), PaperId("2401.00001")
PLAIN, CURIOUS = 1, 2


async def a_few_days(name: str, **changes: Any) -> Outcome:
    return await simulate(
        Plan(SCENARIOS[name], **{"days": 4, "new": 20, "replaced": 10, "every": 1} | changes)
    )


@pytest.mark.parametrize("name", SCENARIOS)
async def test_nothing_is_missing_or_doubled_whichever_roads_are_closed(name: str) -> None:
    outcome = await a_few_days(name, quiet=True)
    assert outcome.passed, outcome
    assert outcome.faults.wanted > 30


# --- that it notices faults ---


def announced(version: int = 1, *, paper: PaperId = PAPER, topic: str = "trees") -> Announced:
    return Announced(make_paper(id=paper, version=version), frozenset({topic}), old=paper == OLD)


@pytest.fixture
def arrivals() -> Arrivals:
    """Two channels on trees, one with new versions: a new paper, its next version, one of an old paper."""
    arrivals = Arrivals(
        [Reader(PLAIN, frozenset({"trees"})), Reader(CURIOUS, frozenset({"trees"}), revisions=True)]
    )
    arrivals.announced(announced(), EVENING)
    arrivals.announced(announced(2), EVENING + timedelta(days=5))
    arrivals.announced(announced(3, paper=OLD), EVENING)
    arrivals.announced(announced(paper=PaperId("2610.00002"), topic="forests"), EVENING)
    return arrivals


NEW, AGAIN = (PLAIN, PAPER, 1, Kind.PAPER), (PLAIN, PAPER, 2, Kind.REVISION)
EVERYTHING = (
    NEW,
    (CURIOUS, PAPER, 1, Kind.PAPER),
    (CURIOUS, PAPER, 2, Kind.REVISION),
    (CURIOUS, OLD, 3, Kind.REVISION),
)


@pytest.mark.parametrize(
    ("changed", "missing", "doubled", "stray"),
    [
        (EVERYTHING, 0, 0, 0),
        (EVERYTHING[1:], 1, 0, 0),
        (EVERYTHING[:-1], 1, 0, 0),
        ((), 4, 0, 0),
        ((*EVERYTHING, NEW), 0, 1, 0),
        ((*EVERYTHING, (PLAIN, PAPER, 1, Kind.LIST)), 0, 1, 0),
        ((*EVERYTHING, (PLAIN, PAPER, 2, Kind.PAPER)), 0, 1, 0),
        ((*EVERYTHING, EVERYTHING[2]), 0, 1, 0),
        ((*EVERYTHING, AGAIN), 0, 0, 1),
        ((*EVERYTHING, (PLAIN, OLD, 3, Kind.PAPER)), 0, 0, 1),
        ((*EVERYTHING, (PLAIN, PaperId("2610.00002"), 1, Kind.PAPER)), 0, 0, 1),
        # After an outage, the latest version stands for all that it replaced.
        ((NEW, (CURIOUS, PAPER, 2, Kind.PAPER), EVERYTHING[3]), 0, 0, 0),
    ],
)
def test_what_went_wrong_is_counted(
    arrivals: Arrivals,
    changed: tuple[tuple[int, PaperId, int, Kind], ...],
    missing: int,
    doubled: int,
    stray: int,
) -> None:
    for channel, paper, version, kind in changed:
        arrivals.posted(channel, paper, version, kind, MORNING)
    faults = arrivals.count()
    assert (faults.wanted, faults.missing, faults.doubled, faults.stray) == (4, missing, doubled, stray)
    assert faults.none == (missing + doubled + stray == 0)
    assert arrivals.is_complete == (missing == 0)
    assert len(list(arrivals.faults())) == missing + doubled + stray


def test_days_are_counted_from_the_evening(arrivals: Arrivals) -> None:
    arrivals.posted(*NEW, MORNING)
    assert arrivals.count().days == (0.5,)


def visit(
    road: Road, began: datetime, *, by_id: bool = False, seconds: float = 1.0, together: int = 1
) -> Visit:
    return Visit(road, by_id, began, began + timedelta(seconds=seconds), together, 100)


def traffic(*visits: Visit, starts: tuple[datetime, ...] = ()) -> Traffic:
    return traffic_of(visits, starts, [EVENING])


@pytest.mark.parametrize(
    ("visits", "starts", "polite"),
    [
        ([visit(Road.API, MORNING), visit(Road.OAI, MORNING + timedelta(seconds=4))], [MORNING], True),
        ([visit(Road.API, MORNING), visit(Road.OAI, MORNING + timedelta(seconds=3.9))], [MORNING], False),
        ([visit(Road.FEEDS, MORNING, together=2)], [MORNING], False),
        ([], [EVENING + timedelta(minutes=59)], False),
        ([], [EVENING + timedelta(hours=1)], True),
    ],
)
def test_arxivs_rules_are_watched(visits: list[Visit], starts: list[datetime], polite: bool) -> None:
    assert traffic_of(visits, starts, [EVENING]).is_polite == polite


@pytest.mark.parametrize(
    ("counts", "cheap"),
    [
        ({(Road.API, True): 26, (Road.OAI, False): 4, (Road.FEEDS, False): 10}, True),
        ({(Road.API, True): 27}, False),
        ({(Road.OAI, False): 5}, False),
        ({(Road.FEEDS, False): 11}, False),
        ({(Road.API, True): 26, (Road.OAI, False): 4, (Road.FEEDS, False): 10, (Road.API, False): 1}, False),
    ],
)
def test_requests_are_counted_by_road_and_day(counts: dict[tuple[Road, bool], int], cheap: bool) -> None:
    visits = [
        visit(road, MORNING, by_id=by_id) for (road, by_id), many in counts.items() for _ in range(many)
    ]
    late = visit(Road.API, EVENING + timedelta(days=1), by_id=True)  # the next day's
    found = traffic(*visits, late)
    assert found.is_cheap == cheap
    assert sum(found.days, Counter()).total() == len(visits)


def test_a_fault_fails_the_table(arrivals: Arrivals) -> None:
    faulty = Outcome(Plan(SCENARIOS["open"]), arrivals.count(), tuple(arrivals.faults()), traffic(), 1.0)
    assert not faulty.passed
    lines = list(verdict([faulty]))
    assert lines[-1] == "FAILED"
    assert sum("missing in channel" in line for line in lines) == 4
    assert table_of([faulty], "").row_count == 1


# --- its parts ---


@pytest.mark.parametrize("name", [name for name, one in SCENARIOS.items() if one.lying])
def test_every_fifth_day_is_another_lie(name: str) -> None:
    told = {day: lie for day in range(1, 61) if (lie := SCENARIOS[name].lie_on(day, 5))}
    assert list(told) == list(range(5, 61, 5))
    assert list(told.values())[:5] == [*Lie, Lie.SHORT]
    assert Scenario("honest").lie_on(5, 5) is None


def test_evenings_are_arxivs() -> None:
    days = [each.date() for each in islice(evenings(date(2026, 11, 20)), 6)]
    assert [day.day for day in days] == [22, 23, 24, 25, 29, 30]  # neither Friday, Saturday, nor Thanksgiving


def test_numbers_increase_but_for_those_that_come_late() -> None:
    chance = Random(3)  # noqa: S311 - chance, not secrecy
    submissions = Submissions(chance, topics_of(chance, 40), new=2_000, replaced=5)
    submissions.archive(20, EVENING)
    one, other = submissions.evening(EVENING), submissions.evening(EVENING + timedelta(days=1))
    new = [{each.paper.id for each in day if each.paper.version == 1} for day in (one, other)]
    assert [len(day) for day in new] == [2_000, 2_000]
    assert not new[0] & new[1]
    highest = max(new[0])
    late = sorted(paper for paper in new[1] if paper < highest)
    assert 1 <= len(late) <= 5
    assert all(each.old for each in one if each.paper.version > 1)


async def test_what_is_planned_happens_on_time_while_somebody_sleeps() -> None:
    clock = EventClock(EVENING)
    seen: list[datetime] = []
    clock.at(EVENING + timedelta(seconds=90), lambda: seen.append(clock()))
    await clock.sleep(60)
    assert seen == []
    clock.advance(3_600)
    assert seen == [EVENING + timedelta(seconds=90)]
    assert clock() == EVENING + timedelta(seconds=3_660)
