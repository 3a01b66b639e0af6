"""Follows an author: the button and the menu below the preview, and the ways that lead to it.

The message of the preview holds the query and the options, and the identifiers hold the name and where the
subscription goes, so everything works after a restart. The cog of `/follow` registers the buttons and menus.
"""

from __future__ import annotations

from typing import Self

import discord

from bot.i18n import gettext as _
from bot.interactions import components, permissions
from bot.interactions.ask_arxiv import find_paper
from bot.interactions.author_preview import TARGET, Target, show_preview
from bot.interactions.context import Interaction
from bot.interactions.place import place_in
from bot.interactions.subscribe import subscribe_place
from bot.interactions.subscriptions import managed_subscription
from bot.model.errors import UserError
from bot.model.papers import Paper, PaperId
from bot.model.subscriptions import Options
from bot.present.authors import (
    FOLLOW_AN_AUTHOR,
    WHO_IS_MEANT,
    author_choices,
    options_of_preview,
    query_of_preview,
)
from bot.present.buttons import PAPER
from bot.query.query import read_query


class FollowAuthor(components.Action, template=rf"papers:follow:{TARGET}"):
    """Saves the subscription that the preview shows."""

    async def run(self, interaction: Interaction) -> None:
        target = Target.read(self.state["target"])
        if target.replaces:
            replaced = await managed_subscription(interaction, target.replaces)
            place, options = replaced.destination.place, replaced.options
        else:
            replaced, place = None, place_in(interaction, target.channel)
            await permissions.require_manager(interaction, place)
            chosen = options_of_preview(_embeds(interaction))
            options = Options(
                deliver=target.deliver,
                role_id=chosen.role_id,
                categories=chosen.categories,
                revisions=target.revisions,
            )
        embeds = _embeds(interaction)
        query = read_query(query_of_preview(embeds), interaction.client.settings.limits.query_length)
        await interaction.response.defer()
        role = interaction.guild.get_role(options.role_id) if interaction.guild else None
        await subscribe_place(interaction, place, query, options, role=role, replaced=replaced)


class NarrowAuthor(components.Menu, template=rf"papers:narrow:{TARGET}:(?P<name>.+)"):
    """Shows the preview for one of the people of the name."""

    def __init__(self, custom_id: str, options: list[discord.SelectOption]) -> None:
        super().__init__(custom_id, options, placeholder=_(WHO_IS_MEANT))

    async def pick(self, interaction: Interaction, value: str) -> None:
        await interaction.response.defer()
        target, options = Target.read(self.state["target"]), options_of_preview(_embeds(interaction))
        await show_preview(interaction, self.state["name"], target, value, options)


class PreviewAuthor(components.Action, template=rf"papers:author:{TARGET}:(?P<name>.+)"):
    """Shows the preview of following an author to whoever clicks."""

    async def run(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_preview(interaction, self.state["name"], Target.read(self.state["target"]))


class PickAuthor(components.Menu, template=rf"papers:authors:{PAPER}"):
    """Shows the preview of following one of a paper's authors to whoever picks them."""

    def __init__(self, custom_id: str, options: list[discord.SelectOption]) -> None:
        super().__init__(custom_id, options, placeholder=_(FOLLOW_AN_AUTHOR))

    @classmethod
    def of(cls, paper: Paper) -> Self | None:
        """Return the menu of the authors of *paper*; None if it names none."""
        options = author_choices(paper)
        return cls(f"papers:authors:{paper.id}", options) if options else None

    async def pick(self, interaction: Interaction, value: str) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        paper, number = await find_paper(interaction, PaperId(self.state["paper"])), int(value)
        if number >= len(paper.authors):  # a new version has fewer
            raise UserError(_("The paper's authors have changed. Please use `/follow author` instead."))
        await show_preview(interaction, paper.authors[number], Target())


def _embeds(interaction: Interaction) -> list[discord.Embed]:
    return interaction.message.embeds if interaction.message else []
