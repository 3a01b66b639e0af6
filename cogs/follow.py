"""`/follow author`: the new papers of a person, told from others of the same name."""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.interactions import permissions
from bot.interactions.author_preview import Target, co_author_query, show_preview
from bot.interactions.context import Bot, Interaction
from bot.interactions.follow import FollowAuthor, NarrowAuthor, PickAuthor, PreviewAuthor
from bot.interactions.options import read_categories, suggest_categories
from bot.interactions.place import ChannelOption, place_of
from bot.model.subscriptions import Deliver
from bot.present import limits
from bot.present.authors import AuthorOptions


@app_commands.default_permissions(manage_channels=True)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
class Follow(commands.GroupCog, group_name="follow", group_description="Follow the new papers of a person"):
    """Subscribes to authors, after a look at what that brings."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(description="Look at an author's papers and namesakes, then follow the author")
    @app_commands.describe(
        name="Yann LeCun; Y. LeCun; LeCun, Yann; or only the family name",
        channel="Where to post (default: this channel or thread)",
        deliver="live: as soon as announced; digest: in the digest; both: once in each (default: live)",
        mention="A role to mention in every post",
        categories="Only papers in these arXiv categories, such as cs.CL,stat",
        co_author="Only papers co-authored by this person",
        revisions="Also post every new version of their papers (default: no)",
    )
    @app_commands.rename(co_author="with")
    async def author(
        self,
        interaction: Interaction,
        *,
        name: app_commands.Range[str, 2, 50],
        channel: ChannelOption | None = None,
        deliver: Literal["live", "digest", "both"] = "live",
        mention: discord.Role | None = None,
        categories: str = "",
        co_author: app_commands.Range[str, 2, 50] | None = None,
        revisions: bool = False,
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        place = place_of(interaction, channel)
        await permissions.require_manager(interaction, place, channel)
        options = AuthorOptions(
            mention.id if mention else 0,
            read_categories(categories),
            co_author_query(co_author) if co_author else "",
        )
        await permissions.require_may_mention(interaction, place, options.role_id, channel)
        target = Target(channel.id if channel else 0, Deliver(deliver), revisions)
        await show_preview(interaction, " ".join(name.split()), target, options=options)

    @author.autocomplete("categories")
    async def _complete_categories(
        self, _interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return [
            app_commands.Choice(name=f"{value} · {name}"[: limits.CHOICE], value=value)
            for value, name in suggest_categories(typed)
        ]


async def setup(bot: Bot) -> None:
    """Register the command, and the buttons and menus of earlier messages."""
    bot.add_dynamic_items(FollowAuthor, NarrowAuthor, PreviewAuthor, PickAuthor)
    await bot.add_cog(Follow(bot))
