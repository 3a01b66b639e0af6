"""A page of a digest or of a list, what a push notification says of it, and the note of a quiet day.

The papers are numbered, so that the menus below can name them. The embed has no title: the line above it
says what a title would say, and more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import discord

from bot.i18n import format_day_and_month, format_list, format_number, gettext_noop, ngettext
from bot.i18n import gettext as _
from bot.model.outbox import DigestPage, Kind, QuietNote, Section
from bot.model.papers import Paper, PaperId
from bot.present import colours, limits
from bot.present.keywords import shown_keyword
from bot.present.lines import joined
from bot.present.listing import entry, short_entry
from bot.present.markdown import escape, link
from bot.present.posts import title
from bot.present.top import weekly_top_embed
from bot.rules.digest import LISTED_A_PAGE, PAPERS_A_PAGE

_LISTED = gettext_noop("*These papers were not posted one by one, so they come as one list.*")
_BEST = gettext_noop("★ Closest to what you save")
_MORE = 60  # room for the line that counts the other papers
_CLOSEST = 110
_TERMS = 2  # more would take a second line on a phone
_NAMED = 60  # UTF-16 units of a keyword in a note


@dataclass(frozen=True, slots=True)
class _Detail:
    """How much of each paper to show: length of its title, whether the best have their sentence, the facts.

    `also` limits the length of the other matching keywords. Lengths are in UTF-16 units.
    """

    title: int
    sentence: bool
    facts: bool
    also: int


# From generous to bare; the first that lets the whole page fit is used.
_DETAILS = (
    _Detail(90, sentence=True, facts=True, also=80),
    _Detail(90, sentence=False, facts=True, also=40),
    _Detail(90, sentence=False, facts=False, also=0),
    _Detail(50, sentence=False, facts=False, also=0),
)


def issue_embeds(kind: Kind, page: DigestPage, papers: Mapping[PaperId, Paper]) -> list[discord.Embed]:
    """Return the embeds of one page of a digest or a list, the page itself first."""
    return (list_embeds if kind is Kind.LIST else digest_embeds)(page, papers)


def digest_embeds(page: DigestPage, papers: Mapping[PaperId, Paper]) -> list[discord.Embed]:
    """Return the embeds of one page of a digest: the closest papers, then those of each keyword.

    The more papers a page has, the less it shows of each. If not even their titles fit, the rest is counted.
    A paper missing from *papers* is shown by its identifier. What was saved most has an embed of its own.
    """
    top = weekly_top_embed(page.top, papers, page.day) if page.top else None
    others = [] if top is None else [top]
    room = limits.EMBED_TOTAL - limits.size(*others)
    return [_embed(page, papers, first=(page.number - 1) * PAPERS_A_PAGE + 1, room=room), *others]


def list_embeds(page: DigestPage, papers: Mapping[PaperId, Paper]) -> list[discord.Embed]:
    """Return the embeds of one page of a list: papers that were not posted one by one."""
    introduction = f"{_(_LISTED)}\n" if page.number == 1 else ""
    return [_embed(page, papers, first=(page.number - 1) * LISTED_A_PAGE + 1, introduction=introduction)]


def issue_head(kind: Kind, page: DigestPage, written: str = "") -> str:
    """Return how many papers a digest or list holds, and of which day. It identifies the message.

    The day may be *written* otherwise.
    """
    if kind is Kind.LIST:
        text = ngettext("{count} more paper, {date}", "{count} more papers, {date}", page.total)
    else:
        text = ngettext("{count} new paper, {date}", "{count} new papers, {date}", page.total)
    return text.format(count=format_number(page.total), date=written or format_day_and_month(page.day))


def issue_footer(page: DigestPage) -> str:
    """Return how the papers of a page are ordered, and which page it is."""
    where = _("page {page} of {pages}").format(page=page.number, pages=page.pages) if page.pages > 1 else ""
    return joined(_order(page), where)


def issue_content(kind: Kind, page: DigestPage, papers: Mapping[PaperId, Paper]) -> str:
    """Return the line above a page, which a push notification shows; it begins with `issue_head` in bold.

    It names the closest paper.
    """
    head = f"**{issue_head(kind, page)}**"
    best = next(
        (papers[one] for each in page.sections if each.best for one in each.papers if one in papers), None
    )
    if best is None:
        return head
    return joined(head, _("closest: {title}").format(title=title(best, _CLOSEST)))


def numbered(kind: Kind, page: DigestPage, papers: Mapping[PaperId, Paper]) -> list[tuple[int, Paper]]:
    """Return the papers of a page with their numbers, as its embed shows them."""
    first = (page.number - 1) * (LISTED_A_PAGE if kind is Kind.LIST else PAPERS_A_PAGE) + 1
    listed = [paper for section in page.sections for paper in section.papers]
    return [(number, papers[paper]) for number, paper in enumerate(listed, first) if paper in papers]


def _embed(
    page: DigestPage,
    papers: Mapping[PaperId, Paper],
    *,
    first: int,
    introduction: str = "",
    room: int = limits.EMBED_TOTAL,
) -> discord.Embed:
    """Return the page as an embed, whose text has at most *room* UTF-16 units."""
    best = any(section.best for section in page.sections)
    footer = issue_footer(page)
    room = min(limits.EMBED_DESCRIPTION, room - limits.length(footer)) - limits.length(introduction)
    texts = (_text(page, papers, detail, first) for detail in _DETAILS)
    text = next((text for text in texts if limits.length(text) <= room), None)
    text = introduction + (text or _bare(page, papers, room, first))
    embed = discord.Embed(description=text, colour=colours.GOLD if best else colours.ARXIV_RED)
    return embed.set_footer(text=footer)


def quiet_head(day: date) -> str:
    """Return the beginning of the note about a day without papers. It identifies the message."""
    return _("{date}: nothing new").format(date=format_day_and_month(day))


def quiet_day_embed(day: date, note: QuietNote | None) -> discord.Embed:
    """Return the note about a day without papers, for channels that want one.

    It begins with `quiet_head` in bold. An earlier version queued it without a *note* of what it says.
    """
    head = f"**{quiet_head(day)}**"
    if note is None:
        return discord.Embed(description=head, colour=colours.GREY)
    named = [limits.cut(shown_keyword(keyword), _NAMED) for keyword in note.keywords]
    if note.more:
        named.append(_("{count} more").format(count=format_number(note.more)))
    if named:
        head = _("{head} on {keywords}.").format(head=head, keywords=format_list(named))
    return discord.Embed(description=f"{head}\n{_lately(note)}", colour=colours.GREY)


def _lately(note: QuietNote) -> str:
    if not note.papers:
        return _("Nothing came in the last 7 days either.")
    if not note.saved:
        text = ngettext("Last 7 days: {count} paper.", "Last 7 days: {count} papers.", note.papers)
    else:
        text = ngettext(
            "Last 7 days: {count} paper, {saved} saved here.",
            "Last 7 days: {count} papers, {saved} saved here.",
            note.papers,
        )
    return text.format(count=format_number(note.papers), saved=format_number(note.saved))


def _text(page: DigestPage, papers: Mapping[PaperId, Paper], detail: _Detail, first: int) -> str:
    sections = []
    for section, start in _with_starts(page, first):
        entries = [
            _entry(number, paper, papers, detail, section)
            for number, paper in enumerate(section.papers, start)
        ]
        if section.more:
            entries.append(_more(section.more))
        between = "\n\n" if section.best and detail.sentence else "\n"
        sections.append(f"{_heading(section)}\n{between.join(entries)}")
    return "\n".join(sections)


def _with_starts(page: DigestPage, first: int) -> Iterator[tuple[Section, int]]:
    """Yield each section with the number of its first paper."""
    for section in page.sections:
        yield section, first
        first += len(section.papers)


def _bare(page: DigestPage, papers: Mapping[PaperId, Paper], room: int, first: int) -> str:
    """Return as many titles as fit into *room*, and the number of the others."""
    lines: list[str] = []
    room -= _MORE
    left = sum(len(section.papers) + section.more for section in page.sections)
    for section, start in _with_starts(page, first):
        lines.append(_heading(section))
        for number, paper_id in enumerate(section.papers, start):
            line = _entry(number, paper_id, papers, _DETAILS[-1], section)
            if limits.length("\n".join((*lines, line))) > room:
                return "\n".join((limits.cut("\n".join(lines), room), _more(left)))
            lines.append(line)
            left -= 1
    return "\n".join((*lines, _more(left)))


def _heading(section: Section) -> str:
    """Return the keyword with the number of its papers, including those on other pages."""
    if section.best:
        return f"### {_(_BEST)}"
    count = section.of or len(section.papers) + section.more
    return f"### {shown_keyword(section.keyword)} · {format_number(count)}"


def _more(count: int) -> str:
    return ngettext("*and {count} more*", "*and {count} more*", count).format(count=format_number(count))


def _entry(
    number: int, paper_id: PaperId, papers: Mapping[PaperId, Paper], detail: _Detail, section: Section
) -> str:
    others = ", ".join(section.also.get(paper_id, ())) if detail.also and not section.best else ""
    also = others and _("also: {keywords}").format(keywords=escape(limits.cut(others, detail.also)))
    paper = papers.get(paper_id)
    if paper is None:
        address = link(f"arXiv:{paper_id}", f"https://arxiv.org/abs/{paper_id}")
        return joined(f"**{format_number(number)}** {address}", also)
    if not section.best:
        return joined(short_entry(number, paper, detail.title, with_facts=detail.facts), also)
    lines = entry(number, paper, today=None, dated=False, sentence=detail.sentence)
    terms = escape(limits.cut(", ".join(section.terms.get(paper_id, ())[:_TERMS]), _CLOSEST))
    return f"{lines}\n★ {terms}" if terms else lines


def _order(page: DigestPage) -> str:
    """Return how the papers are ordered; where that says nothing, how many there are."""
    if page.enough_saved is None:
        return _papers(page.total)
    if page.enough_saved:
        return _("Best first in each list")
    return _("Save three papers and the closest come first")


def _papers(count: int) -> str:
    return ngettext("{count} paper", "{count} papers", count).format(count=format_number(count))
