from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv.calendar import (
    EASTERN,
    HOLIDAYS,
    after_rush,
    announces,
    last_announced,
    last_complete,
    last_deadline,
    next_announced,
    next_complete,
    observe,
    poll_due,
    unchanged_until,
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 7, 19), True),  # Sunday
        (date(2026, 7, 20), True),
        (date(2026, 7, 23), True),  # Thursday
        (date(2026, 7, 24), False),
        (date(2026, 7, 25), False),
        (date(2026, 11, 26), False),  # Thanksgiving
        (date(2026, 12, 29), False),
        (date(2031, 12, 25), True),  # not published yet: better one poll too many
    ],
)
def test_announcements_are_from_sunday_to_thursday_but_for_holidays(day: date, expected: bool):
    assert announces(day) is expected


@pytest.fixture
def of_2027() -> Iterator[None]:
    observe([date(2027, 1, 18)])
    yield
    observe([])


def test_holidays_of_the_configuration_are_added(of_2027: None):
    assert not announces(date(2027, 1, 18))
    assert not announces(date(2026, 11, 26))
    assert announces(date(2027, 1, 19))
    assert last_complete(utc("2027-01-19T12:00")) == utc("2027-01-18T08:30")


def test_they_take_the_place_of_those_before():
    observe([date(2027, 1, 18)])
    assert last_complete(utc("2027-01-19T12:00")) == utc("2027-01-18T08:30")
    observe([])
    assert last_complete(utc("2027-01-19T12:00")) == utc("2027-01-19T08:30")


def test_the_holidays_of_a_year_are_those_that_arxiv_published():
    of_2026 = {day for day in HOLIDAYS if day.year == 2026}
    monday, thursday = 0, 3
    assert of_2026 >= {
        date(2026, 1, 1),
        nth(3, monday, 1),  # Martin Luther King Jr. Day
        date(2026, 6, 19),  # Juneteenth
        date(2026, 7, 3),  # Independence Day, observed
        nth(1, monday, 9),  # Labor Day
        nth(4, thursday, 11),  # Thanksgiving
        date(2026, 12, 25),
        date(2026, 12, 29),
        date(2026, 12, 31),
    }
    assert len(of_2026) == 9


def nth(count: int, weekday: int, month: int) -> date:
    """Return the *count*th *weekday* of a month of 2026."""
    first = date(2026, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        # Summer: 03:30 Eastern is 07:30 UTC.
        ("2026-07-24 07:29", "2026-07-23 07:30", "2026-07-24 07:30"),
        ("2026-07-24 07:30", "2026-07-24 07:30", "2026-07-27 07:30"),
        ("2026-07-25 12:00", "2026-07-24 07:30", "2026-07-27 07:30"),
        ("2026-07-26 23:59", "2026-07-24 07:30", "2026-07-27 07:30"),
        # Winter: 08:30 UTC.
        ("2026-01-14 08:29", "2026-01-13 08:30", "2026-01-14 08:30"),
        ("2026-01-14 08:31", "2026-01-14 08:30", "2026-01-15 08:30"),
        # The clocks change on a Sunday; Monday's batch is read at 03:30 by the new time.
        ("2026-03-08 12:00", "2026-03-06 08:30", "2026-03-09 07:30"),
        ("2026-11-01 12:00", "2026-10-30 07:30", "2026-11-02 08:30"),
        # Thanksgiving: nothing on Thursday evening, so nothing on Friday morning.
        ("2026-11-27 12:00", "2026-11-26 08:30", "2026-11-30 08:30"),
        # Two holidays with an announcement between them.
        ("2026-12-30 12:00", "2026-12-29 08:30", "2026-12-31 08:30"),
    ],
)
def test_batches_are_complete_at_half_past_three_eastern(now: str, last: str, following: str):
    assert last_complete(utc(now)) == utc(last)
    assert next_complete(utc(now)) == utc(following)


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-07-25 12:00", "2026-07-24 07:30"),
        ("2026-07-23 07:31", "2026-07-24 07:29", "2026-07-24 07:30"),
        ("2026-07-23 07:31", "2026-07-24 09:00", "2026-07-24 07:30"),
        ("2026-07-24 07:31", "2026-07-25 12:00", "2026-07-27 07:30"),
        ("2026-07-24 07:29", "2026-07-24 07:31", "2026-07-24 07:30"),
        ("2026-06-01 00:00", "2026-07-24 09:00", "2026-07-24 07:30"),
    ],
)
def test_a_query_is_due_once_a_batch(last: str | None, now: str, due: str):
    assert poll_due(utc(last) if last else None, utc(now)) == utc(due)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-07-24 09:00", "2026-07-27 00:00"),  # Friday morning: until Sunday evening
        ("2026-07-20 23:59", "2026-07-21 00:00"),
        ("2026-07-21 02:00", "2026-07-21 02:00"),  # the index is filling
        ("2026-07-21 08:00", "2026-07-22 00:00"),
    ],
)
def test_a_list_stays_until_the_next_announcement(now: str, until: str):
    assert unchanged_until(utc(now)) == utc(until)


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        ("2026-07-23 23:59", "2026-07-23 00:00", "2026-07-24 00:00"),
        ("2026-07-24 00:00", "2026-07-24 00:00", "2026-07-27 00:00"),  # Thursday evening, until Sunday's
        ("2026-11-26 12:00", "2026-11-26 01:00", "2026-11-30 01:00"),  # Thanksgiving
    ],
)
def test_a_day_of_papers_lasts_from_one_announcement_to_the_next(now: str, last: str, following: str):
    assert last_announced(utc(now)) == utc(last)
    assert next_announced(utc(now)) == utc(following)


