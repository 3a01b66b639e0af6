"""Compare what was read with what arXiv announced, and read what is missing.

The feeds of a day say what was announced, whatever the other interfaces show. What no poll has brought is
fetched from the query API by its identifier; where that does not answer, the feed's own text is used, and
marked as provisional. So the feeds are a proof that nothing is missing, and the road of last resort.

Polls by queries bring only what matches, so of what they have not brought only what matches is missing.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import date, datetime

from bot.arxiv.calendar import EASTERN
from bot.model.errors import ArxivError
from bot.model.papers import Paper, PaperId
from bot.model.polling import CheckedDay, Road
from bot.polling.announced_day import DayReader, ReadDay, day_of
from bot.polling.breakers import Breakers
from bot.polling.harvest_source import HarvestMemory, Texts, as_shown
from bot.polling.source import Answer, Request
from bot.rules.announced_days import AnnouncedDays

_log = logging.getLogger(__name__)

_IDS_A_REQUEST = 100


class Witness:
    """Reads the day with *reader*, once it is complete, and what is missing with *texts*."""

    def __init__(self, reader: DayReader, memory: HarvestMemory, texts: Texts, breakers: Breakers) -> None:
        self._reader = reader
        self._memory = memory
        self._texts = texts
        self._breakers = breakers
        self._proven: date | None = None

    def is_due(self, request: Request) -> bool:
        """Tell whether the day that arXiv has announced last is still to be compared, and still can be."""
        day = day_of(request.now)
        return self._proven != day and request.now.astimezone(EASTERN).date() == day

    async def check(self, request: Request, *, harvested: bool) -> AsyncGenerator[Answer, None]:
        """Yield what is missing; *harvested* tells that the round has read everything that changed."""
        day = day_of(request.now)
        if (found := await self._read(day)) is None:
            return
        read, after = found
        papers = {paper: each.paper for paper, each in read.announcements.items()}
        unread = await self._unread(papers)
        missing = unread
        if not harvested and request.matching is not None:
            wanted = await request.matching(unread)
            missing = [paper for paper in unread if paper.id in wanted]
        if missing:
            _log.info("arXiv announced %d papers that no poll has brought; fetching them", len(missing))
        for first in range(0, len(missing), _IDS_A_REQUEST):
            chunk = missing[first : first + _IDS_A_REQUEST]
            shown = await self._texts.of([paper.id for paper in chunk])
            yield as_shown(chunk, shown or {}, road=Road.FEEDS)
        listed, complete = len(read.new), not read.unread
        expected = listed if complete else max(listed, after.expected(day))
        checked = CheckedDay(day, listed=expected, read=listed, complete=complete)
        if checked.proven:
            self._proven = day
        yield Answer(
            harvested={paper.id: paper.version for paper in unread},
            checked=checked,
            days=after.to_text(),
        )

    async def announced(self, now: datetime) -> int | None:
        """Return how many papers the feeds list as new today; None where that cannot be known."""
        day = day_of(now)
        if now.astimezone(EASTERN).date() != day or not self._breakers.may_be_tried(Road.FEEDS):
            return None
        found = await self._read(day)
        return len(found[0].new) if found and not found[0].unread else None

    async def _read(self, day: date) -> tuple[ReadDay, AnnouncedDays] | None:
        """Return what the feeds list under *day*; None where they do not answer."""
        try:
            found = await self._reader.read(day)
        except ArxivError as error:
            self._breakers.failed(Road.FEEDS, error)
            return None
        self._breakers.answered(Road.FEEDS)
        return found

    async def _unread(self, papers: dict[PaperId, Paper]) -> list[Paper]:
        """Return those of *papers* of which no poll has brought this version, by number."""
        known = await self._memory.papers(list(papers))
        versions = await self._memory.versions(list(papers))
        for paper, stored in known.items():
            versions[paper] = max(versions.get(paper, 0), stored.paper.version)
        found = [
            _completed(paper, known[paper.id].paper if paper.id in known else None)
            for paper in papers.values()
            if versions.get(paper.id, 0) < paper.version
        ]
        return sorted(found, key=lambda paper: paper.id)


def _completed(paper: Paper, stored: Paper | None) -> Paper:
    """Return a listed paper with what no feed says, as far as an earlier version tells."""
    if stored is None:
        return paper
    return replace(paper, published=stored.published, comment=stored.comment)
