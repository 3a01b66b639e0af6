"""What the tests of the client share: a bot, started as a process starts it, at a Discord with a gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.arxiv.client import ArxivClient
from bot.arxiv.gate import Gate
from bot.config import ArxivSettings, DatabaseSettings, DeliverySettings, DiscordSettings, Settings
from bot.runtime.client import PaperBot
from bot.store import Store
from tests.fakes.clock import Clock
from tests.fakes.discord import FakeDiscord
from tests.store.store_cases import NOW, subscribe, url_of

Start = Callable[..., Any]


class StartedBot(PaperBot):
    """The bot under a clock that a test moves, and the task in which it runs."""

    clock: Clock
    running: asyncio.Task[None]


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeDiscord]:
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    async with FakeDiscord() as fake:
        yield fake
        assert fake.invalid == []


@pytest.fixture
def start(fake: FakeDiscord, store: Store, tmp_path: Path) -> Start:
    """A function to be entered: starts a bot, as a process does, and closes it at the end.

    *prepare* is handed the bot before it starts.
    """

    @asynccontextmanager
    async def start(
        *,
        token: str = "",
        connected: bool = True,
        language: str = "auto",
        delivery: DeliverySettings | None = None,
        prepare: Callable[[PaperBot], None] = lambda _: None,
    ) -> AsyncIterator[StartedBot]:
        settings = Settings(
            discord=DiscordSettings(api_base=fake.api_base),
            arxiv=ArxivSettings(api_url="http://127.0.0.1:9/api/query", min_interval=0),
            database=DatabaseSettings(url=url_of(tmp_path)),
            delivery=delivery or DeliverySettings(),
            language=language,
        )
        async with aiohttp.ClientSession() as session:
            arxiv = ArxivClient(session, Gate(0), settings.arxiv, clock=Clock(NOW))
            bot = StartedBot(settings=settings, store=store, arxiv=arxiv, poller=None, clock=Clock(NOW))
            prepare(bot)
            async with bot:
                bot.running = asyncio.create_task(bot.start(token or fake.token))
                if connected:
                    await fake.gateway.connected()
                    await fake.until(lambda: bot.jobs["commands"].last_success or bot.running.done())
                yield bot
            await asyncio.wait({bot.running})

    return start


@pytest.fixture
def guild(fake: FakeDiscord) -> int:
    return fake.add_guild()


@pytest.fixture
async def channel(fake: FakeDiscord, store: Store, guild: int) -> int:
    """A channel of the server that is subscribed."""
    made = fake.add_channel(guild)
    await subscribe(store, channel=made, guild=guild)
    return made
