"""How refused requests are counted, and when they make posting rest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.delivery.invalid_requests import InvalidRequests
from tests.fakes.clock import Clock
from tests.store.store_cases import NOW

SECOND = timedelta(seconds=1)
WINDOW = timedelta(minutes=10)  # as Discord documents


@pytest.mark.parametrize(
    ("status", "scope", "counted"),
    [
        (401, "", 1),
        (403, "", 1),
        (404, "", 1),
        (429, "user", 1),
        (429, "shared", 0),
        (200, "", 0),
        (503, "", 0),
    ],
)
def test_what_discord_counts_is_counted(status: int, scope: str, counted: int) -> None:
    refusals = InvalidRequests(Clock(NOW))
    refusals.count(status, scope)
    assert (refusals.recent, refusals.total) == (counted, counted)


def test_it_rests_until_enough_of_them_are_ten_minutes_old() -> None:
    clock = Clock(NOW)
    refusals = InvalidRequests(clock, allowed=2)
    for _ in range(3):
        refusals.count(403)
        clock.advance(SECOND)
    assert refusals.wait() == WINDOW - 2 * SECOND
    clock.advance(refusals.wait())
    assert refusals.wait() == timedelta()
    assert (refusals.recent, refusals.total) == (1, 3)


def test_a_clock_that_is_set_back_does_not_prolong_the_rest() -> None:
    clock = Clock(NOW)
    refusals = InvalidRequests(clock, allowed=1)
    refusals.count(403)
    clock.advance(timedelta(hours=-1))
    assert refusals.wait() == timedelta()
