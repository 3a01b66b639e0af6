"""What a person may do in a place, as far as they can see it at all.

A thread takes its permissions from its parent, but only its members and those who manage threads see a
private one. Discord does not send bots the members of threads, so it is asked, once for each interaction.
What cannot be found out counts as hidden: a list that lacks a line does less harm than one that tells a
secret.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

import aiohttp
import discord
from discord import app_commands

from bot.interactions.context import Interaction
from bot.interactions.place import ChosenChannel
from bot.model.subscriptions import Destination, Place, State

_log = logging.getLogger(__name__)

_NONE = discord.Permissions.none()
_OWN = discord.Permissions(view_channel=True, manage_channels=True)  # in one's direct messages
_PATIENCE = timedelta(seconds=2)  # of the three that Discord waits for an answer
_MOST_ASKED = 25  # channels that Discord is asked about for one interaction
_ASKED = "papers:asked"  # in `Interaction.extras`: what was asked, by channel


def is_here(interaction: Interaction, place: Place) -> bool:
    """Tell whether *place* belongs to the server of *interaction*; in direct messages, to the person."""
    if interaction.guild_id is None:
        return (place.guild_id, place.user_id) == (0, interaction.user.id)
    return (place.guild_id, place.user_id) == (interaction.guild_id, 0)


async def rights_in(
    interaction: Interaction, place: Place, chosen: ChosenChannel | None = None, *, gone: bool = False
) -> discord.Permissions:
    """Return the person's permissions in *place*: none at all where they cannot see it.

    What Discord says about the *chosen* channel counts before the cache. *gone* says that the channel was
    deleted; then those who manage the channels and the threads of the whole server see what is left, since
    it may have been a private thread, which nothing tells any longer.
    """
    if not is_here(interaction, place):
        return _NONE
    if place.user_id:
        return _OWN
    channel_id = place.channel_id
    if chosen is not None and chosen.id == channel_id:
        if _is_elsewhere(interaction, chosen):
            return _NONE
        return await _if_seen(interaction, channel_id, chosen.type, chosen.permissions)
    if channel_id == interaction.channel_id:
        return rights_here(interaction)  # Discord lets nobody use anything in a channel that it hides
    return await _elsewhere(interaction, channel_id, gone=gone)


def _is_elsewhere(interaction: Interaction, chosen: ChosenChannel) -> bool:
    """Tell whether *chosen* is known to belong to another server, whatever the interaction says."""
    parent = chosen.parent_id if isinstance(chosen, app_commands.AppCommandThread) else chosen.id
    known = interaction.client.get_channel(parent)
    return isinstance(known, discord.abc.GuildChannel) and known.guild.id != interaction.guild_id


def rights_here(interaction: Interaction) -> discord.Permissions:
    """Return the person's permissions in the channel, or in the direct messages, where they are."""
    return _OWN if interaction.guild_id is None else _with_view(interaction.permissions)


async def visible_destinations(
    interaction: Interaction, destinations: Iterable[Destination]
) -> list[Destination]:
    """Return those of *destinations* that the person can see, in their order."""
    return [one for one, rights in await _rights_in_all(interaction, destinations) if rights.view_channel]


async def managed_destinations(
    interaction: Interaction, destinations: Iterable[Destination]
) -> list[Destination]:
    """Return those of *destinations* that the person can see and change, in their order."""
    return [
        one
        for one, rights in await _rights_in_all(interaction, destinations)
        if rights.view_channel and rights.manage_channels
    ]


async def _rights_in_all(
    interaction: Interaction, destinations: Iterable[Destination]
) -> list[tuple[Destination, discord.Permissions]]:
    distinct = list({one.id: one for one in destinations}.values())
    rights = await asyncio.gather(
        *(rights_in(interaction, one.place, gone=one.state is State.GONE) for one in distinct)
    )
    return list(zip(distinct, rights, strict=True))


def in_channel(
    channel: discord.abc.GuildChannel | discord.Thread, member: discord.Member
) -> discord.Permissions:
    """Return the permissions of *member* in *channel* by the cache; none if a thread's parent is unknown."""
    try:
        return channel.permissions_for(member)
    except discord.ClientException:  # a thread whose parent is not in the cache
        return _NONE


async def _if_seen(
    interaction: Interaction, channel_id: int, kind: discord.ChannelType, rights: discord.Permissions
) -> discord.Permissions:
    """Return *rights*, none where the person cannot see the channel."""
    if rights.administrator:
        return _with_view(rights)
    if not rights.view_channel:
        return _NONE
    if kind is not discord.ChannelType.private_thread or rights.manage_threads:
        return rights
    if channel_id == interaction.channel_id:
        return rights

    async def if_member() -> discord.Permissions:
        await interaction.client.http.get_thread_member(channel_id, interaction.user.id)
        return rights

    return await _once(interaction, channel_id, if_member)


async def _elsewhere(interaction: Interaction, channel_id: int, *, gone: bool) -> discord.Permissions:
    """Return the person's permissions in a channel of this server that they only named."""
    guild, member = interaction.guild, interaction.user
    if guild is None or not isinstance(member, discord.Member):
        return _NONE
    channel = guild.get_channel_or_thread(channel_id)
    if channel is not None:
        return await _if_seen(interaction, channel_id, channel.type, in_channel(channel, member))
    return await _of_unknown(interaction, guild, member, channel_id, gone=gone)


async def _of_unknown(
    interaction: Interaction, guild: discord.Guild, member: discord.Member, channel_id: int, *, gone: bool
) -> discord.Permissions:
    """Return the rights of *member* in a channel that is not in the cache: deleted, or an archived thread.

    Most people see neither, and are not worth a request.
    """
    server_wide = member.guild_permissions
    if not server_wide.manage_channels:
        return _NONE
    of_deleted = _with_view(server_wide) if server_wide.manage_threads else _NONE
    if gone:
        return of_deleted

    async def of_fetched() -> discord.Permissions:
        try:
            channel = await guild.fetch_channel(channel_id)
        except discord.NotFound:
            return of_deleted
        except discord.Forbidden:  # a thread that the bot cannot see, perhaps a private one
            return _with_view(server_wide) if server_wide.administrator else _NONE
        rights = in_channel(channel, member)
        if channel.type is discord.ChannelType.private_thread and not rights.manage_threads:
            await interaction.client.http.get_thread_member(channel_id, member.id)
        return rights

    return await _once(interaction, channel_id, of_fetched)


async def _once(
    interaction: Interaction, channel_id: int, ask: Callable[[], Awaitable[discord.Permissions]]
) -> discord.Permissions:
    """Return what *ask* says of a channel, and ask no second time during *interaction*; none if it fails."""
    asked: dict[int, discord.Permissions] = interaction.extras.setdefault(_ASKED, {})
    if channel_id in asked or len(asked) >= _MOST_ASKED:
        return asked.get(channel_id, _NONE)
    asked[channel_id] = _NONE
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            asked[channel_id] = await ask()
    except discord.NotFound:
        pass  # not a member
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        _log.info("channel %d counts as hidden: %s", channel_id, error or type(error).__name__)
    return asked[channel_id]


def _with_view(rights: discord.Permissions) -> discord.Permissions:
    return rights | discord.Permissions(view_channel=True)
