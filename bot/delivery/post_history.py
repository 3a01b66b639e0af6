"""Looking through Discord for what the bot itself posted earlier."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import discord

from bot.delivery.channels import Channel
from bot.delivery.messages import Outgoing
from bot.delivery.posted_messages import (
    PostedMessage,
    PostedThread,
    active_threads,
    archived_threads,
    first_message,
    history,
)

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
    clock. In a forum whose posts the bot may not read, a post under the paper's title counts. Messages that
    cannot be parsed are skipped.

    Raises:
        discord.HTTPException: the channel was deleted, or Discord cannot be reached.
        UnreadableAnswer: Discord's answer is no history at all.
    """
    newer = after.id if after else 0
    try:
        async for message in _own_posts(bot, channel, outgoing.names, newer, tried):
            if outgoing.matches(message):
                news = isinstance(channel, discord.TextChannel) and channel.is_news()
                return replace(message, announced=news and not message.crossposted)
    except discord.Forbidden:
        _log.warning("no permission to read the history: only the nonce prevents posting twice")
        if isinstance(channel, discord.ForumChannel):
            own = _made_by(_me(bot), await active_threads(bot, channel.guild.id, channel.id), newer)
            found = next((thread for thread in own if thread.name in outgoing.names), None)
            return discord.Object(found.id) if found else None
    return None


async def _own_posts(
    bot: discord.Client, channel: Channel, names: Collection[str], after: int, tried: datetime | None
) -> AsyncIterator[PostedMessage]:
    """Yield the posts of the bot, some of them perhaps twice."""
    if isinstance(channel, discord.ForumChannel):
        async for message in _first_messages(bot, channel, names, after):
            yield message
        return
    for number, messages in enumerate(_stretches(bot, id_of(channel), after, tried)):
        read = 0
        async for each in messages:
            read += 1
            if each is not None and is_own_post(bot, each):
                yield each
        # If the first stretch is short, it is the whole history. A short one that starts at the time of the
        # attempt proves nothing, since the clock may have been ahead then.
        if number == 0 and read < _HISTORY:
            return


def id_of(channel: discord.abc.Messageable) -> int:
    """Return the identifier of a channel or thread, whichever of discord.py's classes it has."""
    number: int = channel.id  # type: ignore[attr-defined]  # every class of a channel has one
    return number


def _stretches(
    bot: discord.Client, channel: int, after: int, tried: datetime | None
) -> Iterator[AsyncIterator[PostedMessage | None]]:
    """Yield the stretches of a history that may hold the post. The first holds the whole of a short history.

    In a busy channel the post comes after the time of the attempt. The messages after the bot's last known
    post are read as well, since the machine's clock may have been wrong at the attempt.
    """
    yield history(bot, channel, limit=_HISTORY, after=after, oldest_first=False)
    if tried is not None:
        moment = discord.utils.time_snowflake(tried - _CLOCKS_APART)
        yield history(bot, channel, limit=_HISTORY, after=max(after, moment), oldest_first=True)
    if after:
        yield history(bot, channel, limit=_HISTORY, after=after, oldest_first=True)


def is_own_post(bot: discord.Client, message: PostedMessage) -> bool:
    """Tell whether *message* is a post of the bot. Answers to commands show papers too, but are no posts."""
    return message.author_id == _me(bot) and not message.is_answer


async def messages_between(
    bot: discord.Client,
    channel: Channel,
    after: datetime | discord.abc.Snowflake,
    until: datetime,
    *,
    skip: Collection[int],
) -> AsyncIterator[PostedMessage]:
    """Yield every message between two moments, the oldest first.

    In a forum, yield the first message of each of the bot's posts but those of *skip*, in no order. Messages
    that cannot be parsed are left out.

    Raises:
        discord.HTTPException: the bot may not read the channel, it was deleted, or Discord cannot be reached.
        UnreadableAnswer: Discord's answer is no history at all.
    """
    if not isinstance(channel, discord.ForumChannel):
        first = discord.utils.time_snowflake(after, high=True) if isinstance(after, datetime) else after.id
        last = discord.utils.time_snowflake(until)
        async for message in history(
            bot, id_of(channel), limit=None, after=first, before=last, oldest_first=True
        ):
            if message is not None:
                yield message
        return
    start = after if isinstance(after, datetime) else discord.utils.snowflake_time(after.id)
    threads = await active_threads(bot, channel.guild.id, channel.id)
    async for thread in archived_threads(bot, channel.id, limit=None):
        if thread.archived_at < start:
            break  # the latest archived come first, and a thread is archived after it was created
        threads.append(thread)
    for thread in _made_by(_me(bot), threads, 0):
        if thread.id not in skip and start <= thread.created_at <= until:
            first_post = await first_message(bot, thread.id)
            if first_post is not None:
                yield first_post


async def _first_messages(
    bot: discord.Client, forum: discord.ForumChannel, names: Collection[str], after: int
) -> AsyncIterator[PostedMessage]:
    """Yield the first message of each of the bot's active and newest archived posts in *forum*.

    Posts with one of *names* come first. The others follow, since a revision may have changed the paper's
    title after the post was made.
    """
    active = await active_threads(bot, forum.guild.id, forum.id)
    archived = [each async for each in archived_threads(bot, forum.id, limit=_ARCHIVED)]
    own = list(_made_by(_me(bot), (*active, *archived), after))
    for thread in sorted(own, key=lambda thread: thread.name not in names):
        message = await first_message(bot, thread.id)
        if message is not None:
            yield message


def _me(bot: discord.Client) -> int:
    return bot.user.id if bot.user else 0


def _made_by(me: int, threads: Iterable[PostedThread], after: int) -> Iterator[PostedThread]:
    for thread in threads:
        if me and thread.owner_id == me and thread.id > after:
            yield thread
