"""Follows which servers and channels the bot can still post in.

A paused channel is resumed when the bot may post there again. The data of a deleted channel, and of a server
that removed the bot, is kept for a grace period and then erased.

Discord sends an event for most of these changes. A daily check finds the others. It asks discord.py's cache
where that knows the channel. Otherwise it sends one request for each channel, spread over the day, because
Discord counts refused requests against the whole process.

Discord marks the servers of an outage as `unavailable`. Nothing in them counts as gone.
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
from bot.delivery.unreadable import UnreadableAnswer, reading
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Destination, State
from bot.store import Store

_log = logging.getLogger(__name__)

CHECK_EVERY = timedelta(days=1)
"""How long a paused channel rests between two checks."""

_ROUND = timedelta(minutes=10)
_ROUNDS_A_DAY = 144
_NOT_YET = 60.0  # seconds until Discord has probably listed the bot's servers
_DAY = 86_400.0


class Membership:
    """Keeps the state of the stored channels in step with Discord; posts nothing.

    *grace* is how long the data of a deleted channel, or of a server that removed the bot, is kept.
    *on_resumed* is called when channels were resumed, whose messages can be sent again, and *on_stopped* when
    there is a notice for a channel's managers.
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
        self._checked_at: dict[int, datetime] = {}  # by destination
        # Events are stored in the order in which Discord sent them: removed, then invited again.
        self._turn = asyncio.Lock()
        self._servers_known = False  # the servers were compared at least once
        self._comparison_due = False  # since a READY; it stays set where comparing failed

    # --- what Discord sends events for --------------------------------------------------------------------

    async def permissions_changed(self, guild_id: int) -> None:
        """Resume the paused channels of a server in which the bot may post again."""
        if await self._delivery.resume(guild_id):
            self._on_resumed()

    async def server_available(self, guild: discord.Guild) -> None:
        """Restore the channels of a server that the bot joined again, or that is back from an outage.

        Does nothing before the first `compare_servers`, which goes through all servers.
        """
        async with self._turn:
            if self._servers_known:
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
                _log.info("channel %d was not deleted after all", one.channel_id)
                self._on_resumed()
        if any(one.state is State.PAUSED for one in known):
            await self.permissions_changed(guild.id)

    async def server_left(self, guild_id: int) -> None:
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

    async def channel_deleted(self, channel_id: int, name: str = "") -> None:
        """Note that a channel or thread was deleted; *name* is its name if everybody could see it."""
        async with self._turn:
            destination = await self._store.destinations.by_channel(channel_id)
            if destination is not None:
                await self._end(destination, name)

    async def compare_servers(self) -> None:
        """After READY: find the servers that removed or invited the bot while it was disconnected."""
        self._comparison_due = True
        async with self._turn:
            await self._compare()
        self._servers_known, self._comparison_due = True, False

    async def _compare(self) -> None:
        # Read first: a server that invites the bot in between is in the list, and may not be in the store.
        served = await self._store.destinations.guilds()
        # Discord lists the servers of an outage, too, so one that is missing has removed the bot.
        listed = {guild.id for guild in self._bot.guilds}
        if self._servers_known:
            # At a later READY, discord.py's cache still holds the servers of the earlier one.
            listed = {guild.id async for guild in self._bot.fetch_guilds(limit=None, with_counts=False)}
        for guild_id in served - listed:
            if self._is_served_here(guild_id):
                await self._leave(guild_id)
        stopped = [*await self._store.destinations.gone(), *await self._store.destinations.paused()]
        for guild_id in {one.guild_id for one in stopped} & listed:
            guild = self._bot.get_guild(guild_id)
            if guild is not None and not guild.unavailable:
                await self._restore(guild)

    def _is_served_here(self, guild_id: int) -> bool:
        """Tell whether the server belongs to a shard of this process.

        https://discord.com/developers/docs/events/gateway#sharding
        """
        count = self._bot.shard_count or 1
        return (guild_id >> 22) % count in self._bot.shards

    # --- what it sends none for ---------------------------------------------------------------------------

    async def check_paused(self) -> float:
        """Check each paused channel once a day; return the seconds to the next round.

        Compares the servers first where that failed at READY. Of the channels that discord.py's cache does
        not know, only a few are checked in a round, so that refused requests are spread over the day.
        """
        if not self._bot.is_ready():
            return _NOT_YET
        if self._comparison_due:
            await self.compare_servers()
        now = self._clock()
        paused = await self._store.destinations.paused()
        unknown: list[Destination] = []
        resumed = False
        for destination in paused:
            allowed = rights.may_post(self._bot, destination)
            if allowed and self._is_due(destination, now):
                resumed |= await self._resume(destination)
            elif allowed is None and self._is_due(destination, now):
                unknown.append(destination)
        unknown.sort(key=lambda one: self._checked_at.get(one.id, one.state_since or now))
        for destination in unknown[: math.ceil(len(paused) / _ROUNDS_A_DAY)]:
            resumed |= await self._check_at_discord(destination)
        self._checked_at = {one.id: self._checked_at[one.id] for one in paused if one.id in self._checked_at}
        if resumed:
            self._on_resumed()
        return _ROUND.total_seconds()

    def _is_due(self, destination: Destination, now: datetime) -> bool:
        moments = (destination.state_since, self._checked_at.get(destination.id))
        # A moment in the future is one of a clock that was ahead.
        last = max((each for each in moments if each is not None and each <= now), default=None)
        return last is None or now - last >= CHECK_EVERY

    async def _check_at_discord(self, destination: Destination) -> bool:
        """Fetch a channel; tell whether it was resumed. Direct messages are resumed without a request."""
        self._checked_at[destination.id] = self._clock()
        if not destination.guild_id:
            return await self._resume(destination)
        guild = self._bot.get_guild(destination.guild_id)
        if guild is None or guild.unavailable:
            return False  # an outage, or the bot was removed, which an event or `compare_servers` notes
        try:
            with reading():
                channel = await self._bot.fetch_channel(destination.channel_id)
        except discord.NotFound as error:
            if error.code == codes.UNKNOWN_CHANNEL:
                await self._end(destination)
            return False
        except (discord.Forbidden, UnreadableAnswer):
            return False
        if not isinstance(channel, discord.Thread):
            return await self._resume(destination)
        held = channel.permissions_for(guild.me) if channel.parent else discord.Permissions.none()
        return False if rights.refusal(channel, held) else await self._resume(destination)

    async def _resume(self, destination: Destination) -> bool:
        self._checked_at[destination.id] = self._clock()
        await self._store.destinations.resume(destination.id, self._clock())
        _log.info("channel %d is tried again", destination.channel_id)
        return True

    async def _end(self, destination: Destination, name: str = "") -> None:
        reason = Reason(ReasonCode.CHANNEL_DELETED)
        await self._store.destinations.end(destination.id, reason, self._clock(), name=name)
        days = self._grace.days
        _log.warning("channel %d was deleted; its data is kept for %d days", destination.channel_id, days)
        self._on_stopped()

    async def erase_gone(self) -> float:
        """Erase the channels that have been gone for the grace period; return the seconds to the next look.

        Does nothing until the servers are known: the bot may have been down for longer than that, and some
        of them may have invited it again.
        """
        if not self._servers_known:
            return _NOT_YET
        if erased := await self._store.erase_gone(self._clock(), self._grace):
            _log.info("erased %d channels that have been gone for %d days", erased, self._grace.days)
        return _DAY


def public_name(channel: discord.abc.GuildChannel) -> str:
    """Return the name of *channel* if everybody in its server can see it, else ""."""
    visible = channel.permissions_for(channel.guild.default_role).view_channel
    return channel.name if visible else ""
