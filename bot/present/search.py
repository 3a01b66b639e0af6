"""A page of search results, and the search it belongs to, read back from the message.

A search outlives the process without a table of its own: sort, category and page stand in the identifiers of
the buttons, and the query, which may be longer than the 100 characters of an identifier, is the first line of
the embed's footer. A footer is plain text to Discord, so it comes back exactly as it went out.
"""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.i18n import format_date, format_number, gettext_noop, ngettext
from bot.i18n import gettext as _
from bot.model.errors import UserError
from bot.model.papers import Paper
from bot.present import categories, limits, markdown, posts
from bot.present.latex.unicode import to_unicode

_TURNABLE = 1_000  # a longer query would crowd the results out of the embed
# Five entries without a glimpse always fit, however much is escaped in them.
_TITLE, _GLIMPSE, _WORDS = 150, 140, 300
_SORTS = {
    "newest": gettext_noop("newest submissions first"),
    "relevance": gettext_noop("most relevant first"),
}


def search_embed(
    query: str,
    papers: Sequence[Paper],
    *,
    words: str,
    sort: str,
    category: str,
    page: int,
    pages: int,
    total: int,
) -> discord.Embed:
    """Return one page of results; *query* is as typed, *words* explains it, *page* counts from 0."""
    title = ngettext("{count} paper on arXiv", "{count} papers on arXiv", total).format(
        count=format_number(total)
    )
    head = limits.cut(markdown.escape(words), _WORDS)
    body = "\n\n".join([head, *(_entry(paper, _GLIMPSE) for paper in papers)])
    if limits.length(body) > limits.EMBED_DESCRIPTION:
        body = "\n\n".join([head, *(_entry(paper, 0) for paper in papers)])
    if not papers:
        body = f"{head}\n\n{_nothing(total)}"
    embed = discord.Embed(
        title=title, description=limits.cut(body, limits.EMBED_DESCRIPTION), colour=discord.Colour.dark_red()
    )
    order = _(_SORTS[sort]) + (f" · {category} {categories.name(category)}" if category else "")
    where = _("Page {page} of {pages}").format(
        page=format_number(page + 1), pages=format_number(max(pages, 1))
    )
    where = f"{where} · {order}"
    return embed.set_footer(text=f"{query}\n{where}" if turnable(query) else where)


def turnable(query: str) -> bool:
    """Tell whether a message has room for *query*, so that its pages can be turned."""
    return limits.length(query) <= _TURNABLE


def searched(embeds: Sequence[discord.Embed]) -> str:
    """Return the query that a message with *embeds* answers.

    Raises:
        UserError: the message holds no search, for somebody removed its embed.
    """
    footer = embeds[0].footer.text if embeds else None
    if not footer or "\n" not in footer:
        raise UserError(_("This answer no longer says what was searched for; please search again."))
    return footer.rsplit("\n", 1)[0]


def choice_of(paper: Paper) -> discord.SelectOption:
    """Return *paper* as a choice in the menu under its page; neither Markdown nor links are shown there."""
    facts = f"{paper.versioned} · {paper.primary_category} · {format_date(paper.published)}"
    return discord.SelectOption(
        label=limits.cut(markdown.clean(to_unicode(paper.title)) or paper.versioned, limits.CHOICE),
        value=paper.id.text,
        description=limits.cut(facts, limits.CHOICE),
    )


def _entry(paper: Paper, glimpse: int) -> str:
    facts = f"{markdown.code(paper.versioned)} · {paper.primary_category} · {format_date(paper.published)}"
    lines = (
        f"**{posts.title_link(paper, _TITLE)}**",
        posts.authors(paper),
        facts,
        posts.abstract_start(paper, glimpse) if glimpse else "",
    )
    return "\n".join(filter(None, lines))


def _nothing(total: int) -> str:
    if total:
        return _("There is nothing on this page.")
    return _("Nothing matches. Fewer words, or `OR`, find more.")
