"""The fake arXiv at the size of the real one, with roads that close and lie, on a simulated clock."""

from __future__ import annotations

import enum
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from aiohttp import web

from bot.model.errors import UserError
from bot.model.papers import Paper, PaperId
from bot.model.polling import Road
from tests.fakes.announced import Ledger
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.arxiv_faults import (
    Fault,
    Faults,
    Request,
    disordered,
    rate_exceeded,
    reset,
    status,
    truncated,
)
from tests.fakes.oai import FakeOai, RawRecord
from tests.fakes.rss import FakeFeeds
from tests.simulation.clock import EventClock

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_SPAN = re.compile(r"submittedDate:\[(\d{12}) TO (\d{12})\]")
_SHORT = 12
"""What OAI-PMH was once seen to show of 334 records."""
_SECONDS = {Road.API: 0.5, Road.OAI: 6.0, Road.FEEDS: 1.0}
_CLOSED = {
    Road.API: (rate_exceeded(), rate_exceeded(), status(503), reset()),
    Road.OAI: (status(503, retry_after="0"), status(503), status(500), reset()),
    Road.FEEDS: (status(503), status(500), reset()),
}


class Lie(enum.StrEnum):
    SHORT = "short"
    STALE = "stale"
    TRUNCATED = "truncated"
    DISORDERED = "out of order"


@dataclass(frozen=True)
class Visit:
    """One request as arXiv sees it: *together* is how many were in flight, *size* the bytes of the answer."""

    road: Road
    by_id: bool
    began: datetime
    ended: datetime
    together: int
    size: int


