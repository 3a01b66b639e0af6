"""The answer to the button *Abstract*: the abstract with what is new in bold, the authors, and the links."""

from __future__ import annotations

import discord

from bot.i18n import format_date
from bot.i18n import gettext as _
from bot.model.papers import Paper
from bot.present import categories, colours, limits
from bot.present.cards import RESOURCES, said_of
from bot.present.latex.unicode import to_unicode
from bot.present.lines import joined
from bot.present.markdown import clean, escape, escape_inside, link
from bot.present.posts import authors, title
from bot.present.resources import resources
from bot.present.whats_new.choice import LIMIT, choose
from bot.present.whats_new.sentences import sentences

_AUTHORS = 30
_COMMENT = 1_500
_HTML_SINCE = 2312  # arXiv makes HTML of papers since December 2023, if their source allows it


def abstract_embed(paper: Paper) -> tuple[discord.Embed, str]:
    """Return an embed with the abstract and up to thirty authors, and all of both as text if that is not all.

    The text is "" if the embed shows everything.
    """
    around = [said_of(paper, LIMIT) if paper.withdrawn else "", authors(paper, _AUTHORS)]
    links = _links(paper)
    abstract = _with_bold(paper)
    taken = sum(limits.length(part) + 2 for part in (*around, links) if part)
    room = limits.EMBED_DESCRIPTION - taken
    fits = limits.length(abstract) <= room and len(paper.authors) <= _AUTHORS
    if limits.length(abstract) > room:  # a cut could leave bold text open
        abstract = limits.cut(escape(to_unicode(paper.abstract)), room)
    embed = discord.Embed(
        title=title(paper, limits.EMBED_TITLE),
        url=paper.abs_url,
        description="\n\n".join(filter(None, (*around, abstract, links))) or None,
        colour=colours.GREY if paper.withdrawn else categories.colour(paper.primary_category),
    )
    facts = joined(f"arXiv:{paper.versioned}", format_date(paper.updated).replace(" ", "\u00a0"))
    comment = limits.cut(clean(to_unicode(paper.comment or "")), _COMMENT)
    embed.set_footer(text="\n".join(filter(None, (facts, comment))))
    return limits.fit(embed), "" if fits else _text(paper)


def _with_bold(paper: Paper) -> str:
    """Return the abstract in Markdown, with the sentence in bold that says what is new."""
    text = clean(to_unicode(paper.abstract))
    each = sentences(text)
    if len(each) < 2:
        return escape(text)
    chosen = choose(to_unicode(paper.title), each)
    start = end = 0
    for sentence in each[: chosen + 1]:
        start = text.index(sentence, end)
        end = start + len(sentence)
    before = escape_inside(text[:start]) if start else ""
    return f"{before}**{escape(text[start:end])}**{escape_inside(text[end:])}"


def _links(paper: Paper) -> str:
    """Return the links to the PDF, arXiv's HTML, what the authors link to, and the publisher."""
    html = (paper.id.month or 0) >= (_HTML_SINCE // 100) * 12 + _HTML_SINCE % 100 - 1
    return joined(
        "" if paper.withdrawn else link("PDF", paper.pdf_url),
        link("HTML", f"https://arxiv.org/html/{paper.versioned}") if html and not paper.withdrawn else "",
        *(link(_(RESOURCES[each.kind]), each.url) for each in resources(paper)),
        link("DOI", f"https://doi.org/{paper.doi.split()[0]}") if paper.doi and paper.doi.split() else "",
    )


def _text(paper: Paper) -> str:
    head = f"{clean(to_unicode(paper.title))}\narXiv:{paper.versioned}"
    named = ", ".join(clean(to_unicode(name)) for name in paper.authors)
    return f"{head}\n\n{named}\n\n{clean(to_unicode(paper.abstract))}\n"
