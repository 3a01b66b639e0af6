from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.backoff import backoff

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def test_the_wait_doubles_up_to_the_ceiling() -> None:
    waits = [backoff(failures, first=5 * SECOND, ceiling=MINUTE) for failures in range(1, 7)]
    assert waits == [5 * SECOND, 10 * SECOND, 20 * SECOND, 40 * SECOND, MINUTE, MINUTE]


@pytest.mark.parametrize("failures", [-1, 0, 1])
def test_the_first_wait_is_the_shortest(failures: int) -> None:
    assert backoff(failures, first=MINUTE, ceiling=60 * MINUTE) == MINUTE


@pytest.mark.parametrize(
    ("jitter", "chance", "wait"),
    [
        pytest.param(0.5, 0.0, 30, id="half of it"),
        pytest.param(0.5, 0.5, 45, id="in between"),
        pytest.param(0.5, 1.0, 60, id="all of it"),
        pytest.param(1.0, 0.0, 0, id="full jitter"),
        pytest.param(0.0, 0.0, 60, id="no jitter"),
    ],
)
def test_jitter_is_the_share_that_chance_decides(jitter: float, chance: float, wait: int) -> None:
    assert backoff(1, first=MINUTE, ceiling=MINUTE, jitter=jitter, chance=chance) == wait * SECOND


def test_without_jitter_nothing_is_left_to_chance() -> None:
    assert backoff(1, first=MINUTE, ceiling=MINUTE, chance=0.0) == MINUTE
    assert backoff(1, first=MINUTE, ceiling=MINUTE, jitter=0.5) == MINUTE


def test_the_ceiling_comes_before_the_jitter() -> None:
    assert backoff(50, first=SECOND, ceiling=MINUTE, jitter=0.5, chance=0.0) == 30 * SECOND


def test_the_longest_waits_need_many_doublings() -> None:
    assert backoff(21, first=SECOND, ceiling=timedelta.max) == SECOND * 2**20
    assert backoff(22, first=SECOND, ceiling=timedelta.max) == SECOND * 2**20


@given(
    failures=st.integers(1, 10**9),
    first=st.timedeltas(SECOND, 5 * MINUTE),
    ceiling=st.timedeltas(5 * MINUTE, timedelta(hours=2)),
    chance=st.floats(0, 1),
)
def test_the_wait_never_shrinks_and_stays_below_the_ceiling(
    failures: int, first: timedelta, ceiling: timedelta, chance: float
) -> None:
    wait = backoff(failures, first=first, ceiling=ceiling, jitter=0.5, chance=chance)
    assert first / 2 <= wait <= ceiling
    assert backoff(failures + 1, first=first, ceiling=ceiling, jitter=0.5, chance=chance) >= wait
