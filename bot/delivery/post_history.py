"""Looking through Discord for what the bot itself posted earlier."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from datetime import datetime, timedelta

import discord

from bot.delivery.channels import Channel
from bot.delivery.messages import Outgoing

_log = logging.getLogger(__name__)

_CLOCKS_APART = timedelta(minutes=2)  # at most, between the machine's clock and Discord's
_HISTORY = 500  # messages to read in each stretch of a channel's history
_ARCHIVED = 100  # archived posts to read in a forum, beside all active ones


async def find_earlier(
    bot: discord.Client,
    channel: Channel,
    outgoing: Outgoing,
    *,
    after: discord.abc.Snowflake | None = None,
    tried: datetime | None = None,
) -> discord.abc.Snowflake | None:
    """Return the bot's own post of *outgoing*; None if there is none, or the bot may not read the channel.

    The post is newer than *after*, if that is known. *tried* is when it was first sent, by the machine's
    clock. In a forum whose posts the bot may not read, a post under the paper's title counts.

    Raises:
        discord.HTTPException: the channel was deleted, or Discord cannot be reached.
    """
    try:
        async for message in _own_posts(bot, channel, outgoing.names, after, tried):
            if outgoing.matches(message):
                return message
    except discord.Forbidden:
        _log.warning("no permission to read the history: only the nonce prevents posting twice")
        if isinstance(channel, discord.ForumChannel):
            me = bot.user.id if bot.user else 0
            own = _made_by(me, await _active(channel), after)
            return next((thread for thread in own if thread.name in outgoing.names), None)
    return None


async def _own_posts(
    bot: discord.Client,
    channel: Channel,
    names: Collection[str],
    after: discord.abc.Snowflake | None,
    tried: datetime | None,
) -> AsyncIterator[discord.Message]:
    """Yield the posts of the bot, some of them perhaps twice."""
    if isinstance(channel, discord.ForumChannel):
        me = bot.user.id if bot.user else 0
        async for message in _first_messages(channel, me, names, after):
            yield message
        return
    for number, messages in enumerate(_stretches(channel, after, tried)):
        read = 0
        async for message in messages:
            read += 1
            if is_own_post(bot, message):
                yield message
        # If the first stretch is short, it is the whole history. A short one that starts at the time of the
        # attempt proves nothing, since the clock may have been ahead then.
        if number == 0 and read < _HISTORY:
            return


def _stretches(
    channel: discord.abc.Messageable, after: discord.abc.Snowflake | None, tried: datetime | None
) -> Iterator[AsyncIterator[discord.Message]]:
    """Yield the stretches of a history that may hold the post. The first holds the whole of a short history.

    In a busy channel the post comes after the time of the attempt. The messages after the bot's last known
    post are read as well, since the machine's clock may have been wrong at the attempt.
    """
    yield channel.history(limit=_HISTORY, after=after, oldest_first=False)
    if tried is not None:
        moment = discord.Object(discord.utils.time_snowflake(tried - _CLOCKS_APART))
        start = moment if after is None or after.id < moment.id else after
        yield channel.history(limit=_HISTORY, after=start, oldest_first=True)
    if after is not None:
        yield channel.history(limit=_HISTORY, after=after, oldest_first=True)


def is_own_post(bot: discord.Client, message: discord.Message) -> bool:
    """Tell whether *message* is a post of the bot. Answers to commands show papers too, but are no posts."""
    asked_for = message.interaction_metadata is not None or message.webhook_id is not None
    return bot.user is not None and message.author.id == bot.user.id and not asked_for


async def messages_between(
    bot: discord.Client,
    channel: Channel,
    after: datetime | discord.abc.Snowflake,
    until: datetime,
    *,
    skip: Collection[int],
) -> AsyncIterator[discord.Message]:
    """Yield every message between two moments, the oldest first.

    In a forum, yield the first message of each of the bot's posts but those of *skip*, in no order.

    Raises:
        discord.HTTPException: the bot may not read the channel, it was deleted, or Discord cannot be reached.
    """
    if not isinstance(channel, discord.ForumChannel):
        async for message in channel.history(limit=None, after=after, before=until, oldest_first=True):
            yield message
        return
    me = bot.user.id if bot.user else 0
    start = after if isinstance(after, datetime) else discord.utils.snowflake_time(after.id)
    threads = [each for each in await channel.guild.active_threads() if each.parent_id == channel.id]
    async for thread in channel.archived_threads(limit=None):
        if thread.archive_timestamp < start:
            break  # the latest archived come first, and a thread is archived after it was created
        threads.append(thread)
    for thread in threads:
        made = thread.created_at or start
        if thread.owner_id == me and thread.id not in skip and start <= made <= until:
            try:
                yield await thread.fetch_message(thread.id)
            except discord.NotFound:
                continue


async def _first_messages(
    forum: discord.ForumChannel, me: int, names: Collection[str], after: discord.abc.Snowflake | None
) -> AsyncIterator[discord.Message]:
    """Yield the first message of each of the bot's active and newest archived posts in *forum*.

    Posts with one of *names* come first. The others follow, since a revision may have changed the paper's
    title after the post was made.
    """
    active = await _active(forum)
    archived = [each async for each in forum.archived_threads(limit=_ARCHIVED)]
    own = list(_made_by(me, (*active, *archived), after))
    for thread in sorted(own, key=lambda thread: thread.name not in names):
        try:
            yield await thread.fetch_message(thread.id)  # the first message has the thread's own id
        except discord.NotFound:
            continue


async def _active(forum: discord.ForumChannel) -> list[discord.Thread]:
    return [each for each in await forum.guild.active_threads() if each.parent_id == forum.id]


def _made_by(
    me: int, threads: Iterable[discord.Thread], after: discord.abc.Snowflake | None
) -> Iterator[discord.Thread]:
    for thread in threads:
        if thread.owner_id == me and (after is None or thread.id > after.id):
            yield thread
