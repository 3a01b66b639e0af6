"""Who may not use a command gets an answer. Errors of other kinds are in tests/runtime/test_client.py."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.runtime.client import PaperBot
from tests.fakes.discord import MEMBER, FakeDiscord
from tests.runtime.client_cases import Start, fake, start
from tests.store.store_cases import store

__all__ = ["fake", "start", "store"]


def refuse(_interaction: discord.Interaction[Any]) -> bool:
    return False


def guard(bot: PaperBot) -> None:
    """Add a command that nobody may use."""

    @app_commands.check(refuse)
    async def answer(_interaction: discord.Interaction[Any]) -> None:
        raise AssertionError

    bot.tree.add_command(app_commands.Command(name="locked", description="locked", callback=answer))


async def test_who_may_not_use_a_command_learns_who_can_change_that(fake: FakeDiscord, start: Start) -> None:
    channel = fake.add_channel(fake.add_guild())
    async with start(prepare=guard):
        answer = await fake.interaction(channel, MEMBER, "locked")
    assert answer.ephemeral
    assert answer.text == "You are not allowed to do this. Someone who manages the server can change that."
