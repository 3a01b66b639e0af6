"""How the tests start the whole bot: as a task of this process and as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.config import Settings
from bot.model.subscriptions import Options, Place
from bot.query.query import parse
from bot.rules.forecast import NotAsked
from bot.runtime.app import serve
from bot.store import Store
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.discord import FakeDiscord
from tests.fakes.papers import make_papers

ROOT = Path(__file__).parents[2]

PATIENCE = 30.0


@pytest.fixture
async def arxiv() -> AsyncIterator[FakeArxiv]:
    async with FakeArxiv(make_papers(3, published=datetime.now(UTC))) as fake:
        yield fake


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as fake:
        fake.add_channel(fake.add_guild())
        yield fake


@pytest.fixture
def settings(arxiv: FakeArxiv, discord: FakeDiscord, tmp_path: Path) -> Settings:
    return Settings(
        discord={"token": discord.token, "api_base": discord.api_base},
        arxiv={"api_url": arxiv.url, "min_interval": 0, "timeout": 300},
        poll={"every": "1s"},
        database={"url": f"sqlite:///{tmp_path}/papers.db"},
        http={"port": free_port()},
    )


def changed(settings: Settings, **sections: dict[str, Any]) -> Settings:
    content = settings.model_dump()
    for section, keys in sections.items():
        content[section] |= keys
    return Settings(**content)


def environ(settings: Settings) -> dict[str, str]:
    """Return the environment that makes a process have *settings*."""
    given = {"DISCORD_TOKEN": settings.discord.token.get_secret_value() if settings.discord.token else ""}
    for section, keys in settings.model_dump(exclude_defaults=True).items():
        for key, value in keys.items():
            if key != "token":
                given[f"PAPERS_{section}__{key}".upper()] = str(value)
    return given


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - it looks at servers, which set no event of ours
            await asyncio.sleep(0.01)


async def subscribe(settings: Settings, discord: FakeDiscord) -> None:
    """Leave a subscription behind, so that there is something to poll for."""
    (channel,) = discord.channels
    async with await Store.open(settings.database.url) as store:
        await store.subscriptions.subscribe(
            place=Place(next(iter(discord.guilds)), channel),
            keyword="speech synthesis",
            query=parse("speech synthesis").canonical,
            options=Options(),
            created_by=7,
            now=datetime(2026, 7, 20, tzinfo=UTC),
            look=NotAsked(),
        )


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[asyncio.Task[None]]:
    """Run the bot in this process for the time of the block, and end it in order."""
    ended = asyncio.Event()
    task = asyncio.create_task(serve(settings, ended))
    try:
        yield task
    finally:
        ended.set()
        async with asyncio.timeout(PATIENCE):
            await task


@asynccontextmanager
async def process(settings: Settings) -> AsyncIterator[Process]:
    """Run `python -m bot` for the time of the block."""
    outside = {key: value for key, value in os.environ.items() if not key.startswith("PAPERS_")}
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", cwd=ROOT, env=outside | environ(settings), stdout=PIPE, stderr=PIPE
    )
    try:
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.kill()
        await running.communicate()


async def ends(running: Process, *signals: signal.Signals) -> tuple[int, str, float]:
    """Send *signals*; return the exit code, what else was logged, and the seconds that it took."""
    started = time.monotonic()
    for number in signals:
        running.send_signal(number)
        await asyncio.sleep(0.1)
    async with asyncio.timeout(PATIENCE):
        _, err = await running.communicate()
    assert running.returncode is not None
    return running.returncode, err.decode(), time.monotonic() - started


async def health(settings: Settings, path: str) -> tuple[int, dict[str, str]]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{settings.http.port}{path}") as response,
    ):
        return response.status, (await response.json())["checks"]
