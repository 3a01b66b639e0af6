"""Which language an answer or post is in: a person's own, or the server's where everybody reads it.

The setting `language` can fix one language for everybody. Where Discord names no language, as for a direct
message that the bot sends unasked, it is English.
"""

from __future__ import annotations

from typing import Any

import discord

from bot import i18n

AUTO = "auto"
"""The value of the setting `language` that leaves the choice to Discord's own settings."""

Interaction = discord.Interaction[Any]


def use_language_of(interaction: Interaction) -> None:
    """Write all further sentences of this task in the language of the person behind *interaction*."""
    i18n.use_language(of_person(interaction))


def of_person(interaction: Interaction) -> str:
    """Return the language of an answer that only this person sees."""
    return _chosen(interaction.client, interaction.locale)


def of_everybody(interaction: Interaction) -> str:
    """Return the language of an answer that everybody sees: the server's, or the person's outside one."""
    return _chosen(interaction.client, interaction.guild_locale or interaction.locale)


def of_message(interaction: Interaction) -> str:
    """Return the language in which to edit the message whose button or menu was used."""
    message = interaction.message
    if message is None or message.flags.ephemeral:
        return of_person(interaction)
    return of_everybody(interaction)


def of_server(bot: discord.Client, guild_id: int) -> str:
    """Return the language of a post in a server; *guild_id* 0 stands for direct messages."""
    guild = bot.get_guild(guild_id)
    return _chosen(bot, guild.preferred_locale if guild is not None else discord.Locale.british_english)


def _chosen(bot: discord.Client, locale: discord.Locale) -> str:
    """Return the language that the settings of *bot* fix, if they do, else the nearest to *locale*."""
    fixed: str = getattr(getattr(bot, "settings", None), "language", AUTO)
    return i18n.nearest(str(locale)) if fixed == AUTO else fixed
