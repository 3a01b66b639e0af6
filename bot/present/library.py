"""A reading list: the pages of `/library show`, the answers about single papers, and the exports."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date

import discord

from bot.i18n import format_date, format_number, join_sentences, ngettext
from bot.i18n import gettext as _
from bot.model.jsonl import row
from bot.model.papers import Paper, PaperId, SavedPaper
from bot.present import colours, limits, markdown, posts
from bot.present.bibtex.entries import bibtex
from bot.present.keywords import shown_keyword
from bot.present.latex.unicode import to_unicode

PER_PAGE = 5
"""Five papers with long notes fit one embed, however many characters are escaped in them."""
NOTE = 500
"""The characters of a note."""
QUERY = 60
"""The characters of a search in a reading list: the identifiers of the buttons hold it."""

_TITLE, _SHOWN_NOTE, _LISTED = 150, 200, 10
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]<>#&|~$^])")
_LINE_START = re.compile(r"^(\d{1,9}(?=[.)])|(?=[-+>=]))")


def library_embed(
    kept: Sequence[SavedPaper], *, page: int, pages: int, total: int, words: str = ""
) -> discord.Embed:
    """Return one page of a reading list, or of what was found in it for *words*; *page* counts from 0."""
    if not total and words:
        title = _("Nothing on your list matches “{query}”").format(query=shown_keyword(words))
        return discord.Embed(title=limits.cut(title, limits.EMBED_TITLE), colour=colours.GREY)
    if not total:
        return discord.Embed(
            title=_("Your reading list is empty"),
            description=_(
                "Use *Save* under a paper to add it, or **Apps → Save arXiv papers** on any message that "
                "names one. Only you can see the list."
            ),
        )
    title = ngettext("Your reading list: {count} paper", "Your reading list: {count} papers", total)
    if words:
        title = ngettext(
            "Your reading list: {count} paper on “{query}”",
            "Your reading list: {count} papers on “{query}”",
            total,
        )
    entries = (_entry(number, one) for number, one in enumerate(kept, page * PER_PAGE + 1))
    embed = discord.Embed(
        title=limits.cut(
            title.format(count=format_number(total), query=shown_keyword(words)), limits.EMBED_TITLE
        ),
        description=limits.cut("\n\n".join(entries), limits.EMBED_DESCRIPTION) or None,
        colour=colours.ARXIV_RED,
    )
    where = _("Page {page} of {pages}").format(page=format_number(page + 1), pages=format_number(pages))
    order = _("most recently saved first")
    return embed.set_footer(text=f"{where} · {order}")


def saved_embed(added: Sequence[Paper], known: Sequence[Paper], left: Sequence[PaperId]) -> discord.Embed:
    """Return the answer to saving: papers *added*, already *known*, and *left* out of a full list."""
    parts = [
        _listing(_("Saved to your reading list"), added),
        _listing(_("Already on your reading list"), known),
    ]
    if left:
        parts.append(no_room(len(left)))
    return _answer("\n\n".join(filter(None, parts)))


def no_room(count: int) -> str:
    """Return the sentence for *count* papers that were left out of a full list."""
    return ngettext(
        "**No room** for {count} paper: your reading list is full. Use `/library remove` to make room.",
        "**No room** for {count} papers: your reading list is full. Use `/library remove` to make room.",
        count,
    ).format(count=format_number(count))


def just_saved_embed(paper: Paper, *, total: int, here: int, before: bool) -> discord.Embed:
    """Return the answer to *Save* under one paper, which may have been on the list *before*.

    *total* is the number of papers on the list, *here* that of the people who saved the paper in this
    channel.
    """
    saved = _("★ Already on your list: {paper}") if before else _("★ Saved: {paper}")
    count = ngettext("Your list has {count} paper.", "Your list has {count} papers.", total)
    people = ngettext("{count} person here saved this one.", "{count} people here saved this one.", here)
    facts = join_sentences(
        count.format(count=format_number(total)), people.format(count=format_number(here)) if here > 1 else ""
    )
    text = f"{saved.format(paper=f'**{_title(paper)}**')}\n{facts}"
    return discord.Embed(description=text, colour=colours.GOLD)


def noted_embed(kept: SavedPaper) -> discord.Embed:
    """Return the answer to a note, or to its removal."""
    if not kept.note:
        return _answer(_("Removed the note on {paper}.").format(paper=_title(kept.paper)))
    heading = _("Note on {paper}:").format(paper=_title(kept.paper))
    return _answer(f"{heading}\n{_quoted(kept.note)}")


def removed_embed(kept: SavedPaper) -> discord.Embed:
    """Return the answer to a removal, with the note: it is not stored any longer."""
    removed = _("Removed from your reading list: {paper}").format(paper=_title(kept.paper))
    if not kept.note:
        return _answer(removed)
    was = _("Your note was:")
    return _answer(f"{removed}\n{was}\n{_quoted(kept.note)}")


def as_bibtex(kept: Sequence[SavedPaper], keys: Mapping[PaperId, str]) -> str:
    """Return a reading list as BibTeX, the notes as `annote`, under the *keys* that the person was given."""
    return bibtex((one.paper for one in kept), {one.paper.id: one.note for one in kept}, keys)


def as_json(kept: Sequence[SavedPaper]) -> str:
    """Return a reading list as a JSON list of papers, each with `note` and `saved_at`."""
    rows = [{**row(one.paper), "note": one.note, "saved_at": one.saved_at.isoformat()} for one in kept]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def as_markdown(kept: Sequence[SavedPaper], today: date) -> str:
    """Return a reading list as CommonMark, with LaTeX as Unicode; titles and notes contain no markup."""
    heading = _("Reading list")
    lines = [f"# {heading}", "", f"{_papers(len(kept))}, {today.isoformat()}"]
    for one in kept:
        paper = one.paper
        authors = ", ".join(paper.authors[: posts.AUTHORS])
        if len(paper.authors) > posts.AUTHORS:
            more = format_number(len(paper.authors) - posts.AUTHORS)
            authors = _("{names} and {count} more").format(names=authors, count=more)
        facts = f"{paper.primary_category}, {format_date(paper.published)}"
        title = _plain(paper.title) or paper.versioned
        lines += ["", f"- [{title}]({paper.abs_url})  ", f"  {_plain(f'{authors}. {facts}'.lstrip('. '))}"]
        if one.note:
            lines += ["", f"  > {_plain(one.note)}"]
    return "\n".join(lines) + "\n"


def _entry(number: int, kept: SavedPaper) -> str:
    paper = kept.paper
    saved = _("saved {date}").format(date=format_date(kept.saved_at))
    facts = f"{markdown.code(paper.versioned)} · {markdown.escape(paper.primary_category)} · {saved}"
    note = _quoted(kept.note, _SHOWN_NOTE) if kept.note else ""
    return "\n".join(
        filter(None, (f"**{format_number(number)}** **{_title(paper)}**", posts.authors(paper), facts, note))
    )


def _listing(heading: str, papers: Sequence[Paper]) -> str:
    if not papers:
        return ""
    shown = [f"• {_title(paper)}" for paper in papers[:_LISTED]]
    more = len(papers) - len(shown)
    return "\n".join(
        [
            f"**{heading}**",
            *shown,
            *([_("and {count} more").format(count=format_number(more))] if more else []),
        ]
    )


def _title(paper: Paper) -> str:
    return posts.title_link(paper, _TITLE)


def _quoted(note: str, limit: int = NOTE * 2) -> str:
    return f"> {limits.cut(markdown.escape(note), limit)}"


def _answer(text: str) -> discord.Embed:
    return discord.Embed(description=limits.cut(text, limits.EMBED_DESCRIPTION))


def _plain(text: str) -> str:
    escaped = _PUNCTUATION.sub(r"\\\1", markdown.clean(to_unicode(text)))
    return _LINE_START.sub(lambda start: f"{start[1]}\\", escaped)


def _papers(count: int) -> str:
    return ngettext("{count} paper", "{count} papers", count).format(count=format_number(count))
