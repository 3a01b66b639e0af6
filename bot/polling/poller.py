"""From arXiv to the outbox: plan → fetch → match → record.

One round asks for every query that is due, many to a request, and stores what it finds batch by batch, so
that a failure later in the round takes nothing back. What arXiv returns is matched with *all* active queries:
a paper that two of them want then reaches a channel through both, whichever request brought it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from textwrap import shorten

from bot.arxiv.client import ArxivClient
from bot.config import Settings
from bot.model.errors import ArxivBusy, ArxivError, ArxivRefused, ArxivUnreachable, IncompleteAnswer
from bot.model.papers import Paper, PaperId
from bot.polling.batches import MAX_QUERIES, Batch, batches
from bot.polling.failures import Troubles
from bot.polling.pacing import pace_at
from bot.polling.report import PollReport, PollTotals, from_text, state_of, to_text
from bot.polling.schedule import Rest, look_back, next_slot, retry_after
from bot.polling.wanted import WantedQueries
from bot.query.query import Query
from bot.rules.pace import Pace
from bot.store.queries import PolledQuery
from bot.store.store import Store

_log = logging.getLogger(__name__)

_LONGEST_REST = timedelta(minutes=5)
_SHORTEST_REST = timedelta(milliseconds=200)
_DEEP_EVERY = timedelta(days=7)
_DEEP_KEY = "poll.deep"
_REPORT_KEY = "poll.report"
_PAPERS_A_TRANSACTION = 100
# So many failures in a row are arXiv's and not the queries'; one that took its time-out counts for four.
_PATIENCE = 8
_UNREACHABLE = 4
_NAMED_IN_LOG = 20
_ASKED_IN_LOG = 300
_MANY = 3
_DAY = timedelta(days=1)
_REMEMBERED_UNCLAIMED = 10_000


@dataclass(slots=True)
class _Round:
    """What one round works with and what it has found."""

    now: datetime
    due: dict[str, PolledQuery]
    days: int
    papers: int = 0
    matched: int = 0
    unclaimed: int = 0
    queued: int = 0
    held: int = 0
    pace: Pace = field(default_factory=Pace)
    returned: set[PaperId] = field(default_factory=set)
    asked_from: dict[str, datetime] = field(default_factory=dict)
    answered: bool = False
    failures_in_a_row: int = 0
    last_failure: ArxivError | None = None
    fresh_failure: bool = False
    outage: ArxivError | None = None

    def since(self, batch: Batch) -> datetime:
        asked = (self.due[query.canonical] for query in batch.queries)
        return min(look_back(_last_asked(query), self.now, self.days) for query in asked)


class Poller:
    """Owns the schedule of the queries. Neither the store nor the client, and it never sends anything.

    `run` is one round; a `Job` calls it again after as many seconds as it returns.
    """

    def __init__(
        self,
        store: Store,
        arxiv: ArxivClient,
        settings: Settings,
        *,
        clock: Callable[[], datetime],
        on_queued: Callable[[], None],
    ) -> None:
        self._store = store
        self._arxiv = arxiv
        self._settings = settings
        self._interval = settings.poll.interval
        self._clock = clock
        self._on_queued = on_queued
        self._wanted = WantedQueries()
        self._troubles = Troubles(self._interval)
        self._outages = 0
        self._pause: Rest | None = None
        self._failing_since: datetime | None = None
        self._unclaimed: dict[PaperId, None] = {}
        self._report = PollReport()
        self._remembered = False
        self.totals = PollTotals()

    @property
    def report(self) -> PollReport:
        """How polling goes at this moment."""
        now = self._clock()
        outage = self._outages > 0
        state, since = state_of(self._report, now, outage=outage, failing_since=self._failing_since)
        late = self._report.overdue is not None and self._report.overdue <= now
        return replace(self._report, state=state, since=since, overdue=self._report.overdue if late else None)

    async def run(self) -> float:
        """Ask for everything that is due and return the seconds to the next round.

        ArXiv's failures are noted, logged once, and waited out.

        Raises:
            StoreError: the database cannot be used; what is stored already stays.
        """
        await self._remember()
        now = self._clock()
        active = await self._store.queries.active()
        readable = await self._readable(active, now)
        due = [query for query in readable if self._due(query, now) <= now]
        if due and not self._held(now):
            await self._round(due, readable, now)
            active = await self._store.queries.active()
            readable = await self._readable(active, now)
        elif not self._held(now):
            self._report = replace(self._report, when=self._report.when or now, queries=len(readable))
            if not self._troubles and not self._outages:
                self._failing_since = None  # whatever failed before a restart is not asked for any more
        self._note_good(active, now)
        return self._rest(readable)

    # When

    def _due(self, query: PolledQuery, now: datetime) -> datetime:
        trouble = self._troubles.get(query.canonical)
        return trouble.rest.end(now) if trouble else next_slot(_last_asked(query), now, self._interval)

    def _held(self, now: datetime) -> bool:
        return self._pause is not None and now < self._pause.end(now)

    def _rest(self, queries: Iterable[PolledQuery]) -> float:
        now = self._clock()
        upcoming = min((self._due(query, now) for query in queries), default=None)
        if upcoming is not None and self._pause is not None:
            upcoming = max(upcoming, self._pause.end(now))
        self._report = replace(self._report, next=upcoming)
        # New subscriptions may be due sooner than anything that is known now.
        longest = min(_LONGEST_REST, self._interval or _LONGEST_REST)
        rest = longest if upcoming is None else min(upcoming - now, longest)
        return max(rest, _SHORTEST_REST).total_seconds()

    def _note_good(self, active: Sequence[PolledQuery], now: datetime) -> None:
        """Note when polling last worked, and when it has to again: its slot, or now where it never did."""
        good = max((query.last_polled for query in active if query.last_polled), default=None)
        asked = good or max((query.backfilled for query in active if query.backfilled), default=None)
        due = next_slot(asked, now, self._interval) if active else None
        if asked is None and due is not None:
            due = min(due, self._report.overdue or due)
        self._report = replace(self._report, good=good, overdue=due)

    async def _remember(self) -> None:
        """Go on, after a restart, with what was known of polling before it."""
        if not self._remembered:
            self._report, self._failing_since = from_text(await self._store.meta.get(_REPORT_KEY) or "")
            self._remembered = True

    # What

    async def _readable(self, active: Sequence[PolledQuery], now: datetime) -> list[PolledQuery]:
        """Return the queries that can be read, and forget what is known of those that are active no more."""
        names = {query.canonical for query in active}
        self._troubles.keep_only(names)
        unreadable = await self._wanted.update(names)
        for canonical, error in unreadable.items():
            if canonical not in self._troubles:
                await self._note([canonical], error, now, refused=True)
        return [query for query in active if query.canonical not in unreadable]

    # A round

    async def _round(self, due: Sequence[PolledQuery], active: Sequence[PolledQuery], now: datetime) -> None:
        before = self._arxiv.requests
        deep = await self._deep_is_due(now)
        days = self._settings.poll.deep_look_back_days if deep else self._settings.poll.look_back_days
        pace = pace_at(now, self._settings)
        round_ = _Round(now, {query.canonical: query for query in due}, days, pace=pace)
        queue = deque(await asyncio.to_thread(self._plan, due))
        while queue and round_.outage is None:
            await self._attempt(queue.popleft(), queue, round_)
        self._conclude(round_)
        await self._review_held(round_)
        if deep and round_.outage is None:
            await self._store.meta.set(_DEEP_KEY, now.isoformat())
        self._report = PollReport(
            when=now,
            queries=len(active),
            requests=self._arxiv.requests - before,
            papers=round_.papers,
            matched=round_.matched,
            unclaimed=round_.unclaimed,
            queued=round_.queued,
            held=round_.held,
            error=str(round_.outage) if round_.outage else self._troubles.describe(),
        )
        self.totals.add(self._report, "failed" if round_.outage else "partial" if self._troubles else "good")
        await self._store.meta.set(_REPORT_KEY, to_text(self._report, self._failing_since))

    def _plan(self, due: Sequence[PolledQuery]) -> list[Batch]:
        """Put what failed before into ever smaller batches of their own: one query may fail all others."""
        by_failures: dict[int, list[Query]] = {}
        for query in due:
            failures = self._troubles.failures(query.canonical)
            by_failures.setdefault(failures, []).append(self._wanted[query.canonical])
        return [
            batch
            for failures in sorted(by_failures)
            for batch in batches(by_failures[failures], max_queries=max(1, MAX_QUERIES >> failures))
        ]

    async def _attempt(self, batch: Batch, queue: deque[Batch], round_: _Round) -> None:
        """Poll one batch; what fails together is put back in halves until the query to blame stands alone."""
        try:
            await self._poll(batch, round_)
        except ArxivRefused as error:
            round_.answered = True
            round_.failures_in_a_row = 0
            await self._isolate(batch, queue, error, round_)
        except ArxivBusy as error:
            round_.outage = error
        except ArxivError as error:
            round_.last_failure = error
            round_.fresh_failure |= any(query.canonical not in self._troubles for query in batch.queries)
            round_.failures_in_a_row += _UNREACHABLE if isinstance(error, ArxivUnreachable) else 1
            if round_.failures_in_a_row >= _PATIENCE:
                round_.outage = error
            await self._isolate(batch, queue, error, round_)
        else:
            round_.answered = True
            round_.failures_in_a_row = 0
            for query in batch.queries:
                if self._troubles.clear(query.canonical):
                    _log.info("polling %s works again", query.canonical)

    async def _isolate(self, batch: Batch, queue: deque[Batch], error: ArxivError, round_: _Round) -> None:
        if len(batch.queries) > 1 and round_.outage is None:
            queue.extend(batch.halves())
            return
        names = [query.canonical for query in batch.queries]
        await self._note(names, str(error), round_.now, refused=isinstance(error, ArxivRefused))

    async def _note(self, canonicals: Sequence[str], error: str, now: datetime, *, refused: bool) -> None:
        for canonical in canonicals:
            if self._troubles.note(canonical, error, now, refused=refused):
                _log.warning("polling %s does not work: %s", canonical, error)
        await self._store.queries.mark_failed(canonicals, error, now)

    def _conclude(self, round_: _Round) -> None:
        if not round_.answered and (self._outages or round_.fresh_failure):
            round_.outage = round_.outage or round_.last_failure
        outage = round_.outage
        if outage is None:
            if self._outages:
                _log.info("arXiv answers again")
            self._outages, self._pause = 0, None
        else:
            self._outages += 1
            wait = retry_after(self._outages, self._interval)
            if isinstance(outage, ArxivBusy) and outage.retry_after is not None:
                wait = outage.retry_after
            now = self._clock()
            self._pause = Rest(now, now + wait)
            level = logging.WARNING if self._outages == 1 else logging.DEBUG
            _log.log(level, "polling stopped, next try in %.0f s: %s", wait.total_seconds(), outage)
        if not self._outages and not self._troubles:
            self._failing_since = None
        elif self._failing_since is None:
            self._failing_since = round_.now

    async def _poll(self, batch: Batch, round_: _Round) -> None:
        """Store everything of *batch*: what was submitted lately, then what was revised."""
        since = round_.since(batch)
        found = await self._arxiv.window(batch.search_query, since, round_.now)
        if not found:
            await self._doubt(batch, since, round_.now)
        wanted = [query for query in batch.queries if round_.due[query.canonical].revisions]
        asked = [query for query in batch.queries if query not in wanted]
        await self._keep(found, batch, asked, round_)
        round_.asked_from.update((query.canonical, since) for query in batch.queries)
        if wanted:
            revised = Batch(tuple(wanted))
            found = await self._arxiv.updated_since(revised.search_query, since)
            await self._keep(found, revised, wanted, round_)

    async def _doubt(self, batch: Batch, since: datetime, until: datetime) -> None:
        """Refuse to believe that there is nothing where there was something: arXiv's lists do come empty.

        One or two papers may have been revised until they no longer match.
        """
        known = 0
        for query in batch.queries:
            known += await self._store.papers.matched_between(query.canonical, since + _DAY, until)
            if known >= _MANY:
                raise IncompleteAnswer("arXiv shows no papers at all where it showed some before.")

    async def _keep(
        self, found: Sequence[Paper], batch: Batch, asked: Sequence[Query], round_: _Round
    ) -> None:
        """Match and record *found*, piece by piece; the last one completes the poll of *asked*.

        By number, since the first piece may be posted before the second is recorded.
        """
        names = {query.canonical for query in batch.queries}
        found = sorted(found, key=lambda paper: paper.id)
        unclaimed: list[PaperId] = []
        for first in range(0, max(len(found), 1), _PAPERS_A_TRANSACTION):
            piece = found[first : first + _PAPERS_A_TRANSACTION]
            matches = await self._wanted.match(piece)
            matched = {match.paper for match in matches}
            claimed = {match.paper for match in matches if match.query in names}
            unclaimed += [paper.id for paper in piece if paper.id not in claimed]
            last = first + _PAPERS_A_TRANSACTION >= len(found)
            recorded = await self._store.record(
                [paper for paper in piece if paper.id in matched],
                matches,
                round_.now,
                asked=[query.canonical for query in asked] if last else (),
                pace=round_.pace,
            )
            round_.returned |= matched
            round_.held += recorded.held
            round_.matched += len(matched)
            round_.queued += recorded.queued
            if recorded.queued or recorded.edited:
                self._on_queued()
        round_.papers += len(found)
        round_.unclaimed += len(unclaimed)
        self._report_unclaimed(unclaimed, batch)

    async def _review_held(self, round_: _Round) -> None:
        """Say what was too much for a channel, and decide on what was too much in earlier rounds."""
        if round_.held:
            _log.warning(
                "%d papers for %d channels are held back, since this poll brought them far more than usual",
                round_.held,
                len(round_.pace.over),
            )
        reviewed = await self._store.held.review(
            returned=round_.returned, asked=round_.asked_from, over=round_.pace.over, now=round_.now
        )
        if reviewed.listed:
            _log.info("%d papers that were held back have come again, and are listed", reviewed.listed)
        if reviewed.dropped:
            _log.warning("%d papers that were held back have not come again", reviewed.dropped)

    def _report_unclaimed(self, unclaimed: Sequence[PaperId], batch: Batch) -> None:
        """Log papers that arXiv returned for *batch* although none of its queries matches them here, once."""
        new = [paper for paper in unclaimed if paper not in self._unclaimed]
        if not new:
            return
        self._unclaimed.update(dict.fromkeys(new))
        while len(self._unclaimed) > _REMEMBERED_UNCLAIMED:
            del self._unclaimed[next(iter(self._unclaimed))]
        _log.warning(
            "%d papers that arXiv returned match none of the queries asked for: %s%s; asked: %s",
            len(new),
            ", ".join(map(str, new[:_NAMED_IN_LOG])),
            " …" if len(new) > _NAMED_IN_LOG else "",
            shorten(batch.search_query, _ASKED_IN_LOG, placeholder=" …"),
        )

    async def _deep_is_due(self, now: datetime) -> bool:
        last = await self._store.meta.get(_DEEP_KEY)
        if last is None:
            await self._store.meta.set(_DEEP_KEY, now.isoformat())
            return False
        # One from the future: the machine's clock was wrong.
        return not now - _DEEP_EVERY < datetime.fromisoformat(last) <= now


def _last_asked(query: PolledQuery) -> datetime | None:
    """Return when arXiv was last asked for *query*; before the first poll, a subscriber's first look."""
    return query.last_polled or query.backfilled
