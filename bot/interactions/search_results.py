"""The results of `/search`: pages with buttons to turn them, a menu of the papers, *Subscribe this channel*.

The message holds the search itself (see `bot.present.search`), so everything works after a restart. The cog
of `/search` registers the buttons, the menu and the form.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import discord

from bot import i18n
from bot.arxiv.sweep import WINDOW
from bot.i18n import gettext as _
from bot.interactions import ask_arxiv, components, permissions
from bot.interactions.alternatives import KIND, other_query
from bot.interactions.author_preview import Target, preview_button
from bot.interactions.context import Interaction
from bot.interactions.paper_buttons import show_abstract
from bot.interactions.reading_list import channel_with_papers
from bot.interactions.searching import (
    LONG_WAIT,
    PER_PAGE,
    Search,
    Suggestion,
    fetch,
    is_known,
    read_words,
    start_of,
    suggestion,
    written_words,
)
from bot.interactions.subscribe_here import SubscribeHere
from bot.model.errors import UserError
from bot.model.papers import Paper, PaperId
from bot.present import audience, limits
from bot.present.alternatives import FOLLOW, SEARCH
from bot.present.listing import open_menu
from bot.present.search import ResultsPage, SortOrder, results_embed, searched_in_words, turnable
from bot.present.views import Form, View
from bot.query.alternatives import Alternative, alternatives, name_in
from bot.query.query import read_query
from bot.query.spelling import respelled

_STATE = rf"(?P<sort>{'|'.join(SortOrder)}):(?P<category>[\w.-]*):(?P<person>\d+)"
_PAGE = r"(?P<page>\d{1,6}):(?P<pages>\d{1,6})"
_WORDS = r"\d+-[^\W\d_]+(?:\.\d+-[^\W\d_]+)*"
_NUMBER = "number"

FORM = re.compile(rf"papers:jumped:{_STATE}:{_PAGE}")


class TurnResults(components.PageButton, template=components.page_template("search", _STATE)):
    """Turns the pages of a search; anyone but the person who searched gets their own copy."""

    async def run(self, interaction: Interaction) -> None:
        search = Search.of_message(interaction, self.state)
        await _turn(interaction, search, self.page, owner=int(self.state["person"]))


class JumpToPage(components.Action, template=rf"papers:jump:{_STATE}:{_PAGE}"):
    """Shows the number of the page, and asks for another one in a form."""

    @classmethod
    def of(cls, search: Search, page: int, pages: int) -> Self:
        label = _("{page} of {pages}").format(
            page=i18n.format_number(page + 1), pages=i18n.format_number(pages)
        )
        return cls(f"papers:jump:{search.state}:{page}:{pages}", label=label)

    async def run(self, interaction: Interaction) -> None:
        pages = i18n.format_number(int(self.state["pages"]))
        form = Form(title=_("Go to page"), custom_id=self.custom_id.replace("jump", "jumped", 1))
        number: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(custom_id=_NUMBER, max_length=6)
        text = _("Page (1 to {pages})").format(pages=pages)
        form.add_item(discord.ui.Label(text=text, component=number))
        await interaction.response.send_modal(form)


class SearchInstead(components.Action, template=rf"papers:search-instead:{KIND}:{_STATE}"):
    """Searches for another query that the results offer."""

    @classmethod
    def of(cls, kind: Alternative, search: Search) -> Self:
        return cls(f"papers:search-instead:{kind}:{search.state}", label=_(SEARCH[kind]))

    async def run(self, interaction: Interaction) -> None:
        search = Search.of_message(interaction, self.state)
        query = other_query(interaction, search.query, self.state["kind"])
        if query is None:
            raise UserError(_("This message no longer contains its search results. Please search again."))
        await _turn(interaction, replace(search, query=query), 0, owner=int(self.state["person"]))


class SearchThat(components.Action, template=rf"papers:spelt:{_STATE}:(?P<words>{_WORDS})"):
    """Searches for the query with other words in the places of misspelt ones."""

    @classmethod
    def of(cls, search: Search, meant: Suggestion) -> Self | None:
        """Return the button; None if its identifier has no room for the words."""
        custom_id = f"papers:spelt:{search.state}:{written_words(meant.words)}"
        if limits.length(custom_id) > limits.CUSTOM_ID:
            return None
        return cls(custom_id, label=_("Search that"), style=discord.ButtonStyle.primary)

    async def run(self, interaction: Interaction) -> None:
        search = Search.of_message(interaction, self.state)
        typed = respelled(search.query.typed, read_words(self.state["words"]))
        query = read_query(typed, interaction.client.settings.limits.query_length)
        await _turn(interaction, replace(search, query=query), 0, owner=int(self.state["person"]))


class PickPaper(components.Menu, template=r"papers:found:(?P<page>\d{1,6})"):
    """The menu below earlier versions' results: shows one of the papers to the person who picks it."""

    def __init__(self, custom_id: str, options: list[discord.SelectOption]) -> None:
        super().__init__(custom_id, options)

    async def pick(self, interaction: Interaction, value: str) -> None:
        await show_abstract(interaction, PaperId(value))


