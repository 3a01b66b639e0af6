"""`/channel`: how a channel receives, whatever its subscriptions are."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.i18n import gettext as _
from bot.interactions import permissions
from bot.interactions.context import Bot, Interaction
from bot.interactions.place import ChannelOption, ChosenChannel, name_of, place_of
from bot.model.errors import UserError
from bot.model.subscriptions import Destination, Place
from bot.present.channel import Receiving, receiving_embed


class Channel(commands.Cog):
    """Show and set what holds for a channel as a whole."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(description="Show or set how a channel receives: its cap, crossposting")
    @app_commands.describe(
        cap="How many papers a day are posted one by one, the rest in a digest or list; 0 for the default",
        crosspost="Announcement channels: publish every post to the channels that follow (default: yes)",
        channel="The channel; by default the one this is typed in",
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
        channel: ChannelOption | None = None,
    ) -> None:
        place = place_of(interaction, channel)
        permissions.require_manager(interaction, place, channel)
        news = self._is_news(interaction, place, channel)
        if crosspost is not None and not news:
            name = name_of(interaction, place)
            raise UserError(
                _(
                    "Only announcement channels are crossposted, and {name} is none; choose one that "
                    "is. Nothing has changed."
                ).format(name=name)
            )
        store = self.bot.store
        found = await store.destinations.by_channel(place.channel_id)
        changed = cap is not None or crosspost is not None
        if found is None or changed:
            found = await store.destinations.ensure(
                place.guild_id, place.channel_id, place.user_id, self.bot.clock()
            )
        if cap is not None:
            found = await store.destinations.set_cap(found.id, cap or None) or found
        if crosspost is not None:
            found = await store.destinations.set_crosspost(found.id, wanted=crosspost) or found
        embed = receiving_embed(await self._receiving(found, place, news=news, changed=changed))
        await interaction.response.send_message(embed=embed, ephemeral=True)

    async def _receiving(
        self, destination: Destination, place: Place, *, news: bool, changed: bool
    ) -> Receiving:
        store = self.bot.store
        return Receiving(
            destination=destination,
            where=place.mention,
            subscriptions=len(await store.subscriptions.of_channel(place.channel_id)),
            default_cap=self.bot.settings.delivery.daily_cap,
            news=news,
            waiting=await store.crossposts.waiting(destination.id),
            changed=changed,
        )

    @staticmethod
    def _is_news(interaction: Interaction, place: Place, chosen: ChosenChannel | None) -> bool:
        found = chosen or (interaction.channel if place.channel_id == interaction.channel_id else None)
        return found is not None and found.type is discord.ChannelType.news


async def setup(bot: Bot) -> None:
    """Register the command."""
    await bot.add_cog(Channel(bot))
