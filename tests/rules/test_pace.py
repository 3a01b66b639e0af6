"""How much is posted one by one, what becomes of the rest, and that nothing of it is dropped."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.outbox import Kind
from bot.model.papers import PaperId
from bot.model.subscriptions import Schedule
from bot.rules.choice import BACKLOG
from bot.rules.newness import Intent
from bot.rules.pace import (
    Allowance,
    Pace,
    apply_limits,
    backlog,
    day_of,
    list_due,
    most_at_once,
    start_of_day,
    surging,
)

NOW = datetime(2026, 7, 21, 8, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def new(number: int, destination: int = 1, **changes: Any) -> Intent:
    fields = {"live": True, "digest": False} | changes
    return Intent(destination, PaperId(f"2607.{number:05d}"), 1, kind=Kind.PAPER, **fields)


def where(intent: Intent) -> str:
    if intent.held:
        return "held"
    return "overflow" if intent.overflow else "live" if intent.live else "digest"


def test_the_first_papers_of_a_day_are_posted_and_the_rest_waits() -> None:
    shared = apply_limits([new(n) for n in range(5)], {1: Allowance(cap=4, today=1)}, Pace())
    assert [where(one) for one in shared] == ["live", "live", "live", "overflow", "overflow"]
    assert all(one.digest and not one.live for one in shared[3:])


def test_an_allowance_stays_used_up_from_one_piece_to_the_next() -> None:
    allowances, pace = {1: Allowance(cap=2)}, Pace()
    assert [where(one) for one in apply_limits([new(1), new(2)], allowances, pace)] == ["live", "live"]
    assert [where(one) for one in apply_limits([new(3)], allowances, pace)] == ["overflow"]


def test_what_goes_into_a_digest_anyway_uses_no_allowance() -> None:
    intents = [new(1, live=False, digest=True), new(2), new(3, digest=True)]
    shared = apply_limits(intents, {1: Allowance(cap=1)}, Pace())
    assert [where(one) for one in shared] == ["digest", "live", "overflow"]


def test_a_revision_is_no_new_paper() -> None:
    revision = replace(new(1), kind=Kind.REVISION)
    assert apply_limits([revision], {}, Pace(cap=1)) == [revision]


@pytest.mark.parametrize(("cap", "posted"), [(None, BACKLOG), (100, BACKLOG), (3, 3)])
def test_of_what_an_outage_left_some_are_posted(cap: int | None, posted: int) -> None:
    shared = apply_limits([new(n, behind=True) for n in range(40)], {1: Allowance(cap=cap)}, Pace())
    assert Counter(map(where, shared)) == {"live": posted, "overflow": 40 - posted}


def test_a_channel_that_catches_up_takes_nothing_from_another() -> None:
    intents = [new(n, behind=n % 2 == 0, destination=1 + n % 2) for n in range(80)]
    shared = apply_limits(intents, {1: Allowance(cap=None), 2: Allowance(cap=None)}, Pace())
    assert Counter(where(one) for one in shared if one.destination == 2) == {"live": 40}


def test_what_a_poll_brings_beyond_the_usual_is_held_back() -> None:
    pace = Pace(brought=Counter({1: 2}))
    shared = apply_limits([new(n) for n in range(3)], {1: Allowance(cap=None, most=4)}, pace)
    assert [where(one) for one in shared] == ["live", "live", "held"]
    assert pace.over == {1}
    pace = Pace(at_once=300, surge_factor=3)
    assert most_at_once(pace, busiest_day=50) == most_at_once(pace, busiest_day=100) == 300
    assert most_at_once(pace, busiest_day=500) == 1500
    assert most_at_once(Pace(), busiest_day=500) is None


@given(
    st.lists(st.tuples(st.integers(1, 3), st.booleans(), st.booleans(), st.booleans()), max_size=120),
    st.one_of(st.none(), st.integers(1, 30)),
    st.one_of(st.none(), st.integers(1, 60)),
)
def test_P7_above_the_cap_nothing_is_dropped(
    wanted: list[tuple[int, bool, bool, bool]], cap: int | None, most: int | None
) -> None:
    intents = [
        new(number, destination, live=live or not digest, digest=digest, behind=behind)
        for number, (destination, live, digest, behind) in enumerate(wanted)
    ]
    shared = apply_limits(intents, {key: Allowance(cap=cap, most=most) for key in (1, 2, 3)}, Pace())
    assert [(one.destination, one.paper) for one in shared] == [
        (one.destination, one.paper) for one in intents
    ]
    assert all(one.live or one.digest or one.held for one in shared)
    for destination in (1, 2, 3):
        found = Counter(where(one) for one in shared if one.destination == destination)
        assert cap is None or found["live"] <= cap
        assert most is None or found.total() - found["held"] <= most
    for before, after in zip(intents, shared, strict=True):
        assert after.digest >= before.digest


# --- days ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "began"),
    [
        (None, date(2026, 7, 21), datetime(2026, 7, 21, tzinfo=UTC)),
        ("Asia/Tokyo", date(2026, 7, 21), datetime(2026, 7, 20, 15, tzinfo=UTC)),
        ("America/Los_Angeles", date(2026, 7, 21), datetime(2026, 7, 21, 7, tzinfo=UTC)),
        ("Pacific/Honolulu", date(2026, 7, 20), datetime(2026, 7, 20, 10, tzinfo=UTC)),
        ("Nowhere/Atlantis", date(2026, 7, 21), datetime(2026, 7, 21, tzinfo=UTC)),
    ],
)
def test_a_day_is_that_of_the_digest_or_utc(zone: str | None, day: date, began: datetime) -> None:
    schedule = Schedule(hour=9, zone=zone) if zone else None
    assert (day_of(schedule, NOW), start_of_day(schedule, NOW)) == (day, began)


def test_every_moment_belongs_to_the_day_that_began_last_through_both_clock_changes() -> None:
    schedule = Schedule(hour=9, zone="America/Santiago")  # where clocks change at midnight
    moments = [datetime(2026, 4, 1, tzinfo=UTC) + n * HOUR for n in range(24 * 180)]
    starts = [start_of_day(schedule, moment) for moment in moments]
    assert all(start <= moment for start, moment in zip(starts, moments, strict=True))
    assert all(one <= other for one, other in pairwise(starts))
    assert len(set(starts)) == len({day_of(schedule, moment) for moment in moments})


# --- backlogs and lists -------------------------------------------------------------------------------------


def test_a_few_old_posts_are_posted_and_many_are_listed() -> None:
    old = dict.fromkeys(range(BACKLOG), NOW - DAY)
    assert backlog(old | {99: NOW - HOUR}, NOW) == []
    assert sorted(backlog(old | {98: NOW - 2 * DAY, 99: NOW - HOUR}, NOW)) == [*range(BACKLOG), 98]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (10 * MINUTE, 10 * MINUTE, False),  # the poll may go on
        (40 * MINUTE, 30 * MINUTE, True),
        (2 * HOUR, MINUTE, False),
        (3 * HOUR, MINUTE, True),  # it goes on for too long
        (-HOUR, -HOUR, False),  # the clock was put back
    ],
)
def test_a_list_waits_for_the_end_of_the_poll(first: timedelta, last: timedelta, expected: bool) -> None:
    assert list_due(NOW - first, NOW - last, NOW) is expected


# --- polls that bring far more than usual -------------------------------------------------------------------


def test_what_is_usual_is_looked_up_only_where_a_poll_brings_more_than_it_may() -> None:
    allowances = {1: Allowance(None), 2: Allowance(None), 3: Allowance(None, most=9), 4: Allowance(None)}
    pace = Pace(at_once=5, brought=Counter({2: 3}))
    assert surging({1: 5, 2: 3, 3: 99, 4: 6}, allowances, pace) == [2, 4]
    assert surging({4: 99}, allowances, Pace()) == []


@pytest.mark.parametrize(
    ("behind", "last_polled", "catches_up"),
    [
        (NOW, NOW - MINUTE, True),
        (NOW, NOW, False),
        (NOW, None, False),  # it was never polled
        (None, NOW - 99 * DAY, False),
    ],
)
def test_a_query_that_missed_several_announcements_catches_up(
    behind: datetime | None, last_polled: datetime | None, catches_up: bool
) -> None:
    assert Pace(behind=behind).is_behind(last_polled) is catches_up
