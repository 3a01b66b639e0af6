"""Notices to managers about channels that stopped, one for each pause.

`bot.rules.pauses` decides whether a channel that stopped again is still in the same pause.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.outbox import Notice, Sending
from bot.model.outcomes import Fail, Later, Outcome, Pause, Plainly, Sent
from bot.model.reasons import Reason, ReasonCode
from bot.rules.pauses import needs_notice
from bot.store.engine import Database
from bot.store.rows import DESTINATION_FIELDS, to_destination
from bot.store.tables import destinations, notices, outbox, subscriptions

COLLECTED_FOR = timedelta(minutes=1)
"""How long a notice waits. Others of its server may join its message, or the permission may return."""
_AT_ONCE = 200


class NoticeQueue:
    """The queued and sent notices. `Store.destinations` queues one when it stops a channel."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self) -> list[Notice]:
        """Return up to 200 queued notices, due or not, in the order in which they are due."""
        subscriber = (
            sa.select(subscriptions.c.created_by)
            .where(subscriptions.c.destination_id == destinations.c.id)
            .order_by(subscriptions.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        held = (
            sa.select(sa.func.count())
            .where(outbox.c.destination_id == destinations.c.id, outbox.c.state == Sending.QUEUED)
            .scalar_subquery()
        )
        statement = (
            sa.select(
                *(column for column in notices.c if column.name not in {"destination_id", "state"}),
                *DESTINATION_FIELDS,
                sa.func.coalesce(subscriber, 0).label("subscriber"),
                held.label("waiting"),
            )
            .join_from(notices, destinations)
            .where(notices.c.state == Sending.QUEUED)
            .order_by(notices.c.due, notices.c.id)
            .limit(_AT_ONCE)
        )
        async with self._database.read() as connection:
            rows: sa.Result[Any] = await connection.execute(statement)
            return [_to_notice(row) for row in rows]

    async def claim(
        self, batch: Sequence[Notice], now: datetime, *, channel_id: int = 0, user_id: int = 0
    ) -> bool:
        """Store durably that *batch* is about to be sent there in one message.

        Return False, and store nothing, if one of the notices is gone, because its channel was resumed.
        """
        ids = [notice.id for notice in batch]
        waiting = (notices.c.id.in_(ids), notices.c.state == Sending.QUEUED)
        async with self._database.write() as connection:
            if await connection.scalar(sa.select(sa.func.count()).where(*waiting)) != len(ids):
                return False
            await connection.execute(
                notices.update()
                .where(*waiting)
                .values(
                    attempts=notices.c.attempts + 1,
                    first_tried=sa.func.coalesce(notices.c.first_tried, now, type_=notices.c.due.type),
                    ambiguous=True,
                    batch=batch[0].batch or batch[0].id,
                    channel_id=channel_id,
                    user_id=user_id,
                )
            )
            return True

    async def settle(
        self, batch: Sequence[Notice], outcome: Outcome, now: datetime, *, place: int = 0
    ) -> None:
        """Store the outcome of one attempt to send *batch*, as it was before, to *place*.

        *place* is the id of a channel or a person. After a refusal, the next attempt goes to another one.
        """
        ids = [notice.id for notice in batch]
        async with self._database.write() as connection:
            await connection.execute(
                notices.update()
                .where(notices.c.id.in_(ids), notices.c.state == Sending.QUEUED)
                .values(**_values(batch[0], outcome, now, place))
            )


async def queue(
    connection: AsyncConnection, destination_id: int, reason: Reason, now: datetime, *, name: str = ""
) -> None:
    """Queue a notice to the managers of a destination that stopped, unless they know of this pause."""
    last = (
        await connection.execute(
            sa.select(notices.c.reason, notices.c.created_at)
            .where(notices.c.destination_id == destination_id)
            .order_by(notices.c.id.desc())
            .limit(1)
        )
    ).first()
    posted = last is not None and await _posted_since(connection, destination_id, last.created_at)
    if not needs_notice(reason, told=last.reason if last else None, posted_since=posted):
        return
    await connection.execute(
        notices.insert().values(
            destination_id=destination_id,
            reason=reason,
            name=name,
            created_at=now,
            state=Sending.QUEUED,
            due=now + COLLECTED_FOR,
            attempts=0,
            ambiguous=False,
            batch=0,
            channel_id=0,
            user_id=0,
            refused=[],
            error=None,
        )
    )


async def _posted_since(connection: AsyncConnection, destination_id: int, moment: datetime) -> bool:
    sent = sa.select(outbox.c.id).where(
        outbox.c.destination_id == destination_id,
        outbox.c.state == Sending.SENT,
        outbox.c.settled_at > moment,
    )
    return await connection.scalar(sent.limit(1)) is not None


async def withdraw(connection: AsyncConnection, *conditions: sa.ColumnElement[bool], now: datetime) -> None:
    """Withdraw the queued notices about destinations that meet *conditions*, which are no longer true."""
    concerned = sa.select(destinations.c.id).where(*conditions)
    waiting = (notices.c.destination_id.in_(concerned), notices.c.state == Sending.QUEUED)
    await connection.execute(notices.delete().where(*waiting, notices.c.attempts == 0))
    # A manager may have read the others already, so they are kept as settled.
    settled = {"state": Sending.FAILED, "error": Reason(ReasonCode.WITHDRAWN), "settled_at": now}
    await connection.execute(notices.update().where(*waiting).values(settled))


def _values(first: Notice, outcome: Outcome, now: datetime, place: int) -> dict[str, Any]:
    match outcome:
        case Sent():
            return {"state": Sending.SENT, "error": None, "settled_at": now}
        case Later(after, error, ambiguous):
            return {"due": now + after, "error": error, "ambiguous": ambiguous}
        case Pause(reason) if first.ambiguous:
            # An earlier attempt may have succeeded there, and we can no longer look.
            return {"state": Sending.FAILED, "error": reason, "settled_at": now}
        case Pause(reason):
            return {
                "due": now,
                "error": reason,
                "ambiguous": False,
                "first_tried": None,
                "channel_id": 0,
                "user_id": 0,
                "refused": [*first.refused, place],
            }
        case Plainly(error) | Fail(error):
            return {"state": Sending.FAILED, "error": error, "settled_at": now}


def _to_notice(row: sa.Row[Any]) -> Notice:
    return Notice(
        id=row.id,
        destination=to_destination(row),
        reason=row.reason,
        name=row.name,
        due=row.due,
        subscriber=row.subscriber,
        waiting=row.waiting,
        attempts=row.attempts,
        ambiguous=row.ambiguous,
        first_tried=row.first_tried,
        batch=row.batch,
        channel_id=row.channel_id,
        user_id=row.user_id,
        refused=tuple(row.refused),
    )
