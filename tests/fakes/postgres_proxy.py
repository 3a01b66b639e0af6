"""The network between the bot and PostgreSQL: it can break at a commit, before or after the server got it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Literal

_COMMIT = b"COMMIT;\x00"
_CHUNK = 1 << 16
Cut = Literal["before", "after"]


class PostgresProxy:
    """Passes on what clients and the server say; `cut` says where the next commit breaks its connection.

    `commits` counts the commits that reached the server. While `down`, no connection is accepted.
    """

    def __init__(self, socket: Path) -> None:
        self.port = 0
        self.cut: Cut | None = None
        self.commits = 0
        self.down = False
        self._socket = socket

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.down:
            writer.close()
            return
        to_server, from_client = await asyncio.open_unix_connection(str(self._socket))
        async with asyncio.TaskGroup() as group:
            with suppress(asyncio.CancelledError):
                up = group.create_task(self._upwards(reader, from_client, writer))
                down = group.create_task(self._downwards(to_server, writer))
                await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
                for each in (writer, from_client):
                    each.close()
                up.cancel()
                down.cancel()

    async def _upwards(
        self, reader: asyncio.StreamReader, server: asyncio.StreamWriter, client: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while said := await reader.read(_CHUNK):
                if _COMMIT in said:
                    if self.cut == "before":
                        self.cut = None
                        return
                    self.commits += 1
                    if self.cut == "after":
                        self.cut = None
                        client.transport.abort()  # the answer finds nobody
                        server.write(said)
                        await server.drain()
                        await asyncio.sleep(0.05)  # so that the server gets to it
                        return
                server.write(said)
                await server.drain()

    @staticmethod
    async def _downwards(server: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while said := await server.read(_CHUNK):
                client.write(said)
                await client.drain()


@asynccontextmanager
async def proxy_to(socket: Path) -> AsyncIterator[PostgresProxy]:
    """Serve a proxy on a port of this machine to the server on *socket*."""
    proxy = PostgresProxy(socket)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
