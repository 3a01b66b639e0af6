"""The driver's connections, each with a thread of its own, which always end.

A task can be cancelled twice while it uses a connection: when its job is stopped, and again when the process
ends. SQLAlchemy then stops the connection twice, and aiosqlite waits the second time for an answer from a
thread that has ended. Here a thread is told to end only once, and closing the database waits for its threads.

A task that is cancelled while a statement runs leaves the statement's cursor behind, unfinished, until Python
collects it. SQLite does not close a connection with an unfinished statement, so its transaction would go on
and lock the database. Here a connection finishes its statements when it is closed.
"""

from __future__ import annotations

import asyncio
import sqlite3
import weakref
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite


class Connection(aiosqlite.Connection):
    """A connection that can be stopped more than once."""

    def stop(self) -> asyncio.Future[Any] | None:
        """Tell the thread to end; return a future of its end, or None if it was told before."""
        return super().stop() if self._running else None

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()


class _Handle(sqlite3.Connection):
    """What the driver's thread works on: closing it ends its transaction."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._cursors: weakref.WeakSet[sqlite3.Cursor] = weakref.WeakSet()

    def cursor(self, *arguments: Any, **options: Any) -> Any:
        cursor = super().cursor(*arguments, **options)
        self._cursors.add(cursor)
        return cursor

    def close(self) -> None:
        for cursor in list(self._cursors):
            cursor.close()
        self._cursors.clear()  # closing once more must not fail
        super().close()


class Connections:
    """Opens the connections of one database, and ends those that are left."""

    def __init__(self) -> None:
        self._opened: weakref.WeakSet[Connection] = weakref.WeakSet()

    def open(self, database: str, **options: Any) -> Connection:
        """Return a connection to be awaited, as SQLAlchemy's `async_creator_fn` does.

        It creates no file: one that is missing now was deleted after the database was opened.
        """
        address = f"{Path(database).as_uri()}?mode=rw"
        connect = partial(sqlite3.connect, address, uri=True, factory=_Handle, **options)
        connection = Connection(connect, iter_chunk_size=64)
        connection._thread.daemon = True  # noqa: SLF001 - a thread that hangs holds up no process
        self._opened.add(connection)
        return connection

    async def ended(self) -> None:
        """End every connection that is still open, and wait until all threads have ended."""
        for connection in list(self._opened):
            connection.stop()
        while any(connection.is_alive for connection in self._opened):  # noqa: ASYNC110 - threads signal nothing
            await asyncio.sleep(0.001)
