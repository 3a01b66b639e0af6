"""Pruning once a week, whatever restarts and whatever the clock said before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.config import Settings
from bot.runtime.housekeeping import Housekeeping
from bot.store import Store
from tests.fakes.clock import Clock
from tests.store.store_cases import NOW, store

__all__ = ["store"]

DAY = timedelta(days=1)
WEEK = 7 * DAY


@pytest.mark.parametrize(
    ("last", "wait"),
    [
        pytest.param(None, WEEK, id="never"),
        pytest.param(-DAY, 6 * DAY, id="yesterday"),
        pytest.param(-WEEK, WEEK, id="a week ago"),
        pytest.param(30 * DAY, WEEK, id="recorded by a clock that was ahead"),
    ],
)
async def test_the_next_pruning_is_a_week_after_the_last(
    store: Store, last: timedelta | None, wait: timedelta
) -> None:
    if last is not None:
        await store.meta.set("pruned", (NOW + last).isoformat())
    housekeeping = Housekeeping(store, Settings(), clock=Clock(NOW))
    assert await housekeeping.prune() == wait.total_seconds()
    pruned = await store.meta.get("pruned")
    assert pruned == ((NOW + last) if wait < WEEK and last else NOW).isoformat()
