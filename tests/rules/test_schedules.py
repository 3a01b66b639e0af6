from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest

from bot import i18n
from bot.model.errors import UserError
from bot.rules.schedules import read_days, read_zone, suggest_days, write_days

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


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
        ("weekday", range(5), "on weekdays"),
        ("every day", range(7), "every day"),
        ("on weekdays", range(5), "on weekdays"),
        ("Mon & Fri", [0, 4], "on Monday and Friday"),
        ("mon;thu", [0, 3], "on Monday and Thursday"),
        ("every Monday and Thursday", [0, 3], "on Monday and Thursday"),
        ("Mondays", [0], "on Monday"),
        ("Thurs", [3], "on Thursday"),
        ("tues", [1], "on Tuesday"),
        ("Mon–Fri", range(5), "on weekdays"),
        ("sat to mon", [0, 5, 6], "on Monday, Saturday and Sunday"),
        ("weekends", [5, 6], "on Saturday and Sunday"),
        ("Sat/Sun", [5, 6], "on Saturday and Sunday"),
        ("all days", range(7), "every day"),
        ("M-F", range(5), "on weekdays"),
        ("MWF", [0, 2, 4], "on Monday, Wednesday and Friday"),
        ("jeden Montag und Freitag", [0, 4], "on Monday and Friday"),
        ("Mo, Mi und Fr", [0, 2, 4], "on Monday, Wednesday and Friday"),
        ("montags bis freitags", range(5), "on weekdays"),
        ("täglich", range(7), "every day"),
        ("每天", range(7), "every day"),
        ("工作日", range(5), "on weekdays"),
        ("每星期一和星期四", [0, 3], "on Monday and Thursday"),
        ("每周一、四", [0, 3], "on Monday and Thursday"),
        ("周一至周五", range(5), "on weekdays"),
        ("on Monday, Tuesday, and Thursday", [0, 1, 3], "on Monday, Tuesday and Thursday"),
    ],
)
def test_days_are_read_and_written(typed: str, days: list[int], written: str) -> None:
    assert read_days(typed) == frozenset(days)
    assert write_days(read_days(typed)) == written


@pytest.mark.parametrize("typed", ["", ",", "someday", "m", "mon,thx", "mon-thx", "dailyish", "-"])
def test_what_is_no_day_is_answered_with_how_to_write_one(typed: str) -> None:
    with pytest.raises(UserError, match="`mon,thu`"):
        read_days(typed)


def test_a_long_word_that_is_no_day_is_cut() -> None:
    with pytest.raises(UserError, match=f"“{'x' * 30}” is not a day"):
        read_days("x" * 100)


@pytest.mark.parametrize("typed", ["do", "donnerst", "thu", "thursday"])
def test_a_weekday_is_completed_in_english_and_in_the_language_of_the_person(typed: str) -> None:
    with i18n.in_language("de"):
        assert suggest_days(typed) == {"thu": "jeden Donnerstag"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("USA", "Did you mean `America/New_York`, `America/Chicago` or `America/Denver`?"),
        ("Europe/Berln", "Did you mean `Europe/Berlin`, `Europe/Dublin` or `Europe/Belfast`?"),
    ],
)
def test_at_most_three_zones_are_offered_as_alternatives(typed: str, meant: str) -> None:
    with pytest.raises(UserError) as refusal:
        read_zone(typed)
    assert str(refusal.value).endswith(meant)


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
    [("Europe/Berln", "`Europe/Berlin`"), ("toky", "`Asia/Tokyo`"), ("berl", "`Europe/Berlin`")],
)
def test_an_unknown_zone_is_answered_with_the_nearest(typed: str, hint: str) -> None:
    with pytest.raises(UserError, match="not a time zone") as refusal:
        read_zone(typed)
    assert hint in str(refusal.value)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        # An offset means what people mean by it; IANA's signs are the other way round.
        ("GMT+8", "Etc/GMT-8"),
        ("UTC+8", "Etc/GMT-8"),
        ("UTC +08:00", "Etc/GMT-8"),
        ("+08:00", "Etc/GMT-8"),
        ("+8", "Etc/GMT-8"),
        ("-5", "Etc/GMT+5"),
        ("−05:00", "Etc/GMT+5"),
        ("+0530", "Asia/Kolkata"),
        ("UTC+5:45", "Asia/Kathmandu"),
        ("UTC+0", "UTC"),
        ("Etc/GMT+8", "Etc/GMT+8"),
        # Abbreviations, with the summer time of the place where they are used.
        ("ET", "America/New_York"),
        ("EST", "America/New_York"),
        ("PT", "America/Los_Angeles"),
        ("MEZ", "Europe/Berlin"),
        ("JST", "Asia/Tokyo"),
        ("CET", "CET"),
        # Countries with one time, and cities.
        ("UK", "Europe/London"),
        ("India", "Asia/Kolkata"),
        ("Germany", "Europe/Berlin"),
        ("China", "Asia/Shanghai"),
        ("Mumbai", "Asia/Kolkata"),
        ("Bangalore", "Asia/Kolkata"),
        ("Beijing", "Asia/Shanghai"),
        ("北京", "Asia/Shanghai"),
        ("München", "Europe/Berlin"),
        ("Munich", "Europe/Berlin"),
        ("zürich", "Europe/Zurich"),
        ("Osaka", "Asia/Tokyo"),
        ("Pittsburgh", "America/New_York"),
        ("Berlin", "Europe/Berlin"),
        # As it is offered.
        ("Europe/Berlin · Berlin, Germany · Central European Time, now 14:05", "Europe/Berlin"),
        ("UTC+8 · now 20:05", "Etc/GMT-8"),
    ],
)
def test_a_zone_is_read_by_what_people_call_it(typed: str, zone: str) -> None:
    assert read_zone(typed) == zone


