"""The compact post of a paper: title, what is new, one line of facts, and one or two lines of footer.

Three of them fit on a phone's screen. A post that is marked carries its title above the card, as content, so
that the push notification names it; the embed then has no title, but keeps the address by which the bot finds
its own posts again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import discord

from bot.i18n import format_day, gettext_noop
from bot.i18n import gettext as _
from bot.model.outbox import Posting
from bot.model.papers import Paper
from bot.model.subscriptions import Style
from bot.present import categories, colours, limits, names, posts
from bot.present.latex.unicode import to_unicode
from bot.present.lines import fits_a_phone, joined, unbroken
from bot.present.markdown import address, clean, escape, label, link
from bot.present.resources import ResourceKind, resources
from bot.present.venues import pages_in_words, venue_in_words
from bot.present.whats_new.choice import LIMIT, whats_new

_TITLE = 110
_SENTENCE = 400  # with its escapes
_VENUE = 100
_REASON = 140
_COMMENT = 140
_KEYWORDS = 300
_TERMS = 200
_TWO_LETTERS = re.compile(r"[^\W\d_]{2}")
RESOURCES = {
    ResourceKind.CODE: gettext_noop("Code"),
    ResourceKind.PROJECT: gettext_noop("Project"),
    ResourceKind.DATA: gettext_noop("Data"),
}
"""The labels of the authors' links."""
# What follows “withdrawn” in a comment, up to the end of the sentence.
_WHY = re.compile(
    r"\b(?:withdrawn|retracted)\s+(?P<why>(?:by|due|because|as|since|owing|for|following|pending"
    r"|until)\b[^.;]{2,300})",
    re.IGNORECASE,
)


def post_embed(
    posting: Posting, style: Style, *, today: date | None, revision: bool = False
) -> discord.Embed:
    """Return the embed of a post in a channel of this *style*, marked if *posting* is.

    *today* is the day on which it was queued: a date of the same year is shown without the year. A *revision*
    answers the paper's first post.
    """
    if style is Style.FULL:
        embed = posts.paper_embed(posting)
        if revision:
            withdrawn = posting.paper.withdrawn
            said = _("Withdrawn: version {version}") if withdrawn else _("Revised: version {version}")
            embed.set_author(name=said.format(version=posting.paper.version))
    else:
        embed = (revision_embed if revision else card_embed)(posting, today)
    return limits.fit(_marked(embed, posting) if is_marked(posting) and not revision else embed)


def card_embed(posting: Posting, today: date | None) -> discord.Embed:
    """Return the compact embed of a paper."""
    paper = posting.paper
    embed = discord.Embed(
        title=card_title(paper),
        url=paper.abs_url,
        description="\n".join(filter(None, (said_of(paper, LIMIT), _facts(paper)))),
        colour=colours.GREY if paper.withdrawn else categories.colour(paper.primary_category),
    )
    day = format_day(paper.updated if paper.version > 1 else paper.published, today)
    when = (
        unbroken(_("v{version}, {date}").format(version=paper.version, date=day))
        if paper.version > 1
        else day
    )
    lines = [joined(names.authors_line(paper, when), when)]
    if posting.subscribed > 1:
        quoted = ", ".join(_("“{text}”").format(text=clean(keyword)) for keyword in posting.keywords)
        lines.append(limits.cut(quoted, _KEYWORDS))
    return embed.set_footer(text="\n".join(filter(None, lines)))


def revision_embed(posting: Posting, today: date | None) -> discord.Embed:
    """Return the compact embed of a new version: what the authors say of it, and both dates."""
    paper = posting.paper
    said = said_of(paper, LIMIT) if paper.withdrawn else _of_authors(paper)
    versions = link(_("All versions"), f"https://arxiv.org/abs/{paper.id}")
    facts = [escape(paper.primary_category), "" if paper.withdrawn else link("PDF", paper.pdf_url), versions]
    title = _("Version {version} of “{title}”").format(version=paper.version, title=card_title(paper))
    embed = discord.Embed(
        title=limits.cut(title, limits.EMBED_TITLE),
        url=paper.abs_url,
        description="\n".join(filter(None, (said, joined(*facts)))),
        colour=colours.GREY,
    )
    revised = unbroken(
        _("v{version}, {date}").format(version=paper.version, date=format_day(paper.updated, today))
    )
    first = unbroken(_("first {date}").format(date=format_day(paper.published, today)))
    return embed.set_footer(text=joined(revised, first))


