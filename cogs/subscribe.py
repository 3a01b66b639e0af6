"""`/subscribe` and `/unsubscribe`: which papers arrive where."""

from __future__ import annotations

from functools import partial
from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.interactions import permissions
from bot.interactions.arrival import ChooseArrival, DigestInstead, ShowQuery
from bot.interactions.context import Bot, Interaction
from bot.interactions.options import (
    choose_subscription,
    read_categories,
    suggest_categories,
    suggest_keywords,
    suggest_subscriptions,
)
from bot.interactions.panel import ChangeSubscription, PanelAction
from bot.interactions.place import ChannelOption, place_of
from bot.interactions.subscribe import SubscribeInstead, SubscribeToThat, subscribe_place
from bot.interactions.subscriptions import (
    choice_label,
    managed_subscriptions,
    require_managed,
    visible_subscriptions,
)
from bot.interactions.undo import Undo
from bot.model.subscriptions import Deliver, Options
from bot.present import limits
from bot.present.subscribed import undone_embed
from bot.present.views import View
from bot.query.query import read_query


class Subscribe(commands.Cog):
    """Creates, edits and ends subscriptions."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(
        description="Post new arXiv papers for a keyword or query, here or in another channel"
    )
    @app_commands.describe(
        keyword="Words such as speech synthesis, or a query such as ti:diffusion AND cat:cs.CV",
        channel="Where to post (default: this channel or thread)",
        deliver="live: as soon as announced; digest: in the digest; both: once in each (default: live)",
        mention="A role to mention in every post",
        categories="Only papers in these arXiv categories, such as cs.CL,stat",
        cross_lists="Include papers that are only cross-listed in these categories (default: yes)",
        revisions="Also post every new version of a matching paper, however old it is (default: no)",
        backfill="How many of the newest papers to post right away (default: 0)",
    )
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def subscribe(
        self,
        interaction: Interaction,
        *,
        keyword: str,
        channel: ChannelOption | None = None,
        deliver: Literal["live", "digest", "both"] = "live",
        mention: discord.Role | None = None,
        categories: str = "",
        cross_lists: bool = True,
        revisions: bool = False,
        backfill: app_commands.Range[int, 0, 10] = 0,
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        place = place_of(interaction, channel)
        await permissions.require_manager(interaction, place, channel)
        query = read_query(keyword, self.bot.settings.limits.query_length)
        options = Options(
            deliver=Deliver(deliver),
            role_id=mention.id if mention else 0,
            categories=read_categories(categories),
            cross_lists=cross_lists,
            revisions=revisions,
        )
        await subscribe_place(
            interaction,
            place,
            query,
            options,
            role=mention,
            backfill=backfill,
            chosen=channel,
        )

    @subscribe.autocomplete("keyword")
    async def _complete_keyword(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        keywords = [one.keyword for one in await visible_subscriptions(interaction)]
        return [
            app_commands.Choice(name=f"{value} · {name}"[: limits.CHOICE] if name else value, value=value)
            for value, name in suggest_keywords(keywords, typed)
        ]

    @subscribe.autocomplete("categories")
    async def _complete_categories(
        self, _interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return [
            app_commands.Choice(name=f"{value} · {name}"[: limits.CHOICE], value=value)
            for value, name in suggest_categories(typed)
        ]

    @app_commands.command(description="End a subscription: no more of its papers are posted")
    @app_commands.describe(subscription="Pick one from the list, or type its keyword")
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def unsubscribe(self, interaction: Interaction, subscription: str) -> None:
        subscriptions = await visible_subscriptions(interaction)
        chosen = choose_subscription(
            subscriptions,
            subscription,
            here=interaction.channel_id or 0,
            label=partial(choice_label, interaction),
        )
        await require_managed(interaction, chosen.destination)
        await self.bot.store.subscriptions.remove(chosen.id, self.bot.clock())
        view = View()
        view.add_item(ChangeSubscription.of(PanelAction.UNDO, chosen))
        await interaction.response.send_message(embed=undone_embed(chosen), view=view, ephemeral=True)

    @unsubscribe.autocomplete("subscription")
    async def _complete_subscription(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        managed = await managed_subscriptions(interaction)
        suggested = suggest_subscriptions(managed, typed, here=interaction.channel_id or 0)
        return [
            app_commands.Choice(name=choice_label(interaction, one), value=str(one.id)) for one in suggested
        ]


async def setup(bot: Bot) -> None:
    """Register the commands, and the buttons of earlier messages."""
    bot.add_dynamic_items(Undo, DigestInstead, ChooseArrival, ShowQuery, SubscribeInstead, SubscribeToThat)
    await bot.add_cog(Subscribe(bot))
