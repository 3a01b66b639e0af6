"""A page of search results, and the query read back from its message.

A search outlives the process without a table of its own: the identifiers of the buttons hold the order, the
category and the page. The query may be longer than an identifier, so it is the first line of the embed's
footer: Discord returns plain text exactly as it was sent.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import discord

from bot.i18n import format_date, format_number, gettext_noop, join_sentences, ngettext
from bot.i18n import gettext as _
from bot.model.errors import UserError
from bot.model.papers import Paper
from bot.present import categories, colours, limits, markdown, posts
from bot.present.alternatives import alternatives_in_words, explained
from bot.present.latex.unicode import to_unicode
from bot.query.alternatives import Alternative

_TURNABLE = 1_000  # a longer query would crowd the results out of the embed
# Five entries without abstracts always fit, however many characters are escaped in them.
_TITLE, _ABSTRACT, _WORDS = 150, 140, 300


class SortOrder(enum.StrEnum):
    """The order of search results; the values are part of the identifiers of posted buttons."""

    NEWEST = "newest"
    RELEVANCE = "relevance"


_SORTS = {
    SortOrder.NEWEST: gettext_noop("newest submissions first"),
    SortOrder.RELEVANCE: gettext_noop("most relevant first"),
}


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """One page of the results of a search.

    *query* is as typed, *words* explains it, and *remark* says what of it is left out. *category* is "" for
    all. *page* counts from 0, and *total* is the number of papers on all pages. *alternatives* are other
    queries to offer.
    """

    query: str
    words: str
    papers: Sequence[Paper]
    sort: SortOrder
    category: str
    page: int
    pages: int
    total: int
    alternatives: Mapping[Alternative, str] = field(default_factory=dict)
    remark: str = ""


def results_embed(results: ResultsPage) -> discord.Embed:
    """Return a page of results; its footer holds the search for `query_of`."""
    title = ngettext("{count} paper on arXiv", "{count} papers on arXiv", results.total).format(
        count=format_number(results.total)
    )
    offered = alternatives_in_words(results.alternatives)
    words = "\n".join(filter(None, (explained(results.words, results.remark, _WORDS), offered)))
    body = "\n\n".join([words, *(_entry(paper, _ABSTRACT) for paper in results.papers)])
    if limits.length(body) > limits.EMBED_DESCRIPTION:
        body = "\n\n".join([words, *(_entry(paper, 0) for paper in results.papers)])
    if not results.papers:
        body = f"{words}\n\n{_nothing(results)}"
    embed = discord.Embed(
        title=title, description=limits.cut(body, limits.EMBED_DESCRIPTION), colour=colours.ARXIV_RED
    )
    facts = [
        _("Page {page} of {pages}").format(
            page=format_number(results.page + 1), pages=format_number(max(results.pages, 1))
        ),
        _(_SORTS[results.sort]),
    ]
    if results.category:
        facts.append(f"{results.category} {categories.name(results.category)}")
    footer = " · ".join(facts)
    return embed.set_footer(text=f"{results.query}\n{footer}" if turnable(results.query) else footer)


def turnable(query: str) -> bool:
    """Tell whether a message has room for *query*, which turning the pages needs."""
    return limits.length(query) <= _TURNABLE


def query_of(embeds: Sequence[discord.Embed]) -> str:
    """Return the query, as typed, of the results that *embeds* of a message show.

    Raises:
        UserError: they show none, because somebody removed the embed.
    """
    footer = embeds[0].footer.text if embeds else None
    if not footer or "\n" not in footer:
        raise UserError(_("This message no longer contains its search results. Please search again."))
    return footer.rsplit("\n", 1)[0]


def paper_choice(paper: Paper) -> discord.SelectOption:
    """Return *paper* as an option of a menu, which shows neither Markdown nor links."""
    facts = f"{paper.versioned} · {paper.primary_category} · {format_date(paper.published)}"
    return discord.SelectOption(
        label=limits.cut(markdown.clean(to_unicode(paper.title)) or paper.versioned, limits.CHOICE),
        value=paper.id.text,
        description=limits.cut(facts, limits.CHOICE),
    )


def _entry(paper: Paper, abstract: int) -> str:
    facts = f"{markdown.code(paper.versioned)} · {paper.primary_category} · {format_date(paper.published)}"
    lines = (
        f"**{posts.title_link(paper, _TITLE)}**",
        posts.authors(paper),
        facts,
        posts.abstract_start(paper, abstract) if abstract else "",
    )
    return "\n".join(filter(None, lines))


def _nothing(results: ResultsPage) -> str:
    if results.total:
        return _("This page is empty.")
    if results.alternatives:
        advice = _("No papers match. Check the spelling, or try one of the queries above.")
    elif " " not in results.query:
        advice = _("No papers match. Check the spelling.")
    else:
        advice = _("No papers match. Try fewer words, or `OR`.")
    return join_sentences(advice, _("You can also leave out the category.") if results.category else "")
