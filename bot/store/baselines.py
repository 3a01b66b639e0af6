"""Reads and writes the baselines of subscriptions; `bot.rules.baseline` decides how they move."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.baseline import Baseline
from bot.store.chunks import execute_many
from bot.store.tables import destinations, subscriptions

Move = Callable[[Baseline, datetime | None], Baseline]
"""Returns the next baseline from the present one and the time when the server removed the bot, if it did."""


def columns(baseline: Baseline) -> dict[str, Any]:
    """Return the columns of `subscriptions` that hold *baseline*."""
    return {
        "since": baseline.since,
        "since_serial": baseline.since.serial if baseline.since else None,
        "margin_until": baseline.margin_until,
    }


async def move(connection: AsyncConnection, decide: Move, *conditions: sa.ColumnElement[bool]) -> None:
    """Set the baseline of every subscription that meets *conditions* to what *decide* returns."""
    rows = await connection.execute(
        sa.select(
            subscriptions.c.id, subscriptions.c.since, subscriptions.c.margin_until, destinations.c.kicked_at
        )
        .join_from(subscriptions, destinations)
        .where(*conditions)
    )
    moved = []
    for row in rows:
        before = Baseline(row.since, row.margin_until)
        after = decide(before, row.kicked_at)
        if after != before:
            moved.append({"subscription": row.id, **columns(after)})
    statement = subscriptions.update().where(subscriptions.c.id == sa.bindparam("subscription"))
    await execute_many(connection, statement, moved)
