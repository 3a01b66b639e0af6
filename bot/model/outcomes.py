"""The outcomes of an attempt to send a message; the store settles the outbox row accordingly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.model.reasons import Reason

LONGEST_ASKED = timedelta(days=1)
"""The longest wait that Discord can ask for."""
FURTHEST_DUE = LONGEST_ASKED + timedelta(hours=1)
"""No attempt is postponed that far; a later due time means that the clock was wrong."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Discord has the message; `message_id` is 0 if somebody has already deleted it.

    `announced` means that it is in an announcement channel and can be crossposted.
    """

    message_id: int
    announced: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """Not sent: try again after *after*. `ambiguous` means that Discord may have posted it anyway."""

    after: timedelta
    reason: Reason
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Plainly:
    """Discord refused the message as malformed: try again as plain title and link."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Fail:
    """Refused even as plain text, or no longer needed: shown in `/status`, and not tried again."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Pause:
    """The bot cannot post in the destination; its rows stay queued, and its managers read `reason`.

    `gone` means that it will not come back: its data is deleted after the grace period.
    """

    reason: Reason
    gone: bool = False


Outcome = Sent | Later | Plainly | Fail | Pause
