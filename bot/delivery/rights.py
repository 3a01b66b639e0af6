"""What the bot may do in a channel, and which permission it lacks, as far as discord.py's cache knows."""

from __future__ import annotations

from itertools import dropwhile

import discord

from bot.model.reasons import ChannelKind, Permission, Reason, ReasonCode
from bot.model.subscriptions import Destination

THREADS = (
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
)


def may_post(bot: discord.Client, destination: Destination) -> bool | None:
    """Tell whether the bot may post in *destination*.

    None if the cache does not know: direct messages, archived threads, unavailable servers.
    """
    found = _cached(bot, destination)
    return refusal(*found) is None if found else None


def known_refusal(bot: discord.Client, destination: Destination) -> Reason | None:
    """Return why Discord would refuse a post in *destination*; None if it would not, or it is unknown."""
    found = _cached(bot, destination)
    return refusal(*found) if found else None


def are_known(bot: discord.Client, destination: Destination) -> bool:
    """Tell whether the gateway says which channels and permissions there are in the server of *destination*.

    It does not while the server has an outage, or while the bot is not connected to the server's shard.
    """
    guild = bot.get_guild(destination.guild_id)
    if guild is None or guild.unavailable:
        return False
    assert isinstance(bot, discord.AutoShardedClient)  # noqa: S101 - the bot has shards, if only one
    shard = bot.get_shard(guild.shard_id)
    return shard is not None and not shard.is_closed()


def refusal_now(channel: discord.abc.GuildChannel | discord.Thread) -> Reason | None:
    """Return why Discord refuses a post in *channel*, which was just fetched; None if it does not."""
    try:
        return refusal(channel, channel.permissions_for(channel.guild.me))
    except discord.ClientException:  # a thread whose parent is not in the cache
        return None


def refusal(channel: discord.abc.GuildChannel | discord.Thread, held: discord.Permissions) -> Reason | None:
    """Return why Discord refuses a post in *channel* with the permissions *held*; None if it does not."""
    if isinstance(channel, discord.Thread) and channel.locked and not held.manage_threads:
        return Reason(ReasonCode.THREAD_LOCKED)
    kind = kind_of(channel.type)
    missing = missing_permissions(held, kind)
    return Reason(ReasonCode.PERMISSION_MISSING, permissions=missing, kind=kind) if missing else None


def missing_permissions(held: discord.Permissions, kind: ChannelKind) -> tuple[Permission, ...]:
    """Return the first permission that posting needs and *held* lacks, and the ones needed after it.

    Without an earlier permission Discord withholds the later ones, so only the first is known to be missing.
    """
    sending = Permission.SEND_MESSAGES_IN_THREADS if kind is ChannelKind.THREAD else Permission.SEND_MESSAGES
    needed = (Permission.VIEW_CHANNEL, sending, Permission.EMBED_LINKS)
    return tuple(dropwhile(lambda each: getattr(held, each), needed))


def kind_of(channel_type: discord.ChannelType) -> ChannelKind:
    """Return which permissions a channel of this type asks for."""
    if channel_type in THREADS:
        return ChannelKind.THREAD
    return ChannelKind.FORUM if channel_type is discord.ChannelType.forum else ChannelKind.CHANNEL


def may_answer(bot: discord.Client, destination: Destination, post: discord.Thread) -> bool:
    """Tell whether the bot may write in *post*, which belongs to the forum of *destination*."""
    known = _cached(bot, destination)
    if known is None:
        return not post.locked
    return known[1].send_messages_in_threads and (known[1].manage_threads or not post.locked)


def may_look_back(bot: discord.Client, destination: Destination) -> bool:
    """Tell whether the bot may read the history of *destination*; True if it is unknown."""
    found = _cached(bot, destination)
    return found is None or found[1].read_message_history


def may_attach(bot: discord.Client, destination: Destination) -> bool:
    """Tell whether the bot may attach files in *destination*; True if it is unknown."""
    found = _cached(bot, destination)
    return found is None or found[1].attach_files


def upload_limit(bot: discord.Client, destination: Destination) -> int:
    """Return the most bytes that a file may have in *destination*; boosted servers allow more."""
    guild = bot.get_guild(destination.guild_id)
    return guild.filesize_limit if guild is not None else discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES


def _cached(
    bot: discord.Client, destination: Destination
) -> tuple[discord.abc.GuildChannel | discord.Thread, discord.Permissions] | None:
    guild = bot.get_guild(destination.guild_id)
    if guild is None or guild.unavailable:
        return None
    channel = guild.get_channel_or_thread(destination.channel_id)
    if channel is None:
        return None
    try:
        return channel, channel.permissions_for(guild.me)
    except discord.ClientException:  # a thread whose parent is not in the cache
        return None
