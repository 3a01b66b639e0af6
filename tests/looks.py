"""First looks of subscribers, made from the papers that they saw."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model.papers import Paper
from bot.rules.forecast import Complete, FirstLook, NotAsked, Partial


def look_at(known: Sequence[Paper] | None, *, complete: bool = True) -> FirstLook:
    """Return the look of somebody who saw *known*, all papers of a query or some; None: not asked."""
    if known is None:
        return NotAsked()
    return Complete(tuple(known)) if complete else Partial(tuple(known), len(known) + 1)
