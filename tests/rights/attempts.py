"""What one person can send to the bot about a channel, and everything that the bot answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import discord
from simcord import interactions
from simcord.backend import serializers
from simcord.enums import AppCommandType, ComponentType, InteractionType, OptionType
from simcord.results import InteractionResult

from tests.rights.cast import Cast, Person

_IDLE = 0.002  # seconds
_EVERYTHING = discord.Permissions.all().value


@dataclass(frozen=True)
class Attempt:
    """Something that a person sends: a slash command or, with *focused*, what they type into its option; the
    message menu *menu*; a click on *custom_id* or, with *values*, a choice; with *fields*, a filled form.

    *typed* are the words in it, which are no secret from the one who sends them.
    """

    command: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    focused: str = ""
    menu: str = ""
    custom_id: str = ""
    values: tuple[str, ...] = ()
    fields: dict[str, list[str]] | None = None
    typed: tuple[str, ...] = ()


def command(name: str, /, *, typed: tuple[str, ...] = (), **options: Any) -> Attempt:
    return Attempt(command=name, options=options, typed=typed)


def typing(name: str, option: str, text: str = "", **options: Any) -> Attempt:
    return Attempt(command=name, options={**options, option: text}, focused=option)


def click(custom_id: str) -> Attempt:
    return Attempt(custom_id=custom_id)


async def answers_to(cast: Cast, person: Person, attempt: Attempt) -> str:
    """Send *attempt* as *person*; return everything that the bot sends to anybody, as text."""
    sent = len(cast.env.http_requests)
    kind, data, extra = _interaction(cast, person, attempt)
    result = await _sent(cast, person, kind, data, extra)
    bodies = [request.json for request in cast.env.http_requests[sent:] if request.json is not None]
    files = [message.attachments for message in (result.response, *result.followups) if message is not None]
    return json.dumps([*bodies, [each.filename for found in files for each in found]], ensure_ascii=False)


async def _sent(
    cast: Cast, person: Person, kind: InteractionType, data: dict[str, Any], extra: dict[str, Any]
) -> InteractionResult:
    """Send an interaction as simcord does, but look more often whether the bot is done."""
    backend, guild = cast.env.backend, person.place.guild
    record, payload = interactions.base_payload(
        backend,
        type=kind,
        channel_id=person.place.id,
        guild_id=guild.id if guild is not None else None,
        user_id=person.actor.id,
        data=data,
    )
    if extra:
        record.source_message_id = person.message
    backend.emit("INTERACTION_CREATE", payload | extra)
    await cast.env._settle_internal(idle=_IDLE)
    return InteractionResult(cast.env, record)


def _interaction(
    cast: Cast, person: Person, attempt: Attempt
) -> tuple[InteractionType, dict[str, Any], dict[str, Any]]:
    if attempt.menu:
        return InteractionType.APPLICATION_COMMAND, _menu(cast, person, attempt), {}
    if attempt.command:
        kind = InteractionType.APPLICATION_COMMAND
        if attempt.focused:
            kind = InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE
        return kind, _command(cast, person, attempt), {}
    message = _message(cast, person, attempt)
    if attempt.fields is not None:
        rows = [_field(name, values) for name, values in attempt.fields.items()]
        data: dict[str, Any] = {"custom_id": attempt.custom_id, "components": rows}
        return InteractionType.MODAL_SUBMIT, data, {"message": message}
    data = {"custom_id": attempt.custom_id, "component_type": int(ComponentType.BUTTON)}
    if attempt.values:
        data |= {"component_type": int(ComponentType.STRING_SELECT), "values": list(attempt.values)}
    return InteractionType.MESSAGE_COMPONENT, data, {"message": message}


def _command(cast: Cast, person: Person, attempt: Attempt) -> dict[str, Any]:
    first, *path = attempt.command.split()
    root = cast.env.backend.find_command(first, None, type=AppCommandType.CHAT_INPUT)
    assert root is not None, f"/{first} is not registered"
    leaf, nesting = interactions.walk_to_subcommand(root, path)
    declared = {each["name"]: each for each in leaf.get("options") or []}
    missing = {name for name, each in declared.items() if each.get("required")} - attempt.options.keys()
    assert not missing or attempt.focused, (
        f"/{attempt.command} needs {missing}: say so in tests/rights/deeds.py"
    )
    resolved: dict[str, Any] = {}
    filled = []
    for name, value in attempt.options.items():
        kind = declared[name]["type"]
        option = {"name": name, "type": kind, "value": value}
        if kind == OptionType.CHANNEL:
            option["value"] = str(value)
            resolved.setdefault("channels", {})[str(value)] = _resolved(cast, person, value)
        if kind == OptionType.ATTACHMENT:
            file, content = value
            option["value"] = interactions.store_interaction_attachment(
                cast.env.backend, person.place.id, file, content, resolved
            )
        filled.append(option | ({"focused": True} if name == attempt.focused else {}))
    data = {
        "id": root["id"],
        "name": first,
        "type": 1,
        "options": interactions.nest_options(root, nesting, filled),
    }
    return data | ({"resolved": resolved} if resolved else {})


def _resolved(cast: Cast, person: Person, channel_id: int) -> dict[str, Any]:
    """Return a channel as Discord describes the one that was chosen, with the person's permissions in it.

    It describes none of another server. If it did, with whatever permissions, that should make no difference.
    """
    backend = cast.env.backend
    channel = backend.get_channel(channel_id)
    held = _EVERYTHING
    if person.place.guild is not None and person.place.guild.id == channel.guild_id:
        held = backend.compute_permissions(channel.guild_id, person.actor.id, channel_id)
    return dict(serializers.channel_payload(backend, channel)) | {"permissions": str(held)}


def _menu(cast: Cast, person: Person, attempt: Attempt) -> dict[str, Any]:
    root = cast.env.backend.find_command(attempt.menu, None, type=AppCommandType.MESSAGE)
    assert root is not None, f"the menu {attempt.menu} is not registered"
    target = str(person.message)
    return {
        "id": root["id"],
        "name": attempt.menu,
        "type": int(AppCommandType.MESSAGE),
        "target_id": target,
        "resolved": {"messages": {target: _message(cast, person, attempt)}},
    }


def _message(cast: Cast, person: Person, attempt: Attempt) -> dict[str, Any]:
    """Return a message of the bot that has the component which is used, and shows a search for 2607.00005."""
    backend = cast.env.backend
    stored = backend.get_message(person.place.id, person.message)
    item: dict[str, Any] = {"type": int(ComponentType.BUTTON), "style": 2, "label": "x"}
    if attempt.values:
        options = [{"label": "x", "value": value} for value in attempt.values]
        item = {"type": int(ComponentType.STRING_SELECT), "options": options}
    rows = [{"type": 1, "components": [item | {"custom_id": attempt.custom_id}]}] if attempt.custom_id else []
    shown = {
        "type": "rich",
        "title": "1 paper on arXiv",
        "description": "https://arxiv.org/abs/2607.00005",
        "footer": {"text": "speech\nPage 1 of 6"},
    }
    return dict(serializers.message_payload(backend, stored)) | {"components": rows, "embeds": [shown]}


def _field(name: str, values: list[str]) -> dict[str, Any]:
    component: dict[str, Any] = {"type": int(ComponentType.TEXT_INPUT), "custom_id": name}
    component |= (
        {"value": values[0]}
        if name in {"keyword", "categories", "number", "text", "papers"}
        else {"values": values}
    )
    return {"type": 18, "component": component}
