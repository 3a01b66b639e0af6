"""What the tests of notices share: a bot in servers whose channels it loses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.delivery.notices import NoticeSender
from bot.store import Store
from bot.store.notices import COLLECTED_FOR
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import FakeDiscord
from tests.fakes.papers import make_paper
from tests.runtime.client_cases import Start, StartedBot
from tests.store.store_cases import record, subscribe


class Lab:
    """A server with channels, one of them subscribed, and a bot that is ready."""

    def __init__(self, fake: FakeDiscord, store: Store, bot: StartedBot) -> None:
        self.fake, self.store, self.bot = fake, store, bot

    async def refuse(self, *channels: int, paper: int = 1001) -> None:
        """Take the right to write away, and bring a paper."""
        for channel in channels:
            await self.fake.deny(channel, payloads.SEND_MESSAGES)
        await self.fake.until(lambda: not any(self.may_write(channel) for channel in channels))
        await record(self.store, make_paper(paper))
        await self.bot.delivery.run()

    def may_write(self, channel: int) -> bool:
        found = self.bot.get_channel(channel)
        return bool(found.permissions_for(found.guild.me).send_messages)

    async def tell(self, by: timedelta = COLLECTED_FOR) -> float:
        """Let time pass, and the job run."""
        self.bot.clock.advance(by)
        self.fake.skipped += by.total_seconds()
        notices = NoticeSender(
            self.bot, self.store, send_timeout=20, clock=self.bot.clock, chance=lambda: 1.0
        )
        return await notices.run()

    def told(self, channel: int) -> list[str]:
        return [post["content"] for post in self.fake.posts(channel) if not post["embeds"]]


@asynccontextmanager
async def lab(fake: FakeDiscord, store: Store, start: Start, *channels: int) -> AsyncIterator[Lab]:
    for channel in channels:
        await subscribe(store, channel=channel, guild=int(fake.channels[channel]["guild_id"]))
    async with start() as bot:
        await fake.until(bot.is_ready)
        await bot.jobs["notices"].stop()  # it is run by hand
        yield Lab(fake, store, bot)
