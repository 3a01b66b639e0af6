"""Buttons under the answer to `/subscribe`: they change how the papers arrive, or show the query."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

import discord

from bot.i18n import gettext as _
from bot.interactions import components
from bot.interactions.context import Interaction
from bot.interactions.subscriptions import (
    digest_note,
    managed_subscription,
    next_digest,
    visible_subscription,
)
from bot.model.errors import UserError
from bot.model.subscriptions import Deliver, Subscription
from bot.present.arrival import Reception
from bot.present.subscribed import query_embed, redirected_embed
from bot.present.views import View
from bot.query.query import parse_stored
from bot.rules.choice import best_of_day


class DigestInstead(components.Action, template=r"papers:digest-instead:(?P<id>\d+)"):
    """Delivers a subscription in the digest, and no longer live."""

    @classmethod
    def of(cls, subscription: Subscription, *, suggested: bool = False) -> Self:
        already = subscription.options.deliver is Deliver.DIGEST
        return cls(
            f"papers:digest-instead:{subscription.id}",
            label=_("Digest instead"),
            style=discord.ButtonStyle.primary if suggested else discord.ButtonStyle.secondary,
            disabled=already,
        )

    async def run(self, interaction: Interaction) -> None:
        bot = interaction.client
        subscription = await managed_subscription(interaction, int(self.state["id"]))
        changed = replace(subscription, options=replace(subscription.options, deliver=Deliver.DIGEST))
        await bot.store.subscriptions.edit(subscription.id, changed.options)
        if interaction.message is None or not interaction.message.embeds:
            raise UserError(_("Done. See `/subscriptions` for the current list."))
        view = View()
        for button in _buttons_of(interaction.message):
            if button.custom_id == self.custom_id:
                button.disabled = True
            view.add_item(button)
        embed = redirected_embed(
            interaction.message.embeds[0],
            changed,
            await reception_of(interaction, changed),
            digest=await digest_note(bot, subscription.destination),
        )
        await interaction.response.edit_message(embed=embed, view=view)


class ShowQuery(components.Action, template=r"papers:query:(?P<id>\d+)"):
    """Shows how the keyword of a subscription was read."""

    @classmethod
    def of(cls, subscription: Subscription) -> Self:
        return cls(f"papers:query:{subscription.id}", label=_("Query"))

    async def run(self, interaction: Interaction) -> None:
        subscription = await visible_subscription(interaction, int(self.state["id"]))
        query = parse_stored(subscription.query, subscription.keyword)
        embed = query_embed(subscription, query.description, query.remark)
        await interaction.response.send_message(embed=embed, ephemeral=True)


async def reception_of(interaction: Interaction, subscription: Subscription) -> Reception:
    """Return how the channel of *subscription* receives its papers, for an answer to *interaction*."""
    destination = subscription.destination
    cap = destination.cap or interaction.client.settings.delivery.daily_cap
    return Reception(
        kind=parse_stored(subscription.query, subscription.keyword).kind,
        here=destination.channel_id == interaction.channel_id,
        best=best_of_day(destination.best, cap),
        due=await next_digest(interaction.client, destination),
    )


def _buttons_of(message: discord.Message) -> list[discord.ui.Button[discord.ui.View]]:
    """Return new buttons like those of *message*, each in its row."""
    return [
        discord.ui.Button(
            custom_id=item.custom_id, label=item.label, style=item.style, disabled=item.disabled, row=row
        )
        for row, line in enumerate(message.components)
        if isinstance(line, discord.ActionRow)
        for item in line.children
        if isinstance(item, discord.Button)
    ]
