"""How polling goes: for `/status`, `/readyz` and `/metrics`, and over a restart (pure)."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from bot.arxiv.calendar import announced, last_batch, unchanged_until

_DAY = timedelta(days=1)
_LATE = timedelta(minutes=10)  # a round of many queries takes a while, and so does its turn


@dataclass(frozen=True, slots=True)
class PollReport:
    """How polling goes.

    `state` is empty before the first round, then fresh, waiting (the index is filling), quiet (nothing is
    announced today), stalled (not all queries have been asked since the last announcement) or failed; `since`
    says since when. `good` is when a query was last asked with success, `overdue` since when none was that
    should have been. The counts are those of the last round with something due, `when` its start.
    """

    when: datetime | None = None
    state: str = ""
    since: datetime | None = None
    good: datetime | None = None
    overdue: datetime | None = None
    queries: int = 0
    requests: int = 0
    papers: int = 0
    matched: int = 0
    unclaimed: int = 0
    queued: int = 0
    held: int = 0
    error: str = ""
    next: datetime | None = None


@dataclass(slots=True)
class PollTotals:
    """What all rounds of this process brought; `rounds` by result: good, failed, partial (for some)."""

    rounds: Counter[str] = field(default_factory=Counter)
    papers: int = 0
    matched: int = 0
    unclaimed: int = 0
    queued: int = 0

    def add(self, report: PollReport, result: str) -> None:
        self.rounds[result] += 1
        self.papers += report.papers
        self.matched += report.matched
        self.unclaimed += report.unclaimed
        self.queued += report.queued


def state_of(
    report: PollReport, now: datetime, *, outage: bool, failing_since: datetime | None
) -> tuple[str, datetime | None]:
    """Return the state at *now* and since when it holds.

    *outage*: the last round got no answer at all; *failing_since*: since when not every query gets one.
    """
    if report.when is None:
        return "", None
    if outage:
        return "failed", failing_since
    if failing_since is not None:
        return "stalled", failing_since
    batch = last_batch(now)
    if report.overdue is not None and report.overdue <= now:
        read = report.good is not None and report.good >= batch
        if not read or now - report.overdue >= _LATE:
            return "stalled", report.overdue
    if unchanged_until(now) == now:
        return "waiting", announced(now)
    return ("quiet", batch + _DAY) if now - batch >= _DAY else ("fresh", max(batch, report.when))


def to_text(report: PollReport, failing_since: datetime | None) -> str:
    """Return what is worth remembering over a restart, as JSON."""
    kept = {name: getattr(report, name) for name in _COUNTS}
    kept |= {"when": _written(report.when), "error": report.error, "failing_since": _written(failing_since)}
    return json.dumps(kept)


def from_text(text: str) -> tuple[PollReport, datetime | None]:
    """Read what `to_text` wrote; nothing at all where another version wrote something else."""
    try:
        kept = json.loads(text)
        report = PollReport(when=_read(kept["when"]), error=str(kept["error"]))
        counts: dict[str, Any] = {name: int(kept.get(name, 0)) for name in _COUNTS}
        return replace(report, **counts), _read(kept["failing_since"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return PollReport(), None


_COUNTS = tuple(one.name for one in fields(PollReport) if one.type == "int")


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
