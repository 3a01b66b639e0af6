"""Whose language an answer, a message or a post is in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.present import audience

GERMAN, CHINESE, FRENCH = discord.Locale.german, discord.Locale.chinese, discord.Locale.french


def used(
    *, ephemeral: bool | None = None, server: discord.Locale | None = CHINESE, fixed: str = "auto"
) -> Any:
    """Return an interaction of a German, perhaps with the message whose button was used."""
    message = None
    if ephemeral is not None:
        message = SimpleNamespace(flags=discord.MessageFlags(ephemeral=ephemeral))
    client = SimpleNamespace(settings=SimpleNamespace(language=fixed))
    return SimpleNamespace(client=client, locale=GERMAN, guild_locale=server, message=message)


@pytest.mark.parametrize(
    ("interaction", "person", "everybody", "message"),
    [
        (used(), "de", "zh-CN", "de"),
        (used(ephemeral=True), "de", "zh-CN", "de"),
        (used(ephemeral=False), "de", "zh-CN", "zh-CN"),
        (used(ephemeral=False, server=None), "de", "de", "de"),  # direct messages
        (used(ephemeral=False, server=FRENCH), "de", "en", "en"),
        (used(ephemeral=False, fixed="zh-CN"), "zh-CN", "zh-CN", "zh-CN"),
    ],
)
def test_what_one_person_sees_is_in_their_language_and_the_rest_in_the_servers(
    interaction: Any, person: str, everybody: str, message: str
) -> None:
    assert audience.of_person(interaction) == person
    assert audience.of_everybody(interaction) == everybody
    assert audience.of_message(interaction) == message


@pytest.mark.parametrize(("guild_id", "language"), [(1, "zh-CN"), (2, "en"), (0, "en")])
def test_a_post_is_in_the_language_of_its_server(guild_id: int, language: str) -> None:
    guilds = {1: SimpleNamespace(preferred_locale=CHINESE)}
    bot: Any = SimpleNamespace(get_guild=guilds.get)
    assert audience.of_server(bot, guild_id) == language
    bot.settings = SimpleNamespace(language="de")
    assert audience.of_server(bot, guild_id) == "de"
