"""What `/subscriptions` shows: keywords by channel, and how each is delivered."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import discord

from bot.i18n import format_number, ngettext
from bot.i18n import gettext as _
from bot.model.reasons import Reason
from bot.model.subscriptions import Destination, State, Subscription
from bot.present import limits
from bot.present.markdown import escape
from bot.present.reasons import reason_in_words
from bot.present.subscribed import arriving_in_words, options_in_words
from bot.rules.schedules import write_schedule

PER_PAGE = 10
"""Ten subscriptions of the longest kind fit one embed."""

_KEYWORD, _OPTIONS, _REASON = 80, 150, 150


def subscriptions_embed(shown: Sequence[Subscription], *, page: int, pages: int, total: int) -> discord.Embed:
    """Return one page of subscriptions, which come grouped by destination; *page* counts from 0."""
    if not shown:
        return discord.Embed(
            title=_("No subscriptions yet"),
            description=_("Make one with `/subscribe`: a keyword, and its new papers are posted."),
        )
    parts = []
    for destination, group in groupby(shown, key=lambda one: one.destination):
        parts += ["", _heading(destination), *map(_line, group)]
    embed = discord.Embed(
        title=ngettext("{count} subscription", "{count} subscriptions", total).format(
            count=format_number(total)
        ),
        description=limits.cut("\n".join(parts[1:]), limits.EMBED_DESCRIPTION),
    )
    return (
        embed.set_footer(text=_("Page {page} of {pages}").format(page=page + 1, pages=pages))
        if pages > 1
        else embed
    )


def existing_embed(subscription: Subscription, *, where: str) -> discord.Embed:
    """Return the answer to who wants to subscribe to what is subscribed to: how it is, and stays."""
    destination = subscription.destination
    keyword = limits.cut(escape(subscription.keyword), 150)
    stopped = ""
    for state, reason in ((destination.state, destination.reason), (subscription.state, subscription.reason)):
        if state is not State.ACTIVE:
            stopped = _stopped(state, reason)
    lines = (
        _("Nothing has been changed: there is a subscription to “{keyword}” already.").format(
            keyword=keyword
        ),
        arriving_in_words(where, subscription.options),
        stopped,
        _("`/subscriptions` shows it, and changes it."),
    )
    return discord.Embed(title=_("Subscribed already"), description="\n".join(filter(None, lines)))


def _heading(destination: Destination) -> str:
    """Name the channel, when its digest is posted, and why it receives nothing where it is paused."""
    name = _("This conversation") if destination.user_id else f"<#{destination.channel_id}>"
    lines = [f"**{name}**"]
    if destination.schedule is not None:
        schedule = destination.schedule
        when = write_schedule(schedule.days, schedule.hour, schedule.zone)
        lines.append(_("Digest {when}").format(when=when))
    if destination.state is not State.ACTIVE:
        lines.append(_stopped(destination.state, destination.reason))
    return "\n".join(lines)


def _line(subscription: Subscription) -> str:
    keyword = escape(limits.cut(subscription.keyword, _KEYWORD))
    line = f"• **{keyword}** – {limits.cut(options_in_words(subscription.options), _OPTIONS)}"
    if subscription.state is State.ACTIVE:
        return line
    return f"{line}\n  {_stopped(subscription.state, subscription.reason)}"


def _stopped(state: State, reason: Reason | None) -> str:
    why = limits.cut(escape(reason_in_words(reason)), _REASON) or _("by a manager")
    how = _("⏹ Ended: {reason}") if state is State.GONE else _("⏸ Paused: {reason}")
    return how.format(reason=why)
