"""Puts one message where it belongs: into a channel or thread, or into a forum as a post of its own.

A revision answers the paper's first post: in a channel with a reply, in a forum inside the post. Without a
first post it goes where the paper itself would go. An edit changes the first post and posts nothing.

If an earlier attempt may have posted the message, the sender looks for it before it posts; see
`bot.delivery.loop`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.delivery import channels, codes, post_history, rights
from bot.delivery.backup_gap import BackupGaps
from bot.delivery.http_trace import once
from bot.delivery.messages import Outgoing, tags_for
from bot.delivery.unreadable import reading, unread_if_performed
from bot.model.errors import UserError
from bot.model.outbox import FirstPost, Kind, OutboxRow, PreparedRow
from bot.present.buttons import under_paper
from bot.present.digest_files import issue_files
from bot.present.paging import issue_prefix, under_page
from bot.present.top import saved_this_week
from bot.present.uploads import uploads
from bot.rules.digest import pages_of

_log = logging.getLogger(__name__)

# The post was deleted, or another account wrote it, such as the one that the bot had before.
_UNCHANGEABLE = (codes.UNKNOWN_MESSAGE, codes.NOT_AUTHOR_OF_MESSAGE)
_NOTHING = discord.Object(0)


@dataclass(frozen=True, slots=True)
class PreparedMessage:
    """An outbox row to send: what it needs, how it reads, and what earlier attempts may have left.

    `in_doubt`: an earlier attempt may have posted it. `nonce_known`: Discord still knows the `nonce` of that
    attempt. `silent`: nobody is notified.
    """

    prepared: PreparedRow
    outgoing: Outgoing
    nonce: str
    in_doubt: bool
    nonce_known: bool
    silent: bool = False

    @property
    def row(self) -> OutboxRow:
        return self.prepared.row


class _Reference(discord.MessageReference):
    """A reference whose identifier is text, as Discord describes it; discord.py would send a number."""

    def to_message_reference_dict(self) -> Any:
        return {"message_id": str(self.message_id), "fail_if_not_exists": self.fail_if_not_exists}


class Sender:
    """Puts messages where they belong, as *bot*. It knows no store: a row comes with all that it needs.

    *gaps* knows what was posted between a backup and its restore.
    """

    def __init__(self, bot: discord.Client, gaps: BackupGaps) -> None:
        self._bot = bot
        self._gaps = gaps

    async def send(self, message: PreparedMessage) -> discord.abc.Snowflake:
        """Return the message that the row has become.

        Raises:
            Exception: what `bot.delivery.attempt.judge` judges.
        """
        row, first = message.row, message.prepared.first_post
        # A plain post is a second attempt; perhaps the forum's tags have changed since they were cached.
        channel = await channels.open_channel(self._bot, row.destination, afresh=row.plain)
        if row.kind is Kind.EDIT:
            return await self._edit(channel, row, message.outgoing, first)
        if first is None:
            return await self._put(channel, message)
        quiet = replace(message, outgoing=message.outgoing.without_mentions())
        if not isinstance(channel, discord.ForumChannel):
            return await self._put(channel, quiet, answering=first)
        return await self._answer(channel, quiet, first) or await self._put(channel, message)

    async def _answer(
        self, forum: discord.ForumChannel, quiet: PreparedMessage, first: FirstPost
    ) -> discord.abc.Snowflake | None:
        """Put a revision into the paper's post in *forum*; None if it needs a post of its own."""
        post = await channels.open_post(self._bot, forum, first.message_id)
        if post is None:
            return None
        if not rights.may_answer(self._bot, quiet.row.destination, post):
            # An earlier attempt may have answered the post when that was still allowed.
            if not quiet.in_doubt:
                return None
            tried = quiet.row.first_tried
            return await post_history.find_earlier(self._bot, post, quiet.outgoing, tried=tried)
        # An earlier attempt may have made a post of its own when the answer was not allowed.
        if quiet.in_doubt and (earlier := await self._earlier(forum, quiet)) is not None:
            return earlier
        try:
            return await self._put(post, quiet)
        except discord.NotFound as error:
            if error.code != codes.UNKNOWN_CHANNEL:  # the post was deleted a moment ago
                raise
        return None

    async def _put(
        self, channel: channels.Channel, message: PreparedMessage, *, answering: FirstPost | None = None
    ) -> discord.abc.Snowflake:
        row = message.row
        forum = isinstance(channel, discord.ForumChannel)
        if message.in_doubt and (forum or not message.nonce_known):
            earlier = await self._earlier(channel, message)
            if earlier is not None:
                return earlier
        left = await self._gaps.unposted(channel, row, message.outgoing, message.prepared.papers)
        if not isinstance(left, Outgoing):
            return left
        files = await self._files(message, left)
        try:
            return await self._post(channel, message, left, files, answering)
        except discord.HTTPException as error:
            # Discord does not say which right is missing. Without the right to attach files the digest still
            # goes out, without its file.
            too_large = error.status == 413 or error.code == codes.REQUEST_TOO_LARGE
            of_files = isinstance(error, discord.Forbidden) or too_large
            if not (files and of_files):
                raise
        return await self._post(channel, message, left, {}, answering)

    async def _earlier(
        self, channel: channels.Channel, message: PreparedMessage
    ) -> discord.abc.Snowflake | None:
        """Return what an earlier attempt posted in *channel*; it is newer than every message known there."""
        last = message.prepared.last_message
        after = discord.Object(last) if last else None
        return await post_history.find_earlier(
            self._bot, channel, message.outgoing, after=after, tried=message.row.first_tried
        )

    async def _files(self, message: PreparedMessage, outgoing: Outgoing) -> dict[str, bytes]:
        """Return the files of a digest or list, by name; none if *message* is plain or may have none."""
        row = message.row
        wanted = outgoing.issue is not None and outgoing.issue.file and not row.plain
        if outgoing.issue is None or not wanted or not rights.may_attach(self._bot, row.destination):
            return {}
        limit = rights.upload_limit(self._bot, row.destination)
        try:
            return await asyncio.to_thread(issue_files, outgoing.issue, message.prepared.papers, limit)
        except UserError as error:
            _log.warning("channel %d: %s %s: %s", row.destination.channel_id, row.kind, row.subject, error)
            return {}

    async def _post(
        self,
        channel: channels.Channel,
        message: PreparedMessage,
        outgoing: Outgoing,
        files: Mapping[str, bytes],
        answering: FirstPost | None,
    ) -> discord.abc.Snowflake:
        row = message.row
        if isinstance(channel, discord.ForumChannel):
            return await self._post_in_forum(channel, message, outgoing, files)
        return await channel.send(
            outgoing.content,
            embeds=list(outgoing.embeds),
            allowed_mentions=outgoing.mentions,
            nonce=message.nonce,
            silent=message.silent,
            suppress_embeds=row.plain and row.page is not None,
            reference=self._reference(row, answering),
            files=uploads(files) or discord.utils.MISSING,
            view=_view(message, outgoing, channel),
        )

    def _reference(self, row: OutboxRow, first: FirstPost | None) -> discord.MessageReference:
        """Return what makes the message a reply, None if Discord would refuse that or the row is plain."""
        if first is None or row.plain or not rights.may_look_back(self._bot, row.destination):
            return None  # type: ignore[return-value]  # discord.py's overloads allow no None
        return _Reference(
            message_id=first.message_id, channel_id=row.destination.channel_id, fail_if_not_exists=False
        )

    @staticmethod
    async def _post_in_forum(
        forum: discord.ForumChannel,
        message: PreparedMessage,
        outgoing: Outgoing,
        files: Mapping[str, bytes],
    ) -> discord.abc.Snowflake:
        required = message.row.plain or forum.flags.require_tag
        with once():
            post = await forum.create_thread(
                name=outgoing.name,
                content=outgoing.content,
                embeds=list(outgoing.embeds),
                allowed_mentions=outgoing.mentions,
                applied_tags=tags_for(outgoing.tag_names, forum.available_tags, required=required),
                silent=message.silent,
                files=uploads(files) or discord.utils.MISSING,
                view=_view(message, outgoing, forum),
            )
        return post.message

    # --- edits --------------------------------------------------------------------------------------------

    async def _edit(
        self, channel: channels.Channel, row: OutboxRow, outgoing: Outgoing, first: FirstPost | None
    ) -> discord.abc.Snowflake:
        """Change the paper's post, as often as needed; return it, or `_NOTHING` if it cannot be changed."""
        if first is None or first.plain:
            return _NOTHING
        forum = isinstance(channel, discord.ForumChannel)
        place = first.message_id if forum else row.destination.channel_id
        message = self._bot.get_partial_messageable(place).get_partial_message(first.message_id)
        try:
            changed = await self._changed(message, outgoing, channel)
        except discord.HTTPException as error:
            if error.code not in _UNCHANGEABLE and not (forum and error.code == codes.UNKNOWN_CHANNEL):
                raise
            changed = False
        return discord.Object(first.message_id) if changed else _NOTHING

    async def _changed(
        self, message: discord.PartialMessage, outgoing: Outgoing, channel: channels.Channel
    ) -> bool:
        """Change *message*; return False if its thread is locked or cannot be reopened.

        An archived thread is reopened for the change and archived again. If that is cut off, Discord archives
        it later.
        """
        try:
            await _change(message, outgoing, channel)
        except discord.HTTPException as error:
            if error.code not in codes.CLOSED_THREAD:
                raise
        else:
            return True
        with reading():
            thread = await self._bot.fetch_channel(message.channel.id)
        assert isinstance(thread, discord.Thread)  # noqa: S101 - only threads can be archived
        try:
            with unread_if_performed():
                await thread.edit(archived=False)
        except discord.HTTPException as error:
            forbidden = isinstance(error, discord.Forbidden)
            if not (forbidden or error.code in codes.TOO_MANY_ACTIVE_THREADS):
                raise
            return False
        try:
            await _change(message, outgoing, channel)
        except discord.HTTPException as error:
            if error.code not in codes.CLOSED_THREAD:
                raise
            return False
        finally:
            with suppress(discord.HTTPException), unread_if_performed():
                await thread.edit(archived=True)
        return True


