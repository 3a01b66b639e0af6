"""The connections to one SQLite file: one writer, several readers.

SQLite allows one writer at a time. `BEGIN IMMEDIATE` takes the write lock before the first read, so that a
transaction cannot fail halfway because another process has written in the meantime. Readers have their own
connections. In WAL mode they neither wait for the writer nor see half a transaction.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import AbstractAsyncContextManager, AbstractContextManager, closing, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.model.errors import StoreLost
from bot.store import restore_gaps, schema
from bot.store.driver import Connections
from bot.store.engine import Database
from bot.store.lock import ProcessLock
from bot.store.presence import Presence, warn_if_missing
from bot.store.sqlite_errors import store_errors

_READERS = 4
_PATIENCE = 2.0  # seconds that closing waits for threads


class SqliteDatabase(Database):
    """An open, migrated database file."""

    def __init__(self, path: Path, *, busy_timeout: timedelta) -> None:
        super().__init__(str(path))
        self.path = path
        self._lock: ProcessLock | None = None
        self._presence: Presence | None = None
        self._connections = Connections()
        timeout = busy_timeout.total_seconds()
        engine = partial(_engine, path, self._connections, timeout=timeout)
        self._writer = engine(size=1)
        sa.event.listen(self._writer.sync_engine, "begin", _begin)
        # Whatever happens, the pool ends the transaction when a connection is returned: one that stayed open
        # would keep the write-ahead log from being emptied.
        self._snapshots = engine(size=1)
        sa.event.listen(self._snapshots.sync_engine, "begin", _begin_reading)
        # These connections never begin a transaction. A single statement is one of its own, which saves BEGIN
        # and COMMIT, each a trip to the connection's thread and most of the cost of small writes. It reads a
        # consistent database, and callers that need more ask for it. So there is nothing to roll back either.
        self._single = engine(size=1, skip_autocommit_rollback=True)
        self._readers = engine(size=_READERS, skip_autocommit_rollback=True)

    @classmethod
    async def open(cls, path: Path, *, hold: bool, busy_timeout: timedelta) -> SqliteDatabase:
        """Open the file; create and migrate it if necessary. With *hold*, lock it for this process.

        Raises:
            StoreError: the file cannot be used; the subclass says why.
        """
        database = cls(path, busy_timeout=busy_timeout)
        try:
            with store_errors(path):
                await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
                if hold:
                    await asyncio.to_thread(warn_if_missing, path)
                    database._lock = ProcessLock(path)
                    database._lock.acquire()
                seconds = busy_timeout.total_seconds()
                await asyncio.to_thread(partial(schema.prepare, path, timeout=seconds))
                async with database._writer.begin() as connection:
                    # A bot of the earlier version that is running would suddenly find another schema.
                    upgrading = not hold and await connection.run_sync(schema.outdated)
                    with ProcessLock(path) if upgrading else nullcontext():
                        await connection.run_sync(schema.migrate, path)
                    if hold:  # the file may be a backup that was copied into place by hand
                        await connection.run_sync(restore_gaps.adopt, datetime.now(UTC))
                    database.installation = await connection.run_sync(schema.installation)
                if hold:
                    database._presence = await asyncio.to_thread(Presence, path)
        except BaseException:
            await database.close()
            raise
        return database

    async def verify(self) -> None:
        async with self.read():
            await asyncio.to_thread(self._verify)

    def _verify(self) -> None:
        with store_errors(self.path), closing(sqlite3.connect(self.path)) as connection:
            schema.verify(connection, self.path)

    async def _release(self) -> None:
        await super()._release()
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await self._connections.ended()
        if self._presence is not None:
            self._presence.close()
            self._presence = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _writing(self, *, single: bool) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._single.connect() if single else self._writer.begin()

    def _reads(self, *, snapshot: bool) -> AbstractAsyncContextManager[AsyncConnection]:
        return (self._snapshots if snapshot else self._readers).connect()

    def _sentences(self) -> AbstractContextManager[None]:
        return store_errors(self.path)

    def _engines(self) -> tuple[AsyncEngine, ...]:
        return self._readers, self._snapshots, self._single, self._writer

    def _lost(self) -> StoreLost | None:
        return self._presence.lost() if self._presence is not None else None


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _engine(
    path: Path, connections: Connections, *, size: int, timeout: float, **options: Any
) -> AsyncEngine:
    engine = create_async_engine(
        sa.URL.create("sqlite+aiosqlite", database=str(path)),
        pool_size=size,
        max_overflow=0,
        # The driver must not begin transactions itself: it would do so too late, and not for DDL.
        connect_args={
            "timeout": timeout,
            "isolation_level": None,
            "async_creator_fn": connections.open,
        },
        **options,
    )

    @sa.event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (
            "foreign_keys = ON",
            "synchronous = FULL",  # a settled row must survive a power cut, or it would be sent again
            "journal_size_limit = 67108864",
            "cache_size = -16000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        # SQLite's own knows ASCII alone, so that a search for “über” would not find “Über”.
        connection.create_function("lower", 1, _lower, deterministic=True)

    return engine


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
