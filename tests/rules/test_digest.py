from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.outbox import DigestPage, Kind, QuietNote, Section, WeeklyTop
from bot.model.papers import PaperId
from bot.model.subscriptions import Options, Schedule
from bot.rules.digest import (
    PendingPaper,
    due,
    is_first_of_week,
    issue,
    next_due,
    pages,
    pages_of,
    papers_shown,
    sections_of,
    week_before,
)

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NINE_IN_BERLIN = Schedule(9, "Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def papers(count: int, start: int = 1) -> tuple[PaperId, ...]:
    return tuple(PaperId(f"2601.{start + number:05}") for number in range(count))


@pytest.mark.parametrize(
    ("now", "last_run", "expected"),
    [
        ("2026-01-14T07:59:59", date(2026, 1, 13), None),
        ("2026-01-14T08:00:00", date(2026, 1, 13), date(2026, 1, 14)),
        ("2026-01-14T22:30:00", date(2026, 1, 13), date(2026, 1, 14)),
        ("2026-01-14T08:00:00", date(2026, 1, 14), None),
        ("2026-01-15T07:00:00", date(2026, 1, 13), date(2026, 1, 14)),
        ("2026-01-17T12:00:00", date(2026, 1, 13), date(2026, 1, 17)),
        ("2026-01-14T09:00:00", None, date(2026, 1, 14)),
    ],
    ids=[
        "before",
        "on the dot",
        "later that day",
        "already posted",
        "missed overnight",
        "down for days",
        "first",
    ],
)
def test_a_digest_is_due_once_a_local_day(now: str, last_run: date | None, expected: date | None) -> None:
    assert due(NINE_IN_BERLIN, last_run, LONG_AGO, utc(now)) == expected


@pytest.mark.parametrize(("ahead", "expected"), [(2, None), (3, date(2026, 1, 14))])
def test_a_last_run_far_ahead_was_recorded_by_a_wrong_clock(ahead: int, expected: date | None) -> None:
    """Up to two days, a move to another time zone explains it."""
    last_run = date(2026, 1, 14) + timedelta(days=ahead)
    assert due(NINE_IN_BERLIN, last_run, LONG_AGO, utc("2026-01-14T12:00:00")) == expected


def test_nothing_is_due_before_the_schedule_was_set() -> None:
    now = utc("2026-01-14T12:00:00")
    assert due(NINE_IN_BERLIN, None, utc("2026-01-14T08:00:01"), now) is None
    assert due(NINE_IN_BERLIN, None, utc("2026-01-14T08:00:00"), now) == date(2026, 1, 14)
    assert due(NINE_IN_BERLIN, None, utc("2026-01-14T08:00:01"), now + timedelta(days=1)) == date(2026, 1, 15)


def test_weekdays_are_local_and_others_are_skipped() -> None:
    mondays = Schedule(1, "Asia/Tokyo", frozenset({0}))
    sunday_evening_utc = utc("2026-01-18T16:00:00")  # Monday, 01:00, in Tokyo
    assert due(mondays, date(2026, 1, 12), LONG_AGO, sunday_evening_utc) == date(2026, 1, 19)
    assert due(mondays, date(2026, 1, 19), LONG_AGO, sunday_evening_utc + timedelta(days=3)) is None
    assert next_due(mondays, date(2026, 1, 19), sunday_evening_utc) == utc("2026-01-25T16:00:00")


@pytest.mark.parametrize(
    ("zone", "hour", "day", "moment"),
    [
        ("Europe/Berlin", 2, "2026-03-29", "2026-03-29T01:00:00"),
        ("America/New_York", 2, "2026-03-08", "2026-03-08T07:00:00"),
        ("Africa/Cairo", 0, "2026-04-24", "2026-04-23T22:00:00"),
        ("Europe/Berlin", 2, "2026-10-25", "2026-10-25T00:00:00"),
        ("America/New_York", 1, "2026-11-01", "2026-11-01T05:00:00"),
        ("Australia/Lord_Howe", 2, "2026-10-04", "2026-10-03T15:30:00"),
        ("Antarctica/Troll", 2, "2026-03-29", "2026-03-29T01:00:00"),
    ],
    ids=[
        "skipped",
        "skipped in New York",
        "midnight skipped",
        "twice",
        "twice in New York",
        "half an hour",
        "two hours",
    ],
)
def test_clock_changes_move_a_digest_but_never_lose_or_repeat_it(
    zone: str, hour: int, day: str, moment: str
) -> None:
    schedule, local, then = Schedule(hour, zone), date.fromisoformat(day), utc(moment)
    yesterday = local - timedelta(days=1)
    assert due(schedule, yesterday, LONG_AGO, then - timedelta(seconds=1)) is None
    assert due(schedule, yesterday, LONG_AGO, then) == local
    assert next_due(schedule, yesterday, then - timedelta(seconds=1)) == then
    assert due(schedule, local, LONG_AGO, then + timedelta(hours=2)) is None


def test_a_date_that_a_zone_never_had_has_no_digest() -> None:
    apia = Schedule(9, "Pacific/Apia")
    after = utc("2011-12-30T10:00:00")  # 31 December, 00:00, a day after the 29th's last second
    assert due(apia, date(2011, 12, 29), LONG_AGO, after) is None
    assert next_due(apia, date(2011, 12, 29), after) == utc("2011-12-30T19:00:00")


def test_a_weekly_digest_skips_a_date_that_the_zone_never_had() -> None:
    fridays = Schedule(9, "Pacific/Apia", frozenset({4}))
    before, after = utc("2011-12-23T19:00:00"), utc("2012-01-05T19:00:00")
    assert next_due(fridays, None, before) == after
    assert due(fridays, None, utc("2011-01-01"), after - timedelta(seconds=1)) == date(2011, 12, 23)
    assert due(fridays, None, utc("2011-01-01"), after) == date(2012, 1, 6)


def test_a_change_of_zone_never_posts_one_local_date_twice() -> None:
    posted = date(2026, 1, 14)
    in_los_angeles = Schedule(9, "America/Los_Angeles")
    for hours in range(48):
        now = utc("2026-01-14T01:00:00") + timedelta(hours=hours)
        day = due(in_los_angeles, posted, LONG_AGO, now)
        assert day is None or day > posted
    assert next_due(in_los_angeles, posted, utc("2026-01-14T01:00:00")) == utc("2026-01-15T17:00:00")


def test_an_earlier_hour_set_after_todays_digest_waits_for_tomorrow() -> None:
    now = utc("2026-01-14T12:00:00")
    assert due(Schedule(20, "UTC"), date(2026, 1, 14), now, utc("2026-01-14T20:00:00")) is None
    assert next_due(Schedule(8, "UTC"), date(2026, 1, 14), now) == utc("2026-01-15T08:00:00")


def test_a_page_holds_at_least_one_paper() -> None:
    with pytest.raises(ValueError, match="at least one"):
        pages(date(2026, 7, 24), [], per_page=0)


def test_a_schedule_without_days_is_never_due() -> None:
    never = Schedule(9, "UTC", frozenset())
    assert due(never, None, LONG_AGO, utc("2026-01-14T12:00:00")) is None
    with pytest.raises(ValueError, match="without days"):
        next_due(never, None, utc("2026-01-14T12:00:00"))


@given(
    zone=st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Africa/Cairo", "Pacific/Apia", "Asia/Kolkata"]
    ),
    hour=st.integers(0, 23),
    start=st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 - made aware below
    steps=st.lists(st.integers(1, 200), min_size=30, max_size=60),
)
def test_each_day_is_posted_at_most_once_and_none_is_left_behind(
    zone: str, hour: int, start: datetime, steps: list[int]
) -> None:
    schedule, now = Schedule(hour, zone), start.replace(tzinfo=UTC)
    since, last_run = now, None
    for minutes in steps:
        now += timedelta(minutes=minutes * 10)
        day = due(schedule, last_run, since, now)
        if day is not None:
            assert last_run is None or day > last_run
            assert day in {now.astimezone(ZoneInfo(zone)).date() - timedelta(days=back) for back in range(2)}
            last_run = day
        following = next_due(schedule, last_run, now)
        assert due(schedule, last_run, since, following - timedelta(seconds=1)) is None
        assert due(schedule, last_run, since, following) == following.astimezone(ZoneInfo(zone)).date()


