"""`/subscriptions`: the list of subscriptions, and a panel to change or end each of them."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.interactions import components, edit_form, panel
from bot.interactions.context import Bot, Interaction
from bot.interactions.place import ChannelOption
from bot.interactions.subscriptions import ListPage


class SubscriptionCommands(commands.Cog):
    """Lists subscriptions, and takes the answers of their edit forms."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(
        description="Show the subscriptions of this server; pause, edit, test, or remove them"
    )
    @app_commands.describe(channel="Only the subscriptions of this channel")
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def subscriptions(self, interaction: Interaction, channel: ChannelOption | None = None) -> None:
        embed, view = await panel.list_page(interaction, ListPage(channel.id if channel else 0))
        await interaction.response.send_message(
            embed=embed, view=view or discord.utils.MISSING, ephemeral=True
        )

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Take the answer to an edit form, even one that was opened before the bot restarted."""
        if answer := components.form_answer(interaction, edit_form.FORM):
            async with components.answering(interaction):
                await panel.apply_edit(interaction, edit_form.read_form(*answer))


async def setup(bot: Bot) -> None:
    """Register the command, and the menus and buttons of earlier messages."""
    bot.add_dynamic_items(panel.TurnList, panel.PickSubscription, panel.ChangeSubscription)
    await bot.add_cog(SubscriptionCommands(bot))
