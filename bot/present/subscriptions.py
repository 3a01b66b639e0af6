"""The list of `/subscriptions`: keywords by channel, and how the papers of each arrive."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import discord

from bot.i18n import format_number, ngettext
from bot.i18n import gettext as _
from bot.model.reasons import Reason
from bot.model.subscriptions import Destination, State, Subscription
from bot.present import limits, places
from bot.present.digest_schedule import schedule_in_words
from bot.present.keywords import shown_keyword
from bot.present.markdown import escape
from bot.present.options import delivery_in_words, options_in_short
from bot.present.reasons import reason_in_words

PER_PAGE = 10
"""Ten subscriptions of the longest kind fit one embed."""

_KEYWORD, _OPTIONS, _REASON = 80, 150, 150


def subscriptions_embed(shown: Sequence[Subscription], *, page: int, pages: int, total: int) -> discord.Embed:
    """Return one page of the list; *page* counts from 0, and *shown* is sorted by destination."""
    if not shown:
        return discord.Embed(
            title=_("No subscriptions yet"),
            description=_(
                "Use `/subscribe` with a keyword, and new papers that match it will be posted here."
            ),
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


def summary(subscription: Subscription) -> str:
    """Return how the papers of a subscription arrive, in short, for menus: they show no Markdown."""
    paused = {subscription.state, subscription.destination.state} != {State.ACTIVE}
    options = options_in_short(subscription.options, mention=False)
    return _("paused · {options}").format(options=options) if paused else options


def existing_embed(subscription: Subscription) -> discord.Embed:
    """Return the answer when somebody subscribes to what is already subscribed to: nothing changes."""
    destination = subscription.destination
    keyword = shown_keyword(subscription.keyword)
    stopped = ""
    for state, reason in ((destination.state, destination.reason), (subscription.state, subscription.reason)):
        if state is not State.ACTIVE:
            stopped = _stopped(state, reason)
    lines = (
        _("There is already a subscription to “{keyword}” here. Nothing has changed.").format(
            keyword=keyword
        ),
        delivery_in_words(subscription),
        stopped,
        _("Use `/subscriptions` to view or change it."),
    )
    return discord.Embed(title=_("Already subscribed"), description="\n".join(filter(None, lines)))


def _heading(destination: Destination) -> str:
    """Name the channel, and say when its digest is posted and why it is paused, if it is."""
    lines = [f"**{places.heading(destination.place)}**"]
    if destination.schedule is not None:
        lines.append(_("Digest: {when}").format(when=schedule_in_words(destination.schedule)))
    if destination.state is not State.ACTIVE:
        lines.append(_stopped(destination.state, destination.reason))
    return "\n".join(lines)


def _line(subscription: Subscription) -> str:
    keyword = escape(limits.cut(subscription.keyword, _KEYWORD))
    line = f"• **{keyword}** – {limits.cut(options_in_short(subscription.options), _OPTIONS)}"
    if subscription.state is State.ACTIVE:
        return line
    return f"{line}\n  {_stopped(subscription.state, subscription.reason)}"


def _stopped(state: State, reason: Reason | None) -> str:
    why = limits.cut(escape(reason_in_words(reason)), _REASON)
    if state is State.GONE:
        return _("⏹ Ended: {reason}").format(reason=why) if why else _("⏹ Ended")
    return _("⏸ Paused: {reason}").format(reason=why) if why else _("⏸ Paused by a manager")
