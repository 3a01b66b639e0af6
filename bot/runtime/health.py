"""Serves `/healthz` and `/readyz` as JSON, and `/metrics`, over HTTP.

If `/healthz` fails, a restart may help: the process hangs, or its database does not respond. If only
`/readyz` fails, a restart would not help: Discord or arXiv is down, and the bot waits for it.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.config import HttpSettings
from bot.model.errors import BotError, ConfigError
from bot.runtime.connections import ConnectionLimit

_log = logging.getLogger(__name__)

_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
_TIMEOUT = 5.0  # seconds; less than most monitors wait

Probe = Callable[[], Awaitable[str]]
"""Returns what is wrong in a few words, "" if nothing is."""


async def require_host(settings: HttpSettings) -> None:
    """Check that the health checks can be served at the host in *settings*, whatever uses the port.

    Raises:
        ConfigError: the host is not this machine.
    """
    if settings.port == 0:
        return
    try:
        server = await asyncio.get_running_loop().create_server(asyncio.Protocol, settings.host, 0)
    except (OSError, UnicodeError) as error:
        refusal = _refusal(settings.host, settings.port, error)
        if isinstance(refusal, ConfigError):
            raise refusal from error
    else:
        server.close()


class HealthServer:
    """Serves while it is entered; port 0 in *settings* turns it off.

    *alive* and *ready* are probes by name; `/readyz` includes those of `/healthz`. *metrics* returns the body
    of `/metrics` in Prometheus' text format; without it there is no `/metrics`.

    Raises:
        ConfigError: on entering, if the host is not this machine.
        BotError: on entering, if the port cannot be used.
    """

    def __init__(
        self,
        settings: HttpSettings,
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
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        if self._settings.port == 0:
            return self
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        if self._metrics is not None:
            app.router.add_get("/metrics", self._handler(self._metrics))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        host, port = self._settings.host, self._settings.port
        try:
            serve = self._runner.server
            assert serve is not None  # noqa: S101 - it is set up
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(ConnectionLimit(serve), host, port)
        except (OSError, UnicodeError) as error:  # the latter from names such as “a..b”
            await self._runner.cleanup()
            raise _refusal(host, port, error) from error
        _log.info(
            "serving health checks at http://%s:%d/healthz and /readyz, metrics at /metrics", host, port
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _healthz(self, _request: web.Request) -> web.Response:
        return await _answer(self._alive)

    async def _readyz(self, _request: web.Request) -> web.Response:
        return await _answer(self._ready)

    @staticmethod
    def _handler(
        metrics: Callable[[], Awaitable[bytes]],
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(_request: web.Request) -> web.Response:
            return web.Response(body=await metrics(), headers={"Content-Type": CONTENT_TYPE_LATEST})

        return serve


def _refusal(host: str, port: int, error: OSError | UnicodeError) -> BotError:
    """Return the error for an address that cannot be listened on; it names the key that is the cause.

    A wrong host is a mistake of the configuration; a port may be free again at the next start.
    """
    if isinstance(error, socket.gaierror | UnicodeError) or error.errno in _NOT_HERE:
        problem = (
            f"http.host: cannot listen on {host[:100]}, which is not an address of this machine; use "
            "127.0.0.1, or 0.0.0.0 to be reached from other machines"
        )
        return ConfigError([problem])
    return BotError(
        f"http.port: cannot listen on {host} port {port} ({_reason(error)}); stop what uses it, "
        "choose another port, or turn the server off with port 0."
    )


def _reason(error: OSError) -> str:
    """Return the system's message, without the sentence around it in which asyncio repeats the address."""
    return str(error.strerror or error).rpartition(": ")[2].lower()


async def _answer(probes: Mapping[str, Probe]) -> web.Response:
    problems = dict(zip(probes, await asyncio.gather(*map(_run, probes.values())), strict=True))
    good = not any(problems.values())
    content = {
        "status": "ok" if good else "failing",
        "checks": {name: problem or "ok" for name, problem in problems.items()},
    }
    return web.json_response(content, status=200 if good else 503, headers={"Cache-Control": "no-store"})


async def _run(probe: Probe) -> str:
    try:
        async with asyncio.timeout(_TIMEOUT):
            return await probe()
    except TimeoutError:
        return f"no answer within {_TIMEOUT:g} seconds"
    except BotError as error:
        return str(error)
    except Exception:  # noqa: BLE001 - the monitor needs an answer even if the probe has a bug
        _log.exception("a health probe failed")
        return "the probe failed, see the log"
