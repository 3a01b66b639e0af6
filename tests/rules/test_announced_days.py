from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.model.papers import PaperId
from bot.rules.announced_days import AnnouncedDays

MONDAY = date(2026, 7, 27)
DAY = timedelta(days=1)


def ids(first: int, count: int) -> list[PaperId]:
    return [PaperId(f"2607.{first + n:05d}") for n in range(count)]


def test_a_feed_without_any_paper_that_is_new_is_an_old_one():
    days = AnnouncedDays().after(MONDAY, ids(1_000, 100), {})
    assert days.is_stale(ids(1_000, 100))
    assert days.is_stale(ids(900, 3))
    assert not days.is_stale(ids(1_000, 101))
    assert not days.is_stale([])
    assert not AnnouncedDays().is_stale(ids(1, 1))


def test_fewer_than_half_of_what_is_usual_on_that_weekday_is_doubted():
    days = AnnouncedDays()
    for week, count in enumerate((1_000, 1_400, 1_500, 1_600, 1_700)):
        days = days.after(MONDAY + 7 * week * DAY, ids(1, 1) * count, {})
    assert days.expected(MONDAY) == 1_550  # of the last four weeks
    assert days.is_doubtful(MONDAY, 774)
    assert not days.is_doubtful(MONDAY, 775)
    assert not days.is_doubtful(MONDAY + DAY, 0)  # nothing is known of Tuesdays


def test_a_holiday_does_not_change_what_is_usual():
    days = AnnouncedDays().after(MONDAY, ids(1, 100), {}).after(MONDAY + 7 * DAY, [], {})
    assert days.expected(MONDAY) == 100
    assert days.before(MONDAY + 7 * DAY).expected(MONDAY) == 100


def test_a_day_that_is_read_again_is_compared_with_the_days_before_it():
    before = AnnouncedDays().after(MONDAY, ids(1_000, 100), {"cs": 100})
    after = before.after(MONDAY + DAY, ids(1_100, 50), {"cs": 50})
    assert after.before(MONDAY + 2 * DAY) == after
    again = after.before(MONDAY + DAY)
    assert again.highest == before.highest
    assert again.expected(MONDAY + DAY) == 0
    assert not again.is_stale(ids(1_100, 50))


def test_the_days_outlive_a_restart():
    days = AnnouncedDays().after(MONDAY, ids(1_000, 100), {"cs": 100})
    assert AnnouncedDays.from_text(days.to_text()) == days


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"day": 1}', '{"day": null, "highest": 3}'])
def test_what_another_version_wrote_is_nothing(text: str | None):
    assert AnnouncedDays.from_text(text) == AnnouncedDays()
