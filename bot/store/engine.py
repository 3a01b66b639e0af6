"""What the store asks of a database on either engine: transactions, one writer, and errors as sentences.

`sqlite` and `postgres` open one. Tasks of this process get the writing connection in turn from an asyncio
lock, so that no task spins on the engine's own lock.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.model.errors import StoreError, StoreLost

BUSY_TIMEOUT = timedelta(seconds=5)
_LOOK_EVERY = 3.0  # seconds between two looks at whether the database is still there
_PATIENCE = 2.0  # seconds that closing waits for connections in use; the whole process has 10 to end


class Database(ABC):
    """An open, migrated database. All access goes through `write()` and `read()`.

    `name` is what sentences call it; it holds no password. `installation` is generated once in each.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.installation = ""
        self._turn = asyncio.Lock()
        self._closed = False
        self._reading = 0
        self._failed = asyncio.Event()
        self._failure: StoreError | None = None

    @asynccontextmanager
    async def write(self, *, single: bool = False) -> AsyncIterator[AsyncConnection]:
        """Run the block as one transaction: everything in it is stored durably, or nothing.

        With *single* the block must be one statement, which is cheaper.

        Raises:
            StoreError: the database cannot be written; the subclass says why.
        """
        async with self._turn:
            self._require_open()
            with self._watching():
                async with self._writing(single=single) as connection:
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
                async with self._reads(snapshot=snapshot) as connection:
                    yield connection
        finally:
            self._reading -= 1

    @abstractmethod
    async def verify(self) -> None:
        """Check the whole database, however large it is, as far as the engine leaves that to its users.

        Raises:
            StoreCorrupt: it is damaged.
        """

    async def close(self) -> None:
        """Close every connection and release the database, once all reads and writes have ended."""
        async with self._turn:
            self._closed = True
            await self._all_returned()
            await self._release()

    async def failure(self) -> StoreError:
        """Wait until the database has become unusable; return why.

        Some read or write finds that, or a look at the database every few seconds.
        """
        while self._failure is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY):
                    await self._failed.wait()
            if self._failure is None:
                self._failure = await asyncio.to_thread(self._lost)
        return self._failure

    @abstractmethod
    def _writing(self, *, single: bool) -> AbstractAsyncContextManager[AsyncConnection]:
        """Run the block in a transaction of the only writing connection."""

    @abstractmethod
    def _reads(self, *, snapshot: bool) -> AbstractAsyncContextManager[AsyncConnection]:
        """Run the block on a reading connection."""

    @abstractmethod
    def _sentences(self) -> AbstractContextManager[None]:
        """Turn errors of the driver in the block into a `StoreError`."""

    @abstractmethod
    def _engines(self) -> tuple[AsyncEngine, ...]:
        """Return the engines, which are disposed of in this order."""

    async def _release(self) -> None:
        for engine in self._engines():
            await engine.dispose()

    def _lost(self) -> StoreLost | None:
        """Return the error if the database is not the one that was opened. Blocks."""
        return None

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Turn errors in the block into sentences, and remember one that lasts, for `failure`."""
        try:
            with self._sentences():
                yield
        except StoreError as error:
            if error.final:
                self._give_up(self._lost() or error)
            raise

    def _give_up(self, error: StoreError) -> None:
        if self._failure is None:
            self._failure = error
            self._failed.set()

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

    def _require_open(self) -> None:
        if self._closed:
            raise StoreError(f"The database {self.name} is closed.")
