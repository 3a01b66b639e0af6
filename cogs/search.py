"""`/search` and `/paper`: ask arXiv itself, in a server, in direct messages or as an app of one's own."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Self

import discord
from discord import app_commands
from discord.ext import commands

from bot import i18n
from bot.arxiv.client import Sort
from bot.arxiv.sweep import WINDOW
from bot.i18n import gettext as _
from bot.interactions import ask_arxiv, components, paper_buttons, permissions
from bot.interactions.context import Bot, Interaction
from bot.interactions.options import read_category
from bot.interactions.place import place_of
from bot.interactions.subscribe import find_subscription, subscribe_place
from bot.model.errors import ArxivError, UserError
from bot.model.links import read_paper
from bot.model.outbox import Posting
from bot.model.papers import Paper, PaperId
from bot.model.subscriptions import Options, State
from bot.model.taxonomy import ARCHIVES
from bot.present import audience, categories, limits
from bot.present.buttons import under_paper
from bot.present.posts import paper_embed
from bot.present.search import choice_of, search_embed, searched, turnable
from bot.present.subscriptions import existing_embed
from bot.query.query import Query, read_query

_PER_PAGE = 5
_FETCHED = 50  # ten pages cost arXiv one request
_WORTH_SAYING = timedelta(seconds=10)
_SORTS = {"newest": Sort.SUBMITTED, "relevance": Sort.RELEVANCE}
_STATE = r"(?P<sort>newest|relevance):(?P<category>[\w.-]*):(?P<person>\d+)"
_FORM = re.compile(rf"papers:jumped:{_STATE}:(?P<page>\d{{1,6}}):(?P<pages>\d{{1,6}})")
_NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Search:
    """What *person* searched for, and how it is shown; no category means all."""

    query: Query
    sort: str
    category: str
    person: int

    @classmethod
    def again(cls, interaction: Interaction, state: dict[str, str]) -> Self:
        """Return the search that the message shows under which *interaction* happens, for who acts there.

        Raises:
            UserError: the message does not say any more.
        """
        query = _asked(interaction)
        return cls(query, state["sort"], state["category"], interaction.user.id)

    @property
    def state(self) -> str:
        """What stands of the search in the identifiers of its buttons."""
        return f"{self.sort}:{self.category}:{self.person}"

    @property
    def arxiv(self) -> str:
        """The query in arXiv's syntax; an archive stands for all its categories."""
        if not self.category:
            return self.query.arxiv
        subjects = f" OR cat:{self.category}.*" if self.category in ARCHIVES else ""
        return f"({self.query.arxiv}) AND (cat:{self.category}{subjects})"


class SearchPage(components.PageButton, template=components.page_template("search", _STATE)):
    """Turn the pages of a search; who did not make it gets a copy of their own."""

    async def run(self, interaction: Interaction) -> None:
        search = Search.again(interaction, self.state)
        stretch = _FETCHED // _PER_PAGE
        crossed = {"next": self.page % stretch == 0, "back": self.page % stretch == stretch - 1}
        await _turn(
            interaction,
            search,
            self.page,
            owner=int(self.state["person"]),
            counted=crossed.get(self.state["turn"], True),
        )


class Jump(components.Action, template=rf"papers:jump:{_STATE}:(?P<page>\d{{1,6}}):(?P<pages>\d{{1,6}})"):
    """Says which page is shown, and asks for the number of another one."""

    @classmethod
    def of(cls, search: Search, page: int, pages: int) -> Self:
        label = _("{page} of {pages}").format(
            page=i18n.format_number(page + 1), pages=i18n.format_number(pages)
        )
        return cls(f"papers:jump:{search.state}:{page}:{pages}", label=label)

    async def run(self, interaction: Interaction) -> None:
        pages = int(self.state["pages"])
        form = discord.ui.Modal(
            title=_("Go to a page"), custom_id=self.custom_id.replace("jump", "jumped", 1)
        )
        number: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(custom_id=_NUMBER, max_length=6)
        form.add_item(
            discord.ui.Label(
                text=_("Page, from 1 to {pages}").format(pages=i18n.format_number(pages)), component=number
            )
        )
        await interaction.response.send_modal(form)


