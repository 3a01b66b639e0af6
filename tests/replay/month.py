"""Days of arXiv through the real poller, store, chooser and digest, and people who save what they care for.

Only arXiv is a fake, over real HTTP. Each reader has a channel with a digest. A morning brings what was
submitted before the last announcement; then the digest comes, and the reader saves the papers of their list
that are in it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import aiohttp

from bot.arxiv.calendar import last_announced
from bot.arxiv.client import ArxivClient
from bot.arxiv.gate import Gate
from bot.config import ArxivSettings, PollSettings, Settings
from bot.delivery.digest_queue import DigestJob
from bot.model.interests import Verdict
from bot.model.outbox import OutboxRow, Section
from bot.model.outcomes import Sent
from bot.model.papers import Paper, PaperId
from bot.model.subscriptions import Deliver, Options, Place, Schedule
from bot.polling.api_source import ApiSource
from bot.polling.poller import Poller
from bot.query.query import parse
from bot.relevance.interests import Interests
from bot.store import Store
from tests.database import lay_out
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock, Stopwatch
from tests.looks import look_at

FIRST = 5
"""How many papers of a digest people read, as `Share` counts."""
EVERY_DAY = frozenset(range(7))
_POLLED, _DIGEST = time(9, 30), 10  # UTC; the index is complete at 08:30 at the latest
_UNTIL_THE_DIGEST = timedelta(minutes=30)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Reader:
    """Somebody whose channel subscribes to *queries*, first adds the papers *known*, and saves *wanted*."""

    name: str
    queries: tuple[str, ...]
    known: tuple[Paper, ...]
    wanted: frozenset[PaperId]


@dataclass(frozen=True)
class ReadDigest:
    """A digest of a *reader*: its papers in order, their order without interests, and what was saved."""

    reader: str
    day: date
    papers: tuple[PaperId, ...]
    without_interest: tuple[PaperId, ...]
    saved: frozenset[PaperId]

    @property
    def newest_first(self) -> tuple[PaperId, ...]:
        return tuple(sorted(self.papers, reverse=True))


@dataclass(frozen=True)
class Share:
    """How many of the saved papers were among the first five of their digests; more than five do not fit."""

    first: int
    saved: int

    @classmethod
    def of(cls, orders: Iterable[tuple[Sequence[PaperId], frozenset[PaperId]]]) -> Share:
        """Count orders of digests and what was saved of each."""
        first = saved = 0
        for papers, wanted in orders:
            first += len(wanted.intersection(papers[:FIRST]))
            saved += min(FIRST, len(wanted))
        return cls(first, saved)

    @property
    def per_cent(self) -> float:
        return 100 * self.first / self.saved if self.saved else float("nan")


def worth_ordering(digests: Iterable[ReadDigest]) -> list[ReadDigest]:
    """Return the digests in which the order matters: with more than five papers, some of them saved."""
    return [one for one in digests if len(one.papers) > FIRST and one.saved]


async def replay(
    papers: Sequence[Paper], readers: Sequence[Reader], folder: Path, *, days: frozenset[int] = EVERY_DAY
) -> list[ReadDigest]:
    """Let arXiv announce *papers* day by day; return the digests of the *readers*, on *days* of the week."""
    lay_out(folder / "papers.db")
    async with (
        FakeArxiv() as arxiv,
        aiohttp.ClientSession() as session,
        await Store.open(f"sqlite:///{folder}/papers.db") as store,
    ):
        month = _Month(store, arxiv, session, papers, readers)
        await month.begin(Schedule(_DIGEST, "UTC", days))
        return [digest async for digest in month.days()]


class _Month:
    def __init__(
        self,
        store: Store,
        arxiv: FakeArxiv,
        session: aiohttp.ClientSession,
        papers: Sequence[Paper],
        readers: Sequence[Reader],
    ) -> None:
        self._store, self._arxiv = store, arxiv
        self._papers = {paper.id: paper for paper in papers}
        self._readers = dict(enumerate(readers, 1))  # by channel
        first = min(paper.published for paper in papers)
        self._clock = Clock(datetime.combine(first.date(), _POLLED, first.tzinfo))
        self._watch = Stopwatch()
        settings = Settings(
            arxiv=ArxivSettings(api_url=arxiv.url, timeout=30), poll=PollSettings(every="arxiv")
        )
        gate = Gate(3, clock=self._watch, sleep=self._watch.sleep)
        client = ArxivClient(session, gate, settings.arxiv, clock=self._clock)
        interests = Interests(store, clock=self._clock)
        self._poller = Poller(
            store,
            ApiSource(client, store.papers.matched_between),
            settings,
            clock=self._clock,
            on_queued=lambda: None,
            interests=interests,
        )
        self._digests = DigestJob(store, clock=self._clock, on_queued=lambda: None, interests=interests)

    async def begin(self, schedule: Schedule) -> None:
        """Subscribe the channels on the eve of the first paper, and add what their readers know."""
        now = self._clock()
        for channel, reader in self._readers.items():
            place = Place(1, channel)
            for query in reader.queries:
                await self._store.subscriptions.subscribe(
                    place=place,
                    keyword=query,
                    query=parse(query).canonical,
                    options=Options(deliver=Deliver.DIGEST),
                    created_by=channel,
                    now=now,
                    look=look_at([max(reader.known, key=lambda paper: paper.id)]),
                )
            destination = await self._store.destinations.ensure(place, now)
            await self._store.destinations.schedule(destination.id, schedule, now)
            await self._store.feedback.give(destination.id, reader.known, Verdict.MORE, now)

    async def days(self) -> AsyncIterator[ReadDigest]:
        """Yield the digests, until those of the last papers have come."""
        waiting = deque(sorted(self._papers.values(), key=lambda paper: paper.id))
        while True:
            self._pass(_DAY)
            announced = last_announced(self._clock())
            while waiting and waiting[0].published < announced:
                self._arxiv.publish([waiting.popleft()])
            await self._poller.run()
            self._pass(_UNTIL_THE_DIGEST)
            plain = {
                destination.id: await self._store.digests.pending(destination.id)
                for destination in await self._store.destinations.scheduled()
            }
            await self._digests.run()
            while heads := await self._store.outbox.heads(self._clock(), len(self._readers)):
                for row in heads:
                    yield await self._read(row, plain[row.destination.id])
            if not waiting and not any(plain.values()):
                return
            self._pass(-_UNTIL_THE_DIGEST)

    async def _read(self, row: OutboxRow, plain: Sequence[Section]) -> ReadDigest:
        """Let the reader of a digest save what they want of it."""
        assert row.page is not None
        channel = row.destination.channel_id
        reader = self._readers[channel]
        digest = ReadDigest(
            reader.name,
            row.page.day,
            _in_order(row.page.sections),
            _in_order(plain),
            reader.wanted.intersection(_in_order(row.page.sections)),
        )
        await self._store.settle(row, Sent(row.id), self._clock())
        saved = [self._papers[paper] for paper in digest.saved]
        await self._store.library.save(channel, saved, self._clock(), most=1_000, channel_id=channel)
        return digest

    def _pass(self, by: timedelta) -> None:
        self._clock.advance(by)
        self._watch.seconds += by.total_seconds()


def _in_order(sections: Sequence[Section]) -> tuple[PaperId, ...]:
    return tuple(paper for section in sections for paper in section.papers)
