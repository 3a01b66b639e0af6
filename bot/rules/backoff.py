"""How long to wait after failures in a row: exponential back-off with a ceiling and jitter (pure).

Every back-off of the bot uses this function: towards arXiv, towards Discord, and at log-in. Retry libraries
(stamina, tenacity) wrap a call and sleep between its attempts. Nothing here sleeps in place: a failed poll or
message goes back to its schedule or its database row with a due time, which may outlive the process, and
arXiv's gate spaces its requests anyway. What remains is one line of arithmetic.
"""

from __future__ import annotations

from datetime import timedelta

_MOST_DOUBLINGS = 20  # from seconds to days; beyond it the power would only grow


def backoff(
    failures: int, *, first: timedelta, ceiling: timedelta, jitter: float = 0.0, chance: float = 1.0
) -> timedelta:
    """Return the wait after *failures* in a row: *first*, doubled with each further one, at most *ceiling*.

    *jitter* is the share of the wait that is left to *chance*, a random number from 0 to 1. So a jitter of
    0.5 waits between half of the time and all of it.
    """
    doublings = min(max(failures, 1) - 1, _MOST_DOUBLINGS)
    wait: timedelta = min(first * 2**doublings, ceiling)
    return wait * ((1 - jitter) + jitter * chance)
