"""The queries that fail: how often in a row, why, and until when each is left alone (pure)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.polling.schedule import Wait, next_slot, retry_wait


@dataclass(frozen=True, slots=True)
class QueryFailure:
    """*failures* in a row, the last of them *error*; the query is not asked for during *wait*.

    *blamed* counts those for which the query may be the reason.
    """

    failures: int
    error: str
    wait: Wait
    blamed: int


class QueryFailures:
    """The failing queries by canonical text; *interval* is that of `next_slot`.

    Nothing is kept when the process ends: after a restart every query that has not been answered is due.
    """

    def __init__(self, interval: timedelta | None) -> None:
        self._interval = interval
        self._failures: dict[str, QueryFailure] = {}

    def __len__(self) -> int:
        return len(self._failures)

    def __contains__(self, canonical: str) -> bool:
        return canonical in self._failures

    def get(self, canonical: str) -> QueryFailure | None:
        return self._failures.get(canonical)

    def count(self, canonical: str) -> int:
        """Return how many times in a row a query has failed and may have been the reason."""
        known = self._failures.get(canonical)
        return known.blamed if known else 0

    def add(self, canonical: str, error: str, now: datetime, *, refused: bool, blamed: bool = True) -> bool:
        """Add a failure and tell whether it is news: the query's first in a row, or one with another error.

        A query that arXiv *refused* waits for its next slot, any other for a time that grows with each
        failure.
        """
        known = self._failures.get(canonical)
        failures = known.failures + 1 if known else 1
        until = next_slot(now, now, self._interval) if refused else now + retry_wait(failures, self._interval)
        self._failures[canonical] = QueryFailure(
            failures, error, Wait(now, until), self.count(canonical) + blamed
        )
        return known is None or known.error != error

    def remove(self, canonical: str) -> bool:
        """Forget a query's failures, and tell whether there were any."""
        return self._failures.pop(canonical, None) is not None

    def keep_only(self, canonicals: Collection[str]) -> None:
        """Forget the failures of all queries but these."""
        self._failures = {name: failure for name, failure in self._failures.items() if name in canonicals}

    def describe(self) -> str:
        """Return the first failure as text and how many more there are; empty when there are none."""
        for canonical, failure in self._failures.items():
            more = f" (and {len(self._failures) - 1} more)" if len(self._failures) > 1 else ""
            return f"{canonical}: {failure.error}{more}"
        return ""
