"""What a try to send something came to: `outcomes` judges the answer, and the store settles the row by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.model.reasons import Reason

FURTHEST_DUE = timedelta(days=1, hours=1)
"""No try is put off for longer than a day: what is due later was put off by a clock that was ahead."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Discord has the message; `message_id` 0 where it was posted and then deleted by someone.

    `announced`: it stands in an announcement channel, from where it can be crossposted.
    """

    message_id: int
    announced: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: try again after *after*. `ambiguous` means that Discord may have posted it all the same."""

    after: timedelta
    reason: Reason
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Plainly:
    """Discord refused the message as malformed: once more as plain title and link."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Fail:
    """Refused even plainly, or nothing left to send: shown in `/status`, never tried again."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Pause:
    """The destination cannot be written to; its rows stay queued. Its managers read `reason`.

    `gone`: it will not come back, so that its data is kept for the grace period and then erased.
    """

    reason: Reason
    gone: bool = False


Outcome = Sent | Later | Plainly | Fail | Pause