async def show_page(interaction: Interaction, search: Search, page: int, language: str) -> None:
    """Put *page* of *search*, counted from 0, into the deferred answer, in the *language* of its readers.

    What is raised is in the language in force, since a refusal may be for one person alone.
    """
    first = page * PER_PAGE
    if not is_known(interaction, search, page):
        with i18n.in_language(language):
            await announce_wait(interaction)
    fetched = await fetch(interaction, search, page)
    meant = await suggestion(interaction, search) if page == 0 and not fetched.total else None
    papers = await _in_order(interaction, search, fetched.papers)
    with i18n.in_language(language):
        results = ResultsPage(
            query=search.query.typed,
            words=searched_in_words(search.query),
            remark=search.query.remark,
            first=first + 1,
            today=interaction.client.clock().date(),
            sort=search.sort,
            category=search.category,
            papers=papers[first - start_of(page) :][:PER_PAGE],
            page=page,
            pages=math.ceil(min(fetched.total, WINDOW) / PER_PAGE),
            total=fetched.total,
            alternatives={} if meant else alternatives(search.query, found=fetched.total > 0),
            meant=(meant.query.typed, meant.total) if meant else None,
        )
        embed, view = results_embed(results), _components(interaction, search, results, meant)
    await interaction.edit_original_response(content=None, embed=embed, view=view)


async def _in_order(interaction: Interaction, search: Search, papers: Sequence[Paper]) -> Sequence[Paper]:
    """Return *papers* in the order that *search* asks for.

    By interest, those closest to the asker's saves come first; with too few saves, to those of the channel.
    """
    if search.sort is not SortOrder.INTEREST or not papers:
        return papers
    bot = interaction.client
    learnt = await bot.interests.of_person(interaction.user.id)
    if not learnt.is_enough and (channel := await channel_with_papers(interaction)):
        place = await bot.store.destinations.by_channel(channel)
        learnt = await bot.interests.of_channel(place.id) if place else learnt
    scores = await (await bot.interests.scoring()).scores(learnt, papers, [search.query])
    return sorted(papers, key=lambda paper: (scores[paper.id], paper.id), reverse=True)


async def jump(interaction: Interaction, state: dict[str, str], filled: dict[str, list[str]]) -> None:
    """Show the page whose number was typed into the form that *state* describes.

    Raises:
        UserError: there is no such page.
    """
    typed, pages = " ".join(filled.get(_NUMBER, [])), int(state["pages"])
    wanted = int(typed) if typed.isascii() and typed.isdecimal() else 0
    if not 1 <= wanted <= pages:
        raise UserError(
            _("There is no page “{typed}”. Type a number from 1 to {pages}.").format(
                typed=typed[:20], pages=i18n.format_number(pages)
            )
        )
    search, page = Search.of_message(interaction, state), wanted - 1
    await _turn(interaction, search, page, owner=int(state["person"]))


async def announce_wait(interaction: Interaction) -> None:
    """Say in the deferred answer how long the wait for arXiv will be, if it is long."""
    wait = interaction.client.arxiv.gate.wait_estimate(person=True)
    if wait > LONG_WAIT:
        await interaction.edit_original_response(
            content=_("arXiv takes one request at a time; your turn comes in about {time}.").format(
                time=i18n.format_duration(wait.total_seconds())
            )
        )


async def _turn(interaction: Interaction, search: Search, page: int, *, owner: int) -> None:
    """Show *page*: to the *owner* in the same message, to others in a copy of their own."""
    if not is_known(interaction, search, page):
        ask_arxiv.asker_of(interaction).require()  # before the answer begins
    if interaction.user.id == owner:
        language = audience.of_message(interaction)
        await interaction.response.defer()
    else:
        language = audience.of_person(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
    await show_page(interaction, search, page, language)


def _components(
    interaction: Interaction, search: Search, results: ResultsPage, meant: Suggestion | None
) -> View | None:
    """Return the buttons that turn the pages, the menu of the papers, and *Subscribe* for those who may."""
    view = View()
    if results.papers:
        numbered = list(enumerate(results.papers, results.first))
        view.add_item(open_menu(results.page, numbered, results.today))
    readable = turnable(results.query)
    turning = (
        TurnResults.buttons(f"papers:search:{search.state}", results.page, results.pages)
        if readable
        else None
    )
    if turning is not None:
        _first, back, forward, _last = turning.children
        for button in (back, JumpToPage.of(search, results.page, results.pages), forward):
            button.row = 1
            view.add_item(button)
    if readable and meant and (that := SearchThat.of(search, meant)):
        that.row = 1
        view.add_item(that)
    may_subscribe = permissions.may_subscribe_here(interaction)
    if readable and may_subscribe:
        subscribe = SubscribeHere.of(search.category)
        subscribe.named(found=bool(results.total))
        subscribe.row = 1
        view.add_item(subscribe)
    for kind in results.alternatives if readable else ():
        instead = SearchInstead.of(kind, search)
        instead.row = 2
        view.add_item(instead)
    author = name_in(results.alternatives.get(Alternative.AUTHOR, ""))
    follow = preview_button(author, _(FOLLOW[Alternative.AUTHOR]), Target()) if author else None
    if may_subscribe and follow is not None:
        follow.row = 2
        view.add_item(follow)
    return view if view.children else None
