"""The connections to one database file: one writer, several readers, and errors as sentences.

SQLite allows one writer at a time. This process has a single writing connection, which tasks get in turn from
an asyncio lock, so that no task spins on SQLite's lock. `BEGIN IMMEDIATE` takes the write lock before the
first read, so that a transaction cannot fail halfway because another process has written in the meantime.
Readers have their own connections. In WAL mode they neither wait for the writer nor see half a transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.model.errors import StoreError
from bot.store import restore_gaps, schema
from bot.store.driver import Connections
from bot.store.lock import ProcessLock
from bot.store.presence import Presence, warn_if_missing
from bot.store.sqlite_errors import store_errors

BUSY_TIMEOUT = timedelta(seconds=5)
_READERS = 4
_LOOK_EVERY = 3.0  # seconds between two looks at the files
_PATIENCE = 2.0  # seconds that closing waits for connections in use; the whole process has 10 to end
_SCHEMES = ("sqlite", "sqlite+aiosqlite")


def database_path(url: str) -> Path:
    """Return the absolute path of the file that *url* names.

    *url* is `sqlite:///relative/path` or `sqlite:////absolute/path`.

    Raises:
        StoreError: it names another kind of database, or no file. The message never repeats a password.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise StoreError("database.url is not a valid URL; write sqlite:///data/papers.db.") from None
    if parsed.drivername.startswith("postgres"):
        raise StoreError("PostgreSQL is not built yet; set database.url to sqlite:///data/papers.db.")
    if parsed.drivername not in _SCHEMES:
        raise StoreError(
            f"“{parsed.drivername}” databases are not supported; set database.url to sqlite:///data/papers.db."
        )
    if parsed.database in {None, "", ":memory:"}:
        raise StoreError("database.url does not name a file; write sqlite:///data/papers.db.")
    return Path(str(parsed.database)).expanduser().resolve()


class Database:
    """An open, migrated database file. All access goes through `write()` and `read()`."""

    def __init__(self, path: Path, *, busy_timeout: timedelta) -> None:
        self.path = path
        self._turn = asyncio.Lock()
        self._lock: ProcessLock | None = None
        self._presence: Presence | None = None
        self._closed = False
        self._reading = 0
        self._failed = asyncio.Event()
        self._failure: StoreError | None = None
        self.installation = ""
        self._connections = Connections()
        timeout = busy_timeout.total_seconds()
        engine = partial(_engine, path, self._connections, timeout=timeout)
        self._writer = engine(size=1)
        sa.event.listen(self._writer.sync_engine, "begin", _begin)
        # Whatever happens, the pool ends the transaction when a connection is returned: one that stayed open
        # would keep the write-ahead log from being emptied.
        self._snapshots = engine(size=1)
        sa.event.listen(self._snapshots.sync_engine, "begin", _begin_reading)
        # These connections never begin a transaction. A single statement is one of its own, it reads a
        # consistent database, and callers that need more ask for it. So there is nothing to roll back either.
        self._single = engine(size=1, skip_autocommit_rollback=True)
        self._readers = engine(size=_READERS, skip_autocommit_rollback=True)

    @classmethod
    async def open(cls, url: str, *, hold: bool, busy_timeout: timedelta = BUSY_TIMEOUT) -> Database:
        """Open the file; create and migrate it if necessary. With *hold*, lock it for this process.

        Raises:
            StoreError: the file cannot be used; the subclass says why.
        """
        path = database_path(url)
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

    async def close(self) -> None:
        """Close every connection and release the process lock, once all reads and writes have ended."""
        async with self._turn:
            self._closed = True
            await self._all_returned()
            for engine in self._engines():
                await engine.dispose()
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    await self._connections.ended()
            if self._presence is not None:
                self._presence.close()
                self._presence = None
            if self._lock is not None:
                self._lock.release()
                self._lock = None

    @asynccontextmanager
    async def write(self, *, single: bool = False) -> AsyncIterator[AsyncConnection]:
        """Run the block as one transaction: everything in it is stored durably, or nothing.

        With *single* the block must be one statement, which is a transaction of its own. That saves BEGIN and
        COMMIT, each a trip to the connection's thread, which are most of the cost of small writes.

        Raises:
            StoreError: the database cannot be written; the subclass says why.
        """
        async with self._turn:
            self._require_open()
            with self._watching():
                async with self._single.connect() if single else self._writer.begin() as connection:
                    yield connection

    @asynccontextmanager
    async def read(self, *, snapshot: bool = False) -> AsyncIterator[AsyncConnection]:
        """Read beside the writer. Each statement sees what was committed when it began.

        With *snapshot*, all statements of the block see what was committed when the first one began. That
        takes a transaction, which costs a small read as much again.

        Raises:
            StoreError: the database cannot be read; the subclass says why.
        """
        self._require_open()
        self._reading += 1
        try:
            with self._watching():
                async with (self._snapshots if snapshot else self._readers).connect() as connection:
                    yield connection
        finally:
            self._reading -= 1

    async def failure(self) -> StoreError:
        """Wait until the database has become unusable; return why.

        Some read or write finds that, or a look at the files every few seconds.
        """
        while self._failure is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY):
                    await self._failed.wait()
            if self._failure is None and self._presence is not None:
                self._failure = await asyncio.to_thread(self._presence.lost)
        return self._failure

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Turn errors in the block into sentences, and remember one that lasts, for `failure`."""
        try:
            with store_errors(self.path):
                yield
        except StoreError as error:
            if error.final and self._failure is None:
                lost = self._presence.lost() if self._presence is not None else None
                self._failure = lost or error
                self._failed.set()
            raise

    async def _all_returned(self) -> None:
        """Wait until no task has a connection or waits for one, since a disposed pool takes none back.

        If a task is cancelled while it returns a connection, a task of SQLAlchemy's goes on returning it.
        Only the pool knows about that, and it has no event to wait for.
        """
        pools = [engine.pool for engine in self._engines()]
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while self._reading or any(  # noqa: ASYNC110
                    pool.checkedout() for pool in pools if isinstance(pool, sa.QueuePool)
                ):
                    await asyncio.sleep(0.01)

    def _engines(self) -> tuple[AsyncEngine, ...]:
        return self._readers, self._snapshots, self._single, self._writer

    def _require_open(self) -> None:
        if self._closed:
            raise StoreError(f"The database {self.path} is closed.")


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

    return engine
