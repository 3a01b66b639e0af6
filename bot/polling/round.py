"""One round from arXiv to the outbox: ask a source, match its papers, record them.

Every answer is recorded before the next is asked for, so a failure later in the round loses nothing. Papers
are matched with *all* active queries, not only with those that were asked for: a paper that two queries want
then reaches a channel with both keywords, whichever request returned it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from bot.model.errors import ArxivBusy, ArxivRefused
from bot.model.papers import Match, Paper, PaperId
from bot.model.polling import CheckedDay, Road
from bot.polling.announced_day import DAYS_KEY
from bot.polling.choosing import Chooser
from bot.polling.harvest_end import HarvestEnd
from bot.polling.health import PollHealth
from bot.polling.parsed_queries import ParsedQueries
from bot.polling.source import Answer, Failure, Request, Source
from bot.polling.unclaimed import UnclaimedPapers
from bot.rules.pace import Pace
from bot.store.store import Store

_log = logging.getLogger(__name__)

_PAPERS_A_TRANSACTION = 100


@dataclass(frozen=True, slots=True)
class FailedQuery:
    """A query that failed in this round; *refused* tells that arXiv itself rejects it.

    *blamed* tells that the query may be the reason; see `Failure`.
    """

    canonical: str
    error: str
    refused: bool
    blamed: bool = True


@dataclass(frozen=True, slots=True)
class RoundResult:
    """What a round did. The counts are of papers, but for `requests` and for `queued`, which counts posts.

    `papers` were returned, `matched` match an active query, `unclaimed` match none of those asked for, and
    `held` were held back. `answered` are the queries (canonical texts) that were answered in full. `health`
    is that after the last attempt, before `PollHealth.round_ended`, `roads` are those that answered, and
    `checked` is how what was read compares with what arXiv announced, where that was looked at.
    """

    health: PollHealth
    answered: tuple[str, ...] = ()
    failed: tuple[FailedQuery, ...] = ()
    roads: tuple[Road, ...] = ()
    checked: CheckedDay | None = None
    requests: int = 0
    papers: int = 0
    matched: int = 0
    unclaimed: int = 0
    queued: int = 0
    held: int = 0


class Round:
    """Asks *source* once for everything in *request*. Owns none of its parts; `run` is called once.

    *health* is that of the poller before the round, *pace* limits what the round may bring to a channel, and
    *on_queued* is called whenever posts have been queued or are to be edited. The *chooser* picks the best
    papers of each answer; without one, none is.
    """

    def __init__(
        self,
        store: Store,
        source: Source,
        queries: ParsedQueries,
        unclaimed: UnclaimedPapers,
        *,
        request: Request,
        health: PollHealth,
        pace: Pace,
        on_queued: Callable[[], None],
        chooser: Chooser | None = None,
    ) -> None:
        self._chooser = chooser
        self._store = store
        self._source = source
        self._queries = queries
        self._unclaimed_papers = unclaimed
        self._request = request
        self._failures_before = {query.canonical: query.failures for query in request.queries}
        self._health = health.round_started()
        self._pace = pace
        self._on_queued = on_queued
        self._submitted_since: dict[str, datetime] = {}
        self._completed: list[str] = []  # by the parts of an answer whose last part has not come yet
        self._answered: list[str] = []
        self._failed: list[FailedQuery] = []
        self._returned: set[PaperId] = set()
        self._roads: set[Road] = set()
        self._checked: CheckedDay | None = None
        self._papers = self._matched = self._unclaimed = self._queued = self._held = 0

    async def run(self) -> RoundResult:
        """Ask until everything has been tried or arXiv is down, and return what came of it.

        Raises:
            StoreError: the database cannot be used; what is recorded stays.
        """
        requests_before = self._source.requests
        async with aclosing(self._source.ask(self._request)) as events:
            async for event in events:
                if isinstance(event, Answer):
                    await self._note_answer(event)
                else:
                    await self._note_failure(event)
                if self._health.outage:
                    break
        await self._review_held()
        return RoundResult(
            health=self._health,
            answered=tuple(self._answered),
            failed=tuple(self._failed),
            roads=tuple(road for road in Road if road in self._roads),
            checked=self._checked,
            requests=self._source.requests - requests_before,
            papers=self._papers,
            matched=self._matched,
            unclaimed=self._unclaimed,
            queued=self._queued,
            held=self._held,
        )

    async def _note_answer(self, answer: Answer) -> None:
        await self._record(answer)
        if answer.road is not None:
            self._roads.add(answer.road)
        if answer.until is not None:
            ends = HarvestEnd(answer.until, self._request.now)
            await self._store.meta.set(HarvestEnd.KEY, ends.to_text())
        if answer.checked is not None:
            self._checked = answer.checked
            await self._store.meta.set(DAYS_KEY, answer.days)
        self._submitted_since.update(answer.submitted_since)
        self._completed += answer.completed
        if not answer.more:
            self._answered += self._completed
            self._completed.clear()
            self._health = self._health.attempt_answered()

    async def _note_failure(self, failure: Failure) -> None:
        error = failure.error
        self._completed.clear()
        new = not failure.queries or any(not self._failures_before[name] for name in failure.queries)
        self._health = self._health.attempt_failed(error, new=new)
        if isinstance(error, ArxivBusy):
            return  # no fault of the queries
        if failure.final or self._health.outage:
            refused = isinstance(error, ArxivRefused)
            self._failed += [
                FailedQuery(name, str(error), refused, failure.blamed) for name in failure.queries
            ]
            await self._store.queries.mark_failed(failure.queries, str(error), self._request.now)

    async def _record(self, answer: Answer) -> None:
        """Match and record the papers of *answer* piece by piece; the last piece completes its queries.

        The papers are sorted by number, since those of the first piece may be posted before the second is
        recorded.
        """
        papers = sorted(answer.papers, key=lambda paper: paper.id)
        unclaimed: list[PaperId] = []
        starts = range(0, max(len(papers), 1), _PAPERS_A_TRANSACTION)
        found = [await self._queries.match(papers[at : at + _PAPERS_A_TRANSACTION]) for at in starts]
        await self._choose(papers, [match for matches in found for match in matches])
        for first, matches in zip(starts, found, strict=True):
            piece = papers[first : first + _PAPERS_A_TRANSACTION]
            matched = {match.paper for match in matches}
            last = first + _PAPERS_A_TRANSACTION >= len(papers)
            recorded = await self._store.record(
                [paper for paper in piece if answer.stored or paper.id in matched],
                matches,
                self._request.now,
                asked=answer.completed if last else (),
                pace=self._pace,
                provisional=answer.provisional,
                harvested=answer.harvested if last else None,
            )
            if answer.selection:
                claimed = {match.paper for match in matches if match.query in answer.selection.queries}
                unclaimed += [paper.id for paper in piece if paper.id not in claimed]
            self._returned |= matched
            self._matched += len(matched)
            self._queued += recorded.queued
            self._held += recorded.held
            if recorded.queued or recorded.edited:
                self._on_queued()
        self._papers += len(papers)
        self._unclaimed += len(unclaimed)
        if answer.selection:
            self._unclaimed_papers.log(unclaimed, answer.selection.request)

    async def _choose(self, papers: Sequence[Paper], matches: Sequence[Match]) -> None:
        """Choose the best of *papers*, which are recorded next."""
        if self._chooser is not None:
            now = self._request.now
            self._pace.choice = await self._chooser.choose(papers, matches, now, self._pace)

    async def _review_held(self) -> None:
        """Log what this round held back, and decide on what earlier rounds did."""
        if self._held:
            _log.warning(
                "held back %d papers for %d channels, since this poll found far more than usual",
                self._held,
                len(self._pace.over),
            )
        reviewed = await self._store.held.review(
            returned=self._returned,
            asked=self._submitted_since,
            over=self._pace.over,
            now=self._request.now,
        )
        if reviewed.listed:
            _log.info("listed %d papers that had been held back and were found again", reviewed.listed)
        if reviewed.dropped:
            _log.warning(
                "dropped %d papers that had been held back and were not found again", reviewed.dropped
            )
