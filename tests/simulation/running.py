"""One scenario from its first evening to its last: a fake arXiv, the real gate, roads, poller and store.

What is posted is read from the outbox, row by row and as delivery reads it; each row is posted once.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from typing import Literal

import aiohttp
import sqlalchemy as sa

from bot.arxiv.client import ArxivClient
from bot.arxiv.feeds_client import FeedsClient
from bot.arxiv.gate import Gate
from bot.arxiv.oai_client import OaiClient
from bot.config import ArxivSettings, DeliverySettings, Settings
from bot.delivery.digest_queue import DigestJob
from bot.model.outbox import Kind, OutboxRow, PaperSubject
from bot.model.outcomes import Sent
from bot.model.polling import Road
from bot.model.subscriptions import Options, Place
from bot.polling.poller import Poller
from bot.query.query import parse
from bot.runtime.sources import source_of
from bot.store import Store
from bot.store.tables import queries, subscriptions
from tests.database import lay_out
from tests.fakes.papers import make_paper
from tests.looks import look_at
from tests.simulation.arrivals import Arrivals, Faults, Reader
from tests.simulation.arxiv import ClockedArxiv
from tests.simulation.clock import EventClock
from tests.simulation.scenarios import ALL_CLOSED, Scenario
from tests.simulation.submissions import Submissions, evenings, topics_of
from tests.simulation.traffic import Traffic, traffic_of

# Half an hour before a poll, which is the first; papers are announced from the evening after it on.
_BEGINNING = datetime(2026, 10, 5, 7, tzinfo=UTC)
_FIRST_EVENING = date(2026, 10, 5)
_DAY = timedelta(days=1)
# arXiv's index fills for hours: the parts of an announcement, after its evening began.
_PARTS = (timedelta(), timedelta(hours=2, minutes=30), timedelta(hours=6, minutes=15))
_EDITS = timedelta(hours=20)
_SHORTEST_END, _LONGEST_END = 1.5 * _DAY, 9 * _DAY
_LONGEST_REST = 300.0  # the poller looks for new subscriptions so often; here are none
_LOOK = 7_200.0
_LISTS_EVERY = 3 * 3_600.0
_READERS = 12
_FEWEST_TOPICS, _MOST_TOPICS = 3 * _READERS, 300
_MEMORY = Path("/dev/shm")  # noqa: S108 - thousands of small commits that need not survive the machine
_REPORTED = 20


@dataclass(frozen=True)
class Plan:
    """One run: *days* announcements of *new* and *replaced* papers; a road that lies does so *every* few.

    There are at least so many *queries*; those beyond the readers' match nothing. *source* is what the
    configuration has as `arxiv.source`.
    """

    scenario: Scenario
    seed: int = 11
    days: int = 60
    new: int = 1_500
    replaced: int = 900
    every: int = 5
    queries: int = 0
    source: Literal["auto", "api", "harvest"] = "harvest"
    quiet: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a plan; *faults* are counted, and *lines* describe the first of them."""

    plan: Plan
    faults: Faults
    lines: tuple[str, ...]
    traffic: Traffic
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether nothing is missing or doubled, and arXiv's rules and the promised costs are kept."""
        cheap = self.traffic.is_cheap or not self.plan.scenario.is_open
        return self.faults.none and self.traffic.is_polite and cheap


def run(plan: Plan) -> Outcome:
    """Run *plan* in a process of its own."""
    logging.disable()  # that roads are closed is the point
    return asyncio.run(simulate(plan))


