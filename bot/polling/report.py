"""How polling goes: what `/status`, `/readyz` and `/metrics` show, and what outlives a restart (pure)."""

from __future__ import annotations

import enum
import json
from collections import Counter
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.arxiv.calendar import EASTERN, announced, last_complete, unchanged_until
from bot.model.polling import CheckedDay, PollState, Road

_DAY = timedelta(days=1)
_LATE = timedelta(minutes=10)  # a round of many queries takes a while, and so does its turn


class PollResult(enum.StrEnum):
    """How a round ended; the values are labels of a metric."""

    GOOD = "good"
    PARTIAL = "partial"
    """Some queries failed."""
    FAILED = "failed"
    """An outage ended it."""


@dataclass(frozen=True, slots=True)
class PollReport:
    """How polling goes.

    `state` is None before the first round, and `since` is when that state began. `last_success` is when a
    query was last answered in full, `overdue` since when one should have been (None where none is late), and
    `next` when the next query is due. The counts are those of the last round, `when` is its start, and
    `roads` are those that served it. `checked` is how what was read compares with what arXiv announced, as
    far as that has been looked at.
    """

    when: datetime | None = None
    state: PollState | None = None
    since: datetime | None = None
    last_success: datetime | None = None
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
    roads: tuple[Road, ...] = ()
    checked: CheckedDay | None = None


@dataclass(slots=True)
class PollTotals:
    """The sums over all rounds of this process; `rounds` counts them by result."""

    rounds: Counter[PollResult] = field(default_factory=Counter)
    papers: int = 0
    matched: int = 0
    unclaimed: int = 0
    queued: int = 0

    def add(self, report: PollReport, result: PollResult) -> None:
        self.rounds[result] += 1
        self.papers += report.papers
        self.matched += report.matched
        self.unclaimed += report.unclaimed
        self.queued += report.queued


def state_of(
    report: PollReport,
    now: datetime,
    *,
    outage: bool,
    failing_since: datetime | None,
    compared: bool = False,
) -> tuple[PollState | None, datetime | None]:
    """Return the state at *now* and since when it holds; (None, None) before the first round.

    *outage*: the last round ended in one; *failing_since*: since when not every query is answered;
    *compared*: what was read is compared with what arXiv announced.
    """
    if report.when is None:
        return None, None
    if outage:
        return PollState.FAILED, failing_since
    if stalled_since := failing_since or (report.overdue if _is_late(report, now) else None):
        return PollState.STALLED, stalled_since
    complete = last_complete(now)
    if unchanged_until(now) == now:
        return PollState.WAITING, announced(now)
    if now - complete >= _DAY:
        return PollState.QUIET, complete + _DAY
    state = _compared(report, complete) if compared else PollState.FRESH
    return state, max(complete, report.when)


def _compared(report: PollReport, complete: datetime) -> PollState:
    """Return the state after the announcement that was *complete* then has been read."""
    checked = report.checked
    if checked is None or checked.day != complete.astimezone(EASTERN).date() or not checked.proven:
        return PollState.INCOMPLETE
    return PollState.FRESH if checked.listed else PollState.QUIET


def _is_late(report: PollReport, now: datetime) -> bool:
    """Tell whether a query should have been answered by *now*; right after its slot it has some time."""
    if report.overdue is None or report.overdue > now:
        return False
    read = report.last_success is not None and report.last_success >= last_complete(now)
    return not read or now - report.overdue >= _LATE


def to_text(report: PollReport, failing_since: datetime | None) -> str:
    """Return what is worth keeping over a restart, as JSON."""
    kept = {name: getattr(report, name) for name in _COUNTS}
    kept |= {"when": _written(report.when), "error": report.error, "failing_since": _written(failing_since)}
    kept["roads"] = list(report.roads)
    if report.checked is not None:
        kept["checked"] = asdict(report.checked) | {"day": report.checked.day.isoformat()}
    return json.dumps(kept)


def from_text(text: str) -> tuple[PollReport, datetime | None]:
    """Return the report and *failing_since* that `to_text` wrote; empty ones where the text has another form.

    Another version of the bot may have written it.
    """
    try:
        kept = json.loads(text)
        roads = tuple(Road(road) for road in kept.get("roads", ()))
        report = PollReport(
            when=_read(kept["when"]),
            error=str(kept["error"]),
            roads=roads,
            checked=_read_checked(kept.get("checked")),
        )
        counts: dict[str, Any] = {name: int(kept.get(name, 0)) for name in _COUNTS}
        return replace(report, **counts), _read(kept["failing_since"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return PollReport(), None


_COUNTS = tuple(one.name for one in fields(PollReport) if one.type == "int")


def _read_checked(kept: dict[str, Any] | None) -> CheckedDay | None:
    if kept is None:
        return None
    day = date.fromisoformat(kept["day"])
    return CheckedDay(day, int(kept["listed"]), int(kept["read"]), complete=bool(kept["complete"]))


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
