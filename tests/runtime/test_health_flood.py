"""The health port of the whole bot, while somebody keeps more connections open than a process has files."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.config import Settings
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.discord import FakeDiscord
from tests.fakes.papers import make_papers
from tests.runtime.app_cases import (
    PATIENCE,
    arxiv,
    discord,
    ends,
    health,
    process,
    settings,
    subscribe,
    until,
)

__all__ = ["arxiv", "discord", "settings"]

CONNECTIONS, FILES = 1_100, 1_024
SENT = (b"", b"GET /healthz HTTP/1.1\r\n", b"GET /metrics HTTP/1.1\r\nHost: x\r\n", b"\x16\x03\x01", b"G")


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process, which plays all the others, have enough files."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] != resource.RLIM_INFINITY and before[1] < 4 * CONNECTIONS:
        pytest.skip("this process may not have so many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (4 * CONNECTIONS, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="another process's limits are set on Linux alone")
@pytest.mark.usefixtures("many_files")
async def test_more_half_open_connections_than_files_stop_nothing_and_fill_no_log(
    settings: Settings, discord: FakeDiscord, arxiv: FakeArxiv
) -> None:
    await subscribe(settings, discord)
    async with process(settings) as running:
        await discord.until(lambda: discord.gateway.live, within=PATIENCE)
        await until(lambda: len(arxiv.requests) >= 2)
        resource.prlimit(running.pid, resource.RLIMIT_NOFILE, (FILES, FILES))
        opened = []
        for number in range(CONNECTIONS):
            reader, writer = await asyncio.open_connection("127.0.0.1", settings.http.port)
            writer.write(SENT[number % len(SENT)])
            opened.append((reader, writer))
        assert (await health(settings, "/healthz"))[0] == 200
        arxiv.publish(make_papers(2, first=900, published=datetime.now(UTC)))
        await until(lambda: len(discord.posts(next(iter(discord.channels)))) == 2)
        async with asyncio.timeout(PATIENCE):
            for reader, writer in opened:
                with contextlib.suppress(ConnectionError):
                    await reader.read()  # until the bot closes it
                writer.close()
        assert (await health(settings, "/healthz"))[0] == 200
        code, logged, _seconds = await ends(running, signal.SIGTERM)
    assert code == 0
    print(f"{CONNECTIONS} half-open connections, {FILES} files: {len(logged):,} bytes of log")  # noqa: T201
    assert len(logged) < 5_000
    assert logged.count("health port:") == 1
    assert "Traceback" not in logged
