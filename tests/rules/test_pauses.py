"""When a channel may be paused or end, and whether its managers hear of it."""

from __future__ import annotations

import pytest

from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import State
from bot.rules.pauses import needs_notice, states_before

LOCKED, OTHER = Reason(ReasonCode.THREAD_LOCKED), Reason(ReasonCode.NOT_ALLOWED)


@pytest.mark.parametrize(
    ("before", "after", "possible"),
    [
        (State.ACTIVE, State.PAUSED, True),
        (State.PAUSED, State.PAUSED, False),
        (State.GONE, State.PAUSED, False),
        (State.ACTIVE, State.GONE, True),
        (State.PAUSED, State.GONE, True),
        (State.GONE, State.GONE, False),
    ],
)
def test_a_channel_stops_only_in_one_direction(before: State, after: State, possible: bool) -> None:
    assert (before in states_before(after)) is possible


@pytest.mark.parametrize(
    ("told", "posted_since", "notice"),
    [
        (None, False, True),
        (LOCKED, False, False),  # the same pause
        (LOCKED, True, True),  # a new one
        (OTHER, False, True),
        (OTHER, True, True),
    ],
)
def test_managers_hear_of_a_pause_once(told: Reason | None, posted_since: bool, notice: bool) -> None:
    assert needs_notice(LOCKED, told=told, posted_since=posted_since) is notice
