"""The answers of `/interests`: what a channel or a person cares for, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.i18n import format_list, format_number, join_sentences, ngettext
from bot.i18n import gettext as _
from bot.model.interests import Evidence
from bot.model.papers import Paper
from bot.present import colours, library, limits, markdown
from bot.present.latex.unicode import to_unicode
from bot.present.lines import joined

_LISTED, _TITLE = 20, 110


@dataclass(frozen=True, slots=True)
class ShownInterest:
    """An interest to show: of the channel called *name*, or ("") of the person who asks.

    *most*, *some* and *less* are terms in words; with *enough*, it rests on enough papers to order by.
    """

    name: str
    evidence: Evidence
    enough: bool
    most: Sequence[str] = ()
    some: Sequence[str] = ()
    less: Sequence[str] = ()


def interest_embed(shown: ShownInterest) -> discord.Embed:
    """Return an interest: its strongest terms, and how many papers they were learnt from."""
    title = _("Interests of {channel}").format(channel=shown.name) if shown.name else _("Your interests")
    if not shown.enough:
        text = _(
            "Three saves are enough to start: then the papers closest to them come first and get a ★. To "
            "start today, add papers you like: arXiv links, a .bib file or a Zotero export."
        )
        parts = [text, _line(_("Less"), shown.less)]
        return _embed(title, parts, colours.GREY)
    parts = [
        "\n".join(
            filter(
                None,
                (
                    _line(_("Most"), shown.most),
                    _line(_("Some"), shown.some),
                    _line(_("Less"), shown.less),
                ),
            )
        ),
        _learnt_from(shown),
    ]
    return _embed(title, parts, colours.GOLD)


def sources_embed(name: str, papers: Sequence[Paper], total: int) -> discord.Embed:
    """Return the first of the *total* papers behind an interest, the newest first, without names."""
    title = _("Papers behind the interests of {channel}").format(channel=name)
    if not name:
        title = _("Papers behind your interests")
    lines = [
        markdown.link(limits.cut(to_unicode(paper.title) or paper.versioned, _TITLE), paper.abs_url)
        for paper in papers[:_LISTED]
    ]
    if total > len(lines):
        lines.append(_("and {count} more").format(count=format_number(total - len(lines))))
    return _embed(title, ["\n".join(lines) or _("None yet.")], colours.GREY)


def added_embed(
    added: Sequence[Paper], known: int, notes: Sequence[str], *, left: int = 0, own: bool = False
) -> discord.Embed:
    """Return the answer to adding papers: those *added*, how many were *known*, and *notes* on the others.

    For *left* there was no room: on the reading list, which is the person's *own*, or in the channel.
    """
    parts = []
    if added:
        said = ngettext("Added {count} paper.", "Added {count} papers.", len(added))
        said = said.format(count=format_number(len(added)))
        parts.append("\n".join([f"**{said}**", *(_title(paper) for paper in added[:_LISTED])]))
    if known:
        already = ngettext("{count} was there already.", "{count} were there already.", known)
        parts.append(already.format(count=format_number(known)))
    if left:
        parts.append(library.no_room(left) if own else _no_room(left))
    parts.append(join_sentences(*filter(None, notes)) if any(notes) else "")
    return discord.Embed(description=_joined(parts), colour=colours.GREEN if added else colours.GREY)


def removed_embed(paper: str) -> discord.Embed:
    """Return the answer to taking a paper back, by its title or number."""
    text = _("The interest no longer counts {paper}.").format(paper=markdown.escape(to_unicode(paper)))
    return discord.Embed(description=limits.cut(text, limits.EMBED_DESCRIPTION), colour=colours.GREEN)


def reset_question(name: str, most: Sequence[str]) -> discord.Embed:
    """Return the question before a channel's interest, whose strongest terms are *most*, begins anew."""
    text = _(
        "All that was learnt for {channel} is forgotten: saves, added papers, and *Less like this*. Reading "
        "lists stay as they are. New saves count from then on."
    ).format(channel=name)
    return _embed(_("Begin anew?"), [_line(_("Most"), most), text], colours.RED)


def reset_embed() -> discord.Embed:
    """Return the answer after an interest was reset."""
    return discord.Embed(description=_("Forgotten. New saves count from now on."), colour=colours.GREEN)


def own_reset_embed() -> discord.Embed:
    """Return the answer after a person reset their own interest."""
    text = _(
        "Your *Less like this* choices are forgotten. Apart from that, your own interests are your reading "
        "list: remove papers from it with `/library remove`."
    )
    return discord.Embed(description=text, colour=colours.GREEN)


def less_embed(paper: Paper, *, in_channel: bool) -> discord.Embed:
    """Return the answer to *Less like this*, which always counts for the person's own interests."""
    text = _("Papers like {paper} come later for you from now on.")
    if in_channel:
        text = _("Papers like {paper} come later for you and in this channel from now on.")
    shown = limits.cut(text.format(paper=_title(paper)), limits.EMBED_DESCRIPTION)
    return discord.Embed(description=shown, colour=colours.GREEN)


def less_taken_back_embed(paper: str) -> discord.Embed:
    """Return the answer after a person took *Less like this* back, by the paper's title or number."""
    title = markdown.escape(limits.cut(to_unicode(paper), _TITLE))
    text = _("Taken back. Papers like {paper} no longer come later because of you.").format(paper=title)
    return discord.Embed(description=text, colour=colours.GREEN)


def no_room_for_less() -> str:
    """Return the error for a person who asked for fewer of as many papers as are kept."""
    return _(
        "There is no room for more “Less like this” choices, so this one was not saved. `/interests reset` "
        "with `mine: True` removes all of yours."
    )


def _no_room(count: int) -> str:
    return ngettext(
        "**No room** for {count} paper: this channel has as many added papers as it can hold. Use "
        "`/interests remove` to make room.",
        "**No room** for {count} papers: this channel has as many added papers as it can hold. Use "
        "`/interests remove` to make room.",
        count,
    ).format(count=format_number(count))


def _learnt_from(shown: ShownInterest) -> str:
    evidence = shown.evidence
    if not shown.name:
        count = len(evidence.saved)
        return ngettext(
            "Learnt from {count} paper on your reading list.",
            "Learnt from {count} papers on your reading list.",
            count,
        ).format(count=format_number(count))
    sources = []
    if evidence.saves:
        people = ngettext("{count} person", "{count} people", evidence.savers)
        saves = ngettext("{count} save by {people}", "{count} saves by {people}", evidence.saves)
        sources.append(
            saves.format(
                count=format_number(evidence.saves),
                people=people.format(count=format_number(evidence.savers)),
            )
        )
    if evidence.added:
        added = ngettext("{count} added paper", "{count} added papers", len(evidence.added))
        sources.append(added.format(count=format_number(len(evidence.added))))
    return _(
        "Learnt from {sources}. What is close to them comes first and gets a ★. Nothing is hidden."
    ).format(sources=format_list(sources))


def _line(label: str, terms: Sequence[str]) -> str:
    return joined(f"**{label}**", *map(markdown.escape, terms)) if terms else ""


def _title(paper: Paper) -> str:
    return markdown.escape(limits.cut(to_unicode(paper.title) or paper.versioned, _TITLE))


def _embed(title: str, parts: Sequence[str], colour: int) -> discord.Embed:
    return discord.Embed(
        title=limits.cut(title, limits.EMBED_TITLE), description=_joined(parts), colour=colour
    )


def _joined(parts: Sequence[str]) -> str:
    return limits.cut("\n\n".join(filter(None, parts)), limits.EMBED_DESCRIPTION)
