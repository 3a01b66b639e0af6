"""The breakers of all roads to arXiv, and the query API's texts behind theirs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.arxiv.client import ArxivClient
from bot.model.errors import ArxivBusy, ArxivError
from bot.model.papers import Paper, PaperId
from bot.model.polling import Road
from bot.polling.breaker import Breaker

_log = logging.getLogger(__name__)

_NAMES = {Road.API: "API", Road.OAI: "OAI-PMH", Road.FEEDS: "feeds"}


@dataclass(slots=True)
class Breakers:
    """The breakers of all roads, and the log of their changes. *interval* is that of polls.

    *responded* returns when the query API last gave a good answer, also to a person.
    """

    clock: Callable[[], datetime]
    interval: timedelta | None = None
    responded: Callable[[], datetime | None] = lambda: None
    _states: dict[Road, Breaker] = field(default_factory=dict)

    def __getitem__(self, road: Road) -> Breaker:
        return self._states.get(road, Breaker())

    def may_be_tried(self, road: Road) -> bool:
        """Tell whether *road* is open, or due to be probed."""
        state = self[road]
        if state.may_be_tried(self.clock()):
            return True
        responded = self.responded() if road is Road.API else None
        return responded is not None and state.wait is not None and responded > state.wait.since

    def failed(self, road: Road, error: ArxivError) -> None:
        """Close *road*, or keep it closed for longer."""
        before, now = self[road], self.clock()
        asked = error.retry_after if isinstance(error, ArxivBusy) else None
        after = self._states[road] = before.failed(str(error), now, interval=self.interval, asked=asked)
        level = logging.WARNING if before.is_open else logging.DEBUG
        seconds = (after.wait.until - now).total_seconds() if after.wait else 0.0
        _log.log(level, "arXiv's %s is closed, next try in %.0f s: %s", _NAMES[road], seconds, error)

    def answered(self, road: Road) -> None:
        """Open *road*."""
        before = self[road]
        if not before.is_open:
            _log.info("arXiv's %s is open again", _NAMES[road])
        self._states[road] = before.answered(self.clock())


class ApiTexts:
    """The query API's text of papers, as long as its breaker is open; see `harvest_source.Texts`."""

    def __init__(self, arxiv: ArxivClient, breakers: Breakers) -> None:
        self._arxiv = arxiv
        self._breakers = breakers

    async def of(self, ids: Sequence[PaperId]) -> dict[PaperId, Paper] | None:
        """Return the papers *ids* as the query API shows them; None where it does not answer."""
        if not self._breakers.may_be_tried(Road.API):
            return None
        try:
            papers = await self._arxiv.by_id(ids)
        except ArxivError as error:
            self._breakers.failed(Road.API, error)
            return None
        self._breakers.answered(Road.API)
        return {paper.id: paper for paper in papers}
