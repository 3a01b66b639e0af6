"""What arXiv keeps of its papers beside their current text: versions, changes, and what it announced when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.arxiv.calendar import EASTERN
from bot.model.papers import Paper, PaperId

_FROM_EVENING_TO_MIDNIGHT = timedelta(hours=4)


def day_of(moment: datetime) -> date:
    """Return the day under which what is announced at *moment* is listed: the next one from 20:00 Eastern."""
    return (moment.astimezone(EASTERN) + _FROM_EVENING_TO_MIDNIGHT).date()


@dataclass(frozen=True)
class Listed:
    """One announcement; *kind* is new, cross, or replace."""

    paper: PaperId
    version: int
    kind: str


class Ledger:
    """Notes each paper that is published. A paper that it does not know has one date for each version."""

    def __init__(self) -> None:
        self._versions: dict[PaperId, list[datetime]] = {}
        self._modified: dict[PaperId, datetime] = {}
        self._days: dict[date, dict[PaperId, Listed]] = {}

    def note(self, paper: Paper, before: Paper | None, now: datetime) -> None:
        """Note that *paper* takes the place of *before*: a new paper, a new version, or a mere edit."""
        self._versions[paper.id] = self.versions(paper, before)
        self._modified[paper.id] = now
        if before is None or before.version < paper.version:
            self.announce(paper, "replace" if before else "new", now)

    def announce(self, paper: Paper, kind: str, now: datetime) -> None:
        """Announce *paper*; what is new on a day stays new, although it is also cross-listed."""
        listed = self._days.setdefault(day_of(now), {})
        listed.setdefault(paper.id, Listed(paper.id, paper.version, kind))

    def versions(self, paper: Paper, before: Paper | None = None) -> list[datetime]:
        """Return when each version of *paper* was submitted; what nobody noted was so at once."""
        noted = self._versions.get(paper.id) or [(before or paper).published]
        dates = [*noted, *[paper.updated] * (paper.version - len(noted))][: paper.version]
        return [paper.published, *dates[1:-1], paper.updated] if paper.version > 1 else [paper.updated]

    def modified(self, paper: Paper) -> datetime:
        return self._modified.get(paper.id, paper.updated)

    def touch(self, papers: Iterable[PaperId], now: datetime) -> None:
        """Change something that nobody sees: a bookkeeping edit."""
        self._modified.update(dict.fromkeys(papers, now))

    def listed(self, day: date) -> Sequence[Listed]:
        return list(self._days.get(day, {}).values())
