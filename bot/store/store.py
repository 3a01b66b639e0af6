"""The store: everything the bot remembers, behind methods that are one transaction each."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from bot.model.outbox import Gap, OutboxRow
from bot.model.outcomes import Outcome, Pause, Sent
from bot.model.papers import Match, Paper
from bot.rules.pace import Pace
from bot.store import outbox, recording, retention, schema
from bot.store import restore_gaps as gaps
from bot.store.crossposts import Crossposts
from bot.store.destinations import Destinations
from bot.store.digests import Digests
from bot.store.engine import BUSY_TIMEOUT, Database
from bot.store.held import Held
from bot.store.history import PaperHistory
from bot.store.imports import Imports
from bot.store.library import Library
from bot.store.meta import Meta
from bot.store.notices import NoticeQueue
from bot.store.outbox import Outbox
from bot.store.overflow import Overflow
from bot.store.papers import Papers
from bot.store.people import People
from bot.store.queries import Queries
from bot.store.recording import Recorded
from bot.store.retention import Pruned
from bot.store.sqlite_errors import store_errors
from bot.store.subscriptions import Subscriptions


class Store:
    """An open database. Every method ends in a `StoreError` with a sentence where the database fails."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.papers = Papers(database)
        self.queries = Queries(database)
        self.destinations = Destinations(database)
        self.subscriptions = Subscriptions(database)
        self.outbox = Outbox(database)
        self.crossposts = Crossposts(database)
        self.digests = Digests(database)
        self.imports = Imports(database)
        self.notices = NoticeQueue(database)
        self.overflow = Overflow(database)
        self.held = Held(database)
        self.library = Library(database)
        self.people = People(database)
        self.history = PaperHistory(database)
        self.meta = Meta(database)

    @classmethod
    async def open(cls, url: str, *, hold: bool = False, busy_timeout: timedelta = BUSY_TIMEOUT) -> Self:
        """Open `sqlite:///path`, made and migrated where necessary.

        With *hold* no other process can hold it until this one closes it or ends, in whatever way; opening
        it beside that without *hold* (a backup, an export) is fine.

        Raises:
            StoreError: it cannot be used; the subclass and the sentence say why and what to do.
        """
        return cls(await Database.open(url, hold=hold, busy_timeout=busy_timeout))

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
        """What tells this database from every other, made once: 12 hexadecimal digits."""
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
    ) -> Recorded:
        """Store what a poll found and queue what is new for whom, all of it or nothing.

        Every paper of *matches* is in *papers* or known already. *asked* are the queries (canonical text)
        whose poll this completes: their error is forgotten, and subscriptions that wait for a baseline get
        it. Without *announce* nothing is queued; what sorts after `since` will be when it next matches.
        *pace* (default: none but the channels' own caps) says how much a poll and a day may bring; calls
        that belong to one poll share it.
        """
        async with self.database.write() as connection:
            return await recording.record(
                connection, papers, matches, now, asked=asked, announce=announce, pace=pace
            )

    async def settle(self, row: OutboxRow, outcome: Outcome, now: datetime) -> None:
        """Store what became of one try of *row*: sent, later, plainly, failed, or its destination paused."""
        several = isinstance(outcome, Pause) or (isinstance(outcome, Sent) and outcome.announced)
        async with self.database.write(single=not several) as connection:
            await outbox.settle(connection, row, outcome, now)

    async def make_due(self, now: datetime) -> None:
        """Let all that was put off be due, since the clock by which it was put off has been set back."""
        async with self.database.write() as connection:
            await outbox.make_due(connection, now)

    async def prune(self, now: datetime, *, keep: timedelta, undo: timedelta) -> Pruned:
        """Forget what is older than *keep*, and subscriptions removed longer than *undo* ago; count it.

        What is waiting, saved or needed to tell new papers from old ones stays.
        """
        async with self.database.write() as connection:
            return await retention.prune(connection, now - keep, removed_before=now - undo)

    async def erase_gone(self, now: datetime, grace: timedelta) -> int:
        """Erase channels that went *grace* ago or earlier, with all that was theirs; return how many."""
        async with self.database.write() as connection:
            return await retention.erase_gone(connection, now - grace)

    async def gaps(self) -> list[Gap]:
        """Return from when to when something was posted that is not known here, the oldest first."""
        async with self.database.read() as connection:
            return await connection.run_sync(gaps.gaps)

    async def responds(self) -> None:
        """Take the writer's turn and read: what hangs there holds up everything.

        Raises:
            StoreError: the database cannot be written, or another process keeps it locked.
        """
        async with self.database.write() as connection:
            await connection.execute(sa.text("SELECT 1"))

    async def verify(self) -> None:
        """Read the whole file, whatever its size.

        Raises:
            StoreCorrupt: it is damaged.
        """
        async with self.database.read():
            await asyncio.to_thread(self._verify)

    def _verify(self) -> None:
        path = self.database.path
        with store_errors(path), closing(sqlite3.connect(path)) as connection:
            schema.verify(connection, path)
