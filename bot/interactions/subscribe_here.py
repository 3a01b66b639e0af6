"""The button that subscribes to the search that its message shows."""

from __future__ import annotations

from typing import Self

import discord

from bot.i18n import gettext as _
from bot.interactions import components, permissions
from bot.interactions.context import Interaction
from bot.interactions.place import place_of
from bot.interactions.searching import query_of_message
from bot.interactions.subscribe import find_subscription, subscribe_place
from bot.model.subscriptions import Options, State
from bot.present.subscriptions import existing_embed


class SubscribeHere(components.Action, template=r"papers:subscribe:(?P<category>[\w.-]*)"):
    """Subscribes the channel to the search, as `/subscribe` does, but edits no existing subscription."""

    @classmethod
    def of(cls, category: str) -> Self:
        return cls(f"papers:subscribe:{category}")

    def named(self, *, found: bool) -> None:
        """Take the label and colour for a search that has *found* papers or not."""
        self.item.label = _("Subscribe") if found else _("Subscribe anyway")
        self.item.style = discord.ButtonStyle.primary if found else discord.ButtonStyle.secondary

    async def run(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        place = place_of(interaction, None)
        await permissions.require_manager(interaction, place)
        query, category = query_of_message(interaction), self.state["category"]
        existing = await find_subscription(interaction, place, query)
        if existing is not None and existing.destination.state is not State.GONE:
            await interaction.edit_original_response(embed=existing_embed(existing))
            return
        options = Options(categories=(category,) if category else ())
        await subscribe_place(interaction, place, query, options)
