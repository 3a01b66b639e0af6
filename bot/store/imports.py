"""Imports channels and subscriptions from a file, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.subscriptions import Live, Notify, Options, Place, QuietHours, Schedule, State, Style
from bot.rules.forecast import NotAsked
from bot.store import destinations as stored_destinations
from bot.store import queries as stored_queries
from bot.store import subscriptions as stored_subscriptions
from bot.store.engine import Database
from bot.store.rows import from_quiet_hours
from bot.store.tables import destinations, queries, subscriptions


@dataclass(frozen=True, slots=True)
class SubscriptionEntry:
    """A subscription in a file; `query` is its canonical text."""

    keyword: str
    query: str
    options: Options
    paused: bool = False


@dataclass(frozen=True, slots=True)
class ChannelEntry:
    """A channel in a file, with its subscriptions; see `Destination`."""

    guild_id: int
    channel_id: int
    user_id: int = 0
    cap: int | None = None
    crosspost: bool = True
    style: Style = Style.COMPACT
    live: Live = Live.ALL
    best: int | None = None
    notify: Notify = Notify.ALL
    quiet_hours: QuietHours | None = None
    schedule: Schedule | None = None
    entries: tuple[SubscriptionEntry, ...] = ()


class Imports:
    """Stores many subscriptions at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, channels: Sequence[ChannelEntry], now: datetime) -> None:
        """Store *channels* with their subscriptions, all of them or none; what they leave out stays as it is.

        A new subscription starts silent: papers that the store knows already are not posted.
        """
        async with self._database.write() as connection:
            for channel in channels:
                await _apply(connection, channel, now)


async def _apply(connection: AsyncConnection, channel: ChannelEntry, now: datetime) -> None:
    place = Place(channel.guild_id, channel.channel_id, channel.user_id)
    destination = await stored_destinations.ensure(connection, place, now)
    values: dict[str, object] = {
        "cap": channel.cap,
        "crosspost": channel.crosspost,
        "style": channel.style,
        "live": channel.live,
        "best": channel.best,
        "notify": channel.notify,
        **from_quiet_hours(channel.quiet_hours),
    }
    if channel.schedule != destination.schedule:
        values |= stored_destinations.schedule_columns(channel.schedule, now)
    await connection.execute(
        destinations.update().where(destinations.c.id == destination.id).values(**values)
    )
    ids = await stored_queries.ensure(connection, [entry.query for entry in channel.entries])
    for entry in channel.entries:
        existing = await stored_subscriptions.select_one(
            connection,
            subscriptions.c.destination_id == destination.id,
            queries.c.canonical == entry.query,
        )
        if existing:
            one = await stored_subscriptions.edit_row(connection, existing, entry.options, entry.keyword)
        else:
            one = await stored_subscriptions.add(
                connection,
                destination.id,
                ids[entry.query],
                keyword=entry.keyword,
                options=entry.options,
                created_by=0,
                now=now,
                look=NotAsked(),
            )
        state = State.PAUSED if entry.paused else State.ACTIVE
        if one.state is not state:
            await stored_subscriptions.set_state_of(connection, one, state, None)
