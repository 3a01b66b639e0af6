"""What people do to the bot: they revoke a permission or remove the bot, and undo it later."""

from __future__ import annotations

from collections import Counter
from random import Random

from tests.drill.fakes import DrillDiscord
from tests.fakes import discord_payloads as payloads

RIGHT = "the right to write in a channel"
SERVER = "the server, by being removed"
KINDS = (RIGHT, RIGHT, SERVER)


class Losses:
    """Takes something from the bot and gives it back, one thing at a time; counts in *faults*."""

    def __init__(self, discord: DrillDiscord, chance: Random, faults: Counter[str]) -> None:
        self._discord = discord
        self._chance = chance
        self._faults = faults
        self._channel = 0
        self._guild = 0

    @property
    def lasting(self) -> bool:
        """Whether something has yet to be given back."""
        return bool(self._channel or self._guild)

    async def strike(self, kind: str) -> None:
        if self.lasting:
            return
        [guild] = self._discord.guilds
        self._faults[f"lost for a while: {kind}"] += 1
        if kind == SERVER:
            self._guild = guild
            await self._discord.kick(guild)
            return
        channels = [channel["id"] for channel in self._discord.guilds[guild]["channels"]]
        self._channel = int(self._chance.choice(channels))
        await self._discord.deny(self._channel, payloads.SEND_MESSAGES)

    async def make_good(self) -> None:
        if self._guild:
            guild, self._guild = self._guild, 0
            await self._discord.invite(guild)
        if self._channel:
            channel, self._channel = self._channel, 0
            await self._discord.deny(channel, 0)
