"""`/top`: the papers that people here saved most."""

from __future__ import annotations

from typing import Literal

from discord import app_commands
from discord.ext import commands

from bot.i18n import gettext as _
from bot.interactions.context import Bot, Interaction
from bot.interactions.permissions import require_visible
from bot.interactions.place import ChannelOption, place_of
from bot.interactions.top import ShowTop, show_top
from bot.model.errors import UserError
from bot.present.top import Period, Scope


class Top(commands.Cog):
    """Counts what is on reading lists; whose they are is not told."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(description="Show the papers that people here saved most, as counts without names")
    @app_commands.describe(
        period="week: the last 7 days; month: the last 30 (default: week)",
        channel="The channel (default: this one)",
        where="channel: saved in this channel; server: in all channels that you can see (default: channel)",
    )
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    async def top(
        self,
        interaction: Interaction,
        period: Literal["week", "month"] = "week",
        channel: ChannelOption | None = None,
        where: Literal["channel", "server"] = "channel",
    ) -> None:
        scope, chosen = Scope(where), 0
        if channel is not None:
            if scope is Scope.SERVER:
                raise UserError(_("Choose either a channel or the whole server."))
            place = place_of(interaction, channel)
            await require_visible(interaction, place, channel)
            if place.channel_id != interaction.channel_id:
                chosen = place.channel_id
        private = scope is Scope.SERVER or bool(chosen)
        await interaction.response.defer(ephemeral=private, thinking=True)
        await show_top(interaction, Period(period), scope, chosen)


async def setup(bot: Bot) -> None:
    """Register the command, and the buttons of earlier messages."""
    bot.add_dynamic_items(ShowTop)
    await bot.add_cog(Top(bot))
