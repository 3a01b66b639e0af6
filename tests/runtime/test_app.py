"""The whole bot against an arXiv and a Discord on loopback: how it starts, what stops it, how it ends."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from asyncio.subprocess import Process
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.config import Settings
from bot.model.errors import BotError, ConfigError, StoreBusy, StoreCorrupt, StoreError
from bot.runtime.app import serve
from bot.store import Store
from tests.fakes.arxiv import FakeArxiv, hang
from tests.fakes.discord import FakeDiscord
from tests.fakes.papers import make_papers
from tests.runtime.app_cases import (
    PATIENCE,
    arxiv,
    changed,
    discord,
    ends,
    health,
    process,
    serving,
    settings,
    subscribe,
    until,
)

__all__ = ["arxiv", "discord", "settings"]


async def says(running: Process, words: str) -> None:
    """Wait for a line of the log with *words*."""
    assert running.stderr is not None
    async with asyncio.timeout(PATIENCE):
        while words not in (line := (await running.stderr.readline()).decode()):
            assert line, f"the process ended without saying {words!r}"


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
    with pytest.raises(BotError, match=r"^Discord (closed the connection permanently|rejects the intents)"):
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
        with pytest.raises(BotError, match="cannot listen on"):
            await serve(settings, asyncio.Event())
    assert discord.requests == []


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid"])
async def test_a_wrong_host_stops_it_before_a_file_is_made(
    settings: Settings, discord: FakeDiscord, tmp_path: Path, host: str
) -> None:
    with pytest.raises(ConfigError, match=r"http\.host"):
        await serve(changed(settings, http={"host": host}), asyncio.Event())
    assert not (tmp_path / "papers.db").exists()
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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
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
    assert "not waiting for messages in flight" in err
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
