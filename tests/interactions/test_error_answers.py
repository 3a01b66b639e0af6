"""Who may not use a command is told why. Errors of other kinds are in tests/runtime/test_client.py."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from discord import app_commands

from bot.runtime.client import PaperBot
from tests.fakes.discord import MEMBER, FakeDiscord
from tests.runtime.client_cases import Start, fake, start
from tests.store.store_cases import store

__all__ = ["fake", "start", "store"]


def refuse(_interaction: discord.Interaction[Any]) -> bool:
    return False


GUARDS = {
    "one": app_commands.checks.has_permissions(manage_roles=True),
    "several": app_commands.checks.has_permissions(manage_roles=True, ban_members=True),
    "cooldown": app_commands.checks.cooldown(1, 60),
    "role": app_commands.checks.has_role("Readers"),
    "refused": app_commands.check(refuse),
}


def guard(bot: PaperBot) -> None:
    """Add a command for each guard, under its name."""
    for name, check in GUARDS.items():

        @check
        async def answer(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_message("You may.")

        bot.tree.add_command(app_commands.Command(name=name, description=name, callback=answer))


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("one", "You need the Manage Roles permission for this."),
        ("several", "You need the permissions Manage Roles and Ban Members for this."),
        ("role", "You are not allowed to do this."),
        ("refused", "You are not allowed to do this."),
    ],
)
async def test_who_may_not_use_a_command_is_told_why(
    fake: FakeDiscord, start: Start, command: str, told: str
) -> None:
    channel = fake.add_channel(fake.add_guild())
    async with start(prepare=guard):
        answer = await fake.interaction(channel, MEMBER, command)
    assert answer.ephemeral
    assert told in answer.text


async def test_a_command_for_servers_is_refused_in_direct_messages(fake: FakeDiscord, start: Start) -> None:
    async with start(prepare=guard):
        answer = await fake.interaction(int(fake.dm(MEMBER.id)["id"]), MEMBER, "role")
    assert "This works only in a server." in answer.text


async def test_who_is_too_quick_is_told_when_to_try_again(fake: FakeDiscord, start: Start) -> None:
    channel = fake.add_channel(fake.add_guild())
    async with start(prepare=guard):
        assert (await fake.interaction(channel, MEMBER, "cooldown")).text == "You may."
        answer = await fake.interaction(channel, MEMBER, "cooldown")
    assert answer.ephemeral
    assert answer.text == "You did that too often. Please try again in 60 seconds."
