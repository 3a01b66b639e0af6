"""The connections to a database of a PostgreSQL server.

Writes of several statements take one advisory lock for the length of their transaction, as SQLite's writers
take the lock of the file. So nobody changes what they read, and none fails halfway because of another. A
write of one statement relies on the locks of its rows.

Nothing outlives a transaction but committed rows: no session lock, no setting, no prepared statement. So a
pooler may give every transaction another connection.

A connection can break while the server commits, and then nobody has heard whether it did. So each write
leaves its number in a row of this process, in `writers`. After a lost answer the row is read on a new
connection. That waits for the end of the lost transaction, and is right after a failover, too, when the
server may give its own numbers of transactions once more.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.config.server_url import ServerAddress
from bot.model.errors import StoreError
from bot.store import restore_gaps, schema
from bot.store.dialect import insert
from bot.store.engine import Database
from bot.store.leases import RunLease, require_no_run
from bot.store.tables import meta, writers

try:
    import asyncpg
except ModuleNotFoundError:
    raise StoreError(
        "PostgreSQL needs its driver; install it: pip install 'arxiv-discord-notifier[postgres]'."
    ) from None

from bot.store.postgres_errors import connection_lost, leads_elsewhere, store_errors
from bot.store.postgres_types import storable, to_json

_log = logging.getLogger(__name__)

OLDEST = 15
"""The first version of PostgreSQL that the bot runs on."""
LOCK = 0x61725869  # "arXi"
_READERS = 4
_CONNECTING = 10.0  # seconds
_STATEMENT = 60.0  # seconds that a statement may take before the connection is given up
_IDLE = timedelta(seconds=60)  # how long a process that hangs keeps the lock
_LOOKING_UP = 60.0  # seconds during which a lost commit is asked for
_ASK_AGAIN = 0.5  # seconds
_ENDING = 2.0  # seconds that closing waits for a server that is away; its rows run out anyway
_FORGOTTEN = timedelta(days=30)  # when the row of a process that ended badly goes

sa.dialects.registry.register("postgresql.papers", "bot.store.postgres_types", "PostgresDialect")

_NUMBER = """
    INSERT INTO writers (id, number, at) VALUES (:writer, :number, now())
    ON CONFLICT (id) DO UPDATE SET number = excluded.number, at = excluded.at
"""
_LIMITS = (
    "set_config('lock_timeout', :patience, true), "
    "set_config('idle_in_transaction_session_timeout', :idle, true)"
)
_PLACED = "postgres.place"
_PLACE = sa.text(
    "SELECT oid || '/' || 'meta'::regclass::oid FROM pg_database WHERE datname = current_database()"
)
# A row of a transaction in progress makes this wait for its end, also one that is about to be made.
_LOOK_UP = """
    INSERT INTO writers (id, number, at) VALUES ($1, -1, now())
    ON CONFLICT (id) DO UPDATE SET at = excluded.at RETURNING number
