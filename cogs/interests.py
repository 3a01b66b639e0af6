"""`/interests`: what a channel or a person cares for, learnt from what is saved."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.i18n import gettext as _
from bot.interactions import components, interests
from bot.interactions.context import Bot, Interaction
from bot.interactions.given_papers import read_given
from bot.interactions.permissions import require_manager, require_visible
from bot.interactions.place import ChannelOption, ChosenChannel
from bot.model.errors import UserError
from bot.model.links import read_paper


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
class InterestCommands(
    commands.GroupCog, group_name="interests", group_description="What a channel cares for, learnt from saves"
):
    """Shows and changes interests; the answers are private."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(
        description="Show what papers are ordered by: the strongest terms, and their sources"
    )
    @app_commands.describe(
        channel="The channel (default: this one)", mine="Whether to show your own instead (default: no)"
    )
    async def show(
        self, interaction: Interaction, *, channel: ChannelOption | None = None, mine: bool = False
    ) -> None:
        whose = interests.whose_of(interaction, channel, mine=mine)
        manages = True
        if whose.place:
            manages = (await require_visible(interaction, whose.place, channel)).manage_channels
        await interaction.response.defer(ephemeral=True, thinking=True)
        embed, view = await interests.shown(interaction, whose, manages=manages)
        await interaction.edit_original_response(embed=embed, view=view)

    @app_commands.command(
        description="Add papers that you like, by link or from a file, so that similar ones come first"
    )
    @app_commands.describe(
        paper="arXiv links or identifiers",
        file="A .bib, .ris, or text file with arXiv links",
        channel="The channel (default: this one)",
        mine="Whether to add them to your own, which is your reading list (default: no)",
    )
    async def add(
        self,
        interaction: Interaction,
        *,
        paper: str = "",
        file: discord.Attachment | None = None,
        channel: ChannelOption | None = None,
        mine: bool = False,
    ) -> None:
        whose = await self._managed(interaction, channel, mine=mine)
        if not paper.strip() and file is None:
            raise UserError(_("Name papers, or attach a file with arXiv links."))
        await interaction.response.defer(ephemeral=True, thinking=True)
        given = await read_given(interaction, paper, file)
        await interaction.edit_original_response(embed=await interests.add(interaction, whose, given))

    @app_commands.command(description="Take a paper back, so that it no longer counts")
    @app_commands.describe(
        paper="The paper's identifier or link",
        channel="The channel (default: this one)",
        mine="Whether to take it from your own, which is your reading list (default: no)",
    )
    async def remove(
        self,
        interaction: Interaction,
        *,
        paper: str,
        channel: ChannelOption | None = None,
        mine: bool = False,
    ) -> None:
        whose = await self._managed(interaction, channel, mine=mine)
        embed = await interests.take_back(interaction, whose, read_paper(paper)[0])
        await interaction.response.send_message(embed=embed, ephemeral=True)

    @app_commands.command(description="Forget what was learnt, after you confirm")
    @app_commands.describe(
        channel="The channel (default: this one)", mine="Whether to reset your own instead (default: no)"
    )
    async def reset(
        self, interaction: Interaction, *, channel: ChannelOption | None = None, mine: bool = False
    ) -> None:
        whose = await self._managed(interaction, channel, mine=mine)
        if whose.place is None:
            embed = await interests.reset(interaction, whose)
            await interaction.response.send_message(embed=embed, ephemeral=True)
            return
        await interests.ask_reset(interaction, whose.place)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Take the answer to the form, even one that was opened before the bot restarted."""
        if answer := components.form_answer(interaction, interests.INTEREST_FORM):
            state, filled = answer
            async with components.answering(interaction):
                whose = await interests.whose_of_form(interaction, state)
                await interaction.response.defer(ephemeral=True, thinking=True)
                given = await read_given(interaction, interests.typed_in_form(filled))
                await interaction.edit_original_response(embed=await interests.add(interaction, whose, given))

    @staticmethod
    async def _managed(
        interaction: Interaction, channel: ChosenChannel | None, *, mine: bool
    ) -> interests.Whose:
        """Return whose interest is meant, which the person may change."""
        whose = interests.whose_of(interaction, channel, mine=mine)
        if whose.place:
            await require_manager(interaction, whose.place, channel)
        return whose


async def setup(bot: Bot) -> None:
    """Register the commands, and the buttons of earlier answers."""
    bot.add_dynamic_items(
        interests.ShowSources, interests.ChangeInterest, interests.LessLikeThis, interests.TakeBackLess
    )
    await bot.add_cog(InterestCommands(bot))
