"""Finding and opening the channels, threads and forum posts that papers are posted in."""

from __future__ import annotations

import logging

import discord

from bot.delivery.unreadable import UnreadableAnswer, reading
from bot.model.subscriptions import Destination

_log = logging.getLogger(__name__)

Channel = discord.abc.Messageable | discord.ForumChannel


async def open_channel(bot: discord.Client, destination: Destination, *, afresh: bool = False) -> Channel:
    """Return the channel of *destination*. A forum is fetched *afresh* where its current tags are needed.

    discord.py's cache lacks archived threads and the channels of an unavailable server. Those are fetched,
    since the channel may be a forum, which takes no messages. A direct message needs no request.

    Raises:
        discord.HTTPException: the channel is deleted or hidden, or Discord cannot be reached.
        UnreadableAnswer: discord.py cannot parse the channel.
    """
    channel: object = bot.get_channel(destination.channel_id)
    stale = afresh and isinstance(channel, discord.ForumChannel)
    if destination.guild_id and (stale or not isinstance(channel, Channel)):
        try:
            channel = await _fetch(bot, destination.channel_id)
        except discord.InvalidData:
            _log.debug("channel %d has a type that discord.py does not know", destination.channel_id)
        except UnreadableAnswer:
            if not stale:
                raise
    return channel if isinstance(channel, Channel) else bot.get_partial_messageable(destination.channel_id)


async def _fetch(bot: discord.Client, channel_id: int) -> object:
    """Fetch a channel; unlike other failures to parse it, a type that is not known stays `InvalidData`."""
    with reading():
        try:
            return await bot.fetch_channel(channel_id)
        except discord.InvalidData as error:
            unknown = error
    raise unknown


async def open_post(bot: discord.Client, forum: discord.ForumChannel, post: int) -> discord.Thread | None:
    """Return the thread of the bot's *post* in *forum*; None if it was deleted or is hidden.

    Raises:
        discord.HTTPException: Discord cannot be reached.
        UnreadableAnswer: discord.py cannot parse the thread.
    """
    try:
        with reading():
            thread = bot.get_channel(post) or await bot.fetch_channel(post)
    except (discord.NotFound, discord.Forbidden):
        return None
    return thread if isinstance(thread, discord.Thread) and thread.parent_id == forum.id else None


def takes_nonces(bot: discord.Client, destination: Destination) -> bool:
    """Tell whether messages in *destination* take a nonce.

    In a forum they do not. A channel that the cache does not know may be a forum.
    """
    cached = bot.get_channel(destination.channel_id)
    return not destination.guild_id or isinstance(cached, discord.abc.Messageable)
