"""An empty database, migrated once and then copied, because a migration takes 50 ms."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from bot.store import Store, schema
from bot.store.sqlite import SqliteDatabase
from bot.store.tables import meta, metadata


def file_of(store: Store) -> Path:
    """Return the file of a store on SQLite."""
    assert isinstance(store.database, SqliteDatabase)
    return store.database.path


async def clear(store: Store) -> None:
    """Remove every row, as in a new store; only numbers that were given are not given again."""
    async with store.database.write() as connection:
        for table in reversed(metadata.sorted_tables):
            if table is not meta:
                await connection.execute(table.delete())


def lay_out(path: Path) -> None:
    """Create an empty database at *path*; each gets its own installation id when opened."""
    path.write_bytes(_migrated())


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "papers.db"
        schema.prepare(path, timeout=1)
        engine = sa.create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            schema.migrate(connection, path)
        engine.dispose()
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("DELETE FROM meta WHERE key = ?", [schema.INSTALLATION])
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()
