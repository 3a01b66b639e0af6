"""Finds the subscriptions that a person may see or change, and names them in lists of choices."""

from __future__ import annotations

from typing import NamedTuple

import discord

from bot.i18n import gettext as _
from bot.interactions import permissions
from bot.interactions.context import Bot, Interaction
from bot.model.errors import UserError
from bot.model.subscriptions import Destination, Subscription
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
    visible = [
        one
        for one in await subscriptions_here(interaction)
        if (not channel_id or one.destination.channel_id == channel_id)
        and permissions.can_see(interaction, one.destination.place)
    ]
    visible.sort(key=lambda one: (one.destination.channel_id != interaction.channel_id, one.destination.id))
    return visible


async def visible_subscription(interaction: Interaction, subscription_id: int) -> Subscription:
    """Return a subscription of a channel that the person can see.

    Raises:
        UserError: it has ended, or the person cannot see the channel.
    """
    subscription = await interaction.client.store.subscriptions.get(subscription_id)
    if subscription is None or not permissions.can_see(interaction, subscription.destination.place):
        raise ended_error()
    return subscription


async def managed_subscription(interaction: Interaction, subscription_id: int) -> Subscription:
    """Return a subscription that the person may change.

    Raises:
        UserError: it has ended, or the person may not change it.
    """
    subscription = await interaction.client.store.subscriptions.get(subscription_id)
    if subscription is None:
        raise ended_error()
    permissions.require_manager(interaction, subscription.destination.place)
    return subscription


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


async def digest_note(bot: Bot, destination: Destination) -> str:
    """Say when the digest of *destination* is due next, or how to schedule one."""
    if destination.schedule is None:
        return _(
            "No digest is scheduled here yet. Papers are collected until you schedule one with "
            "`/digest schedule`."
        )
    last = await bot.store.digests.last_run(destination.id)
    due = next_due(destination.schedule, last, bot.clock())
    return _("The next digest is due {moment} ({relative}).").format(
        moment=discord.utils.format_dt(due), relative=discord.utils.format_dt(due, "R")
    )
