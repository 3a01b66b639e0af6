"""Removed subscriptions, as long as the removal can be undone."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import queries as stored_queries
from bot.store.dialect import insert
from bot.store.tables import destinations, queries, removed, subscriptions

_COPIED = [column.name for column in removed.c if column.name not in {"canonical", "removed_at"}]


async def keep(connection: AsyncConnection, subscription_id: int, now: datetime) -> None:
    """Store a copy of a subscription that is about to be removed."""
    row = (
        sa.select(
            *(subscriptions.c[name] for name in _COPIED),
            queries.c.canonical,
            sa.literal(now, removed.c.removed_at.type),
        )
        .join_from(subscriptions, queries)
        .where(subscriptions.c.id == subscription_id)
    )
    await connection.execute(insert(removed).from_select([*_COPIED, "canonical", "removed_at"], row))


async def restore(connection: AsyncConnection, subscription_id: int, since: datetime) -> bool:
    """Restore a subscription that was removed after *since*.

    Return False if it is not remembered, or if the channel has subscribed to the query again. The papers that
    waited for it were withdrawn as if they had never matched, so the next poll brings them again.
    """
    kept = (removed.c.id == subscription_id, removed.c.removed_at > since)
    canonical = await connection.scalar(sa.select(removed.c.canonical).where(*kept))
    if canonical is None:
        return False
    query_id = (await stored_queries.ensure(connection, [canonical]))[canonical]
    row = sa.select(*(removed.c[name] for name in _COPIED), sa.literal(query_id)).where(*kept)
    made = await connection.execute(
        insert(subscriptions).from_select([*_COPIED, "query_id"], row).on_conflict_do_nothing()
    )
    await connection.execute(removed.delete().where(removed.c.id == subscription_id))
    return bool(made.rowcount)


def was_in(subscription_id: int) -> sa.ColumnElement[bool]:
    """Select the destination of a removed subscription."""
    return (
        destinations.c.id
        == sa.select(removed.c.destination_id).where(removed.c.id == subscription_id).scalar_subquery()
    )


async def role_of(connection: AsyncConnection, subscription_id: int) -> int:
    """Return the role that a removed subscription mentioned, 0 for none."""
    kept = removed.c.id == subscription_id
    return int(await connection.scalar(sa.select(removed.c.role_id).where(kept)) or 0)
