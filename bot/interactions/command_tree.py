"""All slash commands: registered with Discord when they change, their errors answered in one place."""

from __future__ import annotations

import hashlib
import json

from discord import app_commands

from bot.interactions.context import Bot, Interaction
from bot.interactions.error_answers import answer_error
from bot.present import audience


class Tree(app_commands.CommandTree[Bot]):
    """The bot's commands."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Use the person's language; everything that follows runs in the same task."""
        audience.use_language_of(interaction)
        return True

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        await answer_error(interaction, error)


async def fingerprint_of(tree: app_commands.CommandTree[Bot]) -> str:
    """Return a text that changes whenever the commands change, or belong to another application."""
    translator, commands = tree.translator, tree.get_commands()
    assert translator is not None  # noqa: S101 - the client sets it before it adds commands
    payload = [await command.get_translated_payload(tree, translator) for command in commands]
    facts = {"application": tree.client.application_id, "commands": payload}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
