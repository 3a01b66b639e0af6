"""A Discord on loopback, with real HTTP and a real gateway, which the real discord.py logs in to.

    async with FakeDiscord() as discord:
        guild = discord.add_guild()
        channel = discord.add_channel(guild)
        ...                                     # a bot whose `discord.api_base` is `discord.api_base`
        answer = await discord.interaction(channel, MANAGER, "subscribe", {"keyword": "TTS"})
        await discord.until(lambda: discord.posts(channel))
        assert discord.invalid == []

It records every request, refuses what the real Discord would refuse (token, permissions, forum posts without
a tag), keeps nonces for five minutes, and fails as each `Fault` says. `invalid` collects request bodies that
Discord's own OpenAPI description does not allow.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from tests.fakes import discord_payloads as payloads
from tests.fakes.discord_changes import Changes
from tests.fakes.discord_faults import Fault
from tests.fakes.discord_requests import Refusal, Request, as_described
from tests.fakes.discord_rest import PREFIX, Rest
from tests.fakes.gateway import Gateway, Session
from tests.fakes.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, Answer, command_data, interaction
from tests.openapi import schema_problems
from tests.shared import SHARED

TOKEN = "MTIz.fake.token"


@dataclass(frozen=True)
class Person:
    """A person who uses commands; *permissions* are those in the channel, *locale* is their setting."""

    id: int
    name: str
    permissions: int
    locale: str = "en-US"

    @property
    def account(self) -> dict[str, Any]:
        return payloads.user(self.id, self.name)


MANAGER = Person(9001, "maria", payloads.EVERYTHING)
MEMBER = Person(9002, "milo", payloads.VIEW_CHANNEL | payloads.SEND_MESSAGES | payloads.READ_MESSAGE_HISTORY)


class FakeDiscord(Changes):
    """A fake Discord. Start it with `async with` or `await start(port)`; it accepts the token `token`."""

    def __init__(self, *, token: str = TOKEN, application_id: int = 4242, shards: int = 1) -> None:
        self.token = token
        self.application_id = application_id
        self.shards = shards
        self.bot = payloads.user(application_id, "papers", bot=True)
        self.guilds: dict[int, dict[str, Any]] = {}
        self.former: dict[int, dict[str, Any]] = {}
        self.away: set[int] = set()
        self.channels: dict[int, dict[str, Any]] = {}
        self.hidden: set[int] = set()  # by people, not by the bot
        self.messages: dict[int, list[dict[str, Any]]] = {}
        self.commands: dict[int, dict[str, Any]] = {}
        self.answers: dict[str, Answer] = {}
        self.files: dict[str, bytes] = {}
        self.nonces: dict[tuple[int, str], tuple[float, int]] = {}
        self.requests: list[Request] = []
        self.invalid: list[str] = []
        self.faults: list[Fault] = []
        self.rate_limit: tuple[int, float] = (1000, 1.0)
        self.limited = 0
        self.repeated = 0
        self.skipped = 0.0
        self.gateway = Gateway(token=token, ready=self._ready, guilds=self._guilds_of)
        self._ids = itertools.count(1)
        self._runner: web.AppRunner | None = None
        self._port = 0

    # --- the server ----------------------------------------------------------------------------------------

    async def start(self, port: int = 0) -> None:
        app = web.Application()
        app.add_routes([*Rest(self).routes(), web.get("/gateway/", self.gateway.handle)])
        app.add_routes([web.get("/files/{number}/{name}", self._file)])
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self._port = self._runner.addresses[0][1]

    async def _file(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["number"])
        return web.Response(status=404) if content is None else web.Response(body=content)

    async def stop(self) -> None:
        for fault in self.faults:
            fault.release()
        if self._runner is not None:
            await self.gateway.drop(1001)
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def api_base(self) -> str:
        return f"http://127.0.0.1:{self._port}{PREFIX}"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/gateway/"

    def now(self) -> float:
        """Unix time of this Discord, `skipped` seconds ahead of the machine's."""
        return time.time() + self.skipped

    def snowflake(self) -> int:
        milliseconds = int(self.now() * 1000) - payloads.EPOCH_MS
        return (milliseconds << 22) | (next(self._ids) & 0x3FFFFF)

    # --- servers, channels, people -------------------------------------------------------------------------

    def add_guild(self, name: str = "Speech Lab", *, permissions: int = payloads.EVERYTHING & ~8) -> int:
        """Add a server in which the bot has *permissions* (not Administrator); return its id."""
        guild_id = self.snowflake()
        guild = payloads.guild(guild_id, name, MANAGER.id)
        guild["roles"] = [payloads.role(guild_id, "@everyone", permissions, position=0)]
        guild["members"] = [payloads.member(self.bot, [])]
        self.guilds[guild_id] = guild
        return guild_id

    def add_role(self, guild_id: int, name: str) -> int:
        role_id = self.snowflake()
        self.guilds[guild_id]["roles"].append(payloads.role(role_id, name, 0))
        return role_id

    def add_channel(
        self, guild_id: int, name: str = "papers", kind: int = payloads.TEXT, **extra: Any
    ) -> int:
        """Add a channel (a forum with `kind=FORUM`; `flags=1 << 4` makes it demand a tag); return its id."""
        channel_id = self.snowflake()
        self.channels[channel_id] = payloads.channel(channel_id, kind, name, guild_id, **extra)
        self.guilds[guild_id]["channels"].append(self.channels[channel_id])
        return channel_id

    def add_thread(
        self, parent: dict[str, Any], name: str, *, thread_id: int = 0, **extra: Any
    ) -> dict[str, Any]:
        thread_id = thread_id or self.snowflake()
        extra |= {"parent_id": parent["id"], "owner_id": self.bot["id"]}
        thread = payloads.channel(thread_id, payloads.PUBLIC_THREAD, name, int(parent["guild_id"]), **extra)
        thread["thread_metadata"]["create_timestamp"] = payloads.stamp(self.now())
        self.channels[thread_id] = thread
        return thread

    def dm(self, user_id: int) -> dict[str, Any]:
        """Return the direct-message channel with this person; create it if necessary."""
        for channel in self.channels.values():
            if channel["type"] == payloads.DM and channel["recipients"][0]["id"] == str(user_id):
                return channel
        channel_id = self.snowflake()
        recipient = payloads.user(user_id, f"person{user_id}")
        self.channels[channel_id] = {
            "id": str(channel_id),
            "type": payloads.DM,
            "flags": 0,
            "last_message_id": None,
            "recipients": [recipient],
        }
        return self.channels[channel_id]

    def add_message(
        self,
        channel_id: int,
        body: dict[str, Any],
        *,
        author: dict[str, Any] | None = None,
        files: dict[str, bytes] | None = None,
        message_id: int = 0,
    ) -> dict[str, Any]:
        message = payloads.message(
            message_id or self.snowflake(), channel_id, author or self.bot, body, at=self.now()
        )
        for name, content in (files or {}).items():
            number = str(self.snowflake())
            self.files[number] = content
            url = f"http://127.0.0.1:{self._port}/files/{number}/{name}"
            attachment = {"id": number, "filename": name, "size": len(content)}
            message["attachments"].append(attachment | {"url": url, "proxy_url": url})
        self.messages.setdefault(channel_id, []).append(message)
        return message

    def find_message(self, channel_id: int, message_id: int) -> dict[str, Any]:
        for message in self.messages.get(channel_id, []):
            if message["id"] == str(message_id):
                return message
        raise Refusal(404, 10008, "Unknown Message")

    def edit_message(self, message: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        changed = {key: body[key] for key in ("content", "embeds", "components") if key in body}
        message |= {key: value or ("" if key == "content" else []) for key, value in changed.items()}
        message["edited_timestamp"] = payloads.stamp(self.now())
        return message

    def register_commands(self, commands: list[dict[str, Any]], application_id: str) -> list[dict[str, Any]]:
        """Replace all commands, like the bulk overwrite."""
        known = {command["name"]: number for number, command in self.commands.items()}
        self.commands = {}
        for command in commands:
            number = known.get(command["name"]) or self.snowflake()
            ids = {"id": str(number), "application_id": application_id, "version": str(self.snowflake())}
            self.commands[number] = (
                {"type": 1, "description": "", "default_member_permissions": None} | command | ids
            )
        return list(self.commands.values())

    # --- permissions ---------------------------------------------------------------------------------------

    def bot_permissions(self, channel_id: int) -> int:
        channel = self.channels[channel_id]
        if channel["type"] == payloads.DM:
            return payloads.EVERYTHING
        if "parent_id" in channel and channel["type"] in payloads.THREADS:
            channel = self.channels[int(channel["parent_id"])]
        allowed = int(self.guilds[int(channel["guild_id"])]["roles"][0]["permissions"])
        for overwrite in channel["permission_overwrites"]:
            allowed = allowed & ~int(overwrite["deny"]) | int(overwrite["allow"])
        return allowed

    def visible(self, channel_id: int) -> dict[str, Any]:
        if channel_id not in self.channels:
            raise Refusal(404, 10003, "Unknown Channel")
        self.allow(channel_id, 0)
        return self.channels[channel_id]

    def allow(self, channel_id: int, needed: int) -> None:
        """Refuse what the bot may not do, without naming the missing permission, as Discord does."""
        if channel_id not in self.channels:
            raise Refusal(404, 10003, "Unknown Channel")
        if int(self.channels[channel_id].get("guild_id", 0)) in self.former:
            raise Refusal(403, 50001, "Missing Access")
        allowed = self.bot_permissions(channel_id)
        if not allowed & payloads.VIEW_CHANNEL:
            raise Refusal(403, 50001, "Missing Access")
        if needed & ~allowed:
            raise Refusal(403, 50013, "Missing Permissions")

    # --- what people do ------------------------------------------------------------------------------------

    async def interaction(
        self, channel_id: int, person: Person, command: str, options: dict[str, Any] | None = None
    ) -> Answer:
        """Let *person* use a slash command (`digest show`), and return the bot's complete answer."""
        data = command_data(self, command, options or {})
        needed = int(self.commands[int(data["id"])].get("default_member_permissions") or 0)
        assert not needed & ~person.permissions, f"Discord does not show /{command} to {person.name}"
        return await self.send_interaction(interaction(self, COMMAND, channel_id, person, data))

    async def autocomplete(
        self,
        channel_id: int,
        person: Person,
        command: str,
        focused: str,
        *,
        typed: str = "",
        options: dict[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Return the choices that the bot offers while *person* types *typed* into the option *focused*."""
        data = command_data(self, command, (options or {}) | {focused: typed}, focused=focused)
        answer = await self.send_interaction(interaction(self, AUTOCOMPLETE, channel_id, person, data))
        return answer.choices

    async def click(
        self,
        channel_id: int,
        person: Person,
        message: dict[str, Any],
        custom_id: str,
        *,
        values: list[str] | None = None,
    ) -> Answer:
        """Let *person* click a button of *message*, or choose *values* in one of its menus."""
        data: dict[str, Any] = {"custom_id": custom_id, "component_type": 3 if values is not None else 2}
        if values is not None:
            data["values"] = values
        return await self.send_interaction(
            interaction(self, COMPONENT, channel_id, person, data, message=message)
        )

    async def send_interaction(self, payload: dict[str, Any], *, within: float = 15) -> Answer:
        """Send an INTERACTION_CREATE as it is, and return the bot's complete answer."""
        answer = Answer(self, int(payload["id"]), payload["token"], payload)
        self.answers[answer.token] = answer
        await self.gateway.dispatch("INTERACTION_CREATE", payload, guild_id=int(payload.get("guild_id") or 0))
        await self.until(lambda: answer.settled, within=within)
        return answer

    def answer(self, token: str) -> Answer:
        if token not in self.answers:
            raise Refusal(404, 10062, "Unknown interaction")
        return self.answers[token]

    def resolve(self, kind: str, number: int) -> dict[str, Any]:
        """Return the object with the id of an option, as in `resolved`."""
        if kind == "channels":
            seen = 0 if number in self.hidden else payloads.EVERYTHING
            return self.channels[number] | {"permissions": str(seen)}
        if kind == "roles":
            roles = [role for guild in self.guilds.values() for role in guild["roles"]]
            return next(role for role in roles if role["id"] == str(number))
        return payloads.user(number, f"person{number}")

    def fault(self, method: str, path: str, **what: Any) -> Fault:
        """Make requests fail; see `Fault`."""
        self.faults.append(Fault(method, path, **what))
        return self.faults[-1]

    def fault_for(self, request: Request) -> Fault | None:
        takes = (fault for fault in self.faults if fault.takes(request.method, request.path, request.body))
        return next(takes, None)

    # --- what a test reads ---------------------------------------------------------------------------------

    def posts(self, channel_id: int) -> list[dict[str, Any]]:
        """Return the bot's messages in the channel except answers to interactions, oldest first."""
        found = self.messages.get(channel_id, [])
        return [each for each in found if each["author"]["id"] == self.bot["id"] and "webhook_id" not in each]

    def sent(self, method: str, route: str) -> list[Request]:
        """Return the requests to a route such as `/channels/{channel_id}/messages`."""
        return [each for each in self.requests if (each.method, each.route) == (method, route)]

    async def until(self, holds: Callable[[], object], *, within: float = 15) -> None:
        """Wait until *holds* returns true; it may check anything, such as the log."""
        async with asyncio.timeout(within):
            while not holds():  # noqa: ASYNC110 - not every condition has an event
                await asyncio.sleep(0.01)

    def check(self, request: Request) -> None:
        """Collect requests that Discord's description does not allow."""
        if request.route and SHARED.is_dir():
            problems = schema_problems(request.method, request.path, as_described(request))
            self.invalid += [f"{request.method} {request.path}: {problem}" for problem in problems]

    def application(self) -> dict[str, Any]:
        return {
            "id": str(self.application_id),
            "name": "papers",
            "icon": None,
            "description": "",
            "summary": "",
            "type": None,
            "bot": self.bot,
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": 0,
            "owner": MANAGER.account,
            "team": None,
        }

    def _ready(self, session: Session) -> dict[str, Any]:
        served = self._served(session.shard)
        guilds = [{"id": str(number), "unavailable": True} for number in served]
        return {
            "v": 10,
            "user": self.bot,
            "guilds": guilds,
            "private_channels": [],
            "session_id": session.id,
            "resume_gateway_url": self.gateway_url,
            "shard": list(session.shard),
            "application": {"id": str(self.application_id), "flags": 0},
        }

    def _guilds_of(self, shard: tuple[int, int]) -> list[dict[str, Any]]:
        return [
            guild
            | {"threads": [each for each in self.channels.values() if self._active_thread(each, number)]}
            for number, guild in self._served(shard).items()
            if number not in self.away
        ]

    def _served(self, shard: tuple[int, int]) -> dict[int, dict[str, Any]]:
        return {
            number: guild for number, guild in self.guilds.items() if (number >> 22) % shard[1] == shard[0]
        }

    @staticmethod
    def _active_thread(channel: dict[str, Any], guild_id: int) -> bool:
        if channel["type"] not in payloads.THREADS or channel["guild_id"] != str(guild_id):
            return False
        return not channel["thread_metadata"]["archived"]
