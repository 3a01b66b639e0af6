"""The place that a command concerns: the channel chosen in its option, or the one where it was typed."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.i18n import gettext as _
from bot.i18n import gettext_noop, join_sentences
from bot.interactions.context import FromDiscord, Interaction
from bot.model.errors import UserError
from bot.model.subscriptions import Place
from bot.present import places

ChosenChannel = app_commands.AppCommandChannel | app_commands.AppCommandThread

_TYPED_IN = (
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
)
_CHOSEN = (*_TYPED_IN, discord.ChannelType.forum)
_WHERE = gettext_noop("Choose a text or announcement channel, a thread, or a forum.")


class _ChannelOption(app_commands.Transformer):
    """A channel that papers can go to, as Discord sends it: with the permissions of the person."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        return list(_CHOSEN)

    async def transform(self, interaction: FromDiscord, value: Any, /) -> ChosenChannel:
        if not isinstance(value, app_commands.AppCommandChannel | app_commands.AppCommandThread):
            raise UserError(_(_WHERE))
        return value


ChannelOption = app_commands.Transform[ChosenChannel, _ChannelOption]


def place_of(interaction: Interaction, chosen: ChosenChannel | None) -> Place:
    """Return the place that *interaction* concerns: the *chosen* channel, or the one where it was typed.

    Raises:
        UserError: papers cannot be posted in this type of channel.
    """
    if interaction.guild_id is None:
        return Place(0, _channel_id(interaction), interaction.user.id)
    channel = chosen or interaction.channel
    allowed = _CHOSEN if chosen else _TYPED_IN
    if channel is None or channel.type not in allowed:
        wrong = _("Papers cannot be posted in this kind of channel.")
        raise UserError(join_sentences(wrong, _(_WHERE)))
    return Place(interaction.guild_id, channel.id)


def place_in(interaction: Interaction, channel_id: int) -> Place:
    """Return the place with this number that a button names; 0 is the one where the person is.

    Raises:
        UserError: papers cannot be posted where the person is.
    """
    if interaction.guild_id is None or not channel_id:
        return place_of(interaction, None)
    return Place(interaction.guild_id, channel_id)


def name_of(interaction: Interaction, place: Place) -> str:
    """Return the name of *place* for plain text, where Discord shows no mentions."""
    here = interaction.channel if place.channel_id == interaction.channel_id else None
    channel = here or (interaction.guild and interaction.guild.get_channel_or_thread(place.channel_id))
    return places.plain(place, getattr(channel, "name", None))


def _channel_id(interaction: Interaction) -> int:
    if interaction.channel_id is None:
        raise UserError(_("Discord did not say where you typed this. Please try again in a channel."))
    return interaction.channel_id
