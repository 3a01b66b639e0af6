"""Buttons under the answer to `/subscribe`: they change how the papers arrive, or show the query."""

from __future__ import annotations

import enum
from dataclasses import replace
from typing import Self

import discord

from bot.i18n import format_number, ngettext
from bot.i18n import gettext as _
from bot.interactions import components, permissions
from bot.interactions.access import visible_destinations
from bot.interactions.context import Interaction
from bot.interactions.subscriptions import (
    digest_note,
    ended_error,
    managed_subscription,
    next_digest,
    visible_subscription,
)
from bot.interactions.undo import Undo
from bot.model.errors import UserError
from bot.model.subscriptions import Deliver, Destination, Live, Subscription
from bot.present.arrival import Reception
from bot.present.subscribed import query_embed, redirected_embed
from bot.present.views import View
from bot.query.query import parse_stored
from bot.rules.choice import best_of_day
from bot.rules.first_schedule import first_schedule


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
        subscription = await managed_subscription(interaction, int(self.state["id"]))
        changed = await _into_digest(interaction, subscription)
        view = View()
        for button in _buttons_of(interaction.message):
            button.disabled = button.disabled or button.custom_id == self.custom_id
            view.add_item(button)
        await interaction.response.defer()
        await _show(interaction, changed, view)


class ArrivalChoice(enum.StrEnum):
    """How the many papers of a query arrive; the values are part of the identifiers of posted buttons."""

    BEST = "best"
    DIGEST = "digest"
    ALL = "all"


class ChooseArrival(components.Action, template=r"papers:arrive:(?P<action>best|digest|all):(?P<id>\d+)"):
    """Chooses how the papers of a subscription that brings many of them arrive."""

    @classmethod
    def buttons(cls, subscription: Subscription, best: int) -> list[Self]:
        """Return a button for each choice; *best* papers a day are the best in the channel."""
        first = ngettext("Best paper live, rest in a digest", "Best {count} live, rest in a digest", best)
        labels = {
            ArrivalChoice.BEST: first.format(count=format_number(best)),
            ArrivalChoice.DIGEST: _("Digest only"),
            ArrivalChoice.ALL: _("All of them"),
        }
        buttons = [
            cls(f"papers:arrive:{choice}:{subscription.id}", label=label) for choice, label in labels.items()
        ]
        buttons[0].item.style = discord.ButtonStyle.primary
        return buttons

    async def run(self, interaction: Interaction) -> None:
        subscription = await managed_subscription(interaction, int(self.state["id"]))
        await permissions.require_bot_can_post(interaction, subscription.destination.place)
        await interaction.response.defer()
        before, changed, note = subscription.destination, subscription, ""
        match ArrivalChoice(self.state["action"]):
            case ArrivalChoice.BEST:
                changed = await _best_live(interaction, subscription)
            case ArrivalChoice.DIGEST:
                changed = await _into_digest(interaction, subscription)
            case ArrivalChoice.ALL:
                note = _("Nothing has changed.")
        view = View()
        others = []
        for button in _buttons_of(interaction.message):
            custom_id = str(button.custom_id)
            button.row = None
            if custom_id.startswith("papers:undo:"):
                view.add_item(_undoing_too(button, before, changed.destination))
            elif not custom_id.startswith("papers:arrive:"):
                others.append(button)
        for item in (DigestInstead.of(changed), ShowQuery.of(changed), *others):
            view.add_item(item)
        await _show(interaction, changed, view, note=note)


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


async def due_note(interaction: Interaction, subscription: Subscription) -> str:
    """Say when the digest with the papers of *subscription* is due; "" where it gets none, or it is said."""
    destination, deliver = subscription.destination, subscription.options.deliver
    is_said = deliver is Deliver.BOTH and destination.live is Live.BEST and destination.schedule is not None
    if deliver is Deliver.LIVE or is_said:
        return ""
    return await digest_note(interaction.client, destination)


async def _into_digest(interaction: Interaction, subscription: Subscription) -> Subscription:
    changed = replace(subscription, options=replace(subscription.options, deliver=Deliver.DIGEST))
    await interaction.client.store.subscriptions.edit(subscription.id, changed.options)
    return changed


async def _best_live(interaction: Interaction, subscription: Subscription) -> Subscription:
    """Let the channel of *subscription* get only the best of a day live; return it as it is then.

    Raises:
        UserError: the channel is gone by now.
    """
    bot, destination, options = interaction.client, subscription.destination, subscription.options
    schedule = first_schedule(destination, await _neighbours(interaction, destination))
    changed = await bot.store.destinations.post_best(destination.id, schedule, bot.clock())
    if changed is None:
        raise ended_error()
    bot.jobs["digest"].wake()
    if options.deliver is Deliver.DIGEST:  # somebody has chosen that since the question
        options = replace(options, deliver=Deliver.LIVE)
        await bot.store.subscriptions.edit(subscription.id, options)
    return replace(subscription, destination=changed, options=options)


async def _neighbours(interaction: Interaction, destination: Destination) -> list[Destination]:
    """Return the other channels of a server that the person can see; none in direct messages."""
    if not destination.guild_id:
        return []
    found = await interaction.client.store.destinations.of_guild(destination.guild_id)
    telling = [one for one in found if one.id != destination.id and (one.schedule or one.quiet_hours)]
    return await visible_destinations(interaction, telling)


def _undoing_too(
    undo: discord.ui.Button[discord.ui.View], before: Destination, now: Destination
) -> discord.ui.Button[discord.ui.View]:
    """Return *undo* as a button that also takes back the change of a channel from *before* to *now*."""
    if before.live is now.live:
        return undo
    scheduled = now.scheduled_at if before.schedule is None else None
    undo.custom_id = Undo.also_of_channel(str(undo.custom_id), scheduled)
    return undo


async def _show(interaction: Interaction, changed: Subscription, view: View, *, note: str = "") -> None:
    """Show in the message that was used how the papers of the *changed* subscription arrive."""
    if interaction.message is None or not interaction.message.embeds:
        raise UserError(_("Done. See `/subscriptions` for the current list."))
    embed = redirected_embed(
        interaction.message.embeds[0],
        changed,
        await reception_of(interaction, changed),
        digest=await due_note(interaction, changed),
        note=note,
    )
    await interaction.edit_original_response(embed=embed, view=view)


def _buttons_of(message: discord.Message | None) -> list[discord.ui.Button[discord.ui.View]]:
    """Return new buttons like those of *message*, each in its row."""
    return [
        discord.ui.Button(
            custom_id=item.custom_id, label=item.label, style=item.style, disabled=item.disabled, row=row
        )
        for row, line in enumerate(message.components if message else ())
        if isinstance(line, discord.ActionRow)
        for item in line.children
        if isinstance(item, discord.Button)
    ]
