"""Which subscriptions a person meets in a command or at a button, and which of them are theirs to change."""

from __future__ import annotations

import discord

from bot.i18n import gettext as _
from bot.interactions import permissions
from bot.interactions.context import Bot, Interaction
from bot.model.errors import UserError
from bot.model.subscriptions import Destination, Subscription
from bot.present import limits
from bot.rules.digest import next_due


async def known(interaction: Interaction) -> list[Subscription]:
    """Return the subscriptions of this server, or of the person in direct messages."""
    subscriptions = interaction.client.store.subscriptions
    if interaction.guild_id is None:
        found: list[Subscription] = await subscriptions.of_user(interaction.user.id)
    else:
        found = await subscriptions.of_guild(interaction.guild_id)
    return found


async def visible(interaction: Interaction, channel_id: int = 0) -> list[Subscription]:
    """Return those of channels that the person can see, or of one; those of this channel first."""
    found = [
        one
        for one in await known(interaction)
        if (not channel_id or one.destination.channel_id == channel_id)
        and permissions.can_see(interaction, one.destination.place)
    ]
    found.sort(key=lambda one: (one.destination.channel_id != interaction.channel_id, one.destination.id))
    return found


async def seen(interaction: Interaction, subscription_id: int) -> Subscription:
    """Return a subscription of a channel that the person can see.

    Raises:
        UserError: it has ended, or they cannot.
    """
    found: Subscription | None = await interaction.client.store.subscriptions.get(subscription_id)
    place = found.destination.place if found else None
    if found is None or place is None or not permissions.can_see(interaction, place):
        raise ended()
    return found


async def owned(interaction: Interaction, subscription_id: int) -> Subscription:
    """Return a subscription that the person may change.

    Raises:
        UserError: it has ended, or they may not.
    """
    subscription: Subscription | None = await interaction.client.store.subscriptions.get(subscription_id)
    if subscription is None:
        raise ended()
    permissions.require_manager(interaction, subscription.destination.place)
    return subscription


def ended() -> UserError:
    """Return what to tell who means a subscription that there was once."""
    return UserError(_("That subscription has ended already; `/subscriptions` shows those that there are."))


def label(interaction: Interaction, subscription: Subscription) -> str:
    """Return the keyword and the channel of a subscription, as short as a choice has to be."""
    guild = interaction.guild
    channel = guild.get_channel_or_thread(subscription.destination.channel_id) if guild else None
    place = f" · #{channel.name}" if channel else ""
    keyword = subscription.keyword
    room = limits.CHOICE - len(place)
    return (keyword if len(keyword) <= room else f"{keyword[: room - 1]}…") + place


async def digest_note(bot: Bot, destination: Destination) -> str:
    """Say when the digest of *destination* comes next, or how to have one."""
    if destination.schedule is None:
        return _(
            "None is scheduled here yet; papers are collected until you set one with `/digest schedule`."
        )
    last = await bot.store.digests.last_run(destination.id)
    due = next_due(destination.schedule, last, bot.clock())
    return _("The next one is due {moment} ({relative}).").format(
        moment=discord.utils.format_dt(due), relative=discord.utils.format_dt(due, "R")
    )
