"""Whether the bot lives (`/healthz`) and does its work (`/readyz`), as JSON over HTTP; `/metrics` beside it.

Dead means that a restart may help: the process hangs or its database does not answer. Not ready means that a
restart would not: Discord or arXiv is away, and the bot waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.config import Http
from bot.model.errors import BotError

_log = logging.getLogger(__name__)

_PATIENCE = 5.0  # seconds; less than those that ask usually wait

Probe = Callable[[], Awaitable[str]]
"""Says what is wrong in a few words, or nothing."""


class HealthServer:
    """Serves the addresses while it is entered; port 0 in *settings* means no server.

    *metrics* returns what `/metrics` answers, in Prometheus' text format; None means no such address.
    *alive* and *ready* are probes by the name that the answer gives them; what is not alive is not ready.

    Raises:
        BotError: on entering, when the address cannot be taken.
    """

    def __init__(
        self,
        settings: Http,
        *,
        alive: Mapping[str, Probe],
        ready: Mapping[str, Probe],
        metrics: Callable[[], Awaitable[bytes]] | None = None,
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._alive = dict(alive)
        self._ready = self._alive | dict(ready)
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        if self._settings.port == 0:
            return self
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        if self._metrics is not None:
            app.router.add_get("/metrics", self._served(self._metrics))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        host, port = self._settings.host, self._settings.port
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise BotError(
                f"http.port: {host} port {port} cannot be listened on ({_reason(error)}); stop what uses it, "
                "choose another port, or turn the server off with port 0."
            ) from error
        _log.info("health on http://%s:%d/healthz and /readyz, /metrics for Prometheus", host, port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _healthz(self, _request: web.Request) -> web.Response:
        return await _answer(self._alive)

    async def _readyz(self, _request: web.Request) -> web.Response:
        return await _answer(self._ready)

    @staticmethod
    def _served(
        metrics: Callable[[], Awaitable[bytes]],
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(_request: web.Request) -> web.Response:
            return web.Response(body=await metrics(), headers={"Content-Type": CONTENT_TYPE_LATEST})

        return serve


def _reason(error: OSError) -> str:
    """Return the system's own words, which asyncio wraps in a sentence that repeats the address."""
    return str(error.strerror or error).rpartition(": ")[2].lower()


async def _answer(probes: Mapping[str, Probe]) -> web.Response:
    found = dict(zip(probes, await asyncio.gather(*map(_ask, probes.values())), strict=True))
    good = not any(found.values())
    content = {
        "status": "ok" if good else "failing",
        "checks": {name: trouble or "ok" for name, trouble in found.items()},
    }
    return web.json_response(content, status=200 if good else 503, headers={"Cache-Control": "no-store"})


async def _ask(probe: Probe) -> str:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await probe()
    except TimeoutError:
        return f"no answer within {_PATIENCE:g} seconds"
    except BotError as error:
        return str(error)
    except Exception:  # noqa: BLE001 - the one who asks needs an answer, whatever our mistake
        _log.exception("a health probe failed")
        return "the probe failed, see the log"
