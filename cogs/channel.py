"""`/channel`: the settings of a channel as a whole, whatever its subscriptions are."""

from __future__ import annotations

import asyncio
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
from bot.model.subscriptions import Destination, Live, Notify, Place, QuietHours, Style
from bot.present import places
from bot.present.channel import ChannelSettings, channel_embed
from bot.rules import zones
from bot.rules.choice import MOST_BEST
from bot.rules.quiet import read_hours
from bot.rules.schedules import read_zone


class Channel(commands.Cog):
    """Shows and changes how a channel receives papers: cap, best, silence, style and crossposting."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(
        description="Show or change how a channel receives papers: cap, the best live, silence, style"
    )
    @app_commands.describe(
        cap="How many papers a day get their own post; others go into a digest or list (0: the default)",
        crosspost="In announcement channels: publish every post to following channels (default: yes)",
        style="compact: a few lines a paper; full: also abstract, comment, and categories (default: compact)",
        live="all: every paper gets a post; best: the closest, the others come together (default: all)",
        best="How many papers a day are the best: those closest to what is saved here (default: 5)",
        notify="all: every post notifies; best: the best and digests; none: all silent (default: all)",
        quiet_hours="Hours in which everything arrives silently, such as 22-7; off removes them",
        zone="The time zone of the quiet hours, such as Europe/Berlin (default: the digest's)",
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
        notify: Literal["all", "best", "none"] | None = None,
        quiet_hours: str | None = None,
        zone: str | None = None,
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
        quiet = await self._quiet_hours(place, quiet_hours, zone)
        changed = any(
            option is not None for option in (cap, crosspost, style, live, best, notify, quiet_hours, zone)
        )
        if changed:
            destination = await self.bot.store.destinations.change(
                place,
                self.bot.clock(),
                cap=cap,
                crosspost=crosspost,
                style=Style(style) if style else None,
                live=Live(live) if live else None,
                best=best,
                notify=Notify(notify) if notify else None,
                quiet_hours=quiet,
            )
        else:
            # Who only looks stores nothing; number 0 is no destination's.
            nothing_stored = Destination(0, place.guild_id, place.channel_id, place.user_id)
            destination = await destination_of(self.bot, place) or nothing_stored
        embed = channel_embed(await self._settings(destination, place, news=news, changed=changed))
        await interaction.response.send_message(embed=embed, ephemeral=True)

    async def _quiet_hours(
        self, place: Place, typed: str | None, zone: str | None
    ) -> QuietHours | Literal[False] | None:
        """Return the quiet hours that were asked for, False to have none, None to leave them as they are.

        Raises:
            UserError: they cannot be read, or nobody said in which time zone they are.
        """
        if typed is None and zone is None:
            return None
        known = await destination_of(self.bot, place)
        before = known.quiet_hours if known else None
        hours = read_hours(typed) if typed is not None else (before.first, before.last) if before else None
        if hours is None:
            if typed is None:
                raise UserError(
                    _("A time zone only matters for quiet hours; give `quiet_hours`, such as 22-7.")
                )
            return False
        schedule = known.schedule if known else None
        where = read_zone(zone, self.bot.clock()) if zone else ""
        where = where or (before.zone if before else "") or (schedule.zone if schedule else "")
        if not where:
            raise UserError(_("In which time zone are the quiet hours? Give `zone`; nothing has changed."))
        return QuietHours(*hours, where)

    @channel.autocomplete("zone")
    async def _complete_zone(self, _interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        suggested = await asyncio.to_thread(zones.suggest, typed)  # the first call in a language is slow
        now = self.bot.clock()
        return [app_commands.Choice(name=each.in_words(now), value=each.id) for each in suggested]

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
