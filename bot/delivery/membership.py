"""Which servers and channels we are still in: what paused is resumed, what went is kept a while, then erased.

Discord tells of most changes. What it does not tell, a daily look finds out, from the cache where that knows
and else with one request a channel, spread over the day: a refused request counts against the whole process.
A server that is only `unavailable` is in an outage of Discord's, and nothing in it is ever gone.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from datetime import datetime, timedelta

import discord

from bot.delivery import codes, rights
from bot.delivery.loop import Delivery
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Destination, State
from bot.store import Store

_log = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(days=1)

_ROUND = timedelta(minutes=10)
_ROUNDS_A_DAY = 144
_NOT_YET = 60.0  # seconds until Discord has said which servers there are
_DAY = 86_400.0


class Membership:
    """Keeps the state of destinations in step with Discord; posts nothing.

    *grace* is how long the data of a channel or server that is gone is kept. *on_resumed* is called when
    there may be something to send again, *on_stopped* when managers are to be told of something.
    """

    def __init__(
        self,
        bot: discord.AutoShardedClient,
        store: Store,
        delivery: Delivery,
        *,
        grace: timedelta,
        clock: Callable[[], datetime],
        on_resumed: Callable[[], None],
        on_stopped: Callable[[], None],
    ) -> None:
        self._bot = bot
        self._store = store
        self._delivery = delivery
        self._grace = grace
        self._clock = clock
        self._on_resumed = on_resumed
        self._on_stopped = on_stopped
        self._looked: dict[int, datetime] = {}
        # What Discord tells is stored in the order in which it was told: removed, then invited again.
        self._turn = asyncio.Lock()
        self._compared = False
        self._overdue = False  # a comparison that was due failed

    # --- what Discord tells -------------------------------------------------------------------------------

    async def changed(self, guild_id: int) -> None:
        """Resume what can be written to again in a server where rights or channels changed."""
        if await self._delivery.resume(guild_id):
            self._on_resumed()

    async def here(self, guild: discord.Guild) -> None:
        """Restore what was gone in a server that is here: joined again, or back from an outage.

        Before the first `compare` nothing is done: that looks at all servers at once.
        """
        async with self._turn:
            if self._compared:
                await self._restore(guild)

    async def _restore(self, guild: discord.Guild) -> None:
        known = await self._store.destinations.of_guild(guild.id)
        if any(one.kicked for one in known):
            restored = await self._store.destinations.rejoin(guild.id, self._clock())
            _log.info("back in server %d: %d channels are served again", guild.id, len(restored))
            self._on_resumed()
        for one in known:
            if one.state is State.GONE and not one.kicked and guild.get_channel_or_thread(one.channel_id):
                await self._store.destinations.resume(one.id, self._clock(), earlier=State.GONE)
                _log.info("channel %d is there after all", one.channel_id)
                self._on_resumed()
        if any(one.state is State.PAUSED for one in known):
            await self.changed(guild.id)

    async def left(self, guild_id: int) -> None:
        """Note that the server removed the bot; its data is kept for the grace period."""
        async with self._turn:
            await self._leave(guild_id)

    async def _leave(self, guild_id: int) -> None:
        reason = Reason(ReasonCode.BOT_REMOVED)
        if count := await self._store.destinations.leave(guild_id, reason, self._clock()):
            days = self._grace.days
            _log.warning(
                "removed from server %d: its %d channels are kept for %d days", guild_id, count, days
            )

    async def deleted(self, channel_id: int, name: str = "") -> None:
        """Note that a channel or thread was deleted; *name* is what its server could see of it."""
        async with self._turn:
            destination = await self._store.destinations.by_channel(channel_id)
            if destination is not None:
                await self._end(destination, name)

    async def compare(self) -> None:
        """After READY: find out which servers we were removed from, or invited to, while we were away.

        Discord lists every server, those in an outage, too; so one that is missing has removed us. At a later
        READY of this process discord.py still has such servers in its cache, and Discord is asked.
        """
        self._overdue = True
        async with self._turn:
            await self._compare()
        self._compared, self._overdue = True, False

    async def _compare(self) -> None:
        served = (
            await self._store.destinations.guilds()
        )  # before the list, which who joins meanwhile may lack
        listed = {guild.id for guild in self._bot.guilds}
        if self._compared:
            listed = {guild.id async for guild in self._bot.fetch_guilds(limit=None, with_counts=False)}
        for guild_id in served - listed:
            if self._is_ours(guild_id):
                await self._leave(guild_id)
        stopped = [*await self._store.destinations.gone(), *await self._store.destinations.paused()]
        for guild_id in {one.guild_id for one in stopped} & listed:
            guild = self._bot.get_guild(guild_id)
            if guild is not None and not guild.unavailable:
                await self._restore(guild)

    def _is_ours(self, guild_id: int) -> bool:
        """Tell whether a shard of this process would serve the server."""
        count = self._bot.shard_count or 1
        return (guild_id >> 22) % count in self._bot.shards

    # --- what it does not tell ----------------------------------------------------------------------------

    async def look(self) -> float:
        """Look at paused channels, each once a day; return the seconds to the next round.

        Where comparing failed at READY, since Discord or the database was away, it is made up for.
        Those that the cache cannot judge are few a round, so that the refusals are spread over the day.
        """
        if not self._bot.is_ready():
            return _NOT_YET
        if self._overdue:
            await self.compare()
        now = self._clock()
        paused = await self._store.destinations.paused()
        unknown: list[Destination] = []
        resumed = False
        for destination in paused:
            allowed = rights.may_post(self._bot, destination)
            if allowed and self._is_time(destination, now):
                resumed |= await self._resume(destination)
            elif allowed is None and self._is_time(destination, now):
                unknown.append(destination)
        unknown.sort(key=lambda one: self._looked.get(one.id, one.state_since or now))
        for destination in unknown[: math.ceil(len(paused) / _ROUNDS_A_DAY)]:
            resumed |= await self._ask(destination)
        self._looked = {one.id: self._looked[one.id] for one in paused if one.id in self._looked}
        if resumed:
            self._on_resumed()
        return _ROUND.total_seconds()

    def _is_time(self, destination: Destination, now: datetime) -> bool:
        moments = (destination.state_since, self._looked.get(destination.id))
        last = max((each for each in moments if each is not None and each <= now), default=None)
        return last is None or now - last >= LOOK_AGAIN

    async def _ask(self, destination: Destination) -> bool:
        """Ask Discord for a channel; tell whether it was resumed. Direct messages are simply tried again."""
        self._looked[destination.id] = self._clock()
        if not destination.guild_id:
            return await self._resume(destination)
        guild = self._bot.get_guild(destination.guild_id)
        if guild is None or guild.unavailable:
            return False  # in an outage; or we were removed, which `compare` and Discord itself tell
        try:
            channel = await self._bot.fetch_channel(destination.channel_id)
        except discord.NotFound as error:
            if error.code == codes.UNKNOWN_CHANNEL:
                await self._end(destination)
            return False
        except discord.Forbidden:
            return False
        if not isinstance(channel, discord.Thread):
            return await self._resume(destination)
        held = channel.permissions_for(guild.me) if channel.parent else discord.Permissions.none()
        return False if rights.refusal(channel, held) else await self._resume(destination)

    async def _resume(self, destination: Destination) -> bool:
        self._looked[destination.id] = self._clock()
        await self._store.destinations.resume(destination.id, self._clock())
        _log.info("channel %d is tried again", destination.channel_id)
        return True

    async def _end(self, destination: Destination, name: str = "") -> None:
        await self._store.destinations.end(
            destination.id, Reason(ReasonCode.CHANNEL_DELETED), self._clock(), name=name
        )
        _log.warning(
            "channel %d was deleted; its data is kept for %d days", destination.channel_id, self._grace.days
        )
        self._on_stopped()

    async def forget(self) -> float:
        """Erase, once a day, the data of what has been gone for the grace period.

        Not before it is known which servers are back: the process may have been down for longer than that.
        """
        if not self._compared:
            return _NOT_YET
        if erased := await self._store.erase_gone(self._clock(), self._grace):
            _log.info("erased %d channels that have been gone for %d days", erased, self._grace.days)
        return _DAY


def name_for_all(channel: discord.abc.GuildChannel) -> str:
    """Return the name of *channel* if everybody in its server could see it, else ""."""
    visible = channel.permissions_for(channel.guild.default_role).view_channel
    return channel.name if visible else ""
