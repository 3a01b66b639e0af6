"""What a file brings in: channels and subscriptions as they shall be, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.subscriptions import Options, Schedule, State
from bot.store import destinations as stored_destinations
from bot.store import queries as stored_queries
from bot.store import subscriptions as stored_subscriptions
from bot.store.engine import Database
from bot.store.tables import destinations, queries, subscriptions


@dataclass(frozen=True, slots=True)
class Entry:
    """A subscription as a file has it; `query` is canonical."""

    keyword: str
    query: str
    options: Options
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """A channel as a file has it, with its subscriptions; see `Destination`."""

    guild_id: int
    channel_id: int
    user_id: int = 0
    cap: int | None = None
    crosspost: bool = True
    schedule: Schedule | None = None
    entries: tuple[Entry, ...] = ()


class Moving:
    """The way in for many subscriptions at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def bring_in(self, rooms: Sequence[Room], now: datetime) -> None:
        """Make channels and subscriptions what *rooms* say, all of it or nothing; what they leave out stays.

        A new subscription starts silent: what the store knows by *now* is not posted.
        """
        async with self._database.write() as connection:
            for room in rooms:
                await _bring_in(connection, room, now)


async def _bring_in(connection: AsyncConnection, room: Room, now: datetime) -> None:
    destination = await stored_destinations.ensure(
        connection, guild_id=room.guild_id, channel_id=room.channel_id, user_id=room.user_id, now=now
    )
    values: dict[str, object] = {"cap": room.cap, "crosspost": room.crosspost}
    if room.schedule != destination.schedule:
        values |= stored_destinations.schedule_columns(room.schedule, now)
    await connection.execute(
        destinations.update().where(destinations.c.id == destination.id).values(**values)
    )
    ids = await stored_queries.ensure(connection, [entry.query for entry in room.entries])
    for entry in room.entries:
        found = await stored_subscriptions.select(
            connection,
            subscriptions.c.destination_id == destination.id,
            queries.c.canonical == entry.query,
        )
        if found:
            one = await stored_subscriptions.edit_row(connection, found[0], entry.options, entry.keyword)
        else:
            one = await stored_subscriptions.add(
                connection,
                destination.id,
                ids[entry.query],
                keyword=entry.keyword,
                options=entry.options,
                created_by=0,
                now=now,
                known=None,
                complete=False,
            )
        state = State.PAUSED if entry.paused else State.ACTIVE
        if one.state is not state:
            await stored_subscriptions.set_state_of(connection, one, state, None)