class ClockedOai(FakeOai):
    """Finds what changed by its day, since looking through everything would take most of a simulation."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        super().__init__(tuple, ledger, clock)
        self._by_day: defaultdict[date, dict[PaperId, Paper]] = defaultdict(dict)
        self._day_of: dict[PaperId, date] = {}
        self._records: dict[PaperId, tuple[Paper, date, RawRecord]] = {}

    def changed(self, paper: Paper, now: datetime) -> None:
        """Note that *paper* is as it is since *now*."""
        if before := self._day_of.get(paper.id):
            self._by_day[before].pop(paper.id, None)
        self._day_of[paper.id] = day = now.astimezone(UTC).date()
        self._by_day[day][paper.id] = paper

    def _changed(self, first: date, last: date, now: datetime) -> list[tuple[Paper, date]]:
        found: list[tuple[Paper, date]] = []
        for past in range((last - first).days + 1):
            day = first + past * _DAY
            papers = [paper for paper in self._by_day[day].values() if self._ledger.modified(paper) <= now]
            found += [(paper, day) for paper in sorted(papers, key=lambda paper: paper.id.text)]
        return found

    def _record(self, paper: Paper, day: date) -> RawRecord:
        known = self._records.get(paper.id)
        if known is None or known[0] is not paper or known[1] != day:
            known = self._records[paper.id] = (paper, day, super()._record(paper, day))
        return known[2]


class ClockedArxiv(FakeArxiv):
    """Announces papers on *topics* while *clock* moves, and notes each request in `visits`.

    Each answer takes as long as arXiv's do. Searches are evaluated for the papers on their topics.
    """

    def __init__(self, clock: EventClock, topics: Iterable[str], chance: Random) -> None:
        super().__init__((), clock=clock)
        self._time = clock
        self._chance = chance
        self._topics = tuple(topics)
        self._current: dict[PaperId, Paper] = {}
        self._before: dict[PaperId, Paper] = {}
        self._on_topic: defaultdict[str, dict[PaperId, None]] = defaultdict(dict)
        self._found: dict[str, list[Paper]] = {}
        self._today: dict[PaperId, Paper] = {}
        self._closed: set[Road] = set()
        self._lie: Lie | None = None
        self._in_flight = 0
        self.visits: list[Visit] = []
        self.oai: ClockedOai = ClockedOai(self.ledger, clock)
        self.feeds = FakeFeeds(self._today.values, self.ledger, clock)
        self._interfaces: Mapping[Road, Faults] = {Road.API: self, Road.OAI: self.oai, Road.FEEDS: self.feeds}

    # --- what arXiv does ---

    def known(self, papers: Iterable[Paper], at: datetime) -> None:
        """Have *papers* since *at*, long ago."""
        for paper in papers:
            self._current[paper.id] = paper
            self.oai.changed(paper, at)

    def begin_evening(self) -> None:
        """Remember what was shown until now, for lies of the coming day."""
        self._before = dict(self._current)
        self._today.clear()

    def announce(self, papers: Iterable[Paper], topics: Iterable[Iterable[str]]) -> None:
        now = self.clock()
        for paper, about in zip(papers, topics, strict=True):
            self.ledger.note(paper, self._current.get(paper.id), now)
            self._current[paper.id] = self._today[paper.id] = paper
            self.oai.changed(paper, now)
            for topic in about:
                self._on_topic[topic][paper.id] = None
        self._found.clear()

    def touch(self, papers: Sequence[PaperId]) -> None:
        """Edit *papers* without changing what is shown of them."""
        now = self.clock()
        self.ledger.touch(papers, now)
        for paper in papers:
            self.oai.changed(self._current[paper], now)

    def open(self) -> None:
        """Answer as arXiv should, on all roads."""
        self._closed.clear()
        self._lie = None
        self.always = self.oai.always = self.feeds.always = None
        self.oai.shown, self.oai.behind, self.oai.disordered = None, timedelta(), False
        self.feeds.limit, self.feeds.disordered = 2000, False
        self.feeds.stale.clear()
        self._found.clear()

    def close_road(self, road: Road) -> None:
        self._closed.add(road)

    def tell(self, lie: Lie, road: Road) -> None:
        """Answer with *lie* on *road*, with HTTP 200."""
        if lie is Lie.TRUNCATED:
            self._interfaces[road].always = truncated()
        elif road is Road.API:
            self._lie = lie
            self.always = disordered() if lie is Lie.DISORDERED else None
        elif road is Road.OAI:
            self.oai.shown = _SHORT if lie is Lie.SHORT else None
            self.oai.behind = _DAY if lie is Lie.STALE else timedelta()
            self.oai.disordered = lie is Lie.DISORDERED
        else:
            self.feeds.limit = _SHORT if lie is Lie.SHORT else 2000
            self.feeds.stale |= {"*"} if lie is Lie.STALE else set()
            self.feeds.disordered = lie is Lie.DISORDERED
        self._found.clear()

    # --- what it answers ---

    async def _through(
        self,
        interface: Faults,
        request: web.Request,
        respond: Callable[[web.Request, Mapping[str, str], Fault], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        road = next(road for road, one in self._interfaces.items() if one is interface)
        began = self._time()
        self._in_flight += 1
        together = self._in_flight
        if road in self._closed:
            interface.fail(self._chance.choice(_CLOSED[road]))
        response = await super()._through(interface, request, respond)
        asked: Request = interface.requests.pop()
        self._time.advance(_SECONDS[road])
        self._in_flight -= 1
        body = getattr(response, "body", None)
        size = len(body) if isinstance(body, bytes) else 0
        by_id = "id_list" in asked.parameters
        self.visits.append(Visit(road, by_id, began, self._time(), together, size))
        return response

    def answer(self, parameters: Mapping[str, str], fault: Fault | None = None) -> tuple[int, bytes]:
        if self._lie is Lie.SHORT:
            # Every other answer admits that more was found.
            fault = Fault(entries=_SHORT, total=self._chance.choice((_SHORT, None)))
        return super().answer(parameters, fault)

    def _named(self, ids: str) -> list[Paper]:
        shown = self._shown
        found: list[Paper] = []
        for text in ids.split(","):
            try:
                paper = shown.get(PaperId.parse(text)[0])
            except UserError:
                continue
            found += [paper] if paper else []
        return found

    def _matching(self, text: str, papers: Sequence[Paper]) -> list[Paper]:
        if text not in self._found:
            shown = self._shown
            if span := _SPAN.fullmatch(text):
                first, last = (
                    datetime.strptime(minute, "%Y%m%d%H%M").replace(tzinfo=UTC) for minute in span.groups()
                )
                found = [paper for paper in shown.values() if first <= paper.published < last + _MINUTE]
            else:
                about = [topic for topic in self._topics if f'"{topic}"' in text]
                ids = dict.fromkeys(paper for topic in about for paper in self._on_topic[topic])
                found = super()._matching(text, [shown[paper] for paper in ids if paper in shown])
            self._found[text] = found
        return self._found[text]

    @property
    def _shown(self) -> dict[PaperId, Paper]:
        return self._before if self._lie is Lie.STALE else self._current
