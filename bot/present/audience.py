"""Who is spoken to, and so in which language: one person in theirs, everybody in a server in the server's.

`language` in the configuration fixes it for all. Where Discord does not say which language people read, as in
a direct message that nobody asked for, it is English.
"""

from __future__ import annotations

from typing import Any

import discord

from bot import i18n

AUTO = "auto"
"""The language in the configuration that leaves the choice to Discord's settings."""

Interaction = discord.Interaction[Any]


def listen(interaction: Interaction) -> None:
    """Let all that this task says be in the language of the person who did something; called once, first."""
    i18n.use_language(of_person(interaction))


def of_person(interaction: Interaction) -> str:
    """Return the language for an answer that only the person sees."""
    return _chosen(interaction.client, interaction.locale)


def of_everybody(interaction: Interaction) -> str:
    """Return the language for an answer that everybody sees; outside a server, the person's."""
    return _chosen(interaction.client, interaction.guild_locale or interaction.locale)


def of_message(interaction: Interaction) -> str:
    """Return the language for a change of the message whose button or menu was used."""
    message = interaction.message
    if message is None or message.flags.ephemeral:
        return of_person(interaction)
    return of_everybody(interaction)


def of_server(bot: discord.Client, guild_id: int) -> str:
    """Return the language for what is posted unasked in a server; 0 is none: direct messages."""
    guild = bot.get_guild(guild_id)
    return _chosen(bot, guild.preferred_locale if guild is not None else discord.Locale.british_english)


def _chosen(bot: discord.Client, locale: discord.Locale) -> str:
    """Return what the configuration of *bot* fixes, if it has one that does, else the nearest to *locale*."""
    fixed: str = getattr(getattr(bot, "settings", None), "language", AUTO)
    return i18n.nearest(str(locale)) if fixed == AUTO else fixed
