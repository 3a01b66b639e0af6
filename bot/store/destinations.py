"""The destinations of papers: channels, threads, forums and direct-message channels."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.outbox import Sending
from bot.model.reasons import Reason
from bot.model.subscriptions import Destination, Live, Notify, Place, QuietHours, Schedule, State, Style
from bot.rules.baseline import after_removal
from bot.rules.pauses import states_before
from bot.store import baselines
from bot.store import notices as stored_notices
from bot.store import papers as stored_papers
from bot.store.dialect import insert
from bot.store.engine import Database
from bot.store.rows import DESTINATION_FIELDS, from_quiet_hours, to_destination
from bot.store.tables import crossposts, destinations

_ACTIVE = {"state": State.ACTIVE, "reason": None, "state_since": None, "kicked_at": None}


class Destinations:
    """How each destination gets its papers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, destination_id: int) -> Destination | None:
        return await self._one(destinations.c.id == destination_id)

    async def by_channel(self, channel_id: int) -> Destination | None:
        return await self._one(destinations.c.channel_id == channel_id)

    async def ensure(self, place: Place, now: datetime) -> Destination:
        """Return the destination of *place*; create it if there is none, restore it if it was gone."""
        async with self._database.write() as connection:
            return await ensure(connection, place, now)

    async def schedule(
        self, destination_id: int, schedule: Schedule | None, now: datetime
    ) -> Destination | None:
        """Set or (None) remove the digest schedule of a destination; return the destination, None if missing.

        No digest is due before *now*, so an hour that has passed today is not made up for.
        """
        values = schedule_columns(schedule, now)
        return await self._update(destination_id, values)

    async def post_best(self, destination_id: int, schedule: Schedule, now: datetime) -> Destination | None:
        """Post only the best papers of a day one by one, and the others in a digest.

        The digest gets *schedule* unless it has one. Return the destination, None if missing; if the schedule
        is new, it is `scheduled_at` *now*.
        """
        this = destinations.c.id == destination_id
        async with self._database.write() as connection:
            await connection.execute(destinations.update().where(this).values(live=Live.BEST))
            await connection.execute(
                destinations.update()
                .where(this, destinations.c.hour.is_(None))
                .values(schedule_columns(schedule, now))
            )
            return await select_one(connection, this)

    async def post_all(
        self, destination_id: int, *, unschedule: datetime | None, now: datetime
    ) -> Destination | None:
        """Post all papers one by one again; return the destination, None if missing.

        The schedule of its digest is removed if it was set in the second of *unschedule*.
        """
        this = destinations.c.id == destination_id
        async with self._database.write() as connection:
            await connection.execute(destinations.update().where(this).values(live=Live.ALL))
            if unschedule is not None:
                second = (
                    destinations.c.scheduled_at >= unschedule,
                    destinations.c.scheduled_at < unschedule + timedelta(seconds=1),
                )
                await connection.execute(
                    destinations.update().where(this, *second).values(schedule_columns(None, now))
                )
            return await select_one(connection, this)

    async def change(
        self,
        place: Place,
        now: datetime,
        *,
        cap: int | None = None,
        crosspost: bool | None = None,
        style: Style | None = None,
        live: Live | None = None,
        best: int | None = None,
        notify: Notify | None = None,
        quiet_hours: QuietHours | Literal[False] | None = None,
    ) -> Destination:
        """Change how a place receives papers, which may have no subscription yet; return its destination.

        *cap* is how many papers a day are posted one by one, 0 for the configuration's cap. *crosspost* is
        whether messages in an announcement channel are crossposted; if they no longer are, the crossposts
        that wait are dropped. *style* is how posts look, *live* which papers are
        posted one by one, and *best* how many a day are the best. *notify* is what notifies people, except in
        *quiet_hours*; False removes these. What is None stays as it is.

        Raises:
            ValueError: *cap* is negative.
        """
        if cap is not None and cap < 0:
            raise ValueError("a cap is not negative")
        values: dict[str, Any] = {} if cap is None else {"cap": cap or None}
        if crosspost is not None:
            values["crosspost"] = crosspost
        if style is not None:
            values["style"] = style
        values |= {
            name: value
            for name, value in (("live", live), ("best", best), ("notify", notify))
            if value is not None
        }
        if quiet_hours is not None:
            values |= from_quiet_hours(quiet_hours or None)
        async with self._database.write() as connection:
            ensured = await ensure(connection, place, now)
            this = destinations.c.id == ensured.id
            if crosspost is False:
                waiting = crossposts.c.state == Sending.QUEUED
                await connection.execute(
                    crossposts.delete().where(crossposts.c.destination_id == ensured.id, waiting)
                )
            if values:
                await connection.execute(destinations.update().where(this).values(values))
            [changed] = await select(connection, this)
            return changed

    async def scheduled(self) -> list[Destination]:
        """Return the destinations with a digest schedule that are not gone."""
        return await self._many(destinations.c.hour.is_not(None), destinations.c.state != State.GONE)

    async def pause(self, destination_id: int, reason: Reason, now: datetime) -> Destination | None:
        """Stop sending there, though papers are still queued. Its managers are told the *reason*."""
        return await self._stop(destination_id, State.PAUSED, reason, now)

    async def end(
        self, destination_id: int, reason: Reason, now: datetime, *, name: str = ""
    ) -> Destination | None:
        """Store that a channel called *name* is gone. Nothing more is queued, and its grace period begins."""
        return await self._stop(destination_id, State.GONE, reason, now, name=name)

    async def resume(
        self, destination_id: int, now: datetime, *, earlier: State = State.PAUSED
    ) -> Destination | None:
        """Send again, the backlog first, if the state is still *earlier*."""
        stopped = (destinations.c.id == destination_id, destinations.c.state == earlier)
        async with self._database.write() as connection:
            await _restore(connection, *stopped, now=now)
            return await select_one(connection, destinations.c.id == destination_id)

    async def leave(self, guild_id: int, reason: Reason, now: datetime) -> int:
        """Store that a server removed the bot; return how many of its destinations are gone because of that.

        Their queued rows are kept. Nothing more is queued, and nobody there can be told.
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
        """Restore the destinations of a server that removed the bot and has invited it again; return them.

        Rows queued before are sent. How long the bot was away decides whether the papers announced in between
        are posted, too; see `bot.rules.baseline.after_removal`.
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
        """Return the paused destinations of one server or (None) of all."""
        return await self._many(*_in(State.PAUSED, guild_id))

    async def gone(self, guild_id: int | None = None) -> list[Destination]:
        """Return the destinations that are gone, of one server or (None) of all."""
        return await self._many(*_in(State.GONE, guild_id))

    async def guilds(self) -> set[int]:
        """Return the ids of the servers with a destination that is not gone."""
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
        """Return the number of destinations in each state; every state is a key."""
        statement = sa.select(destinations.c.state, sa.func.count()).group_by(destinations.c.state)
        async with self._database.read() as connection:
            counted = {row[0]: row[1] for row in await connection.execute(statement)}
        return {state: counted.get(state.value, 0) for state in State}

    async def _one(self, *conditions: sa.ColumnElement[bool]) -> Destination | None:
        async with self._database.read() as connection:
            return await select_one(connection, *conditions)

    async def _many(self, *conditions: sa.ColumnElement[bool]) -> list[Destination]:
        async with self._database.read() as connection:
            return await select(connection, *conditions)

    async def _stop(
        self, destination_id: int, state: State, reason: Reason, now: datetime, *, name: str = ""
    ) -> Destination | None:
        async with self._database.write() as connection:
            await stop(connection, destination_id, state, reason, now, name=name)
            return await select_one(connection, destinations.c.id == destination_id)

    async def _update(self, destination_id: int, values: dict[str, Any]) -> Destination | None:
        async with self._database.write() as connection:
            await connection.execute(
                destinations.update().where(destinations.c.id == destination_id).values(values)
            )
            return await select_one(connection, destinations.c.id == destination_id)


