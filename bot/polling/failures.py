"""The queries that fail: how often in a row, why, and until when each is left alone. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.polling.schedule import Rest, next_slot, retry_after


@dataclass(frozen=True, slots=True)
class Trouble:
    """*failures* in a row, the last of them *error*; the query is left alone during *rest*."""

    failures: int
    error: str
    rest: Rest


class Troubles:
    """Keyed by canonical text; *interval* as in `slots`. Forgotten when the process ends: then all is due."""

    def __init__(self, interval: timedelta | None) -> None:
        self._interval = interval
        self._known: dict[str, Trouble] = {}

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, canonical: str) -> bool:
        return canonical in self._known

    def get(self, canonical: str) -> Trouble | None:
        return self._known.get(canonical)

    def failures(self, canonical: str) -> int:
        known = self._known.get(canonical)
        return known.failures if known else 0

    def note(self, canonical: str, error: str, now: datetime, *, refused: bool) -> bool:
        """Remember a failure and tell whether it is news; what was *refused* is left for its next slot."""
        known = self._known.get(canonical)
        failures = known.failures + 1 if known else 1
        until = (
            next_slot(now, now, self._interval) if refused else now + retry_after(failures, self._interval)
        )
        self._known[canonical] = Trouble(failures, error, Rest(now, until))
        return known is None or known.error != error

    def clear(self, canonical: str) -> bool:
        """Forget a query's failures, and tell whether there were any."""
        return self._known.pop(canonical, None) is not None

    def keep_only(self, canonicals: Collection[str]) -> None:
        """Forget all queries but these."""
        self._known = {name: trouble for name, trouble in self._known.items() if name in canonicals}

    def describe(self) -> str:
        """Return one of them in words, and how many more there are; empty when there are none."""
        for canonical, trouble in self._known.items():
            more = f" (and {len(self._known) - 1} more)" if len(self._known) > 1 else ""
            return f"{canonical}: {trouble.error}{more}"
        return ""
