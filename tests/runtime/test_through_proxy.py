"""The whole bot behind a proxy: what it asks arXiv and Discord, and the gateway, goes through CONNECT.

The proxy is the only way to the hosts, whose names nobody else knows. It also ends their TLS.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import shutil
import ssl
import subprocess
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.config import Settings
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.discord import FakeDiscord
from tests.fakes.papers import make_papers
from tests.runtime.app_cases import (
    PATIENCE,
    ROOT,
    arxiv,
    changed,
    environ,
    settings,
    subscribe,
    until,
)

__all__ = ["arxiv", "settings"]

ARXIV, DISCORD, GATEWAY = "arxiv.example.org", "discord.example.org", "gateway.example.org"
NAMES = ",".join(f"DNS:{host}" for host in (ARXIV, DISCORD, GATEWAY))
PASSWORD = "proxy:secret"

needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl to make a certificate")


def certificate(folder: Path) -> Path:
    """Make a certificate for the hosts, with its key in the same file; return the file."""
    file = folder / "hosts.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=test", "-addext", f"subjectAltName={NAMES}"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    file.write_text(file.read_text() + (folder / "key.pem").read_text())
    return file


class ConnectProxy:
    """A proxy that knows CONNECT alone, and the plain servers behind the hosts by *ports*."""

    def __init__(self, ports: dict[str, int], certified: Path) -> None:
        self.connected: list[str] = []
        self.refused: list[str] = []
        self._ports = ports
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(certified)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            method, target, *_ = head.split()
            host = target.partition(":")[0]
            wanted = base64.b64encode(PASSWORD.encode()).decode()
            if method != "CONNECT" or host not in self._ports or f"Basic {wanted}" not in head:
                self.refused.append(head)
                writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            else:
                self.connected.append(host)
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await writer.drain()
                await writer.start_tls(self._tls)
                await self._join(reader, writer, self._ports[host])
        writer.close()

    @staticmethod
    async def _join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
        behind, ahead = await asyncio.open_connection("127.0.0.1", port)

        async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                while data := await source.read(1 << 16):
                    target.write(data)
                    await target.drain()
            target.close()

        await asyncio.gather(copy(reader, ahead), copy(behind, writer))


class DiscordElsewhere(FakeDiscord):
    """A Discord whose gateway has a name of its own."""

    @property
    def gateway_url(self) -> str:
        return f"wss://{GATEWAY}/gateway/"


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with DiscordElsewhere() as fake:
        fake.add_channel(fake.add_guild())
        yield fake


def port_of(url: str) -> int:
    return int(url.split("/")[2].partition(":")[2])


@asynccontextmanager
async def behind_a_proxy(
    arxiv: FakeArxiv, discord: FakeDiscord, settings: Settings, folder: Path
) -> AsyncIterator[ConnectProxy]:
    """Run the bot with nothing but the proxy for the time of the block."""
    certified = certificate(folder)
    here = port_of(discord.api_base)
    proxy = ConnectProxy({ARXIV: port_of(arxiv.url), DISCORD: here, GATEWAY: here}, certified)
    elsewhere = changed(
        settings,
        discord={"api_base": f"https://{DISCORD}/{discord.api_base.split('/', 3)[3]}"},
        arxiv={
            "api_url": f"https://{ARXIV}/{arxiv.url.split('/', 3)[3]}",
            "min_interval": 3,
            "contact": "operator@example.org",
        },
        poll={"every": "10m"},
    )
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    address = f"http://{PASSWORD}@127.0.0.1:{server.sockets[0].getsockname()[1]}"
    outside = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("PAPERS_") and not key.lower().endswith("_proxy")
    }
    given = {"HTTPS_PROXY": address, "SSL_CERT_FILE": str(certified), "NO_PROXY": "localhost"}
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot"),
        cwd=ROOT,
        env=outside | environ(elsewhere) | given,
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    try:
        yield proxy
    finally:
        running.kill()
        await running.wait()
        server.close()


@needs_openssl
async def test_arxiv_discord_and_the_gateway_are_reached_through_the_proxy_alone(
    settings: Settings, discord: FakeDiscord, arxiv: FakeArxiv, tmp_path: Path
) -> None:
    await subscribe(settings, discord)
    arxiv.papers[:] = make_papers(3, published=datetime.now(UTC))
    async with behind_a_proxy(arxiv, discord, settings, tmp_path) as proxy:
        await discord.until(lambda: discord.gateway.live and discord.commands, within=PATIENCE)
        await until(lambda: arxiv.requests)
        assert {*proxy.connected} == {ARXIV, DISCORD, GATEWAY}
        assert proxy.refused == []
