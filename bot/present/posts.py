"""The message of one paper: its embed, its plain form, and the roles that it may mention.

A paper's own text never mentions anybody: it is escaped, embeds do not ping, and the allowed mentions of the
message contain only the subscribers' roles.
"""

from __future__ import annotations

from typing import Any

import discord

from bot.i18n import format_date, format_number, gettext_noop
from bot.i18n import gettext as _
from bot.model.outbox import Posting
from bot.model.papers import Paper
from bot.model.taxonomy import named_once
from bot.present import categories, colours, limits
from bot.present.latex.unicode import to_unicode
from bot.present.markdown import address, clean, escape, link

AUTHORS = 3
"""How many authors are named before “and 12 more”."""

_ABSTRACT_IN_POST = 700  # about half an abstract, a phone screen; the button *Abstract* shows all of it
_ABSTRACT_WHOLE = 3_500
_NAME = 60
_COMMENT = 300
_JOURNAL = 250
_CATEGORIES = 500
_KEYWORDS = 400
_DOI = 300
_MENTIONS = 75  # as many as fit into a message together with a plain title
_WITHDRAWN = gettext_noop("⚠️ **Withdrawn.** If the authors gave a reason, it is in the comment.")


def paper_embed(posting: Posting, *, whole: bool = False) -> discord.Embed:
    """Return the embed of a paper, within Discord's limits.

    A post in a channel shows the beginning of the abstract; *whole* shows all of it, as an answer to a
    person.
    """
    paper = posting.paper
    embed = discord.Embed(
        title=title(paper, limits.EMBED_TITLE),
        url=paper.abs_url,
        description=_description(paper, _ABSTRACT_WHOLE if whole else _ABSTRACT_IN_POST),
        colour=colours.GREY if paper.withdrawn else categories.colour(paper.primary_category),
    )
    if names := _categories(paper):
        embed.add_field(name=_("Categories"), value=names, inline=False)
    if comment := _line(paper.comment, _COMMENT):
        embed.add_field(name=_("Comment"), value=comment, inline=False)
    if journal := _line(paper.journal_ref, _JOURNAL):
        embed.add_field(name=_("Published in"), value=journal, inline=False)
    embed.add_field(name=_("Submitted"), value=format_date(paper.published))
    if paper.version > 1 or paper.updated.date() != paper.published.date():
        revised = _("{date} (version {version})").format(
            date=format_date(paper.updated), version=paper.version
        )
        embed.add_field(name=_("Revised"), value=revised)
    if doi := _doi(paper):  # abstract and PDF have buttons of their own
        embed.add_field(name="DOI", value=doi)
    embed.set_footer(text=_footer(posting))
    return limits.fit(embed)


def plain_post(posting: Posting) -> str:
    """Return the post as mentions, title and link, for when Discord refuses the embed."""
    mentioned = post_content(posting)
    room = limits.CONTENT - limits.length(mentioned or "") - limits.length(posting.paper.abs_url) - 2
    lines = (mentioned, title(posting.paper, min(room, 400)), posting.paper.abs_url)
    return "\n".join(filter(None, lines))


def post_content(posting: Posting) -> str | None:
    """Return the mentions above the embed, None if there are none."""
    return " ".join(f"<@&{role_id}>" for role_id in _roles(posting)) or None


def mentions(posting: Posting) -> discord.AllowedMentions:
    """Return who may be pinged: the roles of *posting* and nobody else."""
    roles: list[Any] = [_Role(role_id) for role_id in _roles(posting)]
    return discord.AllowedMentions(everyone=False, users=False, roles=roles or False, replied_user=False)


class _Role:
    """A role with its identifier as a string, as Discord documents it; discord.py would send an integer."""

    def __init__(self, role_id: int) -> None:
        self.id = str(role_id)


def title(paper: Paper, limit: int) -> str:
    """Return the title in Discord's Markdown, cut to *limit*; the identifier if the title is empty."""
    return limits.cut(escape(to_unicode(paper.title)) or paper.versioned, limit)


def title_link(paper: Paper, limit: int) -> str:
    """Return the title, cut to *limit*, as a masked link to the abstract page."""
    return link(limits.cut(clean(to_unicode(paper.title)), limit) or paper.versioned, paper.abs_url)


def thread_name(paper: Paper) -> str:
    """Return the name of a thread about the paper, as plain text: thread names have no Markdown."""
    return limits.cut(clean(to_unicode(paper.title)), limits.THREAD_NAME) or paper.versioned


def authors(paper: Paper, count: int = AUTHORS) -> str:
    """Return the first *count* authors and the number of others, in Discord's Markdown."""
    shown = [escape(limits.cut(clean(to_unicode(name)), _NAME)) for name in paper.authors[:count]]
    names = ", ".join(filter(None, shown))
    more = len(paper.authors) - count
    return _("{names} and {count} more").format(names=names, count=format_number(more)) if more > 0 else names


def abstract_start(paper: Paper, limit: int) -> str:
    """Return the beginning of the abstract in Discord's Markdown, cut to *limit*."""
    return limits.cut(escape(to_unicode(paper.abstract)), limit)


def _description(paper: Paper, abstract: int) -> str | None:
    parts = (_(_WITHDRAWN) if paper.withdrawn else "", _bold(authors(paper)), abstract_start(paper, abstract))
    return "\n\n".join(filter(None, parts)) or None


def _bold(text: str) -> str:
    return f"**{text}**" if text else ""


def _categories(paper: Paper) -> str:
    """Return the categories by name and identifier, each once; the primary one first and in bold."""
    ordered = named_once((paper.primary_category, *paper.categories), paper.primary_category)
    named = [shown for category in ordered if (shown := _category(category))]
    return limits.cut(" · ".join([_bold(shown) for shown in named[:1]] + named[1:]), _CATEGORIES)


def _category(category: str) -> str:
    words = categories.name(category)
    shown = category if words == category else f"{words} ({category})"
    return escape(limits.cut(shown, 100))


def _line(text: str | None, limit: int) -> str:
    return limits.cut(escape(to_unicode(text)), limit) if text else ""


def _doi(paper: Paper) -> str:
    """Return the first DOI as a link; "" if there is none or it is too long to be one."""
    doi = next(iter((paper.doi or "").split()), "")
    if not doi or limits.length(address(doi)) > _DOI:
        return ""
    return link(doi, f"https://doi.org/{doi}")


def _footer(posting: Posting) -> str:
    """Return identifier and keywords as plain text: footers have no Markdown, so nothing is escaped."""
    keywords = ", ".join(_("“{text}”").format(text=clean(keyword)) for keyword in posting.keywords)
    parts = (f"arXiv:{posting.paper.versioned}", limits.cut(keywords, _KEYWORDS))
    return " · ".join(filter(None, parts))


def _roles(posting: Posting) -> list[int]:
    return list(dict.fromkeys(posting.role_ids))[:_MENTIONS]
