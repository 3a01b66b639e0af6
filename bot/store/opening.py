"""Opens the database that `database.url` names, on either engine."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.store.address import address_of
from bot.store.engine import BUSY_TIMEOUT, Database
from bot.store.sqlite import SqliteDatabase


async def open_database(url: str, *, hold: bool, busy_timeout: timedelta = BUSY_TIMEOUT) -> Database:
    """Open the database at *url*; create its tables and migrate them if necessary.

    With *hold*, it is this process's, until it is closed or the process ends.

    Raises:
        StoreError: it cannot be used; the subclass says why.
    """
    address = address_of(url)
    if isinstance(address, Path):
        return await SqliteDatabase.open(address, hold=hold, busy_timeout=busy_timeout)
    # Only now, since its driver may not be installed, and takes memory.
    from bot.store.postgres import PostgresDatabase  # noqa: PLC0415

    return await PostgresDatabase.open(address, hold=hold, busy_timeout=busy_timeout)
