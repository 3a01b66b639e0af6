"""Where papers go: channels, threads, forums and direct-message channels, one row each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.papers import Destination, Schedule, State
from bot.store.engine import Database
from bot.store.rows import DESTINATION_FIELDS, to_destination
from bot.store.tables import destinations


class Destinations:
    """How each channel receives."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, destination_id: int) -> Destination | None:
        return await self._one(destinations.c.id == destination_id)

    async def by_channel(self, channel_id: int) -> Destination | None:
        return await self._one(destinations.c.channel_id == channel_id)

    async def ensure(self, guild_id: int, channel_id: int, user_id: int, now: datetime) -> Destination:
        """Return the destination of a channel, made where there was none, restored where it was gone."""
        async with self._database.write() as connection:
            return await ensure(
                connection, guild_id=guild_id, channel_id=channel_id, user_id=user_id, now=now
            )

    async def schedule(
        self, destination_id: int, schedule: Schedule | None, now: datetime | None = None
    ) -> Destination | None:
        """Set or (None) end the digest of a destination; no digest is due before *now* (default: the clock).

        Changing a schedule starts anew: an hour that has passed today is not made up for.
        """
        values: dict[str, Any] = {
            "hour": schedule.hour if schedule else None,
            "zone": schedule.zone if schedule else None,
            "days": sorted(schedule.days) if schedule else [],
            "quiet": schedule.quiet if schedule else False,
            "scheduled_at": (now or datetime.now(UTC)) if schedule else None,
        }
        return await self._update(destination_id, values)

    async def set_cap(self, destination_id: int, cap: int | None) -> Destination | None:
        """Set how many papers a day are posted there one by one; None leaves it to the configuration."""
        if cap is not None and cap < 1:
            raise ValueError("a cap is at least one paper a day")
        return await self._update(destination_id, {"cap": cap})

    async def scheduled(self) -> list[Destination]:
        """Return the destinations that have a digest schedule and are not gone."""
        return await self._many(destinations.c.hour.is_not(None), destinations.c.state != State.GONE)

    async def pause(self, destination_id: int, reason: str) -> Destination | None:
        """Stop sending there; papers go on being queued. *reason* is written for a manager."""
        return await self._update(destination_id, {"state": State.PAUSED, "reason": reason})

    async def resume(self, destination_id: int) -> Destination | None:
        """Send again, the backlog first."""
        return await self._update(destination_id, {"state": State.ACTIVE, "reason": ""})

    async def paused(self) -> list[Destination]:
        return await self._many(destinations.c.state == State.PAUSED)

    async def of_guild(self, guild_id: int) -> list[Destination]:
        return await self._many(destinations.c.guild_id == guild_id)

    async def counts(self) -> dict[State, int]:
        """Return how many destinations there are in each state; every state is a key."""
        statement = sa.select(destinations.c.state, sa.func.count()).group_by(destinations.c.state)
        async with self._database.read() as connection:
            found = {row[0]: row[1] for row in await connection.execute(statement)}
        return {state: found.get(state.value, 0) for state in State}

    async def _one(self, *conditions: sa.ColumnElement[bool]) -> Destination | None:
        found = await self._many(*conditions)
        return found[0] if found else None

    async def _many(self, *conditions: sa.ColumnElement[bool]) -> list[Destination]:
        async with self._database.read() as connection:
            return await select(connection, *conditions)

    async def _update(self, destination_id: int, values: dict[str, Any]) -> Destination | None:
        async with self._database.write() as connection:
            await connection.execute(
                destinations.update().where(destinations.c.id == destination_id).values(values)
            )
            found = await select(connection, destinations.c.id == destination_id)
            return found[0] if found else None


async def select(connection: AsyncConnection, *conditions: sa.ColumnElement[bool]) -> list[Destination]:
    """Return the destinations that meet *conditions*, in the order they were made."""
    rows = await connection.execute(
        sa.select(*DESTINATION_FIELDS).where(*conditions).order_by(destinations.c.id)
    )
    return [to_destination(row) for row in rows]


async def ensure(
    connection: AsyncConnection, *, guild_id: int, channel_id: int, user_id: int, now: datetime
) -> Destination:
    """See `Destinations.ensure`."""
    await connection.execute(
        insert(destinations)
        .values(
            guild_id=guild_id,
            channel_id=channel_id,
            user_id=user_id,
            days=[],
            quiet=False,
            state=State.ACTIVE,
            reason="",
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[destinations.c.channel_id])
    )
    await connection.execute(
        destinations.update()
        .where(destinations.c.channel_id == channel_id, destinations.c.state == State.GONE)
        .values(state=State.ACTIVE, reason="")
    )
    return (await select(connection, destinations.c.channel_id == channel_id))[0]
