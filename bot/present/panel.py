"""One subscription, looked at closely: what the panel of `/subscriptions` shows."""

from __future__ import annotations

import discord

from bot.papers import Deliver, State, Subscription
from bot.present import limits
from bot.present.markdown import code_block, escape
from bot.present.subscribing import options_in_words

_WORDS, _QUERY, _KEYWORD = 1_500, 1_000, 150


def subscription_embed(subscription: Subscription, *, words: str, where: str, digest: str) -> discord.Embed:
    """Return a subscription in full: *words* explains the query, *where* mentions the channel.

    *digest* says when the channel's next one is due; it is shown where it matters.
    """
    active = subscription.state is State.ACTIVE and subscription.destination.state is State.ACTIVE
    canonical = code_block(limits.cut(subscription.query, _QUERY))
    embed = discord.Embed(
        title=limits.cut(f"“{escape(limits.cut(subscription.keyword, _KEYWORD))}”", limits.EMBED_TITLE),
        description=f"{limits.cut(escape(words), _WORDS)}\n{canonical}",
        colour=discord.Colour.green() if active else discord.Colour.light_grey(),
    )
    arriving = f"In {where}, {options_in_words(subscription.options)}."
    embed.add_field(name="New papers", value=limits.cut(arriving, limits.FIELD_VALUE), inline=False)
    if subscription.options.deliver is not Deliver.LIVE:
        embed.add_field(name="Digest", value=limits.cut(digest, limits.FIELD_VALUE), inline=False)
    if stopped := _stopped(subscription):
        embed.add_field(name="Paused", value=limits.cut(stopped, limits.FIELD_VALUE), inline=False)
    made = discord.utils.format_dt(subscription.created_at, "D")
    by = f" by <@{subscription.created_by}>" if subscription.created_by else ""
    return embed.add_field(name="Made", value=f"{made}{by}", inline=False)


def _stopped(subscription: Subscription) -> str:
    """Say why nothing arrives; "" where it does."""
    lines = []
    if subscription.state is not State.ACTIVE:
        reason = escape(subscription.reason) or "A manager paused this subscription."
        lines.append(f"{reason} What arXiv announces meanwhile is not collected.")
    if subscription.destination.state is not State.ACTIVE:
        lines.append(f"The channel: {escape(subscription.destination.reason) or 'paused.'}")
    return "\n".join(lines)
