"""Where papers go: channels, threads, forums and direct-message channels, one row each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.outbox import Sending
from bot.model.reasons import Reason
from bot.model.subscriptions import Destination, Schedule, State
from bot.rules.baseline import after_removal
from bot.rules.pauses import states_before
from bot.store import baselines
from bot.store import notices as stored_notices
from bot.store import papers as stored_papers
from bot.store.engine import Database
from bot.store.rows import DESTINATION_FIELDS, to_destination
from bot.store.tables import crossposts, destinations

_ACTIVE = {"state": State.ACTIVE, "reason": None, "state_since": None, "kicked_at": None}


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
        values = schedule_columns(schedule, now or datetime.now(UTC))
        return await self._update(destination_id, values)

    async def set_cap(self, destination_id: int, cap: int | None) -> Destination | None:
        """Set how many papers a day are posted there one by one; None leaves it to the configuration."""
        if cap is not None and cap < 1:
            raise ValueError("a cap is at least one paper a day")
        return await self._update(destination_id, {"cap": cap})

    async def set_crosspost(self, destination_id: int, *, wanted: bool) -> Destination | None:
        """Say whether what is posted there, if it is an announcement channel, is passed on to its followers.

        What waits to be passed on is dropped where it no longer shall be.
        """
        async with self._database.write() as connection:
            if not wanted:
                waiting = (
                    crossposts.c.destination_id == destination_id,
                    crossposts.c.state == Sending.QUEUED,
                )
                await connection.execute(crossposts.delete().where(*waiting))
            await connection.execute(
                destinations.update().where(destinations.c.id == destination_id).values(crosspost=wanted)
            )
            found = await select(connection, destinations.c.id == destination_id)
            return found[0] if found else None

    async def scheduled(self) -> list[Destination]:
        """Return the destinations that have a digest schedule and are not gone."""
        return await self._many(destinations.c.hour.is_not(None), destinations.c.state != State.GONE)

    async def pause(
        self, destination_id: int, reason: Reason, now: datetime | None = None
    ) -> Destination | None:
        """Stop sending there; papers go on being queued. Its managers are told the *reason*."""
        return await self._stop(destination_id, State.PAUSED, reason, now)

    async def end(
        self, destination_id: int, reason: Reason, now: datetime | None = None, *, name: str = ""
    ) -> Destination | None:
        """Note that a channel, called *name*, is no more: nothing is queued for it, and its time runs."""
        return await self._stop(destination_id, State.GONE, reason, now, name=name)

    async def resume(
        self, destination_id: int, now: datetime | None = None, *, earlier: State = State.PAUSED
    ) -> Destination | None:
        """Send again, the backlog first; what is no longer *earlier*, but gone meanwhile, stays as it is."""
        stopped = (destinations.c.id == destination_id, destinations.c.state == earlier)
        async with self._database.write() as connection:
            await _restore(connection, *stopped, now=now or datetime.now(UTC))
            found = await select(connection, destinations.c.id == destination_id)
            return found[0] if found else None

    async def leave(self, guild_id: int, reason: Reason, now: datetime) -> int:
        """Note that the bot was removed from a server; return how many of its destinations are gone by that.

        What is queued for them is kept; nobody there can be told, and nothing more is collected.
        """
        present = (destinations.c.guild_id == guild_id, destinations.c.state != State.GONE)
        async with self._database.write() as connection:
            await stored_notices.withdraw(connection, destinations.c.guild_id == guild_id, now=now)
            gone = await connection.execute(
                destinations.update()
                .where(*present)
                .values(state=State.GONE, reason=reason, state_since=now, kicked_at=now)
            )
            return int(gone.rowcount)

    async def rejoin(self, guild_id: int, now: datetime) -> list[Destination]:
        """Restore the channels of a server that removed the bot and has invited it again; return them.

        What was queued before is sent. Whether the papers that came in between are posted as well depends on
        how long the bot was away; see `bot.rules.baseline.after_removal`.
        """
        removed = (destinations.c.guild_id == guild_id, destinations.c.kicked_at.is_not(None))
        async with self._database.write() as connection:
            returned = [one.id for one in await select(connection, *removed)]
            highest = await stored_papers.highest(connection)
            await baselines.move(
                connection,
                lambda before, removed_at: after_removal(before, highest, removed_at=removed_at, now=now),
                *removed,
            )
            await _restore(connection, *removed, now=now)
            return await select(connection, destinations.c.id.in_(returned))

    async def paused(self, guild_id: int | None = None) -> list[Destination]:
        """Return what is paused, in one server or (None) in all."""
        return await self._many(*_in(State.PAUSED, guild_id))

    async def gone(self, guild_id: int | None = None) -> list[Destination]:
        """Return the channels that are no more, or whose server is not; of one server or (None) of all."""
        return await self._many(*_in(State.GONE, guild_id))

    async def guilds(self) -> set[int]:
        """Return the servers that have a destination which is not gone."""
        statement = (
            sa.select(destinations.c.guild_id)
            .distinct()
            .where(destinations.c.guild_id != 0, destinations.c.state != State.GONE)
        )
        async with self._database.read() as connection:
            return set(await connection.scalars(statement))

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

    async def _stop(
        self, destination_id: int, state: State, reason: Reason, now: datetime | None, *, name: str = ""
    ) -> Destination | None:
        async with self._database.write() as connection:
            await stop(connection, destination_id, state, reason, now or datetime.now(UTC), name=name)
            found = await select(connection, destinations.c.id == destination_id)
            return found[0] if found else None

    async def _update(self, destination_id: int, values: dict[str, Any]) -> Destination | None:
        async with self._database.write() as connection:
            await connection.execute(
                destinations.update().where(destinations.c.id == destination_id).values(values)
            )
            found = await select(connection, destinations.c.id == destination_id)
            return found[0] if found else None


def _in(state: State, guild_id: int | None) -> list[sa.ColumnElement[bool]]:
    found = [destinations.c.state == state]
    return found if guild_id is None else [*found, destinations.c.guild_id == guild_id]


def schedule_columns(schedule: Schedule | None, now: datetime) -> dict[str, Any]:
    """Return the columns that set a digest from *now* on, or (None) end it."""
    return {
        "hour": schedule.hour if schedule else None,
        "zone": schedule.zone if schedule else None,
        "days": sorted(schedule.days) if schedule else [],
        "quiet": schedule.quiet if schedule else False,
        "scheduled_at": now if schedule else None,
    }


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
            reason=None,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[destinations.c.channel_id])
    )
    await connection.execute(
        destinations.update()
        .where(destinations.c.channel_id == channel_id, destinations.c.state == State.GONE)
        .values(**_ACTIVE)
    )
    return (await select(connection, destinations.c.channel_id == channel_id))[0]


async def stop(
    connection: AsyncConnection,
    destination_id: int,
    state: State,
    reason: Reason,
    now: datetime,
    *,
    name: str = "",
) -> None:
    """Pause a destination, or (`State.GONE`) end it, and queue a notice to its managers.

    Nothing happens where `bot.rules.pauses` says that it cannot be stopped so.
    """
    stopped = await connection.execute(
        destinations.update()
        .where(destinations.c.id == destination_id, destinations.c.state.in_(states_before(state)))
        .values(state=state, reason=reason, state_since=now)
        .returning(destinations.c.user_id)
    )
    row = stopped.first()
    # In direct messages there is nobody else to tell.
    if row is not None and not row.user_id:
        await stored_notices.queue(connection, destination_id, reason, now, name=name)


async def _restore(connection: AsyncConnection, *conditions: sa.ColumnElement[bool], now: datetime) -> None:
    await stored_notices.withdraw(connection, *conditions, now=now)
    await connection.execute(destinations.update().where(*conditions).values(**_ACTIVE))
