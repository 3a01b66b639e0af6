"""Finds the subscriptions that a person may see or change, and names them in lists of choices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import discord

from bot.i18n import gettext as _
from bot.interactions import permissions
from bot.interactions.access import managed_destinations, rights_in, visible_destinations
from bot.interactions.context import Bot, Interaction
from bot.model.errors import UserError
from bot.model.subscriptions import Destination, Place, State, Subscription
from bot.present import limits
from bot.rules.digest import next_due


class ListPage(NamedTuple):
    """A page of the list of subscriptions: of one channel, or of all that the person can see (0)."""

    channel_id: int = 0
    number: int = 0


async def subscriptions_here(interaction: Interaction) -> list[Subscription]:
    """Return the subscriptions of this server, or of the person in direct messages."""
    subscriptions = interaction.client.store.subscriptions
    if interaction.guild_id is None:
        return await subscriptions.of_user(interaction.user.id)
    return await subscriptions.of_guild(interaction.guild_id)


async def visible_subscriptions(interaction: Interaction, channel_id: int = 0) -> list[Subscription]:
    """Return the subscriptions of all channels that the person can see, or of one of them.

    Those of the channel where the person is come first.
    """
    found = [
        one
        for one in await subscriptions_here(interaction)
        if not channel_id or one.destination.channel_id == channel_id
    ]
    visible = await visible_destinations(interaction, (one.destination for one in found))
    shown = _of(visible, found)
    shown.sort(key=lambda one: (one.destination.channel_id != interaction.channel_id, one.destination.id))
    return shown


async def managed_subscriptions(interaction: Interaction) -> list[Subscription]:
    """Return the subscriptions of all channels that the person can see and change."""
    found = await subscriptions_here(interaction)
    return _of(await managed_destinations(interaction, (one.destination for one in found)), found)


def _of(destinations: Sequence[Destination], subscriptions: Sequence[Subscription]) -> list[Subscription]:
    ids = {one.id for one in destinations}
    return [one for one in subscriptions if one.destination.id in ids]


async def visible_subscription(interaction: Interaction, subscription_id: int) -> Subscription:
    """Return a subscription of a channel that the person can see.

    Raises:
        UserError: it has ended, or the person cannot see the channel, which makes no difference to them.
    """
    subscription = await interaction.client.store.subscriptions.get(subscription_id)
    if subscription is None or not await visible_destinations(interaction, [subscription.destination]):
        raise ended_error()
    return subscription


async def managed_subscription(interaction: Interaction, subscription_id: int) -> Subscription:
    """Return a subscription that the person may change.

    Raises:
        UserError: it has ended or the person cannot see the channel, as above; or they may not change it.
    """
    subscription = await visible_subscription(interaction, subscription_id)
    await require_managed(interaction, subscription.destination)
    return subscription


async def require_managed(interaction: Interaction, destination: Destination) -> None:
    """Check that the person may change *destination*, which they can see.

    Raises:
        UserError: they lack Manage Channels there.
    """
    rights = await rights_in(interaction, destination.place, gone=destination.state is State.GONE)
    permissions.require_manage_channels(interaction, destination.place, rights)


async def channel_subscriptions(bot: Bot, place: Place) -> list[Subscription]:
    """Return the subscriptions of *place*, unless its channel belongs to another server or person."""
    return [
        one
        for one in await bot.store.subscriptions.of_channel(place.channel_id)
        if one.destination.place == place
    ]


async def destination_of(bot: Bot, place: Place) -> Destination | None:
    """Return what is stored of *place*; None if nothing is, or its channel belongs to another server."""
    destination = await bot.store.destinations.by_channel(place.channel_id)
    return destination if destination is not None and destination.place == place else None


def ended_error() -> UserError:
    """Return the error for a subscription that no longer exists."""
    return UserError(_("That subscription has already ended; see `/subscriptions` for the current list."))


def choice_label(interaction: Interaction, subscription: Subscription) -> str:
    """Return the keyword and the channel of a subscription, within Discord's limit for a choice."""
    guild = interaction.guild
    channel = guild.get_channel_or_thread(subscription.destination.channel_id) if guild else None
    suffix = f" · #{channel.name}" if channel else ""
    keyword = subscription.keyword
    room = limits.CHOICE - len(suffix)
    return (keyword if len(keyword) <= room else f"{keyword[: room - 1]}…") + suffix


async def next_digest(bot: Bot, destination: Destination) -> datetime | None:
    """Return when the digest of *destination* is due next, None if none is scheduled."""
    if destination.schedule is None:
        return None
    last = await bot.store.digests.last_run(destination.id)
    return next_due(destination.schedule, last, bot.clock())


async def digest_note(bot: Bot, destination: Destination) -> str:
    """Say when the digest of *destination* is due next, or how to schedule one."""
    due = await next_digest(bot, destination)
    if due is None:
        return _(
            "No digest is scheduled here yet. Papers are collected until you schedule one with "
            "`/digest schedule`."
        )
    return _("The next digest is due {moment} ({relative}).").format(
        moment=discord.utils.format_dt(due), relative=discord.utils.format_dt(due, "R")
    )