async def _change(message: discord.PartialMessage, outgoing: Outgoing, channel: channels.Channel) -> None:
    with unread_if_performed():
        await message.edit(
            content=discord.utils.MISSING if outgoing.keeps_content else outgoing.content,
            embeds=list(outgoing.embeds),
            allowed_mentions=outgoing.mentions,
            view=_buttons(outgoing, channel),
        )


def _view(message: PreparedMessage, outgoing: Outgoing, channel: channels.Channel) -> discord.ui.View:
    """Return the buttons under a message. Those of a digest turn its pages."""
    if outgoing.issue is None:
        return _buttons(outgoing, channel)
    row, [first, *_] = message.row, pages_of(outgoing.issue, message.row.kind)
    prefix = issue_prefix(row.destination.channel_id, row.kind, first.day)
    if first.sections:
        discuss = isinstance(channel, discord.TextChannel)
        view = under_page(prefix, row.kind, first, message.prepared.papers, discuss=discuss)
    else:
        view = saved_this_week() if row.destination.guild_id else None
    return view or discord.utils.MISSING  # discord.py's word for no view


def _buttons(outgoing: Outgoing, channel: channels.Channel) -> discord.ui.View:
    """Return the buttons under a paper. A thread can only be opened on a post in a text channel."""
    if outgoing.buttons_for is None:
        return discord.utils.MISSING  # type: ignore[no-any-return]  # discord.py's word for no view
    discuss = isinstance(channel, discord.TextChannel)
    return under_paper(outgoing.buttons_for, discuss=discuss, wanted=outgoing.buttons)
