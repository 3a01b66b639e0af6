"""At most one `run` on a server's database: a row that its process renews, and that runs out without it.

A lock of the session would end with any connection, and a pooler may give that to another process.
"""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.errors import StoreBusy, StoreError, StoreLost
from bot.store.tables import leases

LASTS = 30.0  # seconds
_RENEWED_EVERY = 10.0
_LOOK_EVERY = 1.0  # while another process may be dead
_NAME = "run"

# The server's clock alone decides, since those of two machines differ.
_TAKE = sa.text(
    "INSERT INTO leases (name, owner, holder, until) "
    "VALUES (:name, :owner, :holder, clock_timestamp() + make_interval(secs => :lasts)) "
    "ON CONFLICT (name) DO UPDATE "
    "SET owner = excluded.owner, holder = excluded.holder, until = excluded.until "
    "WHERE leases.owner = excluded.owner OR leases.until < clock_timestamp() RETURNING owner"
)
_HELD = sa.text("SELECT holder, until FROM leases WHERE name = :name AND until >= clock_timestamp()")

Write = Callable[[], AbstractAsyncContextManager[AsyncConnection]]


class RunLease:
    """The right to run on the database called *database*; *owner* is unique for this process.

    *write* begins a transaction. If the lease is lost to another process, *on_lost* gets the error.
    """

    def __init__(
        self, database: str, owner: str, write: Write, on_lost: Callable[[StoreError], None]
    ) -> None:
        self._database = database
        self._owner = owner
        self._write = write
        self._on_lost = on_lost
        self._renewing: asyncio.Task[None] | None = None

    async def acquire(self) -> None:
        """Take the lease, and keep it until `release`.

        If the process that holds it does not renew it, it is dead, and its lease is waited for.

        Raises:
            StoreBusy: a living process holds it.
            StoreError: the database cannot be written.
        """
        first = None
        while not await self._take():
            async with self._write() as connection:
                held = (await connection.execute(_HELD, {"name": _NAME})).first()
            if held is not None and first not in {None, held.until}:
                raise _running(self._database, held.holder)
            if held is not None:
                first = held.until
                await asyncio.sleep(_LOOK_EVERY)
        self._renewing = asyncio.create_task(self._renew())

    async def release(self) -> None:
        """Give the lease back, if this process has it; without the server it runs out."""
        if self._renewing is None:
            return
        self._renewing.cancel()
        await asyncio.wait({self._renewing})
        with suppress(StoreError):
            async with self._write() as connection:
                await connection.execute(leases.delete().where(leases.c.owner == self._owner))

    async def _take(self) -> bool:
        values = {
            "name": _NAME,
            "owner": self._owner,
            "holder": f"{os.getpid()} on {platform.node()}"[:128],
            "lasts": LASTS,
        }
        async with self._write() as connection:
            return (await connection.execute(_TAKE, values)).first() is not None

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_RENEWED_EVERY)
            with suppress(StoreError):  # while the server is away, nobody else gets the lease either
                if not await self._take():
                    self._on_lost(
                        StoreLost(
                            f"Another process has taken over the database {self._database}, since this one "
                            "had not reached it for too long."
                        )
                    )
                    return


async def require_no_run(connection: AsyncConnection, database: str) -> None:
    """Check that no process runs on a database whose tables are about to change.

    Raises:
        StoreBusy: one does.
    """
    if await connection.scalar(sa.text("SELECT to_regclass('leases')")) is not None:
        held = (await connection.execute(_HELD, {"name": _NAME})).first()
        if held is not None:
            raise _running(database, held.holder)


def _running(database: str, holder: str) -> StoreBusy:
    return StoreBusy(
        f"The bot already runs on the database {database} (process {holder}); stop that one first, or set "
        "database.url to another database."
    )
