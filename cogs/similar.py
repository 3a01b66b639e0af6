"""`/similar` and its message menu: stored papers that are like a given one."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.interactions import components
from bot.interactions.context import Bot, Interaction
from bot.interactions.named_papers import anywhere, papers_named_in
from bot.interactions.similar import (
    SIMILAR_FORM,
    MoreLikeThis,
    SubscribeToSimilar,
    show_similar,
    subscribe_to_typed,
)
from bot.model.links import read_paper


class Similar(commands.Cog):
    """Answers whoever asks, in private."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self._menu = anywhere(app_commands.ContextMenu(name="Similar arXiv papers", callback=self.of_message))

    async def cog_load(self) -> None:
        self.bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(description="Show the stored papers that are most like a given one")
    @app_commands.describe(
        paper="An identifier or link, such as 2607.16206, hep-th/9901001, or https://arxiv.org/abs/…"
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def similar(self, interaction: Interaction, paper: str) -> None:
        wanted, _version = read_paper(paper)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_similar(interaction, wanted)

    async def of_message(self, interaction: Interaction, message: discord.Message) -> None:
        """Show papers like the first one that a message names."""
        wanted = papers_named_in(message)[0]
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_similar(interaction, wanted)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Take the answer to the form, even to one that was opened before the bot restarted."""
        if answer := components.form_answer(interaction, SIMILAR_FORM):
            async with components.answering(interaction):
                await subscribe_to_typed(interaction, *answer)


async def setup(bot: Bot) -> None:
    """Register the command, the menu, and the buttons of earlier messages."""
    bot.add_dynamic_items(MoreLikeThis, SubscribeToSimilar)
    await bot.add_cog(Similar(bot))
