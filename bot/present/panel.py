"""One subscription in full, as the panel of `/subscriptions` shows it."""

from __future__ import annotations

from collections.abc import Mapping

import discord

from bot import i18n
from bot.i18n import gettext as _
from bot.model.subscriptions import Deliver, State, Subscription
from bot.present import colours, limits
from bot.present.alternatives import alternatives_in_words, explained
from bot.present.keywords import shown_keyword
from bot.present.markdown import code_block, escape
from bot.present.options import delivery_in_words
from bot.present.reasons import reason_in_words
from bot.query.alternatives import Alternative

_WORDS, _QUERY, _TRIED = 1_500, 1_000, 500


def subscription_embed(
    subscription: Subscription,
    *,
    words: str,
    digest: str,
    alternatives: Mapping[Alternative, str] | None = None,
    remark: str = "",
) -> discord.Embed:
    """Return a subscription in full: *words* explains the query in plain words.

    *remark* says what of the keyword it leaves out. *digest* says when the channel's next digest is due; it
    is shown unless all papers are posted live. *alternatives* are other queries to offer.
    """
    active = subscription.state is State.ACTIVE and subscription.destination.state is State.ACTIVE
    canonical = code_block(limits.cut(subscription.query, _QUERY))
    keyword = shown_keyword(subscription.keyword)
    embed = discord.Embed(
        title=limits.cut(_("“{text}”").format(text=keyword), limits.EMBED_TITLE),
        description=f"{explained(words, remark, _WORDS)}\n{canonical}",
        colour=colours.GREEN if active else colours.GREY,
    )
    delivery = limits.cut(delivery_in_words(subscription), limits.FIELD_VALUE)
    embed.add_field(name=_("New papers"), value=delivery, inline=False)
    if tried := alternatives_in_words(alternatives or {}):
        embed.add_field(name=_("Try instead"), value=limits.cut(tried, _TRIED), inline=False)
    if subscription.options.deliver is not Deliver.LIVE:
        embed.add_field(name=_("Digest"), value=limits.cut(digest, limits.FIELD_VALUE), inline=False)
    if stopped := _stopped(subscription):
        embed.add_field(name=_("Paused"), value=limits.cut(stopped, limits.FIELD_VALUE), inline=False)
    created = discord.utils.format_dt(subscription.created_at, "D")
    if subscription.created_by:
        created = _("{date} by {person}").format(date=created, person=f"<@{subscription.created_by}>")
    return embed.add_field(name=_("Created"), value=created, inline=False)


def _stopped(subscription: Subscription) -> str:
    """Say why nothing arrives, "" if papers do arrive."""
    lines = []
    if subscription.state is not State.ACTIVE:
        reason = escape(reason_in_words(subscription.reason)) or _("A manager paused this subscription.")
        lines.append(i18n.join_sentences(reason, _("Papers announced in the meantime are not collected.")))
    if subscription.destination.state is not State.ACTIVE:
        if reason := escape(reason_in_words(subscription.destination.reason)):
            lines.append(_("The channel is paused: {reason}").format(reason=reason))
        else:
            lines.append(_("The channel is paused."))
    return "\n".join(lines)
