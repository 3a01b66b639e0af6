"""What people do in a fake Discord (slash commands, buttons, autocomplete), and how the bot answers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fakes import discord_payloads as payloads
from tests.fakes.discord_requests import Refusal

if TYPE_CHECKING:
    from tests.fakes.discord import FakeDiscord, Person

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
_MESSAGE, _DEFERRED_MESSAGE, _DEFERRED_UPDATE, _UPDATE = 4, 5, 6, 7
_EPHEMERAL = 1 << 6
_SUBCOMMAND, _GROUP = 1, 2
_RESOLVED = {6: "users", 7: "channels", 8: "roles"}


@dataclass
class Answer:
    """The bot's answer to one interaction.

    `callback` is the first response as sent, `original` its message, `follow_ups` are later messages.
    """

    fake: FakeDiscord
    id: int
    token: str
    payload: dict[str, Any]
    callback: dict[str, Any] | None = None
    original: dict[str, Any] | None = None
    follow_ups: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    settled: bool = False

    # --- what the bot does ---------------------------------------------------------------------------------

    def respond(self, body: dict[str, Any], files: dict[str, bytes]) -> None:
        self.callback = body
        self.files |= files
        kind = body["type"]
        if kind == _MESSAGE:
            self.original = self._message(body.get("data") or {})
        elif kind == _DEFERRED_MESSAGE:
            self.original = self._message((body.get("data") or {}) | {"content": ""})
        elif kind in {_UPDATE, _DEFERRED_UPDATE}:
            self.original = self.payload["message"]
            if kind == _UPDATE:
                self.fake.edit_message(self.original, body.get("data") or {})
        self.settled = kind not in {_DEFERRED_MESSAGE, _DEFERRED_UPDATE}

    def follow_up(self, body: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any]:
        if self.callback is None:
            raise Refusal(404, 10015, "Unknown Webhook")  # until the interaction has a first response
        self.files |= files
        if self.callback["type"] == _DEFERRED_MESSAGE and not self.settled:
            return self.edit(
                "@original", body, files
            )  # Discord uses the first follow-up as the deferred answer
        message = self._message(body)
        self.follow_ups.append(message)
        self.settled = True
        return message

    def message(self, message_id: str) -> dict[str, Any]:
        if self.callback is not None:
            for message in [self.original, *self.follow_ups]:
                if message is not None and message_id in {
                    message["id"],
                    "@original" if message is self.original else "",
                }:
                    return message
        raise Refusal(404, 10008, "Unknown Message")

    def edit(self, message_id: str, body: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any]:
        self.files |= files
        message = self.fake.edit_message(self.message(message_id), body)
        if message is self.original:
            self.settled = True
        return message

    def delete(self, message_id: str) -> None:
        message = self.message(message_id)
        if message is self.original:
            self.original = None
        else:
            self.follow_ups.remove(message)
        self.settled = True

    def _message(self, body: dict[str, Any]) -> dict[str, Any]:
        at = self.fake.now()
        message = payloads.message(
            self.fake.snowflake(),
            int(self.payload["channel_id"]),
            self.fake.bot,
            body,
            at=at,
            webhook_id=self.fake.application_id,
        )
        if not int(body.get("flags") or 0) & _EPHEMERAL:
            self.fake.messages.setdefault(int(self.payload["channel_id"]), []).append(message)
        return message

    # --- what a test reads ---------------------------------------------------------------------------------

    @property
    def last(self) -> dict[str, Any]:
        """The latest message of the answer."""
        message = self.follow_ups[-1] if self.follow_ups else self.original
        assert message is not None, "the bot has not answered with a message"
        return message

    @property
    def content(self) -> str:
        return str(self.last["content"])

    @property
    def embeds(self) -> list[dict[str, Any]]:
        return list(self.last["embeds"])

    @property
    def ephemeral(self) -> bool:
        return bool(int(self.last["flags"]) & _EPHEMERAL)

    @property
    def text(self) -> str:
        """The text of the latest message: content, and the embeds' titles, descriptions and fields."""
        parts = [self.content]
        for embed in self.embeds:
            parts += [embed.get("title") or "", embed.get("description") or ""]
            parts += [f"{each['name']}\n{each['value']}" for each in embed.get("fields", [])]
            parts.append((embed.get("footer") or {}).get("text") or "")
        return "\n".join(part for part in parts if part)

    @property
    def components(self) -> list[dict[str, Any]]:
        """The buttons and menus of the latest message, without their rows."""
        return [item for row in self.last["components"] for item in row.get("components", [row])]

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The choices of an autocomplete."""
        assert self.callback is not None, "the bot has offered no choices"
        return list(self.callback["data"]["choices"])

    def custom_id(self, label: str) -> str:
        """Return the custom id of the button with this *label*."""
        for item in self.components:
            if item.get("label") == label:
                return str(item["custom_id"])
        raise AssertionError(f"no button {label!r} in {[item.get('label') for item in self.components]}")


def command_data(
    fake: FakeDiscord, name: str, options: dict[str, Any], *, focused: str | None = None
) -> dict[str, Any]:
    """Return the `data` of an INTERACTION_CREATE for *name*, a registered command such as `digest show`.

    Values of channel, role and user options are ids; `resolved` gets the objects.
    """
    first, *path = name.split()
    command = next(
        (each for each in fake.commands.values() if each["name"] == first and each.get("type", 1) == 1), None
    )
    assert command is not None, f"/{first} is not among {[each['name'] for each in fake.commands.values()]}"
    level, nested = command, []
    for step in path:
        level = next(each for each in level["options"] if each["name"] == step)
        nested.append(level)
    known = {option["name"]: option for option in level.get("options") or []}
    resolved: dict[str, Any] = {}
    filled = []
    for key, value in options.items():
        option = known[key]
        filled.append(_option(fake, option, value, resolved, focused=key == focused))
    for step in reversed(nested):
        filled = [{"name": step["name"], "type": step["type"], "options": filled}]
    data = {"id": command["id"], "name": first, "type": 1, "options": filled}
    return data | ({"resolved": resolved} if resolved else {})


def _option(
    fake: FakeDiscord, option: dict[str, Any], value: Any, resolved: dict[str, Any], *, focused: bool
) -> dict[str, Any]:
    filled = {"name": option["name"], "type": option["type"], "value": value}
    if focused:
        return filled | {"focused": True}
    if kind := _RESOLVED.get(option["type"]):
        filled["value"] = str(value)
        resolved.setdefault(kind, {})[str(value)] = fake.resolve(kind, int(value))
    if "choices" in option:
        allowed = [choice["value"] for choice in option["choices"]]
        assert value in allowed, f"Discord would not let anyone choose {value!r}, only {allowed}"
    if "min_value" in option:
        assert option["min_value"] <= value <= option["max_value"], f"{value} is out of range"
    return filled


def interaction(
    fake: FakeDiscord,
    kind: int,
    channel_id: int,
    person: Person,
    data: dict[str, Any],
    *,
    message: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return an INTERACTION_CREATE: in a guild with the member and both permissions, else with the user."""
    channel = fake.channels[channel_id]
    guild_id = int(channel.get("guild_id") or 0)
    payload: dict[str, Any] = {
        "id": str(fake.snowflake()),
        "application_id": str(fake.application_id),
        "type": kind,
        "data": data,
        "channel_id": str(channel_id),
        "channel": channel,
        "token": secrets.token_urlsafe(48),
        "version": 1,
        "locale": person.locale,
        "app_permissions": str(fake.bot_permissions(channel_id)),
        "entitlements": [],
        "authorizing_integration_owners": {"0": str(guild_id)},
        "context": 0 if guild_id else 1,
        "attachment_size_limit": 10_485_760,
    }
    if guild_id:
        spoken = fake.guilds[guild_id]["preferred_locale"]
        payload |= {
            "guild_id": str(guild_id),
            "guild_locale": spoken,
            "guild": {"id": str(guild_id), "locale": spoken, "features": []},
            "member": payloads.member(person.account, [], permissions=person.permissions),
            "channel": channel | {"permissions": str(person.permissions)},
        }
    else:
        payload["user"] = person.account
    if message is not None:
        payload["message"] = message
    return payload
