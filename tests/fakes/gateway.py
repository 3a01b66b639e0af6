"""Discord's gateway for discord.py: HELLO, IDENTIFY, READY, heartbeats, RESUME, INVALID SESSION.

Frames are zlib-stream compressed if the client asks for it.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID_SESSION, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11


@dataclass
class Session:
    """A session, which outlives its connections: dispatched events are kept for RESUME."""

    id: str
    shard: tuple[int, int]
    intents: int
    events: list[dict[str, Any]] = field(default_factory=list)
    connection: Connection | None = None
    resumable: bool = True


class Connection:
    """One websocket connection, compressed if the client asked for it."""

    def __init__(self, socket: web.WebSocketResponse, *, compress: bool) -> None:
        self.socket = socket
        self._deflate = zlib.compressobj() if compress else None

    async def send(self, frame: dict[str, Any]) -> None:
        await self.send_text(json.dumps(frame))

    async def send_text(self, text: str) -> None:
        if self._deflate is None:
            await self.socket.send_str(text)
        else:
            data = self._deflate.compress(text.encode()) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
            await self.socket.send_bytes(data)


class Gateway:
    """All sessions of a fake Discord. `ready` returns READY's data, `guilds` a shard's GUILD_CREATEs.

    `garble` changes the data of each event before it is sent.
    """

    def __init__(
        self,
        *,
        token: str,
        ready: Callable[[Session], dict[str, Any]],
        guilds: Callable[[tuple[int, int]], list[dict[str, Any]]],
    ) -> None:
        self.token = token
        self.sessions: dict[str, Session] = {}
        self.identifies: list[dict[str, Any]] = []
        self.resumes: list[dict[str, Any]] = []
        self.heartbeats = 0
        self.heartbeat_interval = 41_250
        self.refuse_with: int | None = None
        self.garble: Callable[[str, Any], Any] = lambda _, data: data
        self.changed = asyncio.Condition()
        self._ready = ready
        self._guilds = guilds

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=0, autoping=True)
        await socket.prepare(request)
        connection = Connection(socket, compress=request.query.get("compress") == "zlib-stream")
        if self.refuse_with is not None:
            await socket.close(code=self.refuse_with)
            return socket
        await connection.send({"op": HELLO, "d": {"heartbeat_interval": self.heartbeat_interval}, "s": None})
        session: Session | None = None
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            frame = json.loads(message.data)
            op, data = frame["op"], frame.get("d")
            if op == HEARTBEAT:
                self.heartbeats += 1
                await connection.send({"op": ACK})
            elif op in {IDENTIFY, RESUME}:
                if data["token"] != self.token:
                    await socket.close(code=4004, message=b"Authentication failed.")
                    break
                session = await (self._identify if op == IDENTIFY else self._resume)(connection, data)
                async with self.changed:
                    self.changed.notify_all()
        if session is not None and session.connection is connection:
            session.connection = None
        return socket

    async def _identify(self, connection: Connection, data: dict[str, Any]) -> Session:
        self.identifies.append(data)
        shard = tuple(data.get("shard") or (0, 1))
        session = Session(secrets.token_hex(16), (shard[0], shard[1]), data["intents"])
        self.sessions[session.id] = session
        await self._dispatch_to(session, "READY", self._ready(session), connection)
        session.connection = connection
        for guild in self._guilds(session.shard):
            await self._dispatch_to(session, "GUILD_CREATE", guild, connection)
        return session

    async def _resume(self, connection: Connection, data: dict[str, Any]) -> Session | None:
        self.resumes.append(data)
        session = self.sessions.get(data["session_id"])
        if session is None or not session.resumable:
            await connection.send({"op": INVALID_SESSION, "d": False})
            return None
        session.connection = connection
        for event in session.events[data["seq"] :]:
            await connection.send(event)
        await self._dispatch_to(session, "RESUMED", {"_trace": []}, connection)
        return session

    async def _dispatch_to(
        self, session: Session, event: str, data: Any, connection: Connection | None
    ) -> None:
        data = self.garble(event, data)
        frame = {"op": DISPATCH, "t": event, "s": len(session.events) + 1, "d": data}
        session.events.append(frame)
        if connection is not None and not connection.socket.closed:
            await connection.send(frame)

    async def dispatch(self, event: str, data: Any, *, guild_id: int | None = None) -> None:
        """Send *event* to the shard of *guild_id* (0 for direct messages), or keep it for RESUME."""
        for session in list(self.sessions.values()):
            if not session.resumable or session.shard[0] != ((guild_id or 0) >> 22) % session.shard[1]:
                continue
            await self._dispatch_to(session, event, data, session.connection)

    async def send_text(self, text: str) -> None:
        """Send a frame that need not be JSON to every client."""
        for session in self.live:
            if session.connection is not None:
                await session.connection.send_text(text)

    async def connected(self, *, sessions: int = 1, within: float = 30) -> None:
        """Wait until *sessions* sessions are connected."""
        async with asyncio.timeout(within), self.changed:
            await self.changed.wait_for(lambda: len(self.live) >= sessions)

    @property
    def live(self) -> list[Session]:
        return [session for session in self.sessions.values() if session.connection is not None]

    async def invalidate(self, *, resumable: bool = False) -> None:
        """End every session with INVALID SESSION (op 9)."""
        for session in self.live:
            session.resumable = resumable
            connection, session.connection = session.connection, None
            if connection is not None:
                await connection.send({"op": INVALID_SESSION, "d": resumable})

    async def reconnect(self) -> None:
        """Ask every client to reconnect and resume (op 7)."""
        for session in self.live:
            connection, session.connection = session.connection, None
            if connection is not None:
                await connection.send({"op": RECONNECT, "d": None})

    async def drop(self, code: int = 4000) -> None:
        """Close every connection with *code*; 4004 means that the token was revoked."""
        for session in self.live:
            connection, session.connection = session.connection, None
            if connection is not None:
                await connection.socket.close(code=code)
