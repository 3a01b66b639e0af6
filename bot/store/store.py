"""The store: everything that the bot remembers.

What a method writes is stored whole or not at all, in one transaction; only `Held.review` takes one for each
channel, so that others can write in between. A method that reads beside the writer with several statements
may see a write between two of them, except where it says that it reads one moment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from bot.model.outbox import Gap, OutboxRow
from bot.model.outcomes import Outcome, Pause, Sent
from bot.model.papers import Match, Paper, PaperId
from bot.rules.pace import Pace
from bot.store import harvests, outbox, recording, retention
from bot.store import restore_gaps as gaps
from bot.store.choices import Choices
from bot.store.crossposts import Crossposts
from bot.store.destinations import Destinations
from bot.store.digests import Digests
from bot.store.discussions import DiscussionThreads
from bot.store.engine import BUSY_TIMEOUT, Database
from bot.store.feedback import Feedback
from bot.store.harvests import Harvests
from bot.store.held import Held
from bot.store.history import PaperHistory
from bot.store.imports import Imports
from bot.store.library import Library
from bot.store.meta import Meta
from bot.store.notices import NoticeQueue
from bot.store.opening import open_database
from bot.store.outbox import Outbox
from bot.store.overflow import Overflow
from bot.store.papers import Papers
from bot.store.people import People
from bot.store.queries import Queries
from bot.store.recording import Recorded
from bot.store.retention import Pruned
from bot.store.signatures import PaperSignatures
from bot.store.subscriptions import Subscriptions


class Store:
    """An open database. If it fails, every method raises a `StoreError` with a sentence for the operator."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.papers = Papers(database)
        self.queries = Queries(database)
        self.destinations = Destinations(database)
        self.subscriptions = Subscriptions(database)
        self.outbox = Outbox(database)
        self.choices = Choices(database)
        self.crossposts = Crossposts(database)
        self.digests = Digests(database)
        self.discussions = DiscussionThreads(database)
        self.imports = Imports(database)
        self.notices = NoticeQueue(database)
        self.overflow = Overflow(database)
        self.harvests = Harvests(database)
        self.held = Held(database)
        self.library = Library(database)
        self.feedback = Feedback(database)
        self.signatures = PaperSignatures(database)
        self.people = People(database)
        self.history = PaperHistory(database)
        self.meta = Meta(database)

    @classmethod
    async def open(cls, url: str, *, hold: bool = False, busy_timeout: timedelta = BUSY_TIMEOUT) -> Self:
        """Open the database at *url*; create and migrate it if necessary.

        With *hold*, no other process can hold it until this one closes it or ends, however that happens.
        Others may still open it without *hold*, for a backup or an export.

        Raises:
            StoreError: the database cannot be used; the subclass and the sentence say why and what to do.
        """
        return cls(await open_database(url, hold=hold, busy_timeout=busy_timeout))

    async def close(self) -> None:
        await self.database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def installation(self) -> str:
        """The identifier of this database, generated once: 12 hexadecimal digits."""
        return self.database.installation

    async def record(
        self,
        papers: Sequence[Paper],
        matches: Sequence[Match],
        now: datetime,
        *,
        asked: Collection[str] = (),
        announce: bool = True,
        pace: Pace | None = None,
        provisional: Collection[PaperId] = (),
        harvested: Mapping[PaperId, int] | None = None,
    ) -> Recorded:
        """Store what a poll found and queue the papers that are new, all of it or nothing.

        Every paper in *matches* must be in *papers* or stored already. *asked* are the queries (canonical
        text) whose poll this call completes: their last error is cleared, and subscriptions without a
        baseline get one. Queries that are no longer stored are left out. Without *announce* nothing is
        queued, and papers above `since` are queued when they match again. *pace* limits how many papers a
        channel gets from a poll and in a day; without it, only the channels' own caps apply. All calls of one
        poll share it. *provisional* names the papers whose text is not the query API's, and *harvested* the
        versions that a harvest has read, of these papers and of others.
        """
        async with self.database.write() as connection:
            return await recording.record(
                connection,
                papers,
                matches,
                now,
                asked=asked,
                announce=announce,
                pace=pace,
                provisional=provisional,
                harvested=harvested,
            )

    async def settle(self, row: OutboxRow, outcome: Outcome, now: datetime) -> None:
        """Store the outcome of one attempt to send *row*."""
        several = isinstance(outcome, Pause) or (isinstance(outcome, Sent) and outcome.announced)
        async with self.database.write(single=not several) as connection:
            await outbox.settle(connection, row, outcome, now)

    async def make_due(self, now: datetime) -> None:
        """Make every postponed message due now, because the clock that postponed it was set back."""
        async with self.database.write() as connection:
            await outbox.make_due(connection, now)

    async def prune(self, now: datetime, *, keep: timedelta, undo: timedelta) -> Pruned:
        """Delete what is older than *keep*, and subscriptions that were removed more than *undo* ago.

        Return how many rows were deleted. Papers that are queued, saved, or needed to recognize new papers
        stay.
        """
        async with self.database.write() as connection:
            await harvests.forget(connection, now - harvests.KEPT)
            return await retention.prune(connection, now - keep, removed_before=now - undo)

    async def erase_gone(self, now: datetime, grace: timedelta) -> int:
        """Erase the channels that have been gone for *grace*, with all their data; return how many."""
        async with self.database.write() as connection:
            return await retention.erase_gone(connection, now - grace)

    async def gaps(self) -> list[Gap]:
        """Return the periods in which messages were posted that this database does not know, oldest first."""
        async with self.database.read() as connection:
            return await connection.run_sync(gaps.gaps)

    async def responds(self) -> None:
        """Check that the database can be written, by taking the write lock.

        Raises:
            StoreError: it cannot be written, or another process keeps it locked.
        """
        async with self.database.write() as connection:
            await connection.execute(sa.text("SELECT 1"))

    async def verify(self) -> None:
        """Check the whole database, however large it is.

        Raises:
            StoreCorrupt: it is damaged.
        """
        await self.database.verify()
