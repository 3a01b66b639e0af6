from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from bot.model.errors import UserError
from bot.rules.schedules import read_days, read_zone, suggest_days, write_days


@pytest.mark.parametrize(
    ("typed", "days", "written"),
    [
        ("daily", range(7), "every day"),
        ("Weekdays", range(5), "on weekdays"),
        ("mon,thu", [0, 3], "on Monday and Thursday"),
        (" Thu , mon ", [0, 3], "on Monday and Thursday"),
        ("tuesday", [1], "on Tuesday"),
        ("mon tue sun", [0, 1, 6], "on Monday, Tuesday and Sunday"),
        ("mon,tue,wed,thu,fri", range(5), "on weekdays"),
    ],
)
def test_days_are_read_and_written(typed: str, days: list[int], written: str) -> None:
    assert read_days(typed) == frozenset(days)
    assert write_days(read_days(typed)) == written


@pytest.mark.parametrize("typed", ["", ",", "someday", "mo", "mon,thx", "mon;thu", "dailyish"])
def test_what_is_no_day_is_answered_with_how_to_write_one(typed: str) -> None:
    with pytest.raises(UserError, match="`mon,thu`"):
        read_days(typed)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin ", "Europe/Berlin"),
        ("america/new york", "America/New_York"),
        ("utc", "UTC"),
        ("EST5EDT", "EST5EDT"),
    ],
)
def test_zones_are_read_whatever_their_case(typed: str, zone: str) -> None:
    assert read_zone(typed) == zone
    ZoneInfo(zone)


@pytest.mark.parametrize(
    ("typed", "hint"),
    [("Berlin", "`Europe/Berlin`"), ("Europe/Berln", "`Europe/Berlin`"), ("tokyo", "`Asia/Tokyo`")],
)
def test_an_unknown_zone_is_answered_with_the_nearest(typed: str, hint: str) -> None:
    with pytest.raises(UserError, match="not a time zone") as refusal:
        read_zone(typed)
    assert hint in str(refusal.value)


@pytest.mark.parametrize("typed", ["", "../../etc/passwd", "Mars/Olympus", "\0", "x" * 5_000])
def test_nonsense_is_refused_without_a_traceback(typed: str) -> None:
    with pytest.raises(UserError):
        read_zone(typed)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("", ["daily", "weekdays", "mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
        ("w", ["weekdays", "wed"]),
        ("mon,", ["mon,tue", "mon,wed", "mon,thu", "mon,fri", "mon,sat", "mon,sun"]),
        ("mon,t", ["mon,tue", "mon,thu"]),
        ("rubbish,", []),
    ],
)
def test_days_are_completed_one_by_one(typed: str, offered: list[str]) -> None:
    assert list(suggest_days(typed)) == offered


def test_offered_days_are_told_in_words() -> None:
    first = suggest_days("")
    assert (first["daily"], first["weekdays"], first["mon"]) == ("every day", "on weekdays", "every Monday")
    assert suggest_days("mon,")["mon,tue"] == "every Monday and Tuesday"
    assert suggest_days("mon,wed,")["mon,wed,fri"] == "every Monday, Wednesday and Friday"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("every m", {"mon": "every Monday"}),
        ("Monday", {"mon": "every Monday"}),
        ("every monday and th", {"mon,thu": "every Monday and Thursday"}),
        ("Monday, F", {"mon,fri": "every Monday and Friday"}),
        ("every ", suggest_days("")),
    ],
)
def test_days_may_be_typed_in_words(typed: str, offered: dict[str, str]) -> None:
    assert suggest_days(typed) == offered


@pytest.mark.parametrize("words", suggest_days("mon,").values())
def test_what_is_offered_in_words_can_be_read(words: str) -> None:
    assert 0 in read_days(words)
