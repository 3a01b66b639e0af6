"""Crossposts from announcement channels: a queue of its own beside the outbox.

Discord allows about ten an hour in a channel. In the outbox such a row would block the next post; here
nothing waits for it. A row is queued in the transaction that stores its message as sent. Repeating a
crosspost is harmless, since Discord refuses the second one, so attempts are not claimed in advance.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.outbox import Crosspost, Sending
from bot.model.outcomes import FURTHEST_DUE, Fail, Later, Outcome, Pause, Plainly, Sent
from bot.model.subscriptions import State
from bot.store.dialect import insert
from bot.store.engine import Database
from bot.store.tables import crossposts, destinations

AN_HOUR = 10
"""How many crossposts Discord allows in a channel within an hour."""
_HOUR = timedelta(hours=1)


class Crossposts:
    """The messages that wait to be crossposted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: datetime, limit: int) -> list[Crosspost]:
        """Return the oldest due row of each active channel that had fewer than ten within the last hour."""
        first = sa.select(sa.func.min(crossposts.c.id)).where(
            crossposts.c.state == Sending.QUEUED,
            # Rows that were queued or postponed while the clock was ahead are due now.
            sa.or_(
                crossposts.c.due <= now, crossposts.c.attempts == 0, crossposts.c.due > now + FURTHEST_DUE
            ),
        )
        done = crossposts.alias("done")
        lately = (
            sa.select(sa.func.count())
            .where(
                done.c.destination_id == crossposts.c.destination_id,
                done.c.state == Sending.SENT,
                done.c.settled_at > now - _HOUR,
                done.c.settled_at <= now,  # a later time was written while the clock was ahead
            )
            .correlate(crossposts)
            .scalar_subquery()
        )
        statement = (
            sa.select(
                crossposts.c.id, destinations.c.channel_id, crossposts.c.message_id, crossposts.c.attempts
            )
            .join_from(crossposts, destinations)
            .where(
                crossposts.c.id.in_(first.group_by(crossposts.c.destination_id)),
                destinations.c.state == State.ACTIVE,
                lately < AN_HOUR,
            )
            .order_by(crossposts.c.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [Crosspost(**row._asdict()) for row in await connection.execute(statement)]

    async def settle(self, row: Crosspost, outcome: Outcome, now: datetime) -> None:
        """Store the outcome of one attempt. Only `Later` leads to another one."""
        values: dict[str, Any] = {"attempts": row.attempts + 1}
        match outcome:
            case Sent():
                values |= {"state": Sending.SENT, "error": None, "settled_at": now}
            case Later(after, error):
                values |= {"due": now + after, "error": error}
            case Fail(error) | Plainly(error) | Pause(error):
                values |= {"state": Sending.FAILED, "error": error, "settled_at": now}
        async with self._database.write(single=True) as connection:
            await connection.execute(
                crossposts.update()
                .where(crossposts.c.id == row.id, crossposts.c.state == Sending.QUEUED)
                .values(**values)
            )

    async def waiting(self, destination_id: int) -> int:
        """Count the crossposts that wait in a channel."""
        statement = sa.select(sa.func.count()).where(
            crossposts.c.destination_id == destination_id, crossposts.c.state == Sending.QUEUED
        )
        async with self._database.read() as connection:
            return int(await connection.scalar(statement) or 0)


async def queue(connection: AsyncConnection, destination_id: int, message_id: int, now: datetime) -> None:
    """Queue the crosspost of a message just sent to an announcement channel, unless they are turned off."""
    wanted = sa.select(
        destinations.c.id,
        sa.literal(message_id),
        sa.literal(Sending.QUEUED, crossposts.c.state.type),
        sa.literal(now, crossposts.c.due.type),
        sa.literal(0),
        sa.literal(None, crossposts.c.error.type),
        sa.literal(now, crossposts.c.created_at.type),
    ).where(destinations.c.id == destination_id, destinations.c.crosspost)
    columns = ["destination_id", "message_id", "state", "due", "attempts", "error", "created_at"]
    await connection.execute(insert(crossposts).from_select(columns, wanted).on_conflict_do_nothing())
