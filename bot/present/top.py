"""The papers that people saved most, as `/top` and digests show them: counts, never names."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import discord

from bot.i18n import format_day, format_number, gettext_noop, in_language, languages
from bot.i18n import gettext as _
from bot.model.outbox import WeeklyTop
from bot.model.papers import Paper, PaperId
from bot.present import colours, limits, posts
from bot.present.lines import joined
from bot.present.listing import facts
from bot.present.venues import venue_in_words
from bot.present.views import View

MOST = 10
"""How many papers are listed."""
_TITLE = 90


class Period(enum.StrEnum):
    """How far back saves count; the values are part of the identifiers of posted buttons."""

    WEEK = "week"
    MONTH = "month"

    @property
    def days(self) -> int:
        """How many days it has, today included."""
        return 7 if self is Period.WEEK else 30

    def began(self, now: datetime) -> datetime:
        """Return when (UTC) the first day of the period that ends at *now* began."""
        first = now - timedelta(days=self.days - 1)
        return first.replace(hour=0, minute=0, second=0, microsecond=0)


class Scope(enum.StrEnum):
    """Whose saves count; the values are part of the identifiers of posted buttons."""

    CHANNEL = "channel"
    SERVER = "server"


TITLES = {
    Period.WEEK: gettext_noop("Saved most this week"),
    Period.MONTH: gettext_noop("Saved most this month"),
}
_EMPTY = {
    Period.WEEK: gettext_noop("Nobody saved a paper this week."),
    Period.MONTH: gettext_noop("Nobody saved a paper this month."),
}


@dataclass(frozen=True, slots=True)
class MostSaved:
    """A paper, and how many people saved it."""

    paper: Paper
    people: int


def top_embed(saved: Sequence[MostSaved], period: Period, now: datetime) -> discord.Embed:
    """Return the list of the papers *saved* most in the *period* that ends at *now*, the most saved first."""
    if not saved:
        return discord.Embed(description=_(_EMPTY[period]), colour=colours.GREY)
    return _embed(saved, _(TITLES[period]), period.began(now).date(), now.date(), today=now.date())


def weekly_top_embed(top: WeeklyTop, papers: Mapping[PaperId, Paper], today: date) -> discord.Embed | None:
    """Return what a digest of *today* shows of the week before; None if none of its *papers* is known."""
    saved = [MostSaved(papers[paper], people) for paper, people in top.counts if paper in papers]
    return _embed(saved, _(TITLES[Period.WEEK]), top.first, top.last, today=today) if saved else None


def saved_this_week() -> discord.ui.View:
    """Return the button that shows the list of the week to whoever clicks."""
    view, custom_id = View(), f"papers:top:{Period.WEEK}:{Scope.CHANNEL}"
    return view.add_item(discord.ui.Button(label=_("Saved this week"), custom_id=custom_id))


def weekly_top_titles() -> frozenset[str]:
    """Return the titles of what `weekly_top_embed` returns, in all languages."""
    titles = set()
    for language in languages():
        with in_language(language):
            titles.add(_(TITLES[Period.WEEK]))
    return frozenset(titles)


def _embed(saved: Sequence[MostSaved], title: str, first: date, last: date, *, today: date) -> discord.Embed:
    lines = "\n".join(f"**★ {format_number(one.people)}** · {_entry(one.paper)}" for one in saved)
    embed = discord.Embed(
        title=title, description=limits.cut(lines, limits.EMBED_DESCRIPTION), colour=colours.GOLD
    )
    note = _("{first} – {last} · counts only, never names").format(
        first=format_day(first, today), last=format_day(last, today)
    )
    return embed.set_footer(text=note)


def _entry(paper: Paper) -> str:
    subject = "" if paper.withdrawn or venue_in_words(paper) else paper.primary_category
    return f"{posts.title_link(paper, _TITLE)}\n{joined(facts(paper), subject)}"
