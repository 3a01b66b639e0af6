"""When a channel may be paused or end, and whether its managers hear of it (pure)."""

from __future__ import annotations

from bot.model.reasons import Reason
from bot.model.subscriptions import State


def states_before(state: State) -> frozenset[State]:
    """Return the states in which a channel can be stopped as *state* (paused or gone).

    A paused channel can end, but one that is gone is not paused; a channel that is paused already keeps its
    reason and its date.
    """
    return frozenset({State.ACTIVE, State.PAUSED}) if state is State.GONE else frozenset({State.ACTIVE})


def needs_notice(reason: Reason, *, told: Reason | None, posted_since: bool) -> bool:
    """Tell whether managers hear of a channel that stopped for *reason*.

    *told* is the reason of the last notice about the channel, None before the first one; *posted_since* says
    that the channel got a message after it. A channel that is resumed, tried and refused again without a
    message in between is still in the same pause.
    """
    return reason != told or posted_since
