"""Changes that people make in their servers, with the events of Discord's gateway."""

from __future__ import annotations

from typing import Any

from tests.fakes.gateway import Gateway


class Changes:
    """The part of `FakeDiscord` that changes permissions, channels, threads and servers."""

    guilds: dict[int, dict[str, Any]]
    former: dict[int, dict[str, Any]]
    away: set[int]
    channels: dict[int, dict[str, Any]]
    gateway: Gateway

    async def deny(self, channel_id: int, permissions: int) -> None:
        """Deny the bot *permissions* in this channel (0 restores all), and send the event."""
        channel = self.channels[channel_id]
        overwrite = {"id": channel["guild_id"], "type": 0, "allow": "0", "deny": str(permissions)}
        channel["permission_overwrites"] = [overwrite] if permissions else []
        await self.gateway.dispatch("CHANNEL_UPDATE", channel, guild_id=int(channel["guild_id"]))

    async def delete_channel(self, channel_id: int) -> None:
        channel = self.channels.pop(channel_id)
        self.guilds[int(channel["guild_id"])]["channels"].remove(channel)
        await self.gateway.dispatch("CHANNEL_DELETE", channel, guild_id=int(channel["guild_id"]))

    async def set_thread(self, thread_id: int, **metadata: bool) -> None:
        """Archive, lock or open a thread, and send the event."""
        thread = self.channels[thread_id]
        thread["thread_metadata"] |= metadata
        await self.gateway.dispatch("THREAD_UPDATE", thread, guild_id=int(thread["guild_id"]))

    async def kick(self, guild_id: int) -> None:
        """Remove the bot from a server."""
        self.former[guild_id] = self.guilds.pop(guild_id)
        await self.gateway.dispatch("GUILD_DELETE", {"id": str(guild_id)}, guild_id=guild_id)

    async def invite(self, guild_id: int) -> None:
        """Invite the bot to a server that was added while it ran, or again after it was removed."""
        self.guilds[guild_id] = self.former.pop(guild_id, None) or self.guilds[guild_id]
        guild = {key: value for key, value in self.guilds[guild_id].items() if key != "unavailable"}
        await self.gateway.dispatch("GUILD_CREATE", guild, guild_id=guild_id)

    async def outage(self, guild_id: int) -> None:
        """Make a server unavailable; READY still lists it."""
        self.away.add(guild_id)
        data = {"id": str(guild_id), "unavailable": True}
        await self.gateway.dispatch("GUILD_DELETE", data, guild_id=guild_id)

    async def recover(self, guild_id: int) -> None:
        """End the outage of a server."""
        self.away.discard(guild_id)
        await self.gateway.dispatch("GUILD_CREATE", self.guilds[guild_id], guild_id=guild_id)
