"""One subscription, looked at closely: what the panel of `/subscriptions` shows."""

from __future__ import annotations

import discord

from bot import i18n
from bot.i18n import gettext as _
from bot.model.subscriptions import Deliver, State, Subscription
from bot.present import limits
from bot.present.markdown import code_block, escape
from bot.present.reasons import reason_in_words
from bot.present.subscribed import arriving_in_words

_WORDS, _QUERY, _KEYWORD = 1_500, 1_000, 150


def subscription_embed(subscription: Subscription, *, words: str, digest: str) -> discord.Embed:
    """Return a subscription in full: *words* explains the query in plain words.

    *digest* says when the channel's next digest is due; it is shown unless all papers are posted live.
    """
    active = subscription.state is State.ACTIVE and subscription.destination.state is State.ACTIVE
    canonical = code_block(limits.cut(subscription.query, _QUERY))
    keyword = escape(limits.cut(subscription.keyword, _KEYWORD))
    embed = discord.Embed(
        title=limits.cut(_("“{text}”").format(text=keyword), limits.EMBED_TITLE),
        description=f"{limits.cut(escape(words), _WORDS)}\n{canonical}",
        colour=discord.Colour.green() if active else discord.Colour.light_grey(),
    )
    arriving = arriving_in_words(subscription.destination.place.mention, subscription.options)
    embed.add_field(name=_("New papers"), value=arriving, inline=False)
    if subscription.options.deliver is not Deliver.LIVE:
        embed.add_field(name=_("Digest"), value=limits.cut(digest, limits.FIELD_VALUE), inline=False)
    if stopped := _stopped(subscription):
        embed.add_field(name=_("Paused"), value=limits.cut(stopped, limits.FIELD_VALUE), inline=False)
    made = discord.utils.format_dt(subscription.created_at, "D")
    if subscription.created_by:
        made = _("{date} by {person}").format(date=made, person=f"<@{subscription.created_by}>")
    return embed.add_field(name=_("Made"), value=made, inline=False)


def _stopped(subscription: Subscription) -> str:
    """Say why nothing arrives; "" where it does."""
    lines = []
    if subscription.state is not State.ACTIVE:
        reason = escape(reason_in_words(subscription.reason)) or _("A manager paused this subscription.")
        meanwhile = _("What arXiv announces meanwhile is not collected.")
        lines.append(i18n.join_sentences(reason, meanwhile))
    if subscription.destination.state is not State.ACTIVE:
        reason = escape(reason_in_words(subscription.destination.reason)) or _("paused.")
        lines.append(_("The channel: {reason}").format(reason=reason))
    return "\n".join(lines)
