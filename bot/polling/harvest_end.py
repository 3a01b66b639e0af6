"""Where the last harvest ended, and where the next begins (pure)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar, Self

from bot.polling.source import DueQuery

_MARGIN = timedelta(days=2)
"""How far back a query that was asked for may have missed something: arXiv's interfaces update apart."""


@dataclass(frozen=True, slots=True)
class HarvestEnd:
    """A harvest that began *at* some time has read everything that changed before *day* (UTC)."""

    KEY: ClassVar[str] = "harvest.end"

    day: date
    at: datetime

    def to_text(self) -> str:
        return json.dumps({"day": self.day.isoformat(), "at": self.at.isoformat()})

    @classmethod
    def from_text(cls, text: str | None) -> Self | None:
        """Return what `to_text` wrote; None where nothing or something else was stored."""
        try:
            kept = json.loads(text or "")
            return cls(date.fromisoformat(kept["day"]), datetime.fromisoformat(kept["at"]))
        except (ValueError, TypeError, KeyError):
            return None


def next_start(end: HarvestEnd | None, queries: Collection[DueQuery]) -> date:
    """Return the day (UTC) on which a harvest begins that answers *queries* in full.

    It is the day on which the last one ended. Queries that were answered by other means since need no more
    than what changed after that; for those that were not answered by the last harvest, it begins earlier.
    """
    asked = [(query.polled or query.since) - (_MARGIN if query.polled else timedelta()) for query in queries]
    earliest = min(asked).astimezone(UTC).date()
    if end is None or any(query.polled is None or query.polled < end.at for query in queries):
        return earliest
    return max(earliest, end.day)
