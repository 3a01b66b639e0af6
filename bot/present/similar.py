"""The papers that are most like a given one, with what they share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import discord

from bot.i18n import gettext as _
from bot.model.papers import Paper
from bot.present import categories, colours, limits
from bot.present.listing import entry
from bot.present.markdown import escape
from bot.present.posts import title

_TITLE = 90
_SHOWN = 2  # terms; more would take a second line on a phone
_TERMS = 90


def similar_embed(paper: Paper, alike: Sequence[tuple[Paper, Sequence[str]]], today: date) -> discord.Embed:
    """Return the list of papers *alike*, numbered, each with the terms that it shares with *paper*."""
    name = title(paper, _TITLE)
    embed = discord.Embed(
        title=limits.cut(_("More like “{title}”").format(title=name), limits.EMBED_TITLE), url=paper.abs_url
    )
    if not alike:
        embed.description = _("Nothing close is stored.")
        embed.colour = discord.Colour(colours.GREY)
        return embed
    embed.description = _that_fit(
        "\n".join(filter(None, (entry(number, one, today=today, dated=True, sentence=False), _shared(terms))))
        for number, (one, terms) in enumerate(alike, 1)
    )
    embed.colour = discord.Colour(categories.colour(paper.primary_category))
    return embed.set_footer(text=_("In italics: what they share"))


def _that_fit(entries: Iterable[str]) -> str:
    """Return the first *entries*, whole; ten of them are too long only if nearly all signs are escaped."""
    text = ""
    for one in entries:
        longer = f"{text}\n{one}" if text else one
        if limits.length(longer) > limits.EMBED_DESCRIPTION:
            break
        text = longer
    return text


def _shared(terms: Sequence[str]) -> str:
    return f"*{escape(limits.cut(', '.join(terms[:_SHOWN]), _TERMS))}*" if terms else ""