@pytest.mark.parametrize(
    ("now", "until"),
    [  # in summer, Eastern time is four hours behind UTC
        ("2026-07-20T23:59", "2026-07-17T18:00"),  # Monday, before the announcement: Sunday's is the latest
        ("2026-07-21T00:00", "2026-07-20T18:00"),
        ("2026-07-19T23:59", "2026-07-16T18:00"),  # Sunday before it: Thursday's
        ("2026-07-20T00:00", "2026-07-17T18:00"),
        ("2026-07-25T12:00", "2026-07-23T18:00"),  # Saturday
        ("2026-11-27T12:00", "2026-11-25T19:00"),  # after Thanksgiving
        ("2026-11-30T02:00", "2026-11-27T19:00"),
    ],
)
def test_the_last_announcement_holds_what_was_submitted_up_to_its_deadline(now: str, until: str):
    assert last_deadline(utc(now)) == utc(until)


@given(st.integers(0, 20 * 365 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)))
def test_every_moment_lies_between_two_batches_of_weekday_mornings(later: timedelta):
    now = utc("2020-01-01 00:00") + later
    last, following = last_complete(now), next_complete(now)
    assert last <= now < following
    assert following - last <= timedelta(days=6)
    assert last_complete(following) == following
    assert last_complete(following - timedelta(seconds=1)) == last
    for moment in (last, following):
        local = moment.astimezone(EASTERN)
        assert (local.hour, local.minute, local.weekday() < 5) == (3, 30, True)
    assert poll_due(last, now) == following
    assert now <= unchanged_until(now) < following or unchanged_until(now) == now


@pytest.mark.parametrize(
    ("now", "until"),
    [
        pytest.param("2026-07-26 23:59:59", "2026-07-26 23:59:59", id="before"),
        pytest.param("2026-07-27 00:00", "2026-07-27 01:00", id="from 20:00"),
        pytest.param("2026-07-27 00:59:59", "2026-07-27 01:00", id="to 21:00"),
        pytest.param("2026-07-27 01:00", "2026-07-27 01:00", id="after"),
        pytest.param("2026-07-25 00:30", "2026-07-25 01:00", id="also without an announcement"),
        pytest.param("2026-12-08 00:30", "2026-12-08 00:30", id="before, in winter"),
        pytest.param("2026-12-08 01:30", "2026-12-08 02:00", id="from 20:00, in winter"),
        pytest.param("2026-11-01 00:30", "2026-11-01 01:00", id="on the evening before the clocks change"),
        pytest.param("2026-11-02 01:30", "2026-11-02 02:00", id="on the evening after"),
    ],
)
def test_the_rush_hour_is_over_at_nine(now: str, until: str):
    assert after_rush(utc(now)) == utc(until)
