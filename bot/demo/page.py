"""The demo's front page: the list of channels, and the open channel in a frame.

simcord's preview shows one channel at a time, and nothing else may change the simulated world while it
handles a click. So every request passes through this page: it keeps track of each visitor's open channel, and
lets clicks, commands and the passing of time happen one after another.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from http import HTTPStatus
from importlib import resources
from typing import Any

import aiohttp
from aiohttp import web
from simcord.backend.errors import SetupError
from simcord.builders import ChannelHandle
from simcord.preview import Preview

from bot.demo.world import World

_COOKIE = "channel"
_HOP_BY_HOP = {"connection", "content-encoding", "content-length", "date", "server", "transfer-encoding"}
_FRAME_SCRIPTS = ("frame.js", "rooms.js", "refusals.js", "wait.js", "line.js")
_ASSETS = {"front.css", "front.js", "frame.css", *_FRAME_SCRIPTS}
_INTO_THE_FRAME = (
    '<link rel="stylesheet" href="/demo/frame.css">'
    + "".join(f'<script src="/demo/{name}"></script>' for name in _FRAME_SCRIPTS)
    + "</head>"
)
_A_DAY = "max-age=86400"
_LARGEST_UPLOAD = 27 * 2**20  # more than the preview takes, so that it is the one to refuse


class FrontPage:
    """Serves the demo in the browser. Code that changes the simulated world holds `turn`.

    It owns neither *preview* nor *session*, with which it reaches the preview.
    """

    def __init__(self, preview: Preview, world: World, session: aiohttp.ClientSession) -> None:
        self.turn = asyncio.Lock()
        self._preview = preview
        self._world = world
        self._session = session
        self._upstream, self._capability = preview.url.split("/#")
        self._open_in: dict[str, ChannelHandle] = {}
        self.stale = False
        """Whether the pages refuse all commands until `refresh`, as they do after one that took too long."""

    def application(self) -> web.Application:
        app = web.Application(middlewares=[_only_this_machine], client_max_size=_LARGEST_UPLOAD)
        app.router.add_get("/", self._front)
        app.router.add_get("/demo/channels", self._list)
        app.router.add_get("/demo/mentions", self._mentions)
        app.router.add_get("/demo/{name}", _asset)
        app.router.add_get("/channels/{key}", self._frame)
        app.router.add_post("/api/pages", self._open)
        app.router.add_post("/api/action", self._act)
        app.router.add_route("*", "/{rest:.*}", self._pass)
        return app

    async def refresh(self) -> None:
        """Update every open page; the caller holds `turn`."""
        await self._preview.refresh()
        self.stale = False

    async def _front(self, _request: web.Request) -> web.Response:
        page = _read("front.html").replace("{capability}", self._capability)
        return web.Response(text=page, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def _list(self, _request: web.Request) -> web.Response:
        return web.json_response(
            [
                {
                    "key": key,
                    "id": str(room.id),
                    "name": room.name,
                    "parent": parent,
                    "messages": self._world.posts(key),
                    "newest": self._world.newest(key),
                }
                for key, (room, parent) in self._world.rooms().items()
            ]
        )

    async def _mentions(self, _request: web.Request) -> web.Response:
        return web.json_response(self._world.mentions())

    async def _frame(self, request: web.Request) -> web.StreamResponse:
        key = request.match_info["key"]
        if key not in self._world.rooms():
            raise web.HTTPNotFound
        status, headers, body = await self._forward(request, path="/")
        page = body.decode().replace("</head>", _INTO_THE_FRAME)
        response = web.Response(status=status, text=page, headers=headers)
        response.set_cookie(_COOKIE, key, samesite="Strict")
        return response

    async def _open(self, request: web.Request) -> web.Response:
        rooms = self._world.rooms()
        channel, _ = rooms.get(request.cookies.get(_COOKIE, ""), (self._world.home, None))
        async with self.turn:
            self._preview.channel = channel
            status, headers, body = await self._forward(request)
        if status == HTTPStatus.OK:
            self._open_in[json.loads(body)["context"]["id"]] = channel
        return web.Response(status=status, headers=headers, body=body)

    async def _act(self, request: web.Request) -> web.Response:
        content = await request.read()
        channel = self._open_in.get(request.headers.get("X-Simcord-Context", ""))
        async with self.turn:
            if channel is not None:
                self._preview.channel = channel
            with contextlib.suppress(
                TimeoutError, SetupError
            ):  # otherwise an answer has a time in the future
                await self._world.pass_time()
                if self.stale:
                    await self.refresh()
            status, headers, body = await self._forward(request, content)
            if (again := _retry(content, body)) is not None:
                status, headers, body = await self._forward(request, again)
            self.stale |= _took_too_long(body)
        return web.Response(status=status, headers=headers, body=body)

    async def _pass(self, request: web.Request) -> web.Response:
        status, headers, body = await self._forward(request)
        if request.path == "/preview.css":  # which hides all text until the last font has come
            body = body.replace(b"font-display: block", b"font-display: swap")
        elif request.path.startswith("/fonts/"):  # megabytes, which otherwise come anew with each channel
            headers["Cache-Control"] = _A_DAY
            headers.pop("Pragma", None)
        return web.Response(status=status, headers=headers, body=body)

    async def _forward(
        self, request: web.Request, content: bytes | None = None, *, path: str | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Forward *request* to the preview; return status, adjusted headers and body of its answer."""
        headers = {
            key: value
            for key, value in request.headers.items()
            if key.lower() not in {"host", "origin", "cookie", "accept-encoding"} | _HOP_BY_HOP
        }
        async with self._session.request(
            request.method,
            f"{self._upstream}{path or request.path_qs}",
            headers=headers,
            data=await request.read() if content is None else content,
        ) as answer:
            kept = {key: value for key, value in answer.headers.items() if key.lower() not in _HOP_BY_HOP}
            body = await answer.read()
        # The preview forbids all framing; here its own front page frames it.
        kept["X-Frame-Options"] = "SAMEORIGIN"
        policy = kept.get("Content-Security-Policy", "")
        kept["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        return answer.status, kept, body


@web.middleware
async def _only_this_machine(request: web.Request, handler: Any) -> web.StreamResponse:
    """Refuse other host names, so that no web page can reach the demo through a DNS name of its own."""
    if request.url.host not in {"127.0.0.1", "localhost"}:
        raise web.HTTPForbidden
    response: web.StreamResponse = await handler(request)
    return response


async def _asset(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in _ASSETS:
        raise web.HTTPNotFound
    content_type = "text/css" if name.endswith(".css") else "text/javascript"
    return web.Response(text=_read(name), content_type=content_type, headers={"Cache-Control": "no-store"})


def _read(name: str) -> str:
    return resources.files("bot.demo").joinpath("static", name).read_text(encoding="utf-8")


def _took_too_long(answer: bytes) -> bool:
    """Tell whether *answer* says that an action did not end in time, or broke off."""
    try:
        return json.loads(answer)["settlement"] in {"timeout", "failed", "cancelled"}
    except (ValueError, KeyError, TypeError):
        return False


def _retry(content: bytes, answer: bytes) -> bytes | None:
    """Return the action *content* for another attempt if *answer* says that the page had changed; else None.

    New posts update every page, and the browser learns of it half a second later. A click or command in
    between is still valid and must not be lost.
    """
    try:
        action, receipt = json.loads(content), json.loads(answer)
        stale = any(item["code"] == "stale-revision" for item in receipt.get("diagnostics", ()))
        return json.dumps(action | {"published_revision": receipt["revision"]}).encode() if stale else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
