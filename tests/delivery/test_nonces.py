"""Which nonces Discord still remembers."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.delivery.nonces import Nonces
from tests.fakes.clock import Clock

SECOND = timedelta(seconds=1)
NONCE_KEPT = timedelta(minutes=4)  # Discord keeps it “for the past few minutes”


@pytest.mark.parametrize(
    ("passed", "known"),
    [
        (timedelta(), True),
        (NONCE_KEPT, True),
        (NONCE_KEPT + SECOND, False),
        (-NONCE_KEPT, True),
        (-NONCE_KEPT - SECOND, False),  # the machine's clock was set back
    ],
)
async def test_a_nonce_is_remembered_for_some_minutes_by_the_machines_clock(
    passed: timedelta, known: bool
) -> None:
    clock = Clock()
    nonces = Nonces(clock)
    nonces.use(1)
    clock.now += passed
    assert nonces.know(1) is known


@pytest.mark.parametrize(("passed", "known"), [(NONCE_KEPT, True), (NONCE_KEPT + SECOND, False)])
async def test_it_is_remembered_for_some_minutes_by_the_loops_clock(
    monkeypatch: pytest.MonkeyPatch, passed: timedelta, known: bool
) -> None:
    loop, nonces = asyncio.get_running_loop(), Nonces(Clock())
    before = loop.time()
    monkeypatch.setattr(loop, "time", lambda: before)
    nonces.use(1)
    monkeypatch.setattr(loop, "time", lambda: before + passed.total_seconds())
    assert nonces.know(1) is known


async def test_only_what_was_sent_by_this_process_is_remembered() -> None:
    nonces = Nonces(Clock())
    nonces.use(1)
    assert not nonces.know(2)


async def test_what_is_sent_once_more_is_remembered_from_then_on() -> None:
    clock = Clock()
    nonces = Nonces(clock)
    nonces.use(1)
    clock.now += NONCE_KEPT
    nonces.use(1)
    clock.now += NONCE_KEPT
    assert nonces.know(1)
