"""When arXiv is asked, and how that goes: the schedule of the queries, the waits, and the report.

What happens in a round is in `round`, and how arXiv is asked in the source behind it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.arxiv.calendar import after_rush
from bot.config import Settings
from bot.model.papers import Paper, PaperId
from bot.model.polling import PollState, Road, RoadStatus
from bot.polling.choosing import Chooser
from bot.polling.failures import QueryFailures
from bot.polling.health import PollHealth
from bot.polling.pacing import pace_at
from bot.polling.parsed_queries import ParsedQueries
from bot.polling.report import PollReport, PollResult, PollTotals, from_text, state_of, to_text
from bot.polling.roads import Roads
from bot.polling.round import Round, RoundResult
from bot.polling.schedule import look_back, next_slot
from bot.polling.source import DueQuery, Request, Source
from bot.polling.unclaimed import UnclaimedPapers
from bot.relevance.interests import Interests
from bot.store.queries import PolledQuery
from bot.store.store import Store

_log = logging.getLogger(__name__)

_LONGEST_REST = timedelta(minutes=5)
_SHORTEST_REST = timedelta(milliseconds=200)
_DEEP_EVERY = timedelta(days=7)
_CHECK_EVERY = timedelta(hours=1)
_DEEP_KEY = "poll.deep"
_REPORT_KEY = "poll.report"


class Poller:
    """Owns the schedule of the queries. Owns neither *store* nor *source*, and never sends anything.

    `run` does one round where one is due; a `Job` calls it again after the seconds that it returns.
    *on_queued* is called when posts have been queued. Without *interests*, no paper is the best of its day.
    """

    def __init__(
        self,
        store: Store,
        source: Source,
        settings: Settings,
        *,
        clock: Callable[[], datetime],
        on_queued: Callable[[], None],
        interests: Interests | None = None,
    ) -> None:
        self.interests = interests
        self._store = store
        self._source = source
        self._settings = settings
        self._interval = settings.poll.interval
        self._clock = clock
        self._on_queued = on_queued
        self._queries = ParsedQueries()
        self._chooser = Chooser(store, interests, self._queries) if interests else None
        self._failures = QueryFailures(self._interval)
        self._unclaimed = UnclaimedPapers()
        self._health = PollHealth()
        self._report = PollReport()
        self._restored = False
        self._checked_at: datetime | None = None  # between two polls
        self.totals = PollTotals()

    @property
    def report(self) -> PollReport:
        """How polling goes at this moment."""
        now = self._clock()
        outage, failing_since = self._health.outages > 0, self._health.failing_since
        compared = any(road.road is Road.FEEDS for road in self.roads)
        state, since = state_of(
            self._report, now, outage=outage, failing_since=failing_since, compared=compared
        )
        late = self._report.overdue is not None and self._report.overdue <= now
        return replace(self._report, state=state, since=since, overdue=self._report.overdue if late else None)

    @property
    def requests(self) -> int:
        """How many requests to arXiv have been made since the process started, also for people."""
        return self._source.requests

    @property
    def roads(self) -> Sequence[RoadStatus]:
        """How each road to arXiv stands; empty where there is nothing to choose."""
        return self._source.roads if isinstance(self._source, Roads) else ()

    async def run(self) -> float:
        """Ask for everything that is due, and return the seconds until the next call.

        Failures of arXiv are recorded, logged once and waited out.

        Raises:
            StoreError: the database cannot be used; what is stored stays.
        """
        await self._restore()
        now = self._clock()
        active = await self._store.queries.active()
        valid = await self._valid(active, now)
        due = self._due_together(valid, now)
        if self._health.is_waiting(now) or self._may_start(now) > now:
            pass
        elif due:
            await self._poll(due, len(valid), now)
            active = await self._store.queries.active()
            valid = await self._valid(active, now)
        elif valid and self._check_is_due(now):
            await self._check(now)
        else:
            self._report = replace(self._report, when=self._report.when or now, queries=len(valid))
            self._health = self._health.nothing_due(queries_failing=bool(self._failures))
        self._note_slots(active, now)
        return self._rest(valid)

    async def _restore(self) -> None:
        """After a restart, continue with what was known of polling before it."""
        if not self._restored:
            self._report, failing_since = from_text(await self._store.meta.get(_REPORT_KEY) or "")
            self._health = PollHealth(failing_since=failing_since)
            self._restored = True

    async def _valid(self, active: Sequence[PolledQuery], now: datetime) -> list[PolledQuery]:
        """Return the queries that can be parsed, and forget the failures of those no longer active."""
        names = {query.canonical for query in active}
        self._failures.keep_only(names)
        invalid = await self._queries.update(names)
        for canonical, error in invalid.items():
            if canonical not in self._failures:
                self._add_failure(canonical, error, now, refused=True)
                await self._store.queries.mark_failed([canonical], error, now)
        return [query for query in active if query.canonical not in invalid]

    # When

    def _due(self, query: PolledQuery, now: datetime) -> datetime:
        failure = self._failures.get(query.canonical)
        return failure.wait.end(now) if failure else next_slot(_last_asked(query), now, self._interval)

    def _due_together(self, queries: Sequence[PolledQuery], now: datetime) -> list[PolledQuery]:
        """Return the queries to ask for at *now*.

        With an interval, all have the slot of the one that was asked for longest ago: queries that were
        subscribed apart would otherwise never share a request. One that was never asked for, or that is tried
        again after a failure, does not bring it forward.
        """
        due = {query.canonical for query in queries if self._due(query, now) <= now}
        regular = {query.canonical for query in queries if query.canonical not in self._failures}
        on_slot = due & regular & {query.canonical for query in queries if _last_asked(query)}
        if self._interval is not None and on_slot:
            due |= regular
        return [query for query in queries if query.canonical in due]

    def _check_is_due(self, now: datetime) -> bool:
        """Tell whether to look, between two polls, for what is missing of the day's papers and texts."""
        source, last = self._source, self._checked_at or self._report.when
        if not isinstance(source, Roads) or last is None or last <= now < last + _CHECK_EVERY:
            return False
        return self._may_start(now) == now and (self.report.state is PollState.INCOMPLETE or source.can_fill)

    def _may_start(self, moment: datetime) -> datetime:
        """Return when a poll may start that is due at *moment*: on arXiv's clock, not in its rush hour."""
        return after_rush(moment) if self._interval is None else moment

    def _rest(self, queries: Iterable[PolledQuery]) -> float:
        """Return the seconds until something is due, or until new subscriptions are looked for."""
        now = self._clock()
        upcoming = min((self._due(query, now) for query in queries), default=None)
        if upcoming is not None and self._health.wait is not None:
            upcoming = max(upcoming, self._health.wait.end(now))
        if upcoming is not None and (start := self._may_start(max(upcoming, now))) > now:
            upcoming = start
        self._report = replace(self._report, next=upcoming)
        # A new subscription may be due sooner than anything that is known now.
        longest = min(_LONGEST_REST, self._interval or _LONGEST_REST)
        rest = longest if upcoming is None else min(upcoming - now, longest)
        return max(rest, _SHORTEST_REST).total_seconds()

    async def _deep_is_due(self, now: datetime) -> bool:
        """Tell whether this round looks back further; the first deep one is a week after the first round."""
        last = await self._store.meta.get(_DEEP_KEY)
        if last is None:
            await self._store.meta.set(_DEEP_KEY, now.isoformat())
            return False
        # A time in the future was written while the clock was wrong.
        return not now - _DEEP_EVERY < datetime.fromisoformat(last) <= now

    # A round and what follows from it

    async def _poll(self, due: Sequence[PolledQuery], queries: int, now: datetime) -> None:
        """Do one round for the *due* ones of so many *queries*."""
        deep = await self._deep_is_due(now)
        result = await self._round(self._request(due, now, deep=deep, most=2 * len(due) > queries)).run()
        self._checked_at = None
        self._apply(result, now)
        outage = self._health.outage
        if deep and outage is None:
            await self._store.meta.set(_DEEP_KEY, now.isoformat())
        self._report = PollReport(
            when=now,
            overdue=self._report.overdue,
            queries=queries,
            requests=result.requests,
            papers=result.papers,
            matched=result.matched,
            unclaimed=result.unclaimed,
            queued=result.queued,
            held=result.held,
            roads=result.roads,
            checked=result.checked or self._report.checked,
            error=outage.error if outage else self._failures.describe(),
        )
        partial = PollResult.PARTIAL if self._failures else PollResult.GOOD
        self.totals.add(self._report, PollResult.FAILED if outage else partial)
        await self._store.meta.set(_REPORT_KEY, to_text(self._report, self._health.failing_since))

    async def _check(self, now: datetime) -> None:
        """Read what no poll has brought, without asking for any query; nothing else changes by that."""
        self._checked_at = now
        result = await self._round(Request((), now, self._matching)).run()
        extra = PollReport(papers=result.papers, matched=result.matched, queued=result.queued)
        self.totals.add(extra, PollResult.GOOD)
        if result.checked is not None:
            self._report = replace(self._report, checked=result.checked)
            await self._store.meta.set(_REPORT_KEY, to_text(self._report, self._health.failing_since))

    def _round(self, request: Request) -> Round:
        return Round(
            self._store,
            self._source,
            self._queries,
            self._unclaimed,
            request=request,
            health=self._health,
            pace=pace_at(request.now, self._settings),
            on_queued=self._on_queued,
            chooser=self._chooser,
        )

    async def _matching(self, papers: Sequence[Paper]) -> set[PaperId]:
        """Return which of *papers* match any query."""
        return {match.paper for match in await self._queries.match(papers)}

    def _request(self, due: Sequence[PolledQuery], now: datetime, *, deep: bool, most: bool) -> Request:
        poll = self._settings.poll
        days = poll.deep_look_back_days if deep else poll.look_back_days
        return Request(
            tuple(
                DueQuery(
                    self._queries[query.canonical],
                    look_back(_last_asked(query), now, days),
                    revisions=query.revisions,
                    failures=self._failures.count(query.canonical),
                    polled=query.last_polled,
                )
                for query in due
            ),
            now,
            self._matching,
            most,
        )

    def _apply(self, result: RoundResult, started: datetime) -> None:
        """Keep what the round found out about the queries and about arXiv, and log what is news."""
        for canonical in result.answered:
            if self._failures.remove(canonical):
                _log.info("polling %s works again", canonical)
        for failed in result.failed:
            self._add_failure(
                failed.canonical, failed.error, started, refused=failed.refused, blamed=failed.blamed
            )
        before = self._health
        self._health = after = result.health.round_ended(
            self._clock(), started=started, interval=self._interval, queries_failing=bool(self._failures)
        )
        if after.outage and after.wait:
            level = logging.WARNING if after.outages == 1 else logging.DEBUG
            seconds = (after.wait.until - after.wait.since).total_seconds()
            _log.log(level, "polling stopped, next try in %.0f s: %s", seconds, after.outage.error)
        elif before.outages:
            _log.info("arXiv answers again")

    def _add_failure(
        self, canonical: str, error: str, now: datetime, *, refused: bool, blamed: bool = True
    ) -> None:
        if self._failures.add(canonical, error, now, refused=refused, blamed=blamed):
            _log.warning("polling %s failed: %s", canonical, error)

    def _note_slots(self, active: Sequence[PolledQuery], now: datetime) -> None:
        """Report when a query was last answered, and since when one should have been.

        Where none ever was, that is when this was first noticed.
        """
        last_success = max((query.last_polled for query in active if query.last_polled), default=None)
        asked = last_success or max((query.backfilled for query in active if query.backfilled), default=None)
        overdue = next_slot(asked, now, self._interval) if active else None
        if asked is None and overdue is not None:
            overdue = min(overdue, self._report.overdue or overdue)
        self._report = replace(self._report, last_success=last_success, overdue=overdue)


def _last_asked(query: PolledQuery) -> datetime | None:
    """Return when arXiv was last asked for *query*: by a poll, or for the first look of a subscriber."""
    return query.last_polled or query.backfilled
