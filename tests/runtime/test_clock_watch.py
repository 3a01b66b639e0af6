"""A clock that is set back holds nothing up for longer than until the next look at it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model.outcomes import Later
from bot.model.reasons import Reason, ReasonCode
from bot.runtime.clock_watch import ClockWatch
from bot.store import Store
from tests.fakes.clock import Clock, Stopwatch
from tests.store.store_cases import NEWS, NOW, record, store, subscribe

__all__ = ["store"]

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("passed", "shown", "noticed"),
    [
        pytest.param(1, -60, True, id="set back by an hour"),
        pytest.param(20, 10, True, id="set back by less than what has passed"),
    ],
)
async def test_what_was_put_off_is_due_when_the_clock_was_set_back(
    store: Store, passed: float, shown: float, noticed: bool
) -> None:
    clock, watch, woken = Clock(NOW), Stopwatch(), []
    look = ClockWatch(store, clock=clock, monotonic=watch, on_set_back=lambda: woken.append(True))
    await subscribe(store)
    await record(store, NEWS)
    [head] = await store.outbox.heads(NOW, 1)
    row = await store.outbox.claim(head, NOW)
    assert row is not None
    await store.settle(row, Later(100 * MINUTE, Reason(ReasonCode.RATE_LIMITED)), NOW)
    await look.run()
    assert woken == []
    clock.advance(shown * MINUTE)
    watch.seconds += passed * 60
    for _ in range(2):
        await look.run()
    assert woken == [True] * noticed
    assert (await store.outbox.next_due(clock()) == clock()) is noticed


async def test_an_adjustment_and_a_clock_set_ahead_are_nothing_to_notice(store: Store) -> None:
    clock, watch, woken = Clock(NOW), Stopwatch(), []
    look = ClockWatch(store, clock=clock, monotonic=watch, on_set_back=lambda: woken.append(True))
    assert await look.run() == 30
    for passed, shown in ((20, 19.5), (20, 19), (20, 20), (20, 90), (1, 1)):
        clock.advance(shown * MINUTE)
        watch.seconds += passed * 60
        assert await look.run() == 30
    assert woken == []
    clock.advance(19 * MINUTE - timedelta(seconds=1))
    watch.seconds += 20 * 60
    await look.run()
    assert woken == [True]
