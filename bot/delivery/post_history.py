"""Looking through Discord for what the bot itself posted earlier."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from datetime import datetime, timedelta

import discord

from bot.delivery.channels import Channel
from bot.delivery.messages import Outgoing

_log = logging.getLogger(__name__)

_CLOCKS_APART = timedelta(minutes=2)  # ours and Discord's, at most
_HISTORY = 500  # messages looked through for one of ours, in each stretch of a history
_ARCHIVED = 100  # posts looked through in a forum, beside all that are active


async def find_earlier(
    bot: discord.Client,
    channel: Channel,
    outgoing: Outgoing,
    *,
    after: discord.abc.Snowflake | None = None,
    tried: datetime | None = None,
) -> discord.abc.Snowflake | None:
    """Return our own post of *outgoing*, None if there is none or we may not look.

    It is newer than *after*, where that is known, and *tried* is when it was first sent, by our clock.
    Of a forum whose posts we may not read, one that bears the paper's name is taken for it.

    Raises:
        discord.HTTPException: the channel is gone, or Discord is away.
    """
    try:
        async for message in _own_posts(bot, channel, outgoing.names, after, tried):
            if outgoing.is_in(message):
                return message
    except discord.Forbidden:
        _log.warning("no permission to read the history: only the nonce guards against posting twice")
        if isinstance(channel, discord.ForumChannel):
            me = bot.user.id if bot.user else 0
            ours = _made_by(me, await _active(channel), after)
            return next((thread for thread in ours if thread.name in outgoing.names), None)
    return None


async def _own_posts(
    bot: discord.Client,
    channel: Channel,
    names: Collection[str],
    after: discord.abc.Snowflake | None,
    tried: datetime | None,
) -> AsyncIterator[discord.Message]:
    """Yield what we posted unasked, some of it perhaps twice."""
    if isinstance(channel, discord.ForumChannel):
        me = bot.user.id if bot.user else 0
        async for message in _first_messages(channel, me, names, after):
            yield message
        return
    for number, messages in enumerate(_stretches(channel, after, tried)):
        read = 0
        async for message in messages:
            read += 1
            if is_our_post(bot, message):
                yield message
        # A short one that starts at the try says nothing where the clock was ahead then.
        if number == 0 and read < _HISTORY:
            return


def _stretches(
    channel: discord.abc.Messageable, after: discord.abc.Snowflake | None, tried: datetime | None
) -> Iterator[AsyncIterator[discord.Message]]:
    """Yield the parts of a history in which a post may be; the first is all of it where little is said.

    Where people talk a lot, it stands after the try. What followed our post before it is looked through as
    well, since messages are the more reliable clock: ours may have been wrong at the try.
    """
    yield channel.history(limit=_HISTORY, after=after, oldest_first=False)
    if tried is not None:
        moment = discord.Object(discord.utils.time_snowflake(tried - _CLOCKS_APART))
        start = moment if after is None or after.id < moment.id else after
        yield channel.history(limit=_HISTORY, after=start, oldest_first=True)
    if after is not None:
        yield channel.history(limit=_HISTORY, after=after, oldest_first=True)


def is_our_post(bot: discord.Client, message: discord.Message) -> bool:
    """Tell whether we posted *message* unasked: answers to commands show papers, too, and are no posts."""
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

    Of a forum, the first message of each of our posts, in no order; *skip* are posts that are not asked for.

    Raises:
        discord.HTTPException: we may not look, the channel is gone, or Discord is away.
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
            break  # they come in the order in which they were archived, which is after they were made
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
    """Yield the first message of each of our posts, the active and the newest archived.

    Those so called come first; the others count, too, since a revision of the paper may bear another title
    than the post that was made of it.
    """
    active = await _active(forum)
    archived = [each async for each in forum.archived_threads(limit=_ARCHIVED)]
    ours = list(_made_by(me, (*active, *archived), after))
    for thread in sorted(ours, key=lambda thread: thread.name not in names):
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
