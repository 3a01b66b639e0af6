"""What the bot may post in a channel, and which right it lacks, as far as discord.py's cache knows."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot.model import reasons
from bot.model.subscriptions import Destination

THREADS = (
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
)


@dataclass(frozen=True, slots=True)
class MissingRight:
    """The first right that posting lacks, as Discord's settings name it.

    `later` are the rights that posting needs as well. Whether the bot has those is unknown: Discord withholds
    them from anyone who lacks an earlier one.
    """

    name: str
    later: tuple[str, ...] = ()


def obstacle(bot: discord.Client, destination: Destination) -> str | None:
    """Return what keeps us from posting there, a sentence that `reasons.told` knows; "" where nothing does.

    None where the cache does not know: direct messages, archived threads, servers that are away.
    """
    found = _cached(bot, destination)
    if found is None:
        return None
    channel, rights = found
    if isinstance(channel, discord.Thread) and channel.locked and not rights.manage_threads:
        return reasons.LOCKED_WITHOUT_RIGHT
    return lack(rights, channel.type)


def lack(rights: discord.Permissions, kind: discord.ChannelType) -> str:
    """Return which right to post in a channel is missing and where to give it; "" where none is."""
    missing = missing_right(rights, kind)
    return reasons.lacking(missing.name, list(missing.later), above=kind in THREADS) if missing else ""


def missing_right(rights: discord.Permissions, kind: discord.ChannelType) -> MissingRight | None:
    """Return what is missing for posting in a channel of *kind* with *rights*, None where nothing is."""
    needed = _needed_rights(rights, kind)
    names = list(needed)
    for number, name in enumerate(names):
        if not needed[name]:
            return MissingRight(name, tuple(names[number + 1 :]))
    return None


def _needed_rights(rights: discord.Permissions, kind: discord.ChannelType) -> dict[str, bool]:
    """Return the rights that posting needs, as Discord's settings name them, and whether we have them."""
    needed = {reasons.VIEW_CHANNEL: rights.view_channel}
    if kind in THREADS:
        needed[reasons.SEND_IN_THREADS] = rights.send_messages_in_threads
    elif kind is discord.ChannelType.forum:
        needed[reasons.CREATE_POSTS] = rights.send_messages
    else:
        needed[reasons.SEND_MESSAGES] = rights.send_messages
    needed[reasons.EMBED_LINKS] = rights.embed_links
    return needed


def may_answer(bot: discord.Client, destination: Destination, post: discord.Thread) -> bool:
    """Tell whether we may write in *post*, one of the forum that *destination* is."""
    known = _cached(bot, destination)
    if known is None:
        return not post.locked
    return known[1].send_messages_in_threads and (known[1].manage_threads or not post.locked)


def may_look_back(bot: discord.Client, destination: Destination) -> bool:
    """Tell whether we may read what we posted there, as far as is known."""
    found = _cached(bot, destination)
    return found is None or found[1].read_message_history


def may_attach(bot: discord.Client, destination: Destination) -> bool:
    """Tell whether we may attach files there, as far as is known."""
    found = _cached(bot, destination)
    return found is None or found[1].attach_files


def upload_limit(bot: discord.Client, destination: Destination) -> int:
    """Return how many bytes a file may have there, which is more in a server that is boosted."""
    guild = bot.get_guild(destination.guild_id)
    return guild.filesize_limit if guild is not None else discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES


def may_post(bot: discord.Client, destination: Destination) -> bool | None:
    """Tell whether we may post there; None where the cache does not know."""
    found = obstacle(bot, destination)
    return None if found is None else not found


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
