"""`/privacy`: a person's own data, exported as a file, counted or not, or erased."""

from __future__ import annotations

import json

import discord
from discord import app_commands
from discord.ext import commands

from bot.i18n import gettext as _
from bot.interactions import components
from bot.interactions.context import Bot, Interaction
from bot.present import privacy
from bot.present.reasons import reason_in_words
from bot.present.uploads import upload
from bot.present.views import View


class EraseMe(components.Action, template=r"papers:erase:(?P<answer>yes|no)"):
    """Erases the data of whoever clicks, or not; only they can see the question."""

    async def run(self, interaction: Interaction) -> None:
        if self.state["answer"] == "no":
            await interaction.response.edit_message(embed=privacy.not_erased_embed(), view=None)
            return
        await interaction.response.defer()
        erased = await interaction.client.store.people.erase(interaction.user.id)
        embed = privacy.erased_embed(
            papers=erased.papers, subscriptions=erased.subscriptions, made=erased.made
        )
        await interaction.edit_original_response(embed=embed, view=None)


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class Privacy(commands.GroupCog, group_name="privacy", group_description="What I store about you"):
    """Exports and erases what is stored about a person."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(description="Download everything I store about you")
    async def export(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        held = await self.bot.store.people.export(interaction.user.id)
        now = self.bot.clock()
        held = {"exported_at": now.isoformat(), **held}
        content = json.dumps(held, ensure_ascii=False, indent=2, default=reason_in_words) + "\n"
        file = upload(f"about-me-{now.date()}.json", content.encode(), interaction.filesize_limit)
        await interaction.edit_original_response(embed=privacy.exported_embed(), attachments=[file])

    @app_commands.command(description="Choose whether your saves count for channels, without your name")
    @app_commands.describe(
        count="Whether channels learn from what you save (default without this command: yes)"
    )
    async def saves(self, interaction: Interaction, *, count: bool) -> None:
        await self.bot.store.feedback.count_saves(interaction.user.id, count=count)
        await interaction.response.send_message(embed=privacy.saves_embed(count=count), ephemeral=True)

    @app_commands.command(description="Erase everything I store about you, after you confirm")
    async def erase(self, interaction: Interaction) -> None:
        view = View()
        style = discord.ButtonStyle.danger
        view.add_item(EraseMe("papers:erase:yes", label=_("Erase everything"), style=style))
        view.add_item(EraseMe("papers:erase:no", label=_("Keep it")))
        await interaction.response.send_message(embed=privacy.confirmation_embed(), view=view, ephemeral=True)


async def setup(bot: Bot) -> None:
    """Register the commands, and the buttons of earlier answers."""
    bot.add_dynamic_items(EraseMe)
    await bot.add_cog(Privacy(bot))
