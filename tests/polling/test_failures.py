from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.polling.failures import QueryFailures

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)  # a Friday, half an hour after the announcement is complete
MONDAY = datetime(2026, 7, 27, 7, 30, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def failures() -> QueryFailures:
    return QueryFailures(None)


def end_of_wait(failures: QueryFailures, canonical: str, now: datetime = NOW) -> datetime:
    known = failures.get(canonical)
    assert known is not None
    return known.wait.end(now)


def test_only_the_first_failure_and_another_error_are_news(failures: QueryFailures):
    assert failures.add("a", "arXiv is overloaded.", NOW, refused=False)
    assert not failures.add("a", "arXiv is overloaded.", NOW, refused=False)
    assert failures.add("a", "No connection.", NOW, refused=False)
    assert failures.add("b", "No connection.", NOW, refused=False)


def test_failures_in_a_row_are_counted_until_one_attempt_works(failures: QueryFailures):
    assert failures.count("a") == 0
    for expected in (1, 2, 3):
        failures.add("a", "No connection.", NOW, refused=False)
        assert failures.count("a") == expected
    assert failures.remove("a")
    assert not failures.remove("a")
    assert failures.count("a") == 0
    assert "a" not in failures
    assert len(failures) == 0


def test_each_failure_waits_longer(failures: QueryFailures):
    waits = []
    for _ in range(3):
        failures.add("a", "No connection.", NOW, refused=False)
        waits.append((end_of_wait(failures, "a") - NOW) / MINUTE)
    assert waits == [5, 10, 20]


def test_a_refused_query_waits_for_its_next_slot(failures: QueryFailures):
    failures.add("a", "Invalid query.", NOW, refused=True)
    assert end_of_wait(failures, "a") == MONDAY
    every_hour = QueryFailures(HOUR)
    every_hour.add("a", "Invalid query.", NOW, refused=True)
    assert end_of_wait(every_hour, "a") == NOW + HOUR


def test_a_clock_that_was_set_back_ends_the_wait(failures: QueryFailures):
    failures.add("a", "No connection.", NOW, refused=False)
    assert end_of_wait(failures, "a", NOW - HOUR) == NOW - HOUR
    assert end_of_wait(failures, "a", NOW) == NOW + 5 * MINUTE


def test_the_description_names_one_and_counts_the_others(failures: QueryFailures):
    assert failures.describe() == ""
    failures.add("a", "No connection.", NOW, refused=False)
    assert failures.describe() == "a: No connection."
    failures.add("b", "Invalid query.", NOW, refused=True)
    assert failures.describe() == "a: No connection. (and 1 more)"
    failures.add("c", "Invalid query.", NOW, refused=True)
    assert failures.describe() == "a: No connection. (and 2 more)"


def test_queries_that_are_gone_are_forgotten(failures: QueryFailures):
    failures.add("a", "No connection.", NOW, refused=False)
    failures.add("b", "No connection.", NOW, refused=False)
    failures.keep_only({"b", "c"})
    assert "a" not in failures
    assert "b" in failures
