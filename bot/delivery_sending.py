"""How one message gets to its place: into a channel or thread, or into a forum as a post of its own.

A try after one that may have succeeded looks first for what that one posted; see `bot.delivery`.
"""

from __future__ import annotations

from collections.abc import Mapping

import discord

from bot import channels
from bot.bridge import Bridge
from bot.once import once
from bot.outgoing import Outgoing, nonce, tags_for
from bot.papers import OutboxRow, Paper, PaperId
from bot.present.buttons import under_paper
from bot.store import Store


class Sender:
    """Puts the messages of *store*'s outbox where they belong, as *bot*."""

    def __init__(self, bot: discord.Client, store: Store) -> None:
        self._bot = bot
        self._store = store
        self._bridge = Bridge(bot, store)

    async def send(
        self,
        row: OutboxRow,
        outgoing: Outgoing,
        papers: Mapping[PaperId, Paper],
        *,
        tried: bool,
        nonced: bool,
    ) -> discord.abc.Snowflake:
        """Return the message that *row* has become.

        *tried*: an earlier try may have posted it. *nonced*: Discord still knows that try's nonce.

        Raises:
            Exception: what `outcome_of` judges.
        """
        # A plain post is the second try where a forum's tags may have changed since they were cached.
        channel = await channels.open_channel(self._bot, row.destination, afresh=row.plain)
        forum = isinstance(channel, discord.ForumChannel)
        if tried and (forum or not nonced):
            last = await self._store.outbox.last_message(row.destination.id)
            after = discord.Object(last) if last else None
            earlier = await channels.find_earlier(
                self._bot, channel, outgoing, after=after, tried=row.first_tried
            )
            if earlier is not None:
                return earlier
        left = await self._bridge.cross(channel, row, outgoing, papers)
        if not isinstance(left, Outgoing):
            return left
        if isinstance(channel, discord.ForumChannel):
            return await self._post_in_forum(channel, row, left)
        return await channel.send(
            left.content,
            embeds=list(left.embeds),
            allowed_mentions=left.mentions,
            nonce=nonce(self._store.installation, row),
            suppress_embeds=row.plain and row.page is not None,
            view=_buttons(left, channel),
        )

    @staticmethod
    async def _post_in_forum(
        forum: discord.ForumChannel, row: OutboxRow, outgoing: Outgoing
    ) -> discord.abc.Snowflake:
        required = row.plain or forum.flags.require_tag
        with once():
            post = await forum.create_thread(
                name=outgoing.name,
                content=outgoing.content,
                embeds=list(outgoing.embeds),
                allowed_mentions=outgoing.mentions,
                applied_tags=tags_for(outgoing.topics, forum.available_tags, required=required),
                view=_buttons(outgoing, forum),
            )
        return post.message


def _buttons(outgoing: Outgoing, channel: channels.Channel) -> discord.ui.View:
    """Return what stands under the message; a thread can be opened on it in a plain channel alone."""
    if outgoing.under is None:
        return discord.utils.MISSING  # type: ignore[no-any-return]  # how discord.py spells “no view”
    return under_paper(outgoing.under, discuss=isinstance(channel, discord.TextChannel))
