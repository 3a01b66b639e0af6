"""Choose among the roads to arXiv: a `Source` of sources, each with a breaker.

Batches of queries are cheapest for few queries, and a harvest costs the same for any number. So does a sweep,
by which the query API is asked where batches would be too many. Where the road that is preferred fails, the
next one serves what is left, in the same round; and where none is open, the one that has been closed longest
is tried. What one road has answered is stored before the next is asked, so a change of roads at any moment
neither loses nor repeats anything.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.model.errors import ArxivBusy
from bot.model.papers import PaperId
from bot.model.polling import Road, RoadStatus
from bot.polling.batches import batches
from bot.polling.breakers import Breakers
from bot.polling.harvest_source import Texts
from bot.polling.health import PollHealth
from bot.polling.source import Answer, DueQuery, Failure, Request, Source
from bot.polling.witness import Witness

_log = logging.getLogger(__name__)

HARVEST_DAY = 40
"""How many requests a harvest of one announcement takes at most, whatever the number of queries."""
_IDS_A_REQUEST = 100
_FILLED_A_DAY = 1_000  # papers
_MOST_LOOKS = 3  # at one paper that the query API does not show
_LATE = timedelta(days=10)
_BATCHES_AGAIN = 28  # well below, so that one subscription more or less does not change roads


class Traffic(Protocol):
    """Counts requests; `refusals` are those that were answered with 429."""

    @property
    def requests(self) -> int: ...

    @property
    def refusals(self) -> int: ...


class Roads:
    """A `Source` that takes the cheapest of the open *roads*, or the one that the configuration prefers.

    *preferred* is `auto`, `api` or `harvest`. Roads that are missing in *roads* count as closed for good.
    *traffic* counts the requests to each, and *unfilled* returns up to so many papers whose text is
    provisional, those with the highest numbers first. The *sweep* is the query API without queries; without
    one, it is always asked in batches. The *witness* reads the feeds.
    """

    def __init__(
        self,
        roads: Mapping[Road, Source],
        breakers: Breakers,
        *,
        preferred: str,
        traffic: Mapping[Road, Traffic],
        texts: Texts,
        unfilled: Callable[[int], Awaitable[list[PaperId]]],
        sweep: Source | None = None,
        witness: Witness | None = None,
    ) -> None:
        self._sweep = sweep
        self._roads = roads
        self._breakers = breakers
        self._preferred = preferred
        self._traffic = traffic
        self._texts = texts
        self._unfilled = unfilled
        self._witness = witness
        self._looks: Counter[PaperId] = Counter()
        self._filled_on: tuple[date | None, int] = (None, 0)
        self._are_unfilled = True  # until it is known
        self._are_many = False  # the queries of this round, so that a harvest is cheaper than batches
        self._were_many = False  # those of the last round for most queries

    @property
    def requests(self) -> int:
        return sum(traffic.requests for traffic in self._traffic.values())

    @property
    def roads(self) -> list[RoadStatus]:
        """How each road stands."""
        return [
            RoadStatus(
                road,
                served=(state := self._breakers[road]).served,
                closed_since=state.closed_since,
                error=state.error,
                requests=self._traffic[road].requests,
                refusals=self._traffic[road].refusals,
            )
            for road in self._traffic
        ]

    @property
    def can_fill(self) -> bool:
        """Whether the query API may be asked now for text that is provisional."""
        return self._are_unfilled and self._breakers.may_be_tried(Road.API)

    async def ask(self, request: Request) -> AsyncGenerator[Answer | Failure, None]:
        """Yield the answers of as many roads as it takes; failures, at the end, only where none serves.

        Without queries, only what is left to do of the day's announcement is done.
        """
        failures: list[Failure] = []
        harvested = False
        async with aclosing(self._answers(request, failures)) as events:
            async for event in events:
                harvested |= isinstance(event, Answer) and event.until is not None
                yield event
        async with aclosing(self._checked(request, harvested=harvested)) as answers:
            async for answer in answers:
                yield answer
        async with aclosing(self._filled(request.now)) as answers:
            async for answer in answers:
                yield answer
        for failure in failures:
            yield failure
        if failures:  # however they are judged, there is nobody left to ask now
            yield Failure((), ArxivBusy(str(failures[-1].error), status=503), blamed=False)

    async def _checked(self, request: Request, *, harvested: bool) -> AsyncGenerator[Answer, None]:
        """Yield what no poll has brought of the day's announcement, if that is still to be found out."""
        witness = self._witness
        if witness is None or not witness.is_due(request) or not self._breakers.may_be_tried(Road.FEEDS):
            return
        async with aclosing(witness.check(request, harvested=harvested)) as answers:
            async for answer in answers:
                yield answer

    async def _filled(self, now: datetime) -> AsyncGenerator[Answer, None]:
        """Yield papers whose text was provisional as the query API shows them, as far as the day allows."""
        day, filled = self._filled_on
        filled = filled if day == now.date() else 0
        while self._breakers.may_be_tried(Road.API) and filled < _FILLED_A_DAY:
            known = await self._unfilled(_FILLED_A_DAY)
            ids = [paper for paper in known if self._looks[paper] < _MOST_LOOKS][:_IDS_A_REQUEST]
            self._are_unfilled = bool(ids)
            shown = await self._texts.of(ids) if ids else None
            if shown is None:
                return
            self._looks.update(ids)
            filled += len(ids)
            self._filled_on = (now.date(), filled)
            yield Answer(list(shown.values()), stored=True, road=Road.API)

    async def _answers(
        self, request: Request, failures: list[Failure]
    ) -> AsyncGenerator[Answer | Failure, None]:
        """Yield the answers of the roads that serve queries; if none does, put why into *failures*."""
        if not request.queries:
            return
        left = {query.canonical: query for query in request.queries}
        tries = await asyncio.to_thread(self._tries, request)
        if tries[:1] == [Road.OAI] and Road.API in tries:
            # A harvest would have to go back two weeks for these, and to fetch everything since.
            late = {name: query for name, query in left.items() if _is_late(query, request.now)}
            async with aclosing(self._served(Road.API, request, late, [], alone=False)) as events:
                async for event in events:
                    yield event
            left = {name: query for name, query in left.items() if not _is_late(query, request.now)} | late
        for road in tries if left else ():
            failures.clear()
            async with aclosing(self._served(road, request, left, failures, alone=len(tries) == 1)) as events:
                async for event in events:
                    yield event
            if not failures:
                return
            # What failed may be what the query API asks for last, about queries that it has answered.
            left = left or {query.canonical: query for query in request.queries}

    async def _served(
        self,
        road: Road,
        request: Request,
        left: dict[str, DueQuery],
        failures: list[Failure],
        *,
        alone: bool,
    ) -> AsyncGenerator[Answer | Failure, None]:
        """Yield what *road* answers to the queries that are *left*, and take those that it completes away."""
        if not left:
            return
        part = replace(request, queries=tuple(left.values()))
        async with aclosing(self._guarded(road, part, failures, alone=alone)) as events:
            async for event in events:
                if isinstance(event, Answer):
                    for name in event.completed:
                        left.pop(name, None)
                yield event

    def _tries(self, request: Request) -> list[Road]:
        """Return the roads to try, the preferred first; where none is open, the one closed longest."""
        needed = _requests_for(request.queries)
        self._are_many = needed > (_BATCHES_AGAIN if self._were_many else HARVEST_DAY)
        if request.most:
            self._were_many = self._are_many
        harvest = self._are_many if self._preferred == "auto" else self._preferred == "harvest"
        wanted = [Road.OAI, Road.API] if harvest else [Road.API, Road.OAI]
        able = [road for road in wanted if road in self._roads]
        tries = [road for road in able if self._breakers.may_be_tried(road)]
        return tries or sorted(able, key=lambda road: self._breakers[road].closed_since or request.now)[:1]

    async def _source(self, road: Road, queries: Sequence[DueQuery]) -> Source:
        """Return how *road* is asked for *queries*; many of them are cheaper to sweep than to search."""
        if road is Road.API and self._sweep is not None and self._are_many:
            needed = await asyncio.to_thread(_requests_for, queries)
            if needed > _BATCHES_AGAIN:
                return self._sweep
        return self._roads[road]

    async def _guarded(
        self, road: Road, request: Request, failures: list[Failure], *, alone: bool
    ) -> AsyncGenerator[Answer | Failure, None]:
        """Yield what *road* answers. If it fails as a whole, close it, and put why into *failures*.

        A failure is held back until the next answer shows that the road works. Where the road is *alone*,
        one that was closed gets no less patience than an open one.
        """
        probing = not self._breakers[road].is_open and not alone
        source = await self._source(road, request.queries)
        health = PollHealth()
        before = {query.canonical: query.failures for query in request.queries}
        held: list[Failure] = []
        async with aclosing(source.ask(request)) as events:
            async for event in events:
                if isinstance(event, Answer):
                    for failure in held:
                        yield failure
                    held.clear()
                    health = health if event.more else health.attempt_answered()
                    self._breakers.answered(road)
                    yield replace(event, road=road)
                    continue
                held.append(event)
                new = not event.queries or any(not before[name] for name in event.queries)
                health = health.attempt_failed(event.error, new=new)
                if health.outage or probing or not event.queries:
                    break
        if held and (
            health.outage or probing or not held[-1].queries or (health.suspicion and not health.answered)
        ):
            self._breakers.failed(road, held[-1].error)
            failures += held
            return
        for failure in held:
            yield failure


def _requests_for(queries: Sequence[DueQuery]) -> int:
    """Return how many requests batches of *queries* take at least: by submission, and by last update."""
    return 2 * len(batches([query.query for query in queries]))


def _is_late(query: DueQuery, now: datetime) -> bool:
    """Tell whether *query* was answered too long ago, or never, for a harvest of what changed since."""
    return query.polled is None or query.polled < now - _LATE
