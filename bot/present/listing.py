"""What `/subscriptions` shows: keywords by channel, and how each is delivered."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import discord

from bot.papers import Destination, State, Subscription
from bot.present import limits
from bot.present.markdown import escape
from bot.present.subscribing import options_in_words
from bot.schedules import write_days

PER_PAGE = 10
"""Ten subscriptions of the longest kind fit one embed."""

_KEYWORD, _OPTIONS, _REASON = 80, 150, 150


def subscriptions_embed(shown: Sequence[Subscription], *, page: int, pages: int, total: int) -> discord.Embed:
    """Return one page of subscriptions, which come grouped by destination; *page* counts from 0."""
    if not shown:
        return discord.Embed(
            title="No subscriptions yet",
            description="Make one with `/subscribe`: a keyword, and its new papers are posted.",
        )
    parts = []
    for destination, group in groupby(shown, key=lambda one: one.destination):
        parts += ["", _heading(destination), *map(_line, group)]
    embed = discord.Embed(
        title="1 subscription" if total == 1 else f"{total:,} subscriptions",
        description=limits.cut("\n".join(parts[1:]), limits.EMBED_DESCRIPTION),
    )
    return embed.set_footer(text=f"Page {page + 1} of {pages}") if pages > 1 else embed


def _heading(destination: Destination) -> str:
    """Name the channel, when its digest is posted, and why it receives nothing where it is paused."""
    name = "This conversation" if destination.user_id else f"<#{destination.channel_id}>"
    lines = [f"**{name}**"]
    if destination.schedule is not None:
        schedule = destination.schedule
        lines.append(f"Digest {write_days(schedule.days)} at {schedule.hour:02}:00, {schedule.zone}")
    if destination.state is not State.ACTIVE:
        lines.append(_stopped(destination.state, destination.reason))
    return "\n".join(lines)


def _line(subscription: Subscription) -> str:
    keyword = escape(limits.cut(subscription.keyword, _KEYWORD))
    line = f"• **{keyword}** – {limits.cut(options_in_words(subscription.options), _OPTIONS)}"
    if subscription.state is State.ACTIVE:
        return line
    return f"{line}\n  {_stopped(subscription.state, subscription.reason)}"


def _stopped(state: State, reason: str) -> str:
    how = "⏹ Ended" if state is State.GONE else "⏸ Paused"
    return f"{how}: {limits.cut(escape(reason), _REASON) or 'by a manager'}"