def test_pages_keep_the_order_and_continue_a_section() -> None:
    day = date(2026, 1, 14)
    first, second, third = papers(3), papers(14, 100), papers(2, 200)
    made = pages(day, [Section("a", first), Section("b", second, more=5), Section("c", third)], per_page=10)
    assert [(page.number, page.pages, page.total) for page in made] == [(1, 2, 24), (2, 2, 24)]
    assert made[0].sections == (Section("a", first), Section("b", second[:7], of=19))
    assert made[1].sections == (Section("b", second[7:], more=5, of=19), Section("c", third))


def test_a_whole_digest_is_one_message_whose_leaves_are_its_pages() -> None:
    sections = [
        Section("a", papers(22), also={papers(1)[0]: ("b",)}),
        Section("b", ()),
        Section("c", papers(8, 100)),
    ]
    whole = issue(date(2026, 1, 14), sections)
    assert whole is not None
    assert (whole.number, whole.pages, whole.total) == (1, 1, 30)
    assert whole.sections == (sections[0], sections[2])
    for kind in (Kind.DIGEST, Kind.LIST):
        assert pages_of(whole, kind) == pages(whole.day, sections, per_page=20)


def test_a_page_that_an_earlier_version_queued_is_not_cut_again() -> None:
    page = DigestPage(date(2026, 1, 14), 2, 3, 60, (Section("a", papers(20)),))
    assert pages_of(page, Kind.DIGEST) == [page]


