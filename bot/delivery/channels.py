"""Discord's channels as places for papers: opened, looked through for our own posts, judged by our rights."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from datetime import datetime, timedelta

import discord

from bot.delivery.messages import Outgoing
from bot.model import reasons
from bot.model.subscriptions import Destination

_log = logging.getLogger(__name__)

THREADS = (
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
)
_CLOCKS_APART = timedelta(minutes=2)  # ours and Discord's, at most
_HISTORY = 500  # messages looked through for one of ours, in each stretch of a history
_ARCHIVED = 100  # posts looked through in a forum, beside all that are active

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


def may_answer(bot: discord.Client, destination: Destination, post: discord.Thread) -> bool:
    """Tell whether we may write in *post*, one of the forum that *destination* is."""
    known = _cached(bot, destination)
    if known is None:
        return not post.locked
    return known[1].send_messages_in_threads and (known[1].manage_threads or not post.locked)


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
    needed = needed_rights(rights, kind)
    missing = next((name for name, held in needed.items() if not held), None)
    if missing is None:
        return ""
    # Without the earlier rights Discord takes the later ones away, so the first is all that is known.
    later = list(needed)[list(needed).index(missing) + 1 :]
    return reasons.lacking(missing, later, above=kind in THREADS)


def needed_rights(rights: discord.Permissions, kind: discord.ChannelType) -> dict[str, bool]:
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
