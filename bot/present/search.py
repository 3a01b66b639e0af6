"""A page of search results, and the query read back from its message.

A search outlives the process without a table of its own: the identifiers of the buttons hold the order, the
category and the page. The query may be longer than an identifier, so it is the first line of the embed's
footer: Discord returns plain text exactly as it was sent.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import discord

from bot.i18n import format_number, gettext_noop, ngettext
from bot.i18n import gettext as _
from bot.model.errors import UserError
from bot.model.papers import Paper
from bot.present import categories, colours, limits, markdown
from bot.present.alternatives import alternatives_in_words, did_you_mean, explained
from bot.present.keywords import shown_keyword
from bot.present.listing import entry
from bot.query.alternatives import Alternative
from bot.query.query import Query, QueryKind

_TURNABLE = 1_000  # a longer query would crowd the results out of the embed
_WORDS = 300  # five entries always fit without their sentences, however many characters are escaped in them


class SortOrder(enum.StrEnum):
    """The order of search results; the values are part of the identifiers of posted buttons."""

    NEWEST = "newest"
    RELEVANCE = "relevance"
    INTEREST = "interest"


_SORTS = {
    SortOrder.NEWEST: gettext_noop("newest first"),
    SortOrder.RELEVANCE: gettext_noop("most relevant first"),
    SortOrder.INTEREST: gettext_noop("closest to your saves first"),
}
_KINDS = {
    QueryKind.WORD: gettext_noop("word in title and abstract"),
    QueryKind.PHRASE: gettext_noop("phrase in title or abstract"),
}


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """One page of the results of a search.

    *query* is as typed, *words* explains it, and *remark* says what of it is left out. *category* is "" for
    all. *page* counts from 0, *first* is the number of its first paper, and *total* that of the papers on all
    pages. *alternatives* are other queries to offer; *meant* is the one that was probably meant where there
    are no papers, and how many it finds.
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
    first: int = 1
    today: date | None = None
    meant: tuple[str, int] | None = None


def results_embed(results: ResultsPage) -> discord.Embed:
    """Return a page of results; its footer holds the search for `query_of`."""
    title = ngettext("{count} paper on “{query}”", "{count} papers on “{query}”", results.total).format(
        count=format_number(results.total), query=shown_keyword(results.query)
    )
    if not results.total:
        title = _("Nothing matches “{query}”").format(query=shown_keyword(results.query))
    above = "\n".join(
        filter(None, (explained("", results.remark, 0), alternatives_in_words(results.alternatives)))
    )
    body = _body(results, above, sentence=True)
    if limits.length(body) > limits.EMBED_DESCRIPTION:
        body = _body(results, above, sentence=False)
    if not results.papers:
        body = "\n\n".join(filter(None, (above, _nothing(results))))
    embed = discord.Embed(
        title=limits.cut(title, limits.EMBED_TITLE),
        description=limits.cut(body, limits.EMBED_DESCRIPTION) or None,
        colour=colours.ARXIV_RED if results.papers else colours.GREY,
    )
    facts = [limits.cut(markdown.clean(results.words), _WORDS), _(_SORTS[results.sort])]
    if results.category:
        facts.append(f"{results.category} {categories.name(results.category)}")
    footer = " · ".join(filter(None, facts))
    return embed.set_footer(text=f"{results.query}\n{footer}" if turnable(results.query) else footer)


def _body(results: ResultsPage, above: str, *, sentence: bool) -> str:
    entries = (
        entry(number, paper, today=results.today, dated=True, sentence=sentence)
        for number, paper in enumerate(results.papers, results.first)
    )
    return "\n\n".join(filter(None, (above, *entries)))


def searched_in_words(query: Query) -> str:
    """Return what *query* asks for, without its word or phrase, which stand above it."""
    return _(_KINDS[query.kind]) if query.kind in _KINDS else query.description


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


def _nothing(results: ResultsPage) -> str:
    """Say what was probably meant; "" if the title says all there is to say."""
    if results.total:
        return _("This page is empty.")
    if results.meant is None:
        return ""
    return did_you_mean(*results.meant)
