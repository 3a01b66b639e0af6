"""The whole bot against an arXiv and a Discord on loopback: how it starts, what stops it, how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
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
from bot.model.errors import BotError, ConfigError, StoreBusy, StoreCorrupt, StoreError
from bot.model.subscriptions import Options
from bot.query.query import parse
from bot.runtime.app import serve
from bot.store import Store
from tests.fakes.arxiv import FakeArxiv, hang
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
            guild_id=next(iter(discord.guilds)),
            channel_id=channel,
            user_id=0,
            keyword="speech synthesis",
            query=parse("speech synthesis").canonical,
            options=Options(),
            created_by=7,
            now=datetime(2026, 7, 20, tzinfo=UTC),
            known=None,
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


async def says(running: Process, words: str) -> None:
    """Wait for a line of the log with *words*."""
    assert running.stderr is not None
    async with asyncio.timeout(PATIENCE):
        while words not in (line := (await running.stderr.readline()).decode()):
            assert line, f"the process ended without saying {words!r}"


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


# Starting


async def test_it_is_healthy_at_once_and_ready_when_connected(
    settings: Settings, discord: FakeDiscord
) -> None:
    login = discord.fault("GET", "/users/@me", hang=True)
    async with serving(settings):
        await asyncio.wait_for(login.hit.wait(), PATIENCE)
        assert await health(settings, "/healthz") == (200, {"database": "ok", "event loop": "ok"})
        status, checks = await health(settings, "/readyz")
        assert (status, checks["discord"]) == (503, "not connected to Discord")
        login.release()
        async with asyncio.timeout(PATIENCE):
            while (await health(settings, "/readyz"))[0] != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    assert discord.invalid == []


async def test_papers_are_collected_while_discord_is_away(
    settings: Settings, discord: FakeDiscord, arxiv: FakeArxiv, caplog: pytest.LogCaptureFixture
) -> None:
    await subscribe(settings, discord)
    port = int(discord.api_base.split(":")[2].partition("/")[0])
    await discord.stop()
    async with serving(settings):
        await until(lambda: len(arxiv.requests) >= 2)
        await until(lambda: any("cannot be reached" in record.message for record in caplog.records))
        await discord.start(port)
        await until(lambda: discord.gateway.live)
    said = [record for record in caplog.records if "cannot be reached" in record.message]
    assert [record.levelno for record in said if record.levelno > logging.DEBUG] == [logging.ERROR]


async def test_a_refused_token_is_a_mistake_of_the_configuration(settings: Settings) -> None:
    with pytest.raises(ConfigError, match=r"discord\.token: Discord refused the token"):
        await serve(changed(settings, discord={"token": "wrong"}), asyncio.Event())


async def test_a_token_that_is_refused_later_ends_it_too(settings: Settings, discord: FakeDiscord) -> None:
    task = asyncio.create_task(serve(settings, asyncio.Event()))
    await until(lambda: discord.gateway.live)
    discord.token = "another"
    await discord.gateway.drop(4004)
    with pytest.raises(ConfigError, match=r"discord\.token: Discord refused the token"):
        await asyncio.wait_for(task, PATIENCE)


@pytest.mark.parametrize("code", [4010, 4012, 4013, 4014])
async def test_what_discord_closes_for_good_is_one_sentence(
    settings: Settings, discord: FakeDiscord, code: int
) -> None:
    task = asyncio.create_task(serve(settings, asyncio.Event()))
    await until(lambda: discord.gateway.live)
    await discord.gateway.drop(code)
    with pytest.raises(BotError, match=r"^Discord (closed the connection|refuses the intents)"):
        await asyncio.wait_for(task, PATIENCE)


async def test_a_second_bot_on_one_database_is_refused(settings: Settings, discord: FakeDiscord) -> None:
    async with serving(settings):
        await until(lambda: discord.gateway.live)
        with pytest.raises(StoreBusy, match="already runs"):
            await serve(changed(settings, http={"port": 0}), asyncio.Event())
        assert discord.gateway.live


async def test_a_port_in_use_stops_it_before_it_logs_in(settings: Settings, discord: FakeDiscord) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", settings.http.port))
        taken.listen()
        with pytest.raises(BotError, match="cannot be listened on"):
            await serve(settings, asyncio.Event())
    assert discord.requests == []


async def test_a_corrupt_database_stops_it_and_stays_as_it_is(
    settings: Settings, discord: FakeDiscord, tmp_path: Path
) -> None:
    content = b"not a database" * 1000
    (tmp_path / "papers.db").write_bytes(content)
    with pytest.raises(StoreCorrupt):
        await serve(settings, asyncio.Event())
    assert (tmp_path / "papers.db").read_bytes() == content
    assert discord.requests == []


async def test_a_database_that_cannot_be_made_stops_it(settings: Settings, discord: FakeDiscord) -> None:
    with pytest.raises(StoreError, match=r"/proc/nowhere/papers\.db"):
        await serve(changed(settings, database={"url": "sqlite:////proc/nowhere/papers.db"}), asyncio.Event())
    assert discord.requests == []


async def test_a_mistake_is_one_sentence_and_the_documented_exit_code(settings: Settings) -> None:
    async with process(changed(settings, discord={"token": "wrong-and-secret"})) as running:
        code, err, _ = await ends(running)
    assert code == 2
    assert err.splitlines()[-1].startswith("discord.token: Discord refused the token")
    assert "Traceback" not in err
    assert "wrong-and-secret" not in err


# Ending


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_in_order(
    settings: Settings, discord: FakeDiscord, number: signal.Signals
) -> None:
    async with process(settings) as running:
        await until(lambda: discord.gateway.live)
        code, err, seconds = await ends(running, number)
    assert code == 0
    assert seconds < 10
    assert "Traceback" not in err
    assert "unclosed" not in err.lower()
    assert not discord.gateway.live
    async with await Store.open(settings.database.url, hold=True):
        pass


async def test_a_signal_ends_a_login_that_hangs(settings: Settings, discord: FakeDiscord) -> None:
    login = discord.fault("GET", "/users/@me", hang=True)
    async with process(settings) as running:
        await asyncio.wait_for(login.hit.wait(), PATIENCE)
        code, err, seconds = await ends(running, signal.SIGTERM)
    assert (code, "Traceback" in err) == (0, False)
    assert seconds < 10


async def test_a_signal_ends_waiting_for_discord(settings: Settings, discord: FakeDiscord) -> None:
    await discord.stop()
    async with process(settings) as running:
        await says(running, "cannot be reached")
        code, err, seconds = await ends(running, signal.SIGTERM)
    assert (code, "Traceback" in err) == (0, False)
    assert seconds < 10


async def test_a_signal_ends_a_poll_that_hangs(
    settings: Settings, discord: FakeDiscord, arxiv: FakeArxiv
) -> None:
    await subscribe(settings, discord)
    arxiv.always = hang()
    async with process(settings) as running:
        await until(lambda: arxiv.requests and discord.gateway.live)
        code, err, seconds = await ends(running, signal.SIGTERM)
    assert (code, "Traceback" in err) == (0, False)
    assert seconds < 10


async def test_a_second_signal_does_not_wait_for_what_is_in_flight(
    settings: Settings, discord: FakeDiscord, arxiv: FakeArxiv
) -> None:
    await subscribe(settings, discord)
    send = discord.fault("POST", "/channels/{}/messages", hang=True, times=None)
    async with process(settings) as running:
        await until(lambda: discord.gateway.live and len(arxiv.requests) >= 2)
        arxiv.publish(make_papers(1, first=90_000, published=datetime.now(UTC)))
        await asyncio.wait_for(send.hit.wait(), PATIENCE)
        code, err, _ = await ends(running, signal.SIGTERM, signal.SIGTERM)
    assert (code, "Traceback" in err) == (0, False)
    assert "ending without waiting for what is in flight" in err
    async with await Store.open(settings.database.url, hold=True) as store:
        assert await store.outbox.depth() == 1  # claimed, and looked for at the next start


async def test_a_signal_waits_for_what_is_in_flight(
    settings: Settings, discord: FakeDiscord, arxiv: FakeArxiv
) -> None:
    await subscribe(settings, discord)
    limited = discord.fault("POST", "/channels/{}/messages", status=429, retry_after=1.5)
    async with process(settings) as running:
        await until(lambda: discord.gateway.live and len(arxiv.requests) >= 2)
        arxiv.publish(make_papers(1, first=90_000, published=datetime.now(UTC)))
        await asyncio.wait_for(limited.hit.wait(), PATIENCE)
        code, err, seconds = await ends(running, signal.SIGTERM)
    assert (code, "Traceback" in err) == (0, False)
    assert seconds < 10
    assert [len(discord.posts(channel)) for channel in discord.channels] == [1]
    async with await Store.open(settings.database.url, hold=True) as store:
        assert await store.outbox.depth() == 0
