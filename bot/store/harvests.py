"""The versions that harvests have read, whether anybody wants them or not.

A harvest begins on the day on which the last one ended, and so finds many records again. It also tells which
of the papers that arXiv announced have been read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.papers import PaperId
from bot.store.chunks import chunks, execute_many
from bot.store.dialect import insert
from bot.store.engine import Database
from bot.store.tables import harvested

KEPT = timedelta(days=30)
"""How long is remembered what was read; longer than a harvest looks back."""


class Harvests:
    """What harvests have read; `Store.record` adds to it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def versions(self, ids: Collection[PaperId]) -> dict[PaperId, int]:
        """Return the latest version that a harvest has read of each of *ids*; those not read are left out."""
        found: dict[PaperId, int] = {}
        async with self._database.read() as connection:
            for piece in chunks(ids):
                rows = await connection.execute(
                    sa.select(harvested.c.paper_id, harvested.c.version).where(
                        harvested.c.paper_id.in_(piece)
                    )
                )
                found.update((row.paper_id, row.version) for row in rows)
        return found


async def note(connection: AsyncConnection, versions: Mapping[PaperId, int], now: datetime) -> None:
    """Store that these versions have been read."""
    statement = insert(harvested)
    excluded = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=[harvested.c.paper_id],
        set_={"version": excluded.version, "read_at": excluded.read_at},
        where=excluded.version >= harvested.c.version,
    )
    rows = ({"paper_id": paper, "version": version, "read_at": now} for paper, version in versions.items())
    await execute_many(connection, statement, rows)


async def forget(connection: AsyncConnection, before: datetime) -> None:
    """Forget what was read before."""
    await connection.execute(harvested.delete().where(harvested.c.read_at < before))
