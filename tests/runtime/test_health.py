from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.config import Http
from bot.model.errors import BotError, StoreCorrupt
from bot.runtime import health
from bot.runtime.health import HealthServer, Probe


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
        HealthServer(Http(port=port), alive=probes.get("alive", {}), ready=probes.get("ready", {})),
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


async def test_a_port_in_use_is_one_sentence(port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(BotError) as caught:
            await HealthServer(Http(port=port), alive={}, ready={}).__aenter__()
    assert str(caught.value) == (
        f"http.port: cannot listen on 127.0.0.1 port {port} (address already in use); "
        "stop what uses it, choose another port, or turn the server off with port 0."
    )


async def test_a_host_that_is_not_ours_is_one_sentence(port: int) -> None:
    with pytest.raises(BotError, match="cannot listen on"):
        await HealthServer(Http(host="192.0.2.1", port=port), alive={}, ready={}).__aenter__()


async def test_port_0_means_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a check for it, the system would pick a free port and serve there."""
    listening: list[object] = []
    monkeypatch.setattr(asyncio.get_running_loop(), "create_server", listening.append)
    async with HealthServer(Http(port=0), alive={"store": well}, ready={}):
        assert listening == []
