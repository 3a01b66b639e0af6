"""The answer to the button *Abstract*: the whole abstract and all authors."""

from __future__ import annotations

import discord

from bot.model.papers import Paper
from bot.present import categories, limits
from bot.present.latex.unicode import to_unicode
from bot.present.markdown import clean
from bot.present.posts import abstract_start, authors, title

_AUTHORS = 30  # named if not all of them fit
_AROUND = len("****\n\n")  # what `_description` puts around the authors


def abstract_embed(paper: Paper) -> tuple[discord.Embed, str]:
    """Return an embed with the abstract and the authors, and all of both as text if the embed is too small.

    The text is "" if everything fits into the embed.
    """
    whole = _description(paper, len(paper.authors), 2 * limits.EMBED_DESCRIPTION)
    fits = limits.length(whole) <= limits.EMBED_DESCRIPTION
    embed = discord.Embed(
        title=title(paper, limits.EMBED_TITLE),
        url=paper.abs_url,
        description=(whole if fits else _description(paper, _AUTHORS, _room(paper))) or None,
        colour=categories.colour(paper.primary_category),
    )
    embed.set_footer(text=f"arXiv:{paper.versioned}")
    return limits.fit(embed), "" if fits else _text(paper)


def _description(paper: Paper, count: int, room: int) -> str:
    named = authors(paper, count)
    return "\n\n".join(filter(None, (f"**{named}**" if named else "", abstract_start(paper, room))))


def _room(paper: Paper) -> int:
    return limits.EMBED_DESCRIPTION - limits.length(authors(paper, _AUTHORS)) - _AROUND


def _text(paper: Paper) -> str:
    head = f"{clean(to_unicode(paper.title))}\narXiv:{paper.versioned}"
    named = ", ".join(clean(to_unicode(name)) for name in paper.authors)
    return f"{head}\n\n{named}\n\n{clean(to_unicode(paper.abstract))}\n"
