"""The queries of all subscriptions, each once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.subscriptions import State
from bot.store.chunks import chunks, execute_many
from bot.store.dialect import any_of, insert
from bot.store.engine import Database
from bot.store.tables import destinations, queries, subscriptions


@dataclass(frozen=True, slots=True)
class PolledQuery:
    """A query to poll: when it was last polled, the last error (or ""), and whether anyone wants revisions.

    `backfilled` is when its newest papers were last fetched for a new subscription.
    """

    canonical: str
    last_polled: datetime | None
    last_error: str
    revisions: bool
    backfilled: datetime | None = None


class Queries:
    """The queries to ask arXiv for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def active(self) -> list[PolledQuery]:
        """Return the queries with an active subscription in a destination that is not gone, oldest first."""
        statement = (
            sa.select(
                queries.c.canonical,
                queries.c.last_polled,
                queries.c.last_error,
                queries.c.backfilled,
                any_of(subscriptions.c.revisions).label("revisions"),
            )
            .select_from(queries)
            .join(subscriptions)
            .join(destinations)
            .where(subscriptions.c.state == State.ACTIVE, destinations.c.state != State.GONE)
            .group_by(queries.c.id)
            .order_by(queries.c.id)
        )
        async with self._database.read() as connection:
            return [
                PolledQuery(
                    row.canonical, row.last_polled, row.last_error, bool(row.revisions), row.backfilled
                )
                for row in await connection.execute(statement)
            ]

    async def mark_failed(self, canonicals: Collection[str], error: str, now: datetime) -> None:
        """Store why a poll of these queries failed. `last_polled` stays, so that no paper is skipped."""
        async with self._database.write() as connection:
            for piece in chunks(canonicals):
                await connection.execute(
                    queries.update()
                    .where(queries.c.canonical.in_(piece))
                    .values(last_error=error, last_failed=now)
                )


async def ensure(connection: AsyncConnection, canonicals: Collection[str]) -> dict[str, int]:
    """Return the ids of queries by their canonical text; create those that are missing."""
    wanted = list(dict.fromkeys(canonicals))
    ids = await ids_of(connection, wanted)
    if missing := [
        {"canonical": canonical, "last_error": ""} for canonical in wanted if canonical not in ids
    ]:
        await execute_many(connection, insert(queries).on_conflict_do_nothing(), missing)
        ids |= await ids_of(connection, [row["canonical"] for row in missing])
    return ids


async def ids_of(connection: AsyncConnection, canonicals: Collection[str]) -> dict[str, int]:
    """Return the ids of queries by their canonical text; those that are not stored are left out."""
    ids: dict[str, int] = {}
    for piece in chunks(canonicals):
        rows = await connection.execute(
            sa.select(queries.c.canonical, queries.c.id).where(queries.c.canonical.in_(piece))
        )
        ids.update((row.canonical, row.id) for row in rows)
    return ids