class Pick(components.Menu, template=r"papers:found:(?P<page>\d{1,6})"):
    """Shows one of the papers of a page to who picks it, with all that can be done with it."""

    def __init__(self, custom_id: str, options: list[discord.SelectOption]) -> None:
        super().__init__(custom_id, options, placeholder=_("Pick one: abstract, PDF, save, BibTeX"))

    async def pick(self, interaction: Interaction, value: str) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        [paper] = await ask_arxiv.find_papers(interaction, [PaperId(value)])
        await interaction.edit_original_response(
            embed=paper_embed(Posting(paper, ())), view=under_paper(paper)
        )


class SubscribeHere(components.Action, template=r"papers:subscribe:(?P<category>[\w.-]*)"):
    """Subscribes the channel to what was searched for, as `/subscribe` does, but changes nothing there is."""

    @classmethod
    def of(cls, search: Search) -> Self:
        return cls(
            f"papers:subscribe:{search.category}",
            label=_("Subscribe this channel"),
            style=discord.ButtonStyle.primary,
        )

    async def run(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        place = place_of(interaction, None)
        permissions.require_manager(interaction, place)
        query, category = _asked(interaction), self.state["category"]
        known = await find_subscription(interaction, place, query)
        if known is not None and known.destination.state is not State.GONE:
            embed = existing_embed(known)
            await interaction.edit_original_response(embed=embed)
            return
        options = Options(categories=(category,) if category else ())
        await subscribe_place(interaction, place, query, options)


class Searching(commands.Cog):
    """Search arXiv and look papers up, so many times a minute and person."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.quota = bot.quota

    @app_commands.command(description="Search arXiv")
    @app_commands.describe(
        query="Words such as speech synthesis, or a query such as au:hinton AND ti:capsules",
        sort="newest: by submission; relevance: as arXiv ranks them (default: newest)",
        category="Only papers of this arXiv category, such as cs.CL",
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def search(
        self,
        interaction: Interaction,
        query: str,
        sort: Literal["newest", "relevance"] = "newest",
        category: str = "",
    ) -> None:
        parsed = read_query(query, self.bot.settings.limits.query_length)
        chosen = read_category(category) if category.strip() else ""
        self.quota.take(interaction.user.id, self.bot.clock())
        await interaction.response.defer(thinking=True)
        i18n.use_language(audience.of_everybody(interaction))
        await self.show(interaction, Search(parsed, sort, chosen, interaction.user.id), 0)

    @search.autocomplete("category")
    async def _complete_category(
        self, _interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return [
            app_commands.Choice(name=f"{found} · {categories.name(found)}"[: limits.CHOICE], value=found)
            for found in categories.search(typed)
        ]

    async def show(self, interaction: Interaction, search: Search, page: int) -> None:
        """Put *page* of *search* where the deferred answer stands."""
        first = page * _PER_PAGE
        start = first - first % _FETCHED
        await self._say_when(interaction)
        answer = await ask_arxiv.search(
            self.bot.arxiv, search.arxiv, start=start, count=_FETCHED, sort=_SORTS[search.sort]
        )
        pages = math.ceil(min(answer.total, WINDOW) / _PER_PAGE)
        shown = answer.papers[first - start :][:_PER_PAGE]
        embed = search_embed(
            search.query.typed,
            shown,
            words=search.query.description,
            sort=search.sort,
            category=search.category,
            page=page,
            pages=pages,
            total=answer.total,
        )
        view = _below(interaction, search, shown, page=page, pages=pages)
        await interaction.edit_original_response(content=None, embed=embed, view=view)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Take the answer to the form of *Jump*, also to one that was opened before this process started."""
        if answer := components.form_answer(interaction, _FORM):
            state, filled = answer
            async with components.answering(interaction):
                await _jump(interaction, state, " ".join(filled.get(_NUMBER, [])))

    @app_commands.command(description="Look an arXiv paper up")
    @app_commands.describe(
        paper="Its identifier or a link: 2607.16206, hep-th/9901001, https://arxiv.org/abs/…"
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def paper(self, interaction: Interaction, paper: str) -> None:
        wanted, version = read_paper(paper)
        self.quota.take(interaction.user.id, self.bot.clock())
        await interaction.response.defer(thinking=True)
        i18n.use_language(audience.of_everybody(interaction))
        await self._say_when(interaction)
        found, note = await self._look_up(wanted)
        if version is not None and version != found.version:
            note = _("You asked for version {asked}; this is version {version}, the current one.").format(
                asked=version, version=found.version
            )
        await interaction.edit_original_response(
            content=note,
            embed=paper_embed(Posting(found, ())),
            view=under_paper(found, discuss=paper_buttons.may_discuss(interaction)),
        )

    async def _look_up(self, wanted: PaperId) -> tuple[Paper, str | None]:
        """Return the paper as arXiv has it, or as it was stored, with a note, where arXiv cannot be asked."""
        try:
            papers = await ask_arxiv.fetch_papers(self.bot.arxiv, [wanted])
        except ArxivError:
            stored = await self.bot.store.papers.get(wanted)
            if stored is None:
                raise
            return stored, _("arXiv cannot be asked just now; this is what it said when it was last asked.")
        if wanted not in papers:
            raise ask_arxiv.unknown_papers([wanted])
        return papers[wanted], None

    async def _say_when(self, interaction: Interaction) -> None:
        """Say how long arXiv's queue is where that is worth saying."""
        wait = self.bot.arxiv.gate.wait_estimate(person=True)
        if wait > _WORTH_SAYING:
            await interaction.edit_original_response(
                content=_(
                    "arXiv answers one question at a time; this one's turn comes in about {time}."
                ).format(time=i18n.format_duration(wait.total_seconds()))
            )


def _below(
    interaction: Interaction, search: Search, papers: Sequence[Paper], *, page: int, pages: int
) -> components.View | None:
    """Return what stands under a page: the pages, a menu of its *papers*, and *Subscribe* for who may."""
    view = components.View(timeout=None)
    readable = turnable(search.query.typed)
    turning = SearchPage.buttons(f"papers:search:{search.state}", page, pages) if readable else None
    if turning is not None:
        first, back, *forward = turning.children
        for button in (first, back, Jump.of(search, page, pages), *forward):
            view.add_item(button)
    if papers:
        view.add_item(Pick(f"papers:found:{page}", [choice_of(paper) for paper in papers]))
    if readable and permissions.may_subscribe_here(interaction):
        view.add_item(SubscribeHere.of(search))
    return view if view.children else None


def _asked(interaction: Interaction) -> Query:
    """Return the query of the search that the message shows under which *interaction* happens."""
    embeds = interaction.message.embeds if interaction.message else []
    return read_query(searched(embeds), interaction.client.settings.limits.query_length)


async def _turn(interaction: Interaction, search: Search, page: int, *, owner: int, counted: bool) -> None:
    """Show *page* in the place of another, or to who is not the *owner* in a copy of their own.

    *counted* says that it lies outside of the stretch that was fetched for the page before.
    """
    cog = interaction.client.get_cog(Searching.__cog_name__)
    if not isinstance(cog, Searching):
        raise UserError(_("Searching is turned off at the moment; please try again later."))
    if counted:
        cog.quota.take(interaction.user.id, interaction.client.clock())
    if interaction.user.id == owner:
        i18n.use_language(audience.of_message(interaction))
        await interaction.response.defer()
    else:
        audience.use_language_of(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
    await cog.show(interaction, search, page)


async def _jump(interaction: Interaction, state: dict[str, str], typed: str) -> None:
    """Show the page whose number was *typed* into the form that *state* describes."""
    pages, stretch = int(state["pages"]), _FETCHED // _PER_PAGE
    wanted = int(typed) if typed.isascii() and typed.isdecimal() else 0
    if not 1 <= wanted <= pages:
        raise UserError(
            _("There is no page “{typed}”; type a number from 1 to {pages}.").format(
                typed=typed[:20], pages=i18n.format_number(pages)
            )
        )
    search, page = Search.again(interaction, state), wanted - 1
    counted = page // stretch != int(state["page"]) // stretch
    await _turn(interaction, search, page, owner=int(state["person"]), counted=counted)


async def setup(bot: Bot) -> None:
    """Register the commands, and the buttons and menus of earlier searches."""
    bot.add_dynamic_items(SearchPage, Jump, Pick, SubscribeHere)
    await bot.add_cog(Searching(bot))
