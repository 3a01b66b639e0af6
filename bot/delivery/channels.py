"""Finding and opening the channels, threads and forum posts that papers are posted in."""

from __future__ import annotations

import logging

import discord

from bot.model.subscriptions import Destination

_log = logging.getLogger(__name__)

Channel = discord.abc.Messageable | discord.ForumChannel


async def open_channel(bot: discord.Client, destination: Destination, *, afresh: bool = False) -> Channel:
    """Return the channel of *destination*; a forum *afresh*, so that its tags are those of now.

    The cache lacks archived threads, and all channels of a server that is away; then Discord is asked, since
    a forum takes no messages. Direct messages need no look: theirs cannot be anything else.

    Raises:
        discord.HTTPException: the channel cannot be seen or is gone, or Discord is away.
    """
    found = bot.get_channel(destination.channel_id)
    stale = afresh and isinstance(found, discord.ForumChannel)
    if destination.guild_id and (stale or not isinstance(found, Channel)):
        try:
            found = await bot.fetch_channel(destination.channel_id)
        except discord.InvalidData:
            _log.debug("channel %d is of a kind that discord.py does not know", destination.channel_id)
    return found if isinstance(found, Channel) else bot.get_partial_messageable(destination.channel_id)


async def open_post(bot: discord.Client, forum: discord.ForumChannel, post: int) -> discord.Thread | None:
    """Return our *post* in *forum*, None where it is gone.

    Raises:
        discord.HTTPException: Discord is away.
    """
    try:
        found = bot.get_channel(post) or await bot.fetch_channel(post)
    except (discord.NotFound, discord.Forbidden):
        return None
    return found if isinstance(found, discord.Thread) and found.parent_id == forum.id else None


def takes_nonces(bot: discord.Client, destination: Destination) -> bool:
    """Tell whether a message there can have a nonce: not in forums, nor where the cache knows no channel."""
    cached = bot.get_channel(destination.channel_id)
    return not destination.guild_id or isinstance(cached, discord.abc.Messageable)
