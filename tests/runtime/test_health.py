from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.config import HttpSettings
from bot.model.errors import BotError, ConfigError, StoreCorrupt
from bot.runtime import connections, health
from bot.runtime.health import HealthServer, Probe, require_host


async def well() -> str:
    return ""


async def unwell() -> str:
    return "arXiv has not answered since 3 May"


async def corrupt() -> str:
    raise StoreCorrupt("The database is damaged.")


async def broken() -> str:
    raise KeyError("a mistake of ours")


async def hanging() -> str:
    await asyncio.Event().wait()
    return ""


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def asked(
    session: aiohttp.ClientSession, port: int, path: str, **probes: dict[str, Probe]
) -> tuple[int, dict[str, object]]:
    async with (
        HealthServer(HttpSettings(port=port), alive=probes.get("alive", {}), ready=probes.get("ready", {})),
        session.get(f"http://127.0.0.1:{port}{path}") as response,
    ):
        return response.status, await response.json()


async def test_a_live_process_with_a_live_store_is_healthy(session: aiohttp.ClientSession, port: int) -> None:
    status, content = await asked(session, port, "/healthz", alive={"store": well}, ready={"poll": unwell})
    assert status == 200
    assert content == {"status": "ok", "checks": {"store": "ok"}}


async def test_readiness_names_what_is_amiss(session: aiohttp.ClientSession, port: int) -> None:
    status, content = await asked(session, port, "/readyz", alive={"store": well}, ready={"poll": unwell})
    assert status == 503
    checks = {"store": "ok", "poll": "arXiv has not answered since 3 May"}
    assert content == {"status": "failing", "checks": checks}


@pytest.mark.parametrize(
    ("probe", "said"),
    [
        (corrupt, "The database is damaged."),
        (broken, "the probe failed, see the log"),
        (hanging, "no answer within 0.01 seconds"),
    ],
)
async def test_a_failing_probe_is_an_answer(
    session: aiohttp.ClientSession, port: int, monkeypatch: pytest.MonkeyPatch, probe: Probe, said: str
) -> None:
    monkeypatch.setattr(health, "_TIMEOUT", 0.01)
    status, content = await asked(session, port, "/healthz", alive={"store": probe})
    assert status == 503
    assert content["checks"] == {"store": said}


async def test_a_monitor_is_answered_while_others_only_open_connections(
    session: aiohttp.ClientSession, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with HealthServer(HttpSettings(port=port), alive={"store": well}, ready={}):
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(300)]
        async with session.get(f"http://127.0.0.1:{port}/healthz") as response:
            assert response.status == 200
        for reader, _writer in idle[:280]:
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
        for _reader, writer in idle:
            writer.close()
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(said) == 1
    assert said[0].startswith("health port: closed a connection (more than 20 connections at once)")


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\n", b"GET /healthz HTTP/1.1\r\nHost: x\r\n"])
async def test_a_request_that_does_not_end_its_headers_is_cut_off(
    port: int, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(connections, "_TO_ASK", 0.05)
    async with HealthServer(HttpSettings(port=port), alive={"store": well}, ready={}):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()


async def test_headers_may_come_in_pieces_and_a_connection_be_used_again(port: int) -> None:
    async with HealthServer(HttpSettings(port=port), alive={"store": well}, ready={}):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            for piece in (b"GET /healthz HTTP/1.1\r\nHo", b"st: x\r\n\r", b"\n"):
                writer.write(piece)
                await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
            assert b'"status": "ok"' in await reader.readexactly(int(length.split(b":")[1]))
        writer.close()


async def test_a_connection_lives_no_longer_than_allowed(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_LIFE", 0.05)
    async with HealthServer(HttpSettings(port=port), alive={"store": well}, ready={}):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            assert b"200 OK" in await reader.read()
        writer.close()


async def test_a_port_in_use_is_one_sentence(port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(BotError) as caught:
            await HealthServer(HttpSettings(port=port), alive={}, ready={}).__aenter__()
    assert str(caught.value) == (
        f"http.port: cannot listen on 127.0.0.1 port {port} (address already in use); "
        "stop what uses it, choose another port, or turn the server off with port 0."
    )


@pytest.mark.parametrize(
    "host",
    [
        "192.0.2.1", "999.1.1.1", "8.8.8.8", "::2", "2001:db8::1", "nowhere.invalid", "a b", "127.0.0.1:80",
        "http://localhost", "[::1]", "a..b", "x" * 300, "0x",
    ],
)  # fmt: skip
async def test_a_host_that_is_not_ours_is_a_mistake_of_the_configuration(port: int, host: str) -> None:
    with pytest.raises(ConfigError) as caught:
        await HealthServer(HttpSettings(host=host, port=port), alive={}, ready={}).__aenter__()
    (line,) = caught.value.problems
    assert line.startswith(
        f"http.host: cannot listen on {host[:100]}, which is not an address of this machine"
    )


async def test_port_0_means_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a check for it, the system would pick a free port and serve there."""
    listening: list[object] = []
    monkeypatch.setattr(asyncio.get_running_loop(), "create_server", listening.append)
    async with HealthServer(HttpSettings(port=0), alive={"store": well}, ready={}):
        assert listening == []


async def test_a_host_is_checked_only_if_something_is_served_there() -> None:
    elsewhere = "192.0.2.1"  # no machine has it
    await require_host(HttpSettings(host=elsewhere, port=0))
    await require_host(HttpSettings(host="127.0.0.1", port=1))
    with pytest.raises(ConfigError):
        await require_host(HttpSettings(host=elsewhere, port=1))
