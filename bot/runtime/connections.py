"""Limits on the connections of an HTTP server for a few known clients, such as monitors.

aiohttp waits for a request as long as the client likes, and takes as many connections as the process may have
files. So anybody who reaches the port could use up all files, and with them the database's and Discord's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

_log = logging.getLogger(__name__)

_MOST = 20
_TO_ASK = 5.0  # seconds until the headers of the first request have arrived
_LIFE = 30.0  # seconds; several requests may share a connection
_QUIET = 600.0  # seconds between two lines in the log
_END_OF_HEADERS = b"\r\n\r\n"


class ConnectionLimit:
    """Creates the protocol of each connection by *serve*, and closes those that are too many or too slow.

    If there are too many, the one that has waited longest without a request is closed, so that a monitor is
    answered while somebody else only opens connections.
    """

    def __init__(self, serve: Callable[[], asyncio.Protocol]) -> None:
        self._serve = serve
        self._open: dict[_Connection, None] = {}  # oldest first
        self._logged = float("-inf")

    def __call__(self) -> asyncio.Protocol:
        return _Connection(self, self._serve())

    def add(self, connection: _Connection) -> None:
        self._open[connection] = None
        if len(self._open) > _MOST:
            silent = (each for each in self._open if not each.asked)
            self._close(next(silent, connection), f"more than {_MOST} connections at once")

    def remove(self, connection: _Connection) -> None:
        self._open.pop(connection, None)

    def too_slow(self, connection: _Connection) -> None:
        self._close(connection, f"no request within {_TO_ASK:g} seconds")

    def _close(self, connection: _Connection, why: str) -> None:
        self.remove(connection)
        connection.abort()
        now = asyncio.get_running_loop().time()
        if now - self._logged >= _QUIET:
            self._logged = now
            _log.warning("health port: closed a connection (%s); there may be more in the next minutes", why)


class _Connection(asyncio.Protocol):
    """Passes everything on to *inner*; `asked` tells whether the headers of a request have arrived."""

    def __init__(self, connections: ConnectionLimit, inner: asyncio.Protocol) -> None:
        self.asked = False
        self._connections = connections
        self._inner = inner
        self._transport: asyncio.Transport | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._received = b""

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a server's transports are
        self._transport = transport
        loop = asyncio.get_running_loop()
        self._timers = [loop.call_later(_TO_ASK, self._late), loop.call_later(_LIFE, self.abort)]
        self._inner.connection_made(transport)
        self._connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        for timer in self._timers:
            timer.cancel()
        self._connections.remove(self)
        self._inner.connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if not self.asked:
            self._received = self._received[-len(_END_OF_HEADERS) :] + data
            self.asked = _END_OF_HEADERS in self._received
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def _late(self) -> None:
        if not self.asked:
            self._connections.too_slow(self)
