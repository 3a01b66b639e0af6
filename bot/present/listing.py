"""Papers in a list, numbered so that a menu below can name them, and those menus.

`bot.interactions.paper_menus` handles what is picked. Its classes are registered once, at start, so the
menus work on any message, also after a restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import discord

from bot.i18n import format_day, format_number
from bot.i18n import gettext as _
from bot.model.papers import Paper
from bot.present import limits, names
from bot.present.cards import said_of
from bot.present.latex.unicode import to_unicode
from bot.present.lines import joined, unbroken
from bot.present.markdown import clean, escape
from bot.present.posts import title_link
from bot.present.venues import venue_in_words

_TITLE = 90
_SENTENCE = 140
_VENUE = 60


def entry(number: int, paper: Paper, *, today: date | None, dated: bool, sentence: bool = True) -> str:
    """Return a paper: title, the *sentence* that says what is new, and a line of facts, *dated* or not."""
    lines = [f"**{format_number(number)}** **{title_link(paper, _TITLE)}**"]
    if sentence:
        lines.append(said_of(paper, _SENTENCE))
    lines.append(facts(paper, day=format_day(paper.published, today) if dated else ""))
    return "\n".join(filter(None, lines))


def short_entry(number: int, paper: Paper, limit: int = _TITLE, *, with_facts: bool = True) -> str:
    """Return a paper as one paragraph: number, title and, *with_facts*, authors and venue."""
    return joined(
        f"**{format_number(number)}** {title_link(paper, limit)}", facts(paper) if with_facts else ""
    )


def facts(paper: Paper, *, day: str = "") -> str:
    """Return surnames, venue and *day* on one line, in Markdown."""
    where = _("⚠️ withdrawn") if paper.withdrawn else escape(limits.cut(venue_in_words(paper), _VENUE))
    people = escape(names.surnames(paper)).replace(" & ", "\u00a0&\u00a0")
    return joined(people, unbroken(where), day)


def open_menu(
    page: int,
    numbered: Sequence[tuple[int, Paper]],
    today: date | None,
    *,
    starred: Sequence[tuple[int, Paper]] = (),
    discuss: bool = False,
) -> discord.ui.Select[discord.ui.View]:
    """Return the menu that opens one of the papers on a *page*, of which there are at most 25.

    After those that are *numbered* come those that are *starred* with a count. With *discuss*, a paper can be
    discussed in the channel.
    """
    listed = {paper.id for _number, paper in numbered}
    options = _options(numbered, today)
    options += [
        _option(f"★ {format_number(count)}", paper, today)
        for count, paper in starred
        if paper.id not in listed
    ]
    return discord.ui.Select(
        custom_id=f"papers:open-here:{page}" if discuss else f"papers:open:{page}",
        options=options[: limits.CHOICES],
        placeholder=_("Open one: abstract, PDF, discuss, cite")
        if discuss
        else _("Open one: abstract, PDF, save, cite"),
    )


def save_menu(
    custom_id: str, numbered: Sequence[tuple[int, Paper]], today: date | None
) -> discord.ui.Select[discord.ui.View]:
    """Return the menu that saves as many of the papers as are picked."""
    return discord.ui.Select(
        custom_id=custom_id,
        options=_options(numbered, today),
        placeholder=_("Save one or more"),
        max_values=len(numbered),
    )


def _options(numbered: Sequence[tuple[int, Paper]], today: date | None) -> list[discord.SelectOption]:
    return [_option(format_number(number), paper, today) for number, paper in numbered]


def _option(mark: str, paper: Paper, today: date | None) -> discord.SelectOption:
    """Return a paper as an option, which shows neither Markdown nor links."""
    title = clean(to_unicode(paper.title)) or paper.versioned
    facts = joined(names.surnames(paper), paper.primary_category, format_day(paper.published, today))
    return discord.SelectOption(
        label=limits.cut(f"{mark}  {title}", limits.CHOICE),
        value=paper.id.text,
        description=limits.cut(facts, limits.CHOICE),
    )