def card_title(paper: Paper, limit: int = _TITLE) -> str:
    """Return the title in Discord's Markdown, cut at a word; in quotes if it has no two letters in a row."""
    return _quoted(posts.title(paper, limit), paper)


def said_of(paper: Paper, limit: int) -> str:
    """Return the sentence that says what is new, or that the paper is withdrawn and why, in Markdown."""
    if paper.withdrawn:
        return _withdrawn(paper)
    sentence = whats_new(to_unicode(paper.title), clean(to_unicode(paper.abstract)), limit)
    return limits.cut(escape(sentence), _SENTENCE)


def is_marked(posting: Posting) -> bool:
    """Tell whether the post carries a ★: a withdrawn paper never does."""
    return posting.marked is not None and not posting.paper.withdrawn


def headline(posting: Posting) -> str | None:
    """Return the line above a marked post, which a push notification shows; None for other posts."""
    if not is_marked(posting):
        return None
    paper = posting.paper
    title = limits.cut(label(to_unicode(paper.title)), _TITLE) or paper.versioned
    return f"★ **[{_quoted(title, paper)}](<{address(paper.abs_url)}>)**"


def _marked(embed: discord.Embed, posting: Posting) -> discord.Embed:
    """Return *embed* as that of a marked post: gold, without a title, and with the terms in its footer."""
    embed.title = None
    embed.colour = discord.Colour(colours.GOLD)
    lines = filter(None, (embed.footer.text, limits.cut(_likeness(posting.marked or ()), _TERMS)))
    return embed.set_footer(text="\n".join(lines))


def _likeness(marked: Sequence[str]) -> str:
    """Say that a paper is like what was saved, with as many of the terms as fit a line on a phone."""
    terms = list(filter(None, map(clean, marked)))
    lines = [
        _("★ like your saves: {terms}").format(terms=", ".join(terms[:count]))
        for count in (2, 1)
        if len(terms) >= count
    ]
    return next(filter(fits_a_phone, lines), lines[-1] if lines else _("★ like your saves"))


def _quoted(title: str, paper: Paper) -> str:
    """Return *title* in quotes if it has no two letters in a row, unless it is the identifier of *paper*."""
    if _TWO_LETTERS.search(title) or title == paper.versioned:
        return title
    return _("“{text}”").format(text=title)


def _facts(paper: Paper) -> str:
    """Return the line of category, venue or pages, and links."""
    category = escape(paper.primary_category)
    if paper.withdrawn:
        return category
    where = escape(limits.cut(venue_in_words(paper) or pages_in_words(paper), _VENUE))
    links = [link(_(RESOURCES[each.kind]), each.url) for each in resources(paper)]
    return joined(category, unbroken(where), link("PDF", paper.pdf_url), *links)


def _withdrawn(paper: Paper) -> str:
    why = _WHY.search(to_unicode(paper.comment or "")[:2_000])
    if why is None:
        return _("⚠️ **Withdrawn** by the authors.")
    reason = escape(limits.cut(clean(why["why"]), _REASON))
    return _("⚠️ **Withdrawn** {reason}").format(reason=reason if reason.endswith("…") else f"{reason}.")


def _of_authors(paper: Paper) -> str:
    """Return the comment as the authors' words; "" if there is none."""
    if not (comment := limits.cut(escape(to_unicode(paper.comment or "")), _COMMENT)):
        return ""
    return _("Authors: “{comment}”").format(comment=comment)
