"""Discord's REST API on a `FakeDiscord`: the routes for slash commands and posts."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes import discord_payloads as payloads
from tests.fakes.discord_faults import Fault
from tests.fakes.discord_requests import Refusal, Request, answer, read

if TYPE_CHECKING:
    from tests.fakes.discord import FakeDiscord

PREFIX = "/api/v10"
NONCE_SECONDS = 300
_UNAUTHENTICATED = ("/interactions/", "/webhooks/")


class Rest:
    """The routes. All state is in the `FakeDiscord`."""

    def __init__(self, fake: FakeDiscord) -> None:
        self.fake = fake
        self._windows: dict[str, list[float]] = {}

    def routes(self) -> list[web.RouteDef]:
        table: dict[tuple[str, str], Callable[..., Any]] = {
            ("GET", "/users/@me"): self.me,
            ("GET", "/users/@me/guilds"): self.guilds,
            ("POST", "/users/@me/channels"): self.open_dm,
            ("GET", "/applications/@me"): self.application,
            ("GET", "/oauth2/applications/@me"): self.application,
            ("GET", "/gateway/bot"): self.gateway,
            ("GET", "/applications/{application_id}/commands"): self.commands,
            ("PUT", "/applications/{application_id}/commands"): self.set_commands,
            ("GET", "/channels/{channel_id}"): self.channel,
            ("PATCH", "/channels/{channel_id}"): self.change_channel,
            ("GET", "/channels/{channel_id}/messages"): self.history,
            ("POST", "/channels/{channel_id}/messages"): self.post,
            ("GET", "/channels/{channel_id}/messages/{message_id}"): self.message,
            ("PATCH", "/channels/{channel_id}/messages/{message_id}"): self.edit,
            ("DELETE", "/channels/{channel_id}/messages/{message_id}"): self.delete,
            ("POST", "/channels/{channel_id}/messages/{message_id}/crosspost"): self.message,
            ("POST", "/channels/{channel_id}/messages/{message_id}/threads"): self.thread_on,
            ("POST", "/channels/{channel_id}/threads"): self.create_thread,
            ("GET", "/channels/{channel_id}/threads/archived/public"): self.archived_threads,
            ("GET", "/guilds/{guild_id}"): self.guild,
            ("GET", "/guilds/{guild_id}/threads/active"): self.active_threads,
            ("POST", "/interactions/{interaction_id}/{token}/callback"): self.respond,
            ("POST", "/webhooks/{application_id}/{token}"): self.follow_up,
            ("GET", "/webhooks/{application_id}/{token}/messages/{message_id}"): self.get_follow_up,
            ("PATCH", "/webhooks/{application_id}/{token}/messages/{message_id}"): self.edit_follow_up,
            ("DELETE", "/webhooks/{application_id}/{token}/messages/{message_id}"): self.delete_follow_up,
        }
        served = [
            web.route(method, PREFIX + path, self._served(path, handler))
            for (method, path), handler in table.items()
        ]
        return [*served, web.route("*", PREFIX + "/{rest:.*}", self._served("", self.unknown))]

    def _served(
        self, route: str, handler: Callable[..., Any]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(http: web.Request) -> web.StreamResponse:
            body, files = await read(http)
            request = Request(
                http.method, http.path.removeprefix(PREFIX), route, dict(http.query), body, self.fake.now()
            )
            request.files = files
            self.fake.requests.append(request)
            self.fake.check(request)
            return await self._perform(http, request, handler)

        return serve

    async def _perform(
        self, http: web.Request, request: Request, handler: Callable[..., Any]
    ) -> web.StreamResponse:
        fault = self.fake.fault_for(request)
        if fault is not None and fault.delay:
            await asyncio.sleep(fault.delay)
            fault = None
        if fault is not None and not fault.lost and (fault.status or not fault.garble):
            return await self._fail(http, request, fault)
        status, data, headers = await self._answered(http, request, handler)
        if fault is not None and fault.garble:
            return answer(status, fault.garble(copy.deepcopy(data)), headers, kind=fault.content_type)
        if fault is not None and status < 300:
            return await self._fail(http, request, fault)
        return answer(status, data, headers)

    async def _answered(
        self, http: web.Request, request: Request, handler: Callable[..., Any]
    ) -> tuple[int, Any, dict[str, str]]:
        expected = f"Bot {self.fake.token}"
        secret = not request.path.startswith(_UNAUTHENTICATED)
        limit, headers = self._window(request)
        try:
            if secret and http.headers.get("Authorization") != expected:
                raise Refusal(401, 0, "401: Unauthorized")
            if limit:
                request.status = 429
                self.fake.limited += 1
                return 429, {"message": "rate limited", "retry_after": limit, "global": False}, headers
            status, data = await handler(request, **{k: v for k, v in http.match_info.items() if k != "rest"})
        except Refusal as refusal:
            request.status = refusal.status
            return refusal.status, refusal.body, headers
        request.status = status
        return status, data, headers

    async def _fail(self, http: web.Request, request: Request, fault: Fault) -> web.Response:
        if fault.hang:
            await fault.released()
        if not fault.status:
            return self._reset(http)
        request.status = fault.status
        return self._refused_by(fault.status, fault)

    @staticmethod
    def _reset(http: web.Request) -> web.Response:
        if http.transport is not None:
            http.transport.abort()
        return web.Response(status=500)  # the connection is closed, so this is not sent

    @staticmethod
    def _refused_by(status: int, fault: Fault) -> web.Response:
        if fault.garble is not None:
            return answer(status, fault.garble({}), {"Via": "1.1 google"}, kind=fault.content_type)
        if fault.retry_after is None:
            return answer(status, {"code": fault.code, "message": fault.message})
        headers = {"Retry-After": str(fault.retry_after)}
        if fault.via:
            headers["Via"] = "1.1 google"
        body = {"message": "You are being rate limited.", "retry_after": fault.retry_after, "global": False}
        return answer(429, body, headers)

    def _window(self, request: Request) -> tuple[float, dict[str, str]]:
        """Count the request in its bucket; return the seconds to wait, 0 for none, and the headers."""
        limit, seconds = self.fake.rate_limit
        bucket = f"{request.method} {request.route}"
        key = f"{bucket} {request.path.split('/')[2] if request.path.count('/') > 1 else ''}"
        now = self.fake.now()
        window = [at for at in self._windows.get(key, []) if now - at < seconds]
        wait = seconds - (now - window[0]) if len(window) >= limit else 0.0
        if not wait:
            window.append(now)
        self._windows[key] = window
        reset = max(0.001, seconds - (now - window[0]))
        return wait, {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - len(window))),
            "X-RateLimit-Reset": f"{now + reset:.3f}",
            "X-RateLimit-Reset-After": f"{reset:.3f}",
            "X-RateLimit-Bucket": str(abs(hash(bucket))),
            "Via": "1.1 google",
        }

    # --- users and guilds ----------------------------------------------------------------------------------

    async def unknown(self, request: Request, **_: str) -> tuple[int, Any]:
        raise Refusal(404, 0, f"404: Not Found ({request.method} {request.path})")

    async def me(self, _request: Request) -> tuple[int, Any]:
        return 200, self.fake.bot | {"verified": True, "mfa_enabled": True, "locale": "en-US", "email": None}

    async def application(self, _request: Request) -> tuple[int, Any]:
        return 200, self.fake.application()

    async def gateway(self, _request: Request) -> tuple[int, Any]:
        limits = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1}
        return 200, {"url": self.fake.gateway_url, "shards": self.fake.shards, "session_start_limit": limits}

    async def guild(self, _request: Request, guild_id: str) -> tuple[int, Any]:
        if int(guild_id) not in self.fake.guilds:
            raise Refusal(404, 10004, "Unknown Guild")
        return 200, self.fake.guilds[int(guild_id)]

    async def guilds(self, request: Request) -> tuple[int, Any]:
        after = int(request.query.get("after", 0))
        known = sorted(number for number in self.fake.guilds if number > after)[:200]
        shown = ("id", "name", "icon", "features")
        return 200, [
            {key: self.fake.guilds[number][key] for key in shown} | {"owner": False, "permissions": "0"}
            for number in known
        ]

    async def open_dm(self, request: Request) -> tuple[int, Any]:
        return 200, self.fake.dm(int(request.body["recipient_id"]))

    async def commands(self, _request: Request, **_: str) -> tuple[int, Any]:
        return 200, list(self.fake.commands.values())

    async def set_commands(self, request: Request, application_id: str) -> tuple[int, Any]:
        return 200, self.fake.register_commands(request.body, application_id)

    # --- channels ------------------------------------------------------------------------------------------

    async def channel(self, _request: Request, channel_id: str) -> tuple[int, Any]:
        return 200, self.fake.visible(int(channel_id))

    async def history(self, request: Request, channel_id: str) -> tuple[int, Any]:
        self.fake.visible(int(channel_id))
        if not self.fake.bot_permissions(int(channel_id)) & payloads.READ_MESSAGE_HISTORY:
            return 200, []  # as Discord documents; other routes refuse
        messages = sorted(self.fake.messages.get(int(channel_id), []), key=lambda m: int(m["id"]))
        limit = int(request.query.get("limit", 50))
        if "after" in request.query:
            messages = [m for m in messages if int(m["id"]) > int(request.query["after"])][:limit]
        elif "before" in request.query:
            messages = [m for m in messages if int(m["id"]) < int(request.query["before"])]
        shown = [{k: v for k, v in m.items() if k != "nonce"} for m in messages[-limit:]]
        return 200, shown[::-1]

    async def post(self, request: Request, channel_id: str) -> tuple[int, Any]:
        channel = self.fake.visible(int(channel_id))
        if channel["type"] == payloads.FORUM:
            raise Refusal(400, 50008, "Cannot send messages in a non-text channel")
        in_thread = channel["type"] in payloads.THREADS
        if in_thread and channel["thread_metadata"]["locked"]:
            raise Refusal(400, 50083, "Thread is archived")
        needed = payloads.SEND_MESSAGES_IN_THREADS if in_thread else payloads.SEND_MESSAGES
        self.fake.allow(int(channel_id), needed)
        if request.body.get("embeds"):
            self.fake.allow(int(channel_id), payloads.EMBED_LINKS)
        if request.files:
            self.fake.allow(int(channel_id), payloads.ATTACH_FILES)
        self._refer(int(channel_id), request.body.get("message_reference"))
        if in_thread:
            channel["thread_metadata"]["archived"] = False
        if "nonce" in request.body and request.body.get("enforce_nonce"):
            return 200, self._post_once(int(channel_id), request)
        return 200, self.fake.add_message(int(channel_id), request.body, files=request.files)

    def _refer(self, channel_id: int, reference: dict[str, Any] | None) -> None:
        if reference is None:
            return
        if not self.fake.bot_permissions(channel_id) & payloads.READ_MESSAGE_HISTORY:
            raise Refusal(400, 160002, "Cannot reply without permission to read message history")
        if reference.get("fail_if_not_exists", True):
            self.fake.find_message(channel_id, int(reference["message_id"]))

    def _post_once(self, channel_id: int, request: Request) -> dict[str, Any]:
        """Discord remembers a nonce for minutes, and answers with the first message if that still exists."""
        key, now = (channel_id, str(request.body["nonce"])), self.fake.now()
        first = self.fake.nonces.get(key)
        if first is not None and now - first[0] < NONCE_SECONDS:
            self.fake.repeated += 1
            return self.fake.find_message(channel_id, first[1])
        message = self.fake.add_message(channel_id, request.body, files=request.files)
        self.fake.nonces[key] = (now, int(message["id"]))
        return message

    async def message(self, _request: Request, channel_id: str, message_id: str) -> tuple[int, Any]:
        self.fake.allow(int(channel_id), payloads.READ_MESSAGE_HISTORY)
        return 200, self.fake.find_message(int(channel_id), int(message_id))

    async def edit(self, request: Request, channel_id: str, message_id: str) -> tuple[int, Any]:
        channel = self.fake.visible(int(channel_id))
        message = self.fake.find_message(int(channel_id), int(message_id))
        if channel["type"] in payloads.THREADS and channel["thread_metadata"]["archived"]:
            raise Refusal(400, 50083, "Thread is archived")
        if channel["type"] in payloads.THREADS and channel["thread_metadata"]["locked"]:
            self._open_locked(int(channel_id))
        if message["author"]["id"] != self.fake.bot["id"]:
            raise Refusal(403, 50005, "Cannot edit a message authored by another user")
        return 200, self.fake.edit_message(message, request.body)

    def _open_locked(self, thread: int) -> None:
        """Discord reports a locked thread as archived to those who may not manage it."""
        if not self.fake.bot_permissions(thread) & payloads.MANAGE_THREADS:
            raise Refusal(403, 50083, "Thread is archived")

    async def change_channel(self, request: Request, channel_id: str) -> tuple[int, Any]:
        """Open or archive a thread; its creator may, unless it is locked."""
        channel = self.fake.visible(int(channel_id))
        if channel["thread_metadata"]["locked"]:
            self.fake.allow(int(channel_id), payloads.MANAGE_THREADS)
        channel["thread_metadata"]["archived"] = request.body["archived"]
        return 200, channel

    async def delete(self, _request: Request, channel_id: str, message_id: str) -> tuple[int, Any]:
        message = self.fake.find_message(int(channel_id), int(message_id))
        self.fake.messages[int(channel_id)].remove(message)
        return 204, None

    async def create_thread(self, request: Request, channel_id: str) -> tuple[int, Any]:
        parent = self.fake.visible(int(channel_id))
        if parent["type"] != payloads.FORUM:
            self.fake.allow(int(channel_id), payloads.CREATE_PUBLIC_THREADS)
            thread = self.fake.add_thread(parent, request.body["name"])
            thread["type"] = request.body["type"]
            return 201, thread
        self.fake.allow(int(channel_id), payloads.SEND_MESSAGES)
        if request.files:
            self.fake.allow(int(channel_id), payloads.ATTACH_FILES)
        tags = request.body.get("applied_tags") or []
        if parent["flags"] & (1 << 4) and not tags:
            raise Refusal(400, 40067, "A tag is required to create a forum post in this channel")
        thread = self.fake.add_thread(parent, request.body["name"], applied_tags=[str(tag) for tag in tags])
        message = self.fake.add_message(
            int(thread["id"]), request.body["message"], files=request.files, message_id=int(thread["id"])
        )
        return 201, thread | {"message": message}

    async def thread_on(self, request: Request, channel_id: str, message_id: str) -> tuple[int, Any]:
        parent = self.fake.visible(int(channel_id))
        self.fake.allow(int(channel_id), payloads.CREATE_PUBLIC_THREADS)
        self.fake.find_message(int(channel_id), int(message_id))
        if int(message_id) in self.fake.channels:
            raise Refusal(400, 160004, "A thread has already been created for this message")
        return 201, self.fake.add_thread(parent, request.body["name"], thread_id=int(message_id))

    async def archived_threads(self, request: Request, channel_id: str) -> tuple[int, Any]:
        self.fake.allow(int(channel_id), payloads.READ_MESSAGE_HISTORY)
        threads = [
            channel
            for channel in self.fake.channels.values()
            if channel.get("parent_id") == channel_id and channel["thread_metadata"]["archived"]
        ][::-1]
        if "before" in request.query:
            threads = [
                each
                for each in threads
                if each["thread_metadata"]["archive_timestamp"] < request.query["before"]
            ]
        limit = int(request.query.get("limit", 50))
        return 200, {"threads": threads[:limit], "members": [], "has_more": len(threads) > limit}

    async def active_threads(self, _request: Request, guild_id: str) -> tuple[int, Any]:
        threads = [
            channel
            for channel in self.fake.channels.values()
            if channel["type"] in payloads.THREADS
            and channel["guild_id"] == guild_id
            and not channel["thread_metadata"]["archived"]
        ]
        return 200, {"threads": threads, "members": []}

    # --- answers to interactions ---------------------------------------------------------------------------

    async def respond(self, request: Request, interaction_id: str, token: str) -> tuple[int, Any]:
        answer = self.fake.answer(token)
        if answer.callback is not None:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        answer.respond(request.body, request.files)
        if request.query.get("with_response") not in {"1", "true"}:
            return 204, None
        ids = {"id": interaction_id, "type": 2, "activity_instance_id": None}
        response: dict[str, Any] = {"interaction": ids, "resource": {"type": request.body["type"]}}
        if answer.original is not None:
            response["interaction"]["response_message_id"] = answer.original["id"]
            response["resource"]["message"] = answer.original
        return 200, response

    async def follow_up(self, request: Request, application_id: str, token: str) -> tuple[int, Any]:
        return 200, self.fake.answer(token).follow_up(request.body, request.files)

    async def get_follow_up(
        self, _request: Request, token: str, message_id: str, **_: str
    ) -> tuple[int, Any]:
        return 200, self.fake.answer(token).message(message_id)

    async def edit_follow_up(
        self, request: Request, token: str, message_id: str, **_: str
    ) -> tuple[int, Any]:
        return 200, self.fake.answer(token).edit(message_id, request.body, request.files)

    async def delete_follow_up(
        self, _request: Request, token: str, message_id: str, **_: str
    ) -> tuple[int, Any]:
        self.fake.answer(token).delete(message_id)
        return 204, None
