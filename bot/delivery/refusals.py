"""Decides what a refusal is about: the channel, which is paused then, or one message, which alone fails.

Discord's answer does not tell: a reply to a deleted message is refused with 404 as a deleted channel is. What
the gateway has said about the channel and its permissions does. While it says nothing, as in direct messages
and before the connection, Discord's error code has to do.
"""

from __future__ import annotations

from dataclasses import replace

import discord

from bot.delivery import codes, rights
from bot.delivery.unreadable import reading
from bot.model.outbox import OutboxRow
from bot.model.outcomes import Fail, Outcome, Pause, Plainly
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Destination

_CLOSED = {ReasonCode.THREAD_ARCHIVED, ReasonCode.THREAD_LOCKED}


async def consequence(
    bot: discord.Client, row: OutboxRow, refusal: Pause, *, plain: bool, replying: bool
) -> Outcome:
    """Return what becomes of *row*, which Discord refused in the way that *refusal* says.

    *plain*: it has no plainer form. *replying*: it was sent as a reply, which a plainer form is not. A
    channel counts as deleted only while its server is available.
    """
    destination = row.destination
    if reason := rights.known_refusal(bot, destination):
        return Pause(reason)
    if not rights.are_known(bot, destination):
        about_channel = refusal.reason.code is not ReasonCode.POSTING_REFUSED
        if about_channel and (plain or not replying):
            return replace(refusal, gone=False)
        return Fail(refusal.reason) if plain else Plainly(refusal.reason)
    listed = rights.may_post(bot, destination) is not None
    if refusal.gone and not listed:
        return refusal
    # The gateway's word may be a moment old, and it does not list archived threads.
    if (plain or not listed) and (confirmed := await _look(bot, destination, refusal)):
        return confirmed
    return Fail(refusal.reason) if plain else Plainly(refusal.reason)


async def _look(bot: discord.Client, destination: Destination, refusal: Pause) -> Pause | None:
    """Fetch the channel; return the pause if it is deleted, hidden or closed, or a permission is missing."""
    try:
        with reading():
            channel = await bot.fetch_channel(destination.channel_id)
    except discord.NotFound as error:
        return Pause(Reason(ReasonCode.CHANNEL_DELETED), gone=error.code == codes.UNKNOWN_CHANNEL)
    except discord.Forbidden:
        return Pause(Reason(ReasonCode.CHANNEL_HIDDEN))
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return None
    if isinstance(channel, discord.Thread) and channel.archived and refusal.reason.code in _CLOSED:
        return refusal
    reason = rights.refusal_now(channel)
    return Pause(reason) if reason else None