def _in(state: State, guild_id: int | None) -> list[sa.ColumnElement[bool]]:
    in_state = [destinations.c.state == state]
    return in_state if guild_id is None else [*in_state, destinations.c.guild_id == guild_id]


def schedule_columns(schedule: Schedule | None, now: datetime) -> dict[str, Any]:
    """Return the columns that set a digest schedule from *now* on, or (None) remove it."""
    return {
        "hour": schedule.hour if schedule else None,
        "zone": schedule.zone if schedule else None,
        "days": sorted(schedule.days) if schedule else [],
        "quiet": schedule.quiet if schedule else False,
        "top": schedule.top if schedule else False,
        "file": schedule.file if schedule else False,
        "scheduled_at": now if schedule else None,
    }


async def select(connection: AsyncConnection, *conditions: sa.ColumnElement[bool]) -> list[Destination]:
    """Return the destinations that meet *conditions*, in the order of creation."""
    rows = await connection.execute(
        sa.select(*DESTINATION_FIELDS).where(*conditions).order_by(destinations.c.id)
    )
    return [to_destination(row) for row in rows]


async def select_one(connection: AsyncConnection, *conditions: sa.ColumnElement[bool]) -> Destination | None:
    """Return the first destination that meets *conditions*, None if there is none."""
    return next(iter(await select(connection, *conditions)), None)


async def ensure(connection: AsyncConnection, place: Place, now: datetime) -> Destination:
    """See `Destinations.ensure`."""
    await connection.execute(
        insert(destinations)
        .values(
            guild_id=place.guild_id,
            channel_id=place.channel_id,
            user_id=place.user_id,
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
        .where(destinations.c.channel_id == place.channel_id, destinations.c.state == State.GONE)
        .values(**_ACTIVE)
    )
    return (await select(connection, destinations.c.channel_id == place.channel_id))[0]


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
    # In direct messages there is no manager to tell.
    if row is not None and not row.user_id:
        await stored_notices.queue(connection, destination_id, reason, now, name=name)


async def _restore(connection: AsyncConnection, *conditions: sa.ColumnElement[bool], now: datetime) -> None:
    await stored_notices.withdraw(connection, *conditions, now=now)
    await connection.execute(destinations.update().where(*conditions).values(**_ACTIVE))
