"""`/subscribe`: which papers arrive where, and what is done about that answer; the rest is the panel's."""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.interactions import options as choosing
from bot.interactions import permissions, subscriptions
from bot.interactions.context import Bot, Interaction
from bot.interactions.place import ChannelOption, place_of
from bot.interactions.subscribe import DigestInstead, Undo, subscribe_place
from bot.model.subscriptions import Deliver, Options
from bot.present import categories as arxiv_categories
from bot.present import limits
from bot.query.query import read_query


class Subscriptions(commands.Cog):
    """Make subscriptions, or make them anew."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(description="Post new arXiv papers on a keyword or query, here or in a channel")
    @app_commands.describe(
        keyword="Words such as speech synthesis, or a query such as ti:diffusion AND cat:cs.CV",
        channel="Where to post; by default the channel or thread this is typed in",
        deliver="live: as they are announced; digest: in the digest; both: once each (default: live)",
        mention="A role to mention with every paper",
        categories="Only papers of these arXiv categories, such as cs.CL,stat",
        cross_lists="Also papers that are only cross-listed in those categories (default: yes)",
        revisions="Also new versions of papers (default: no)",
        backfill="How many of the newest papers to post at once (default: none)",
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
        permissions.require_manager(interaction, place, channel)
        query = read_query(keyword, self.bot.settings.limits.query_length)
        options = Options(
            deliver=Deliver(deliver),
            role_id=mention.id if mention else 0,
            categories=choosing.read_categories(categories),
            cross_lists=cross_lists,
            revisions=revisions,
        )
        await subscribe_place(interaction, place, query, options, role=mention, backfill=backfill)

    @subscribe.autocomplete("keyword")
    async def _complete_keyword(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        mine = [one.keyword for one in await subscriptions.visible(interaction)]
        return [
            app_commands.Choice(name=f"{found} · {words}"[: limits.CHOICE] if words else found, value=found)
            for found, words in choosing.suggest_keywords(mine, typed)
        ]

    @subscribe.autocomplete("categories")
    async def _complete_categories(
        self, _interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        *done, last = [part.strip() for part in typed.split(",")]
        return [
            app_commands.Choice(
                name=f"{chosen} · {arxiv_categories.name(found)}"[: limits.CHOICE], value=chosen
            )
            for found in arxiv_categories.search(last)
            if found not in done and len(chosen := ",".join([*done, found])) <= limits.CHOICE
        ]


async def setup(bot: Bot) -> None:
    """Register the commands, and the buttons of earlier messages."""
    bot.add_dynamic_items(Undo, DigestInstead)
    await bot.add_cog(Subscriptions(bot))
