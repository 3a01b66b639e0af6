from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.polling.breaker import Breaker

NOW = datetime(2026, 7, 27, 8, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def after(failures: int, *, interval: timedelta | None = None, asked: timedelta | None = None) -> Breaker:
    breaker = Breaker()
    for _ in range(failures):
        breaker = breaker.failed("closed", NOW, interval=interval, asked=asked)
    return breaker


def waits(breaker: Breaker) -> timedelta:
    assert breaker.wait is not None
    return breaker.wait.until - breaker.wait.since


def test_a_road_is_open_until_it_fails():
    assert Breaker().is_open
    assert Breaker().may_be_tried(NOW)
    closed = after(1)
    assert (closed.is_open, closed.may_be_tried(NOW), closed.error) == (False, False, "closed")


def test_it_is_probed_after_minutes_and_then_hours():
    assert [waits(after(n)) / MINUTE for n in range(1, 10)] == [5, 10, 20, 40, 80, 160, 320, 360, 360]
    assert after(1).may_be_tried(NOW + 5 * MINUTE)
    assert not after(1).may_be_tried(NOW + 5 * MINUTE - timedelta(seconds=1))


def test_with_an_interval_the_first_probe_comes_after_one():
    assert waits(after(1, interval=timedelta(seconds=1))) == timedelta(seconds=1)
    assert waits(after(1, interval=12 * HOUR)) == waits(after(9, interval=12 * HOUR)) == 12 * HOUR


def test_it_is_left_alone_as_long_as_it_asked():
    assert waits(after(1, asked=3 * HOUR)) == 3 * HOUR
    assert waits(after(4, asked=MINUTE)) == 40 * MINUTE


def test_it_is_closed_since_the_first_of_the_failures_and_opens_at_the_first_answer():
    breaker = after(1).failed("still closed", NOW + HOUR, interval=None)
    assert (breaker.closed_since, breaker.error) == (NOW, "still closed")
    opened = breaker.answered(NOW + 2 * HOUR)
    assert opened == Breaker(served=NOW + 2 * HOUR)
    assert opened.failed("again", NOW + 3 * HOUR, interval=None).served == NOW + 2 * HOUR


def test_a_clock_that_is_set_back_does_not_prolong_the_wait():
    assert after(1).may_be_tried(NOW - HOUR)
