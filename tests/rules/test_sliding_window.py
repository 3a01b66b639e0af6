"""What counts as lately, whatever the clock does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.rules.sliding_window import SlidingWindow
from tests.store.store_cases import NOW

SPAN = timedelta(minutes=10)


@pytest.mark.parametrize(
    ("minutes", "now", "count"),
    [
        pytest.param([0, 1, 2], 2, 3, id="all of them"),
        pytest.param([0, 1, 2], 10, 2, id="but what is as old as the span"),
        pytest.param([0, 1, 2], 30, 0, id="none"),
        pytest.param([0, 1, 2], -5, 0, id="the clock was set back before all of them"),
        pytest.param([0, 8, 9], 1, 1, id="the clock was set back between them"),
        pytest.param([8, 9, 1], 2, 1, id="and something happened after that"),
    ],
)
def test_the_moments_of_the_last_minutes_are_counted(minutes: list[int], now: int, count: int) -> None:
    window = SlidingWindow(SPAN)
    for minute in minutes:
        window.add(NOW + timedelta(minutes=minute))
    assert window.count(NOW + timedelta(minutes=now)) == count


@pytest.mark.parametrize(("limit", "wait"), [(1, 9), (2, 8), (3, 7), (4, 0)])
def test_the_wait_is_until_there_are_fewer(limit: int, wait: int) -> None:
    window = SlidingWindow(SPAN)
    for minute in range(3):
        window.add(NOW + timedelta(minutes=minute))
    now = NOW + timedelta(minutes=3)
    assert window.wait(now, limit) == timedelta(minutes=wait)
    assert window.count(now + timedelta(minutes=wait)) < limit


def test_a_clock_that_is_set_back_prolongs_no_wait() -> None:
    window = SlidingWindow(SPAN)
    window.add(NOW)
    for _ in range(5):
        window.add(NOW + timedelta(minutes=9))
    assert window.wait(NOW + timedelta(minutes=1), 2) == timedelta()