@pytest.mark.parametrize(
    ("typed", "hints"),
    [
        ("Cambridge", ["Europe/London", "America/New_York"]),
        ("CST", ["America/Chicago", "Asia/Shanghai"]),
        ("USA", ["America/New_York", "America/Chicago"]),
    ],
)
def test_a_name_of_several_zones_is_answered_with_them(typed: str, hints: list[str]) -> None:
    with pytest.raises(UserError, match="in several time zones") as refusal:
        read_zone(typed)
    assert [hint for hint in hints if hint not in str(refusal.value)] == []


@pytest.mark.parametrize(
    ("zone", "spellings"),
    [
        ("Etc/GMT-8", ["GMT + 8", "UTC 8", "GMT8", "utc+08", "(UTC+8)", "(GMT+08:00)", "UTC+8h", "+8 hours"]),
        (
            "Etc/GMT-8",
            ["ＵＴＣ＋８", "UTC plus 8", "+0800", "UTC+8.0", "UTC+8:00", "GMT +08.00", "Z+8", "+8小时"],
        ),
        (
            "Asia/Kolkata",
            ["GMT +5.5", "UTC+5:30", "+0530", "+530", "UTC+5,5", "UTC+5h30", "+5h30m", "UTC+5½"],
        ),
        ("Asia/Kolkata", ["GMT+0530", "+05.30", "UTC + 5 : 30", "(UTC+05:30)", "+5.50", "UTC+5:30 h"]),
        ("Asia/Kathmandu", ["+5.75", "UTC+5:45", "GMT+5.45", "UTC+5¾"]),
        ("Australia/Eucla", ["+8.75", "UTC+8:45"]),
        ("Etc/GMT+5", ["UTC–5", "gmt minus 5", "UTC −05:00", "GMT-5.0", "-0500", "UTC - 5"]),
        ("America/St_Johns", ["UTC-3:30", "-3.5", "−0330"]),
        ("UTC", ["UTC±0", "±00:00", "+-0", "UTC+0", "GMT 0", "UTC-0"]),
        ("Etc/GMT-14", ["UTC+14", "+1400"]),
        ("Etc/GMT+12", ["UTC-12", "-12"]),
    ],
)
def test_an_offset_is_read_in_every_spelling(zone: str, spellings: list[str]) -> None:
    assert {typed: read_zone(typed) for typed in spellings} == dict.fromkeys(spellings, zone)


@pytest.mark.parametrize(
    "typed",
    [
        "UTC+15",
        "GMT-13",
        "+25",
        "+8:75",
        "UTC+0:20",
        "GMT+5.15",
        "UTC +8.3",
        "+5:3",
        "UTC+99",
        "+12345",
        "UTC+14:30",
    ],
)
def test_an_offset_that_no_clock_has_is_refused_as_one(typed: str) -> None:
    with pytest.raises(UserError, match=r"No place has the time “.*”; write an offset such as `UTC\+8`"):
        read_zone(typed)


@pytest.mark.parametrize(
    ("typed", "hints"),
    [
        ("Europe/Berln", ["`Europe/Berlin` (now 14:05)"]),
        ("Cambridge", ["`Europe/London` (now 13:05)", "`America/New_York` (now 08:05)"]),
        ("toky", ["`Asia/Tokyo` (now 21:05)"]),
    ],
)
def test_a_refusal_shows_what_time_it_is_in_the_zones_that_it_offers(typed: str, hints: list[str]) -> None:
    with pytest.raises(UserError) as refusal:
        read_zone(typed, datetime(2026, 7, 24, 12, 5, tzinfo=UTC))
    assert [hint for hint in hints if hint not in str(refusal.value)] == []


@pytest.mark.parametrize("reader", i18n.languages())
@pytest.mark.parametrize("language", i18n.languages())
def test_days_are_read_as_they_are_offered_in_any_language(language: str, reader: str) -> None:
    shown: dict[str, frozenset[int]] = {}
    typed = ["", *(",".join(days) for count in range(1, 7) for days in combinations(DAYS, count))]
    with i18n.in_language(language):
        for before in typed:
            shown |= {words: read_days(days) for days, words in suggest_days(f"{before},").items()}
        shown |= {write_days(days): days for days in shown.values()}
        shown |= {words: read_days(days) for days, words in suggest_days("").items()}
    assert len(shown) > 120
    with i18n.in_language(reader):
        assert {words: read_days(words) for words in shown} == shown


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