"""


class PostgresDatabase(Database):
    """An open, migrated database of a server."""

    def __init__(self, address: ServerAddress, *, busy_timeout: timedelta) -> None:
        super().__init__(address.name)
        self._address = address
        self._id = secrets.token_hex(8)
        self._number = 0
        self._limits = {"patience": _milliseconds(busy_timeout), "idle": _milliseconds(_IDLE)}
        self._lease = RunLease(self.name, self._id, self.write, self._give_up)
        self._writer = _engine(address, size=1)
        self._readers = _engine(address, size=_READERS)

    @classmethod
    async def open(cls, address: ServerAddress, *, hold: bool, busy_timeout: timedelta) -> PostgresDatabase:
        """Connect; make the tables and migrate them if necessary. With *hold*, take the lease to run.

        Raises:
            StoreError: the database cannot be used; the subclass says why.
        """
        database = cls(address, busy_timeout=busy_timeout)
        try:
            with store_errors(address.name):
                async with database._writer.begin() as connection:
                    await database._require_usable(connection)
                    await connection.execute(
                        sa.text(f"SELECT {_LIMITS}, pg_advisory_xact_lock(:lock)"),
                        {**database._limits, "lock": LOCK},
                    )
                    if not hold and await connection.run_sync(schema.outdated):
                        await require_no_run(connection, address.name)
                    await connection.run_sync(schema.migrate, address.name)
                    if hold:
                        await connection.run_sync(_adopt, datetime.now(UTC))
                        old = writers.c.at < datetime.now(UTC) - _FORGOTTEN
                        await connection.execute(writers.delete().where(old))
                    database.installation = await connection.run_sync(schema.installation)
            if hold:
                await database._lease.acquire()
        except BaseException:
            await database.close()
            raise
        return database

    async def verify(self) -> None:
        """Check that the database answers; PostgreSQL checks its pages itself when it reads them."""
        async with self.read() as connection:
            await connection.execute(sa.text("SELECT 1"))

    async def _require_usable(self, connection: AsyncConnection) -> None:
        rows = await connection.execute(
            sa.text("SELECT current_setting('server_version_num')::int, current_setting('server_encoding')")
        )
        number, encoding = rows.one()
        if number // 10_000 < OLDEST:
            raise StoreError(
                f"The server of the database {self.name} is PostgreSQL {number // 10_000}; the bot needs "
                f"{OLDEST} or later."
            )
        if encoding != "UTF8":
            raise StoreError(
                f"The database {self.name} cannot hold every character ({encoding}); create one with "
                "createdb -E UTF8 -T template0."
            )

    @asynccontextmanager
    async def _writing(self, *, single: bool) -> AsyncIterator[AsyncConnection]:
        self._number += 1
        async with self._begun(single=single) as connection:
            yield connection
            await self._commit(connection, self._number)

    @asynccontextmanager
    async def _begun(self, *, single: bool) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction that bears the next number; begin anew if the pooled connection had broken."""
        lock = "" if single else ", pg_advisory_xact_lock(:lock)"
        opening = sa.text(f"WITH numbered AS ({_NUMBER}) SELECT {_LIMITS}{lock}")
        values = {**self._limits, "writer": self._id, "number": self._number}
        values |= {} if single else {"lock": LOCK}
        async with self._writer.connect() as connection:
            try:
                try:
                    await connection.execute(opening, values)
                except sa.exc.DBAPIError as error:
                    if not error.connection_invalidated:
                        raise
                    await connection.rollback()
                    await connection.execute(opening, values)
                yield connection
            except BaseException as error:
                if leads_elsewhere(error):
                    await connection.invalidate()
                raise

    async def _commit(self, connection: AsyncConnection, number: int) -> None:
        try:
            await connection.commit()
        except (sa.exc.DBAPIError, OSError) as error:
            if not connection_lost(error):
                raise
            await connection.invalidate()
            if not await self._was_committed(number):
                raise
            _log.warning(
                "the connection to the database broke during a commit, which was stored all the same"
            )

    async def _was_committed(self, number: int) -> bool:
        """Ask the server whether it stored the write of that *number*, as soon as it answers.

        Raises:
            TimeoutError: it did not answer for a minute.
        """
        async with asyncio.timeout(_LOOKING_UP):
            while True:
                with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    connection = await _connect(self._address)
                    try:
                        return bool(await connection.fetchval(_LOOK_UP, self._id) == number)
                    finally:
                        connection.terminate()
                await asyncio.sleep(_ASK_AGAIN)

    @asynccontextmanager
    async def _reads(self, *, snapshot: bool) -> AsyncIterator[AsyncConnection]:
        async with self._readers.connect() as connection:
            if snapshot:
                await connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            yield connection

    async def close(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_ENDING):
                await self._lease.release()
        await super().close()

    async def _release(self) -> None:
        with suppress(sa.exc.SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            if self._number:
                async with asyncio.timeout(_ENDING), self._writer.begin() as connection:
                    await connection.execute(writers.delete().where(writers.c.id == self._id))
        await super()._release()

    def _sentences(self) -> AbstractContextManager[None]:
        return store_errors(self.name)

    def _engines(self) -> tuple[AsyncEngine, ...]:
        return self._readers, self._writer


def _adopt(connection: sa.Connection, now: datetime) -> None:
    """Notice that the database was restored from a dump, and take it into use.

    A dump has the rows but not the numbers that the server gives to a database and its tables.
    """
    place = str(connection.scalar(_PLACE))
    known = connection.scalar(sa.select(meta.c.value).where(meta.c.key == _PLACED))
    if known not in {None, place}:
        restore_gaps.mark(connection, restore_gaps.last_trace(connection) or now)
    restore_gaps.adopt(connection, now)
    put = insert(meta).values(key=_PLACED, value=place)
    connection.execute(put.on_conflict_do_update(index_elements=[meta.c.key], set_={"value": place}))


async def _connect(address: ServerAddress, **_ignored: Any) -> Any:
    # The driver understands every parameter of libpq, such as several hosts; SQLAlchemy does not.
    return await asyncpg.connect(
        address.url, timeout=_CONNECTING, command_timeout=_STATEMENT, statement_cache_size=0
    )


def _engine(address: ServerAddress, *, size: int) -> AsyncEngine:
    engine = create_async_engine(
        "postgresql+papers://",
        pool_size=size,
        max_overflow=0,
        json_serializer=to_json,
        connect_args={
            "async_creator_fn": lambda *_, **__: _connect(address),
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": str,  # none: the next transaction may be on another connection
        },
    )
    sa.event.listen(engine.sync_engine, "checkout", _require_connected)
    sa.event.listen(engine.sync_engine, "before_cursor_execute", _clean, retval=True)
    return engine


def _require_connected(connection: Any, _record: object, _proxy: object) -> None:
    """Let the pool connect anew where the server has closed the connection in the meantime."""
    if connection.driver_connection.is_closed():
        raise sa.exc.DisconnectionError


def _clean(
    _connection: sa.Connection,
    _cursor: object,
    statement: str,
    parameters: Any,
    _context: object,
    executemany: bool,  # noqa: FBT001 - SQLAlchemy's
) -> tuple[str, Any]:
    if executemany:
        return statement, [tuple(map(storable, row)) for row in parameters]
    return statement, tuple(map(storable, parameters))


def _milliseconds(time: timedelta) -> str:
    return str(max(round(time.total_seconds() * 1000), 1))
