"""A page of a digest or of a list, and the note for a day without papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import discord

from bot.i18n import format_date, format_list, format_number, gettext_noop, ngettext
from bot.i18n import gettext as _
from bot.model.outbox import DigestPage, Kind, Section
from bot.model.papers import Paper, PaperId
from bot.present import colours, limits
from bot.present.keywords import shown_keyword
from bot.present.markdown import escape, link
from bot.present.posts import abstract_start, authors, title_link

_LISTED = gettext_noop("*These papers exceed this channel's daily cap, so they come as one list.*")
_MORE = 60  # room for the line that counts the other papers


@dataclass(frozen=True, slots=True)
class _Detail:
    """How much of each paper to show: length of the title, number of authors, length of the abstract.

    `also` limits the length of the other matching keywords. Lengths are in UTF-16 units.
    """

    title: int
    authors: int
    abstract: int
    also: int


# From generous to bare; the first that lets the whole page fit is used.
_DETAILS = (
    _Detail(200, 3, 280, 120),
    _Detail(200, 3, 160, 80),
    _Detail(160, 3, 0, 80),
    _Detail(120, 1, 0, 50),
    _Detail(90, 0, 0, 40),
    _Detail(50, 0, 0, 0),
)
_COMPACT = tuple(detail for detail in _DETAILS if not detail.abstract)


def issue_embeds(kind: Kind, page: DigestPage, papers: Mapping[PaperId, Paper]) -> list[discord.Embed]:
    """Return the embeds of one page of a digest or a list."""
    return (list_embeds if kind is Kind.LIST else digest_embeds)(page, papers)


def digest_embeds(page: DigestPage, papers: Mapping[PaperId, Paper]) -> list[discord.Embed]:
    """Return the embeds of one page of a digest: the papers of each keyword and their number.

    The more papers a page has, the less it shows of each. If not even their titles fit, the rest is counted.
    A paper missing from *papers* is shown by its identifier.
    """
    return [_embed(page, papers, _("New papers, {date}").format(date=format_date(page.day)))]


def list_embeds(page: DigestPage, papers: Mapping[PaperId, Paper]) -> list[discord.Embed]:
    """Return the embeds of one page of a list: papers beyond the daily cap of a channel without a digest."""
    introduction = f"{_(_LISTED)}\n" if page.number == 1 else ""
    title = ngettext("{count} more paper, {date}", "{count} more papers, {date}", page.total).format(
        count=format_number(page.total), date=format_date(page.day)
    )
    return [_embed(page, papers, title, introduction=introduction, details=_COMPACT)]


def _embed(
    page: DigestPage,
    papers: Mapping[PaperId, Paper],
    title: str,
    *,
    introduction: str = "",
    details: Sequence[_Detail] = _DETAILS,
) -> discord.Embed:
    footer = _papers(page.total)
    if page.pages > 1:
        where = _("page {page} of {pages}").format(page=page.number, pages=page.pages)
        footer = f"{footer} · {where}"
    room = limits.EMBED_DESCRIPTION - limits.length(introduction)
    texts = (_text(page, papers, detail) for detail in details)
    text = next((text for text in texts if limits.length(text) <= room), None)
    text = introduction + (text or _bare(page, papers, room))
    embed = discord.Embed(title=title, description=text, colour=colours.ARXIV_RED)
    return limits.fit(embed.set_footer(text=footer))


def quiet_day_embed(today: date, keywords: Sequence[str] = ()) -> discord.Embed:
    """Return the note for a day without papers, for channels that want one."""
    text = _("No new papers today.")
    if keywords:
        named = format_list([escape(keyword) for keyword in keywords])
        text = _("No new papers on {keywords} today.").format(keywords=named)
    title = _("No new papers, {date}").format(date=format_date(today))
    return discord.Embed(title=title, description=limits.cut(text, 500), colour=colours.ARXIV_RED)


def _text(page: DigestPage, papers: Mapping[PaperId, Paper], detail: _Detail) -> str:
    sections = []
    for section in page.sections:
        entries = [_heading(section)]
        entries += [_entry(paper_id, papers, detail, section) for paper_id in section.papers]
        if section.more:
            entries.append(_more(section.more))
        sections.append(("\n\n" if detail.abstract else "\n").join(entries))
    return "\n".join(sections)


def _bare(page: DigestPage, papers: Mapping[PaperId, Paper], room: int) -> str:
    """Return as many titles as fit into *room*, and the number of the others."""
    lines: list[str] = []
    room -= _MORE
    left = sum(len(section.papers) + section.more for section in page.sections)
    for section in page.sections:
        lines.append(_heading(section))
        for paper_id in section.papers:
            line = _entry(paper_id, papers, _DETAILS[-1], section)
            if limits.length("\n".join((*lines, line))) > room:
                return "\n".join((limits.cut("\n".join(lines), room), _more(left)))
            lines.append(line)
            left -= 1
    return "\n".join((*lines, _more(left)))


def _heading(section: Section) -> str:
    """Return the keyword with the number of its papers, including those on other pages."""
    count = section.of or len(section.papers) + section.more
    return f"### {shown_keyword(section.keyword)} · {format_number(count)}"


def _more(count: int) -> str:
    return ngettext("*and {count} more*", "*and {count} more*", count).format(count=format_number(count))


def _entry(paper_id: PaperId, papers: Mapping[PaperId, Paper], detail: _Detail, section: Section) -> str:
    others = ", ".join(section.also.get(paper_id, ())) if detail.also else ""
    also = others and _("also: {keywords}").format(keywords=escape(limits.cut(others, detail.also)))
    paper = papers.get(paper_id)
    if paper is None:
        address = link(f"arXiv:{paper_id}", f"https://arxiv.org/abs/{paper_id}")
        return " · ".join(filter(None, (f"• {address}", also)))
    lines = [f"• **{title_link(paper, detail.title)}**"]
    facts = [also]
    if detail.authors:
        facts = [
            authors(paper, detail.authors),
            escape(paper.primary_category),
            format_date(paper.updated),
            also,
        ]
    if any(facts):
        lines.append(" · ".join(filter(None, facts)))
    if detail.abstract and (words := abstract_start(paper, detail.abstract)):
        lines.append(words)
    return "\n".join(lines)


def _papers(count: int) -> str:
    return ngettext("{count} paper", "{count} papers", count).format(count=format_number(count))
