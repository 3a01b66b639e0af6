"""Opens threads for discussions. A message has at most one, so a repeated request opens no second one.

A digest is one message with many papers, and a thread on it would bear the name of one of them. So a paper of
a digest is discussed on its own post, where the channel has one, or else in a thread of its own in the
channel, which belongs to no message and begins with the paper's card. The store knows that thread, so that
whoever wants to discuss the paper next is led there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from weakref import WeakValueDictionary

import discord

from bot.delivery import codes
from bot.delivery.http_trace import watched
from bot.delivery.unreadable import is_understood
from bot.i18n import in_language
from bot.model.outbox import Posting
from bot.model.papers import Paper, PaperId
from bot.present import audience
from bot.present.buttons import COMPACT, under_paper
from bot.present.cards import card_embed
from bot.present.posts import thread_name
from bot.store import Store


async def open_thread(message: discord.Message | discord.PartialMessage, name: str) -> int:
    """Return the identifier of the thread of *message*; open one under *name* if it has none.

    Raises:
        discord.HTTPException: Discord does not open a thread.
    """
    if message.thread is not None:
        return message.thread.id
    with watched() as watch:
        try:
            await message.create_thread(name=name)
        except discord.HTTPException as error:
            if error.code != codes.THREAD_ALREADY_CREATED:
                raise
        except Exception as error:
            # An answer that cannot be parsed still says by its status that the thread is there.
            if is_understood(error) or not watch.performed:
                raise
    return message.id  # a thread has the identifier of its message


class Discussions:
    """The threads of papers that are picked from a list, opened as *bot*; *store* knows them."""

    def __init__(self, bot: discord.Client, store: Store, *, clock: Callable[[], datetime]) -> None:
        self._bot = bot
        self._store = store
        self._clock = clock
        # Two people may want to discuss one paper at the same time.
        self._locks: WeakValueDictionary[tuple[int, PaperId], asyncio.Lock] = WeakValueDictionary()

    async def find(self, channel: discord.TextChannel, destination_id: int, paper: PaperId) -> int:
        """Return the thread in which *channel* discusses *paper*; 0 if there is none.

        Raises:
            discord.HTTPException: Discord does not say whether the thread is still there.
        """
        known = await self._store.discussions.get(destination_id, paper)
        if not known or channel.guild.get_thread(known) is not None:
            return known
        try:  # archived threads are in no cache
            await channel.guild.fetch_channel(known)
        except discord.NotFound:
            return 0
        return known

    async def open(self, channel: discord.TextChannel, destination_id: int, paper: Paper) -> int:
        """Return the thread in which *channel* discusses *paper*; open one if there is none.

        Raises:
            discord.HTTPException: Discord does not open a thread.
        """
        lock = self._locks.setdefault((destination_id, paper.id), asyncio.Lock())
        async with lock:
            if known := await self.find(channel, destination_id, paper.id):
                return known
            post = await self._store.discussions.post(destination_id, paper.id)
            if on_post := await _open_on(channel, post, paper):
                await self._store.discussions.keep(destination_id, paper, on_post, self._clock())
                return on_post
            left = await self._left_behind(channel, destination_id, paper)
            thread = left or await _open_in(channel, paper)
            # The card comes before the store: where this is cut off, `_left_behind` finds the thread.
            if thread.last_message_id is None:
                with in_language(audience.of_server(self._bot, channel.guild.id)):
                    await _begin(thread, paper)
            await self._store.discussions.keep(destination_id, paper, thread.id, self._clock())
            return thread.id

    async def _left_behind(
        self, channel: discord.TextChannel, destination_id: int, paper: Paper
    ) -> discord.Thread | None:
        """Return the open thread that the bot named after *paper*, if it ended before it could store it.

        Two papers may have the same name. A thread that is stored, or hangs on a post, belongs to the other.
        """
        name, me = thread_name(paper), channel.guild.me.id
        named = [one.id for one in channel.threads if one.owner_id == me and one.name == name]
        taken = await self._store.discussions.taken(destination_id, named)
        for thread in named:
            if thread not in taken:
                # The cache does not know whether something was written in it.
                with suppress(discord.NotFound):
                    found = await channel.guild.fetch_channel(thread)
                    return found if isinstance(found, discord.Thread) else None
        return None


async def _open_on(channel: discord.TextChannel, post: int, paper: Paper) -> int:
    """Return the thread on the *post* of *paper*; 0 if there is no such post."""
    if not post:
        return 0
    try:
        return await open_thread(channel.get_partial_message(post), thread_name(paper))
    except discord.NotFound as error:
        if error.code != codes.UNKNOWN_MESSAGE:
            raise
        return 0  # it was deleted


async def _open_in(channel: discord.TextChannel, paper: Paper) -> discord.Thread:
    kind = discord.ChannelType.news_thread if channel.is_news() else discord.ChannelType.public_thread
    return await channel.create_thread(name=thread_name(paper), type=kind)


async def _begin(thread: discord.Thread, paper: Paper) -> None:
    """Show the paper at the beginning of its thread. Without the right to post there, it begins empty."""
    view = under_paper(paper, wanted=COMPACT)
    with suppress(discord.HTTPException):
        await thread.send(embed=card_embed(Posting(paper, ()), None), view=view, silent=True)