async def simulate(plan: Plan) -> Outcome:
    """Run *plan*, and return what was missing or doubled, and what it cost."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=_folder()) as folder:
        lay_out(Path(folder) / "papers.db")
        chance, arxivs = Random(plan.seed), Random(plan.seed)  # noqa: S311 - chance, not secrecy
        clock = EventClock(_BEGINNING)
        topics = topics_of(chance, min(max(_FEWEST_TOPICS, plan.new // 5), _MOST_TOPICS))
        async with (
            ClockedArxiv(clock, topics, arxivs) as arxiv,
            aiohttp.ClientSession() as session,
            await Store.open(f"sqlite:///{folder}/papers.db") as store,
        ):
            season = _Season(
                plan, clock, arxiv, Submissions(chance, topics, new=plan.new, replaced=plan.replaced)
            )
            bot = _Bot(plan, clock, arxiv, session, store)
            readers = [
                Reader(channel, frozenset({topics[channel], topics[-channel]}), revisions=channel % 2 == 0)
                for channel in range(1, _READERS + 1)
            ]
            season.begin(readers)
            await bot.subscribe(readers)
            await bot.add_queries(plan.queries)
            await bot.run_until(season.end, season.arrivals)
            while not season.arrivals.is_complete and clock() < season.end + _LONGEST_END:
                await bot.run_until(clock() + _DAY / 2, season.arrivals)
    return Outcome(
        plan,
        season.arrivals.count(),
        tuple(islice(season.arrivals.faults(), _REPORTED)),
        traffic_of(arxiv.visits, bot.starts, season.evenings),
        time.perf_counter() - began,
    )


def _folder() -> Path | None:
    return _MEMORY if _MEMORY.is_dir() else None


class _Season:
    """The announcements of a plan, and which roads are open."""

    def __init__(self, plan: Plan, clock: EventClock, arxiv: ClockedArxiv, submissions: Submissions) -> None:
        self._plan = plan
        self._clock = clock
        self._arxiv = arxiv
        self._submissions = submissions
        self.arrivals = Arrivals(())
        self.evenings = list(islice(evenings(_FIRST_EVENING), plan.days))
        self._outage = self.evenings[max(0, plan.days // 2 - 1)] if plan.scenario.outage else None

    @property
    def end(self) -> datetime:
        return self.evenings[-1] + _SHORTEST_END

    def begin(self, readers: Iterable[Reader]) -> None:
        """Plan everything that happens to arXiv; *readers* are told what they should get."""
        self.arrivals = Arrivals(readers)
        now = self._clock()
        old = self._submissions.archive(4 * self._plan.replaced, now)
        self._arxiv.known(old, now - 400 * _DAY)
        for day, evening in enumerate(self.evenings, 1):
            self._clock.at(evening, partial(self._announce, day, evening))
            self._clock.at(evening + _EDITS, self._edit)
        self._clock.at(self.evenings[-1] + _DAY, partial(self._set_roads, 0))
        if self._outage:
            self._clock.at(self._outage + ALL_CLOSED, self._arxiv.open)

    def _announce(self, day: int, evening: datetime) -> None:
        self._arxiv.begin_evening()
        self._set_roads(day)
        items = self._submissions.evening(evening)
        for item in items:
            self.arrivals.announced(item, evening)
        size = -(-len(items) // len(_PARTS))
        for number, after in enumerate(_PARTS):
            part = items[number * size : (number + 1) * size]
            papers, topics = [item.paper for item in part], [item.topics for item in part]
            self._clock.at(evening + after, partial(self._arxiv.announce, papers, topics))
        if not self._plan.quiet and day % 10 == 0:
            sys.stderr.write(f"{self._plan.scenario.name}: day {day} of {self._plan.days}\n")

    def _edit(self) -> None:
        self._arxiv.touch(self._submissions.touched(self._plan.new // 5))

    def _set_roads(self, day: int) -> None:
        scenario, now = self._plan.scenario, self._clock()
        self._arxiv.open()
        out = self._outage is not None and self._outage <= now < self._outage + ALL_CLOSED
        for road in Road if out else scenario.closed:
            self._arxiv.close_road(road)
        if scenario.lying and day and (lie := scenario.lie_on(day, self._plan.every)):
            self._arxiv.tell(lie, scenario.lying)


class _Bot:
    """The bot between arXiv and its outbox; `starts` are when it began to ask arXiv."""

    def __init__(
        self, plan: Plan, clock: EventClock, arxiv: ClockedArxiv, session: aiohttp.ClientSession, store: Store
    ) -> None:
        self._clock, self._arxiv, self._store = clock, arxiv, store
        settings = Settings(
            arxiv=ArxivSettings(
                api_url=arxiv.url, oai_url=arxiv.oai_url, rss_url=arxiv.rss_url, source=plan.source
            ),
            delivery=DeliverySettings(daily_cap=None),
        )
        gate = Gate(settings.arxiv.min_interval, clock=clock.seconds, sleep=clock.sleep)
        client = ArxivClient(session, gate, settings.arxiv, clock=clock)
        oai = OaiClient(session, gate, settings.arxiv, clock=clock)
        feeds = FeedsClient(session, gate, settings.arxiv, clock=clock)
        source = source_of(settings, client, oai, feeds, store, clock=clock)
        self._poller = Poller(store, source, settings, clock=clock, on_queued=self._wake)
        self._digests = DigestJob(store, clock=clock, on_queued=self._wake)
        self._looked = 0.0
        self._woken = True
        self._sent = 0
        self.starts: list[datetime] = []

    async def subscribe(self, readers: Iterable[Reader]) -> None:
        """Subscribe *readers*, who have seen what there is, and do the first poll."""
        known = make_paper(id="2609.15000", published=self._clock() - 3 * _DAY)
        for reader in readers:
            for topic in reader.topics:
                await self._store.subscriptions.subscribe(
                    place=Place(1, reader.channel),
                    keyword=topic,
                    query=parse(topic).canonical,
                    options=Options(revisions=reader.revisions),
                    created_by=1,
                    now=self._clock(),
                    look=look_at([known]),
                )

    async def add_queries(self, count: int) -> None:
        """Subscribe a channel to more queries, *count* in all, that no paper matches."""
        async with self._store.database.write() as connection:
            known = [dict(row) for row in (await connection.execute(sa.select(queries))).mappings()]
            model = dict((await connection.execute(sa.select(subscriptions).limit(1))).mappings().one())
            del model["id"]
            numbers = range(len(known) + 1, count + 1)
            new = [
                known[0] | {"id": number, "canonical": parse(f"ti:nowhere{number}k").canonical}
                for number in numbers
            ]
            if new:
                await connection.execute(queries.insert(), new)
                await connection.execute(
                    subscriptions.insert(), [model | {"query_id": row["id"]} for row in new]
                )

    async def run_until(self, end: datetime, arrivals: Arrivals) -> None:
        """Let the bot's jobs work until *end*; what they post goes to *arrivals*."""
        while self._clock() < end:
            asked = len(self._arxiv.visits)
            rest = await self._poller.run()
            if len(self._arxiv.visits) > asked:
                self.starts.append(self._arxiv.visits[asked].began)
            if self._clock.seconds() >= self._looked + _LISTS_EVERY:
                self._looked = self._clock.seconds()
                await self._digests.run()
            if self._woken:
                await self._deliver(arrivals)
            if rest >= _LONGEST_REST:
                due = self._poller.report.next
                rest = max(_LONGEST_REST, min(_LOOK, self._clock.until(due) if due else _LOOK))
            self._clock.advance(rest)

    def _wake(self) -> None:
        self._woken = True

    async def _deliver(self, arrivals: Arrivals) -> None:
        self._woken = False
        while heads := await self._store.outbox.heads(self._clock(), _READERS):
            for row in heads:
                await self._post(row, arrivals)
                self._sent += 1
                await self._store.settle(row, Sent(self._sent), self._clock())

    async def _post(self, row: OutboxRow, arrivals: Arrivals) -> None:
        channel, now = row.destination.channel_id, self._clock()
        if row.kind in {Kind.PAPER, Kind.REVISION} and isinstance(row.subject, PaperSubject):
            arrivals.posted(channel, row.subject.paper, row.subject.version, row.kind, now)
        elif row.page is not None:
            listed = [paper for section in row.page.sections for paper in section.papers]
            for paper in await self._store.papers.get_many(listed):
                arrivals.posted(channel, paper.id, paper.version, row.kind, now)
