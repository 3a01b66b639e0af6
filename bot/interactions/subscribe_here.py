"""Buttons that subscribe to the search that their message shows."""

from __future__ import annotations

from typing import Self

import discord

from bot.i18n import gettext as _
from bot.interactions import components, permissions
from bot.interactions.context import Interaction
from bot.interactions.place import place_in, place_of
from bot.interactions.searching import query_of_message
from bot.interactions.subscribe import find_subscription, subscribe_place
from bot.interactions.undo import read_options, written_options
from bot.model.subscriptions import Options, Place, State
from bot.present import limits
from bot.present.subscriptions import existing_embed


class _Subscribe(components.Action, template="papers:no-subscribe"):
    def named(self, *, found: bool) -> None:
        """Take the label and colour for a search that has *found* papers or not."""
        self.item.label = _("Subscribe") if found else _("Subscribe anyway")
        self.item.style = discord.ButtonStyle.primary if found else discord.ButtonStyle.secondary


class SubscribeHere(_Subscribe, template=r"papers:subscribe:(?P<category>[\w.-]*)"):
    """Subscribes the channel to the search, as `/subscribe` does, but edits no existing subscription."""

    @classmethod
    def of(cls, category: str) -> Self:
        return cls(f"papers:subscribe:{category}")

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


class SubscribeAnyway(_Subscribe, template=r"papers:anyway:(?P<channel>\d+):(?P<options>\w+:\d+:[\w.,-]*)"):
    """Does what `/subscribe` was asked for when it found nothing, or the same for another search."""

    @classmethod
    def of(cls, place: Place, options: Options) -> Self | None:
        """Return the button; None if its identifier has no room for the *options*."""
        custom_id = f"papers:anyway:{place.channel_id}:{written_options(options)}"
        return cls(custom_id) if len(custom_id) <= limits.CUSTOM_ID else None

    @classmethod
    def in_message(cls, interaction: Interaction) -> Self | None:
        """Return the button of the message that was used, None if it has none."""
        message = interaction.message
        for row in message.components if message else ():
            for item in row.children if isinstance(row, discord.ActionRow) else ():
                if item.custom_id and item.custom_id.startswith("papers:anyway:"):
                    return cls(item.custom_id)
        return None

    async def run(self, interaction: Interaction) -> None:
        place = place_in(interaction, int(self.state["channel"]))
        await permissions.require_manager(interaction, place)
        query, options = query_of_message(interaction), read_options(self.state["options"])
        await interaction.response.defer()
        role = interaction.guild.get_role(options.role_id) if interaction.guild else None
        await subscribe_place(interaction, place, query, options, role=role)
