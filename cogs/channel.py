"""`/channel`: the settings of a channel as a whole, whatever its subscriptions are."""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.i18n import gettext as _
from bot.interactions import permissions
from bot.interactions.context import Bot, Interaction
from bot.interactions.place import ChannelOption, ChosenChannel, name_of, place_of
from bot.interactions.subscriptions import channel_subscriptions, destination_of
from bot.model.errors import UserError
from bot.model.subscriptions import Destination, Live, Place, Style
from bot.present import places
from bot.present.channel import ChannelSettings, channel_embed
from bot.rules.choice import MOST_BEST


class Channel(commands.Cog):
    """Shows and changes the daily cap, the style and the crossposting of a channel."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(
        description="Show or change how a channel receives papers: cap, the best live, style, crossposting"
    )
    @app_commands.describe(
        cap="How many papers a day get their own post; others go into a digest or list (0: the default)",
        crosspost="In announcement channels: publish every post to following channels (default: yes)",
        style="compact: a few lines a paper; full: also abstract, comment, and categories (default: compact)",
        live="all: every paper gets a post; best: the closest, the others come together (default: all)",
        best="How many papers a day are the best: those closest to what is saved here (default: 5)",
        channel="The channel (default: this one)",
    )
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def channel(
        self,
        interaction: Interaction,
        *,
        cap: app_commands.Range[int, 0, 10_000] | None = None,
        crosspost: bool | None = None,
        style: Literal["compact", "full"] | None = None,
        live: Literal["all", "best"] | None = None,
        best: app_commands.Range[int, 1, MOST_BEST] | None = None,
        channel: ChannelOption | None = None,
    ) -> None:
        place = place_of(interaction, channel)
        await permissions.require_manager(interaction, place, channel)
        news = self._is_news(interaction, place, channel)
        if crosspost is not None and not news:
            name = name_of(interaction, place)
            raise UserError(
                _(
                    "Only posts in announcement channels can be crossposted, and {name} is not an "
                    "announcement channel. Choose one that is; nothing has changed."
                ).format(name=name)
            )
        changed = any(option is not None for option in (cap, crosspost, style, live, best))
        if changed:
            destination = await self.bot.store.destinations.change(
                place,
                self.bot.clock(),
                cap=cap,
                crosspost=crosspost,
                style=Style(style) if style else None,
                live=Live(live) if live else None,
                best=best,
            )
        else:
            # Who only looks stores nothing; number 0 is no destination's.
            nothing_stored = Destination(0, place.guild_id, place.channel_id, place.user_id)
            destination = await destination_of(self.bot, place) or nothing_stored
        embed = channel_embed(await self._settings(destination, place, news=news, changed=changed))
        await interaction.response.send_message(embed=embed, ephemeral=True)

    async def _settings(
        self, destination: Destination, place: Place, *, news: bool, changed: bool
    ) -> ChannelSettings:
        store = self.bot.store
        return ChannelSettings(
            destination=destination,
            where=places.mention(place),
            subscriptions=len(await channel_subscriptions(self.bot, place)),
            default_cap=self.bot.settings.delivery.daily_cap,
            news=news,
            waiting=await store.crossposts.waiting(destination.id),
            changed=changed,
        )

    @staticmethod
    def _is_news(interaction: Interaction, place: Place, chosen: ChosenChannel | None) -> bool:
        here = interaction.channel if place.channel_id == interaction.channel_id else None
        channel = chosen or here
        return channel is not None and channel.type is discord.ChannelType.news


async def setup(bot: Bot) -> None:
    """Register the command."""
    await bot.add_cog(Channel(bot))
