"""What the tests of delivery share: a desk between a real store and a Discord that misbehaves."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import AutoShardedClient
from discord.http import Route

from bot.delivery import http_trace
from bot.delivery.loop import Delivery
from bot.delivery.nonces import NONCE_KEPT
from bot.model.outbox import OutboxRow
from bot.model.subscriptions import State
from bot.present.reasons import reason_in_words
from bot.store import Store, backup
from tests.database import clear, lay_out
from tests.fakes import discord_payloads as payloads
from tests.fakes.clock import Clock
from tests.fakes.discord import FakeDiscord
from tests.fakes.papers import make_paper
from tests.store.store_cases import NOW, record, subscribe

POST = ("POST", "/channels/{}/messages")
HISTORY = ("GET", "/channels/{}/messages")
HOUR = timedelta(hours=1)
LONG_AGO = NONCE_KEPT + timedelta(minutes=2)


@dataclass
class Desk:
    """A store with a subscribed channel, and the delivery that serves it."""

    discord: FakeDiscord
    store: Store
    client: AutoShardedClient
    clock: Clock
    guild: int
    channel: int
    refusals: list[bool] = field(default_factory=list)
    made: list[Delivery] = field(default_factory=list)

    def delivery(self, **options: Any) -> Delivery:
        """Return a delivery as a fresh process has it."""
        made = Delivery(
            self.client,
            self.store,
            clock=self.clock,
            chance=lambda: 1.0,
            on_token_refused=lambda: self.refusals.append(True),
            **({"concurrency": 4, "send_timeout": 20} | options),
        )
        self.made.append(made)
        return made

    async def run(self, **options: Any) -> float:
        return await self.delivery(**options).run()

    async def subscribe(self, channel: int = 0, **options: Any) -> None:
        await subscribe(self.store, channel=channel or self.channel, guild=self.guild, **options)

    async def queue(self, *numbers: int, **changes: Any) -> None:
        await record(self.store, *(make_paper(number, **changes) for number in numbers), now=self.clock())

    async def failed(self) -> list[OutboxRow]:
        places = await self.store.destinations.of_guild(self.guild)
        return await self.store.outbox.failed([place.id for place in places], 10)

    def posted(self, channel: int = 0) -> list[str]:
        """Return the papers in the channel, as their addresses end, in the order of posting."""
        found = []
        for post in self.discord.posts(channel or self.channel):
            urls = [embed["url"] for embed in post["embeds"] if "url" in embed]
            found += [url.rpartition("/")[2] for url in urls or post["content"].splitlines()[-1:]]
        return found

    def files(self, post: dict[str, Any]) -> dict[str, str]:
        """Return the texts of what is attached to a post, by name."""
        found = {file["filename"]: self.discord.files[file["id"]] for file in post["attachments"]}
        return {
            name: (gzip.decompress(content) if name.endswith(".gz") else content).decode()
            for name, content in found.items()
        }

    def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)
        self.discord.skipped += by.total_seconds()

    async def row(self) -> OutboxRow:
        """Return the oldest row that is still to be sent, due or not."""
        [row, *_] = await self.store.outbox.heads(self.clock() + timedelta(days=30), 10)
        return row

    async def destination_state(self) -> tuple[State, str]:
        """Return the state of the channel and why, as a sentence."""
        found = await self.store.destinations.by_channel(self.channel)
        assert found is not None
        return found.state, reason_in_words(found.reason)


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as fake:
        yield fake
        assert fake.invalid == []


@pytest.fixture
async def desk(fake: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(Route, "BASE", fake.api_base)
    lay_out(tmp_path / "papers.db")
    async with await Store.open(f"sqlite:///{tmp_path}/papers.db") as store, _desk(fake, store) as desk:
        yield desk


@asynccontextmanager
async def _desk(fake: FakeDiscord, store: Store) -> AsyncIterator[Desk]:
    guild = fake.add_guild()
    channel = fake.add_channel(guild)
    fake.skipped = NOW.timestamp() - fake.now()
    intents = discord.Intents(guilds=True)
    async with AutoShardedClient(
        intents=intents, max_ratelimit_timeout=30, http_trace=http_trace.trace()
    ) as client:
        await client.login(fake.token)
        desk = Desk(fake, store, client, Clock(NOW), guild, channel)
        await desk.subscribe()
        yield desk
        for made in desk.made:
            await made.stop(grace=0)


@asynccontextmanager
async def another(desk: Desk) -> AsyncIterator[Desk]:
    """A desk at a new Discord, with the same store, which is cleared."""
    before = Route.BASE
    await clear(desk.store)
    async with FakeDiscord() as fake:
        Route.BASE = fake.api_base
        try:
            async with _desk(fake, desk.store) as made:
                yield made
        finally:
            Route.BASE = before
        assert fake.invalid == []


@asynccontextmanager
async def lost_time(desk: Desk, folder: Path) -> AsyncIterator[None]:
    """Restore after the block what was before it; Discord keeps all that is posted in the block."""
    url = f"sqlite:///{folder}/papers.db"
    backup.back_up(url, folder / "backup.db", desk.clock(), progress=lambda *_: None)
    desk.pass_time(HOUR)
    yield
    desk.pass_time(HOUR)
    for made in desk.made:
        await made.stop(grace=0)
    desk.made.clear()
    await desk.store.close()
    backup.restore(url, folder / "backup.db", desk.clock(), progress=lambda *_: None)
    desk.store = await Store.open(url)
    desk.pass_time(HOUR)


@pytest.fixture(autouse=True)
async def closed(desk: Desk) -> AsyncIterator[None]:
    """Close the store that took the place of the desk's own in `lost_time`."""
    yield
    await desk.store.close()


def forum_of(desk: Desk, **extra: Any) -> int:
    tags = [
        {"id": str(number), "name": name, "moderated": name == "Mod", "emoji_id": None, "emoji_name": None}
        for number, name in enumerate(("Mod", "Other", "cs.CL"), 1)
    ]
    return desk.discord.add_channel(desk.guild, "forum", payloads.FORUM, available_tags=tags, **extra)


def forum_posts(desk: Desk, forum: int) -> list[dict[str, Any]]:
    return [each for each in desk.discord.channels.values() if each.get("parent_id") == str(forum)]


async def lost_answer(desk: Desk) -> None:
    desk.discord.fault(*POST, lost=True)


async def unavailable(desk: Desk) -> None:
    desk.discord.fault(*POST, status=503)