def test_nothing_to_say_is_no_digest_but_for_the_note_of_a_quiet_day() -> None:
    assert issue(date(2026, 1, 14), [Section("a", ())]) is None
    note = QuietNote(("a",), 0, 2, 1)
    quiet = issue(date(2026, 1, 14), [], note=note)
    assert quiet is not None
    assert quiet.note == note
    assert pages_of(quiet, Kind.DIGEST) == [quiet]


@pytest.mark.parametrize(
    ("day", "last", "first"),
    [
        ("2026-07-20", None, True),  # a Monday
        ("2026-07-20", "2026-07-19", True),
        ("2026-07-21", "2026-07-19", True),  # nothing came on Monday
        ("2026-07-21", "2026-07-20", False),
        ("2026-07-26", "2026-07-20", False),
        ("2026-07-27", "2026-07-26", True),
    ],
)
def test_the_first_digest_since_monday_is_the_one_that_shows_what_was_saved(
    day: str, last: str | None, first: bool
) -> None:
    assert is_first_of_week(date.fromisoformat(day), date.fromisoformat(last) if last else None) is first


def test_the_week_before_a_digest_is_seven_days_of_its_zone() -> None:
    day = date(2026, 3, 30)  # clocks went forward in Berlin the night before
    assert week_before(day, "Europe/Berlin") == (utc("2026-03-22T23:00:00"), utc("2026-03-29T22:00:00"))
    with pytest.raises(ZoneInfoNotFoundError):
        week_before(day, "Mars/Olympus")


def test_what_was_saved_most_is_on_the_first_page() -> None:
    day, papers_here = date(2026, 1, 14), papers(22)
    saved = papers(1, 500)[0]
    top = WeeklyTop(day - timedelta(days=7), day - timedelta(days=1), ((saved, 3), (papers_here[0], 1)))
    whole = issue(day, [Section("a", papers_here)], top=top)
    assert whole is not None
    assert [page.top for page in pages_of(whole, Kind.DIGEST)] == [top, None]
    assert papers_shown(whole) == [*papers_here, saved]
    assert issue(day, [], top=top) is None
    quiet = issue(day, [], note=QuietNote(), top=top, file=True)
    assert quiet is not None
    assert (quiet.top, quiet.file) == (None, False)


def test_full_pages_end_with_their_section() -> None:
    made = pages(date(2026, 1, 14), [Section("a", papers(10)), Section("b", papers(1, 50))], per_page=10)
    assert [len(page.sections) for page in made] == [1, 1]


def test_a_day_without_papers_has_no_page() -> None:
    assert pages(date(2026, 1, 14), [Section("a", ())]) == []


@given(sizes=st.lists(st.integers(0, 30), max_size=8), per_page=st.integers(1, 12))
def test_every_paper_is_on_exactly_one_page(sizes: list[int], per_page: int) -> None:
    sections = [Section(str(at), papers(size, at * 100)) for at, size in enumerate(sizes)]
    made = pages(date(2026, 1, 14), sections, per_page=per_page)
    shown = [paper for page in made for section in page.sections for paper in section.papers]
    assert shown == [paper for section in sections for paper in section.papers]
    assert all(0 < sum(len(section.papers) for section in page.sections) <= per_page for page in made)


# --- sections -----------------------------------------------------------------------------------------------


def pending(subscription: int, number: int, *categories: str) -> PendingPaper:
    paper = PaperId(f"2607.{number:05d}")
    options = Options(categories=categories)
    return PendingPaper(subscription, f"keyword {subscription}", options, paper, ("cs.CL",), "cs.CL")


def test_a_paper_stands_under_its_first_keyword_which_names_the_others() -> None:
    entries = [pending(2, 5), pending(2, 4), pending(1, 5), pending(3, 5), pending(1, 3)]
    assert sections_of(entries) == [
        Section("keyword 1", (PaperId("2607.00003"),)),
        Section(
            "keyword 2",
            (PaperId("2607.00005"), PaperId("2607.00004")),
            also={PaperId("2607.00005"): ("keyword 1", "keyword 3")},
        ),
    ]


def test_a_keyword_whose_categories_leave_a_paper_out_is_not_named() -> None:
    entries = [pending(1, 5, "math"), pending(2, 5), pending(3, 5, "math")]
    assert sections_of(entries) == [Section("keyword 2", (PaperId("2607.00005"),))]
