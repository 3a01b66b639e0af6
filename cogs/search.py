"""`/search` and `/paper`: ask arXiv itself, in a server, in direct messages or as an app of one's own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot import asking, choosing, views
from bot.arxiv.client import Sort
from bot.arxiv.sweep import WINDOW
from bot.client import PaperBot
from bot.errors import ArxivError, UserError
from bot.papers import Paper, PaperId, Posting
from bot.present import categories
from bot.present.embeds import paper_embed
from bot.present.searching import search_embed, searched, turnable
from bot.query import Query
from bot.taxonomy import ARCHIVES

Interaction = discord.Interaction[PaperBot]

_PER_PAGE = 5
_FETCHED = 50  # ten pages cost arXiv one request
_WORTH_SAYING = timedelta(seconds=10)
_SORTS = {"newest": Sort.SUBMITTED, "relevance": Sort.RELEVANCE}


@dataclass(frozen=True, slots=True)
class Search:
    """What *person* searched for, and how it is shown; no category means all."""

    query: Query
    sort: str
    category: str
    person: int

    @property
    def arxiv(self) -> str:
        """The query in arXiv's syntax; an archive stands for all its categories."""
        if not self.category:
            return self.query.arxiv
        subjects = f" OR cat:{self.category}.*" if self.category in ARCHIVES else ""
        return f"({self.query.arxiv}) AND (cat:{self.category}{subjects})"


class SearchPage(
    views.PageButton,
    template=views.page_template(
        "search", r"(?P<sort>newest|relevance):(?P<category>[\w.-]*):(?P<person>\d+)"
    ),
):
    """Turn the pages of a search; who did not make it gets a copy of their own."""

    async def run(self, interaction: Interaction) -> None:
        cog = interaction.client.get_cog(Searching.__cog_name__)
        if not isinstance(cog, Searching) or interaction.message is None:
            raise UserError("Searching is turned off at the moment.")
        query = asking.read_query(
            searched(interaction.message.embeds), interaction.client.settings.limits.query_length
        )
        search = Search(query, self.state["sort"], self.state["category"], interaction.user.id)
        if self._asks_arxiv():
            cog.quota.take(interaction.user.id, interaction.client.clock())
        if interaction.user.id == int(self.state["person"]):
            await interaction.response.defer()
        else:
            await interaction.response.defer(ephemeral=True, thinking=True)
        await cog.show(interaction, search, self.page)

    def _asks_arxiv(self) -> bool:
        """Tell whether the page lies outside of the stretch that was fetched for the page before."""
        each = _FETCHED // _PER_PAGE
        crossed = {"next": self.page % each == 0, "back": self.page % each == each - 1}
        return crossed.get(self.state["turn"], True)


class Searching(commands.Cog):
    """Search arXiv and look papers up, so many times a minute and person."""

    def __init__(self, bot: PaperBot) -> None:
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
        parsed = asking.read_query(query, self.bot.settings.limits.query_length)
        chosen = choosing.read_category(category) if category.strip() else ""
        self.quota.take(interaction.user.id, self.bot.clock())
        await interaction.response.defer(thinking=True)
        await self.show(interaction, Search(parsed, sort, chosen, interaction.user.id), 0)

    @search.autocomplete("category")
    async def _complete_category(
        self, _interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return [
            app_commands.Choice(name=f"{found} · {categories.name(found)}"[:100], value=found)
            for found in categories.search(typed)
        ]

    async def show(self, interaction: Interaction, search: Search, page: int) -> None:
        """Put *page* of *search* where the deferred answer stands."""
        first = page * _PER_PAGE
        start = first - first % _FETCHED
        await self._say_when(interaction)
        answer = await asking.search(
            self.bot.arxiv, search.arxiv, start=start, count=_FETCHED, sort=_SORTS[search.sort]
        )
        pages = math.ceil(min(answer.total, WINDOW) / _PER_PAGE)
        embed = search_embed(
            search.query.typed,
            answer.papers[first - start :][:_PER_PAGE],
            words=search.query.words,
            sort=search.sort,
            category=search.category,
            page=page,
            pages=pages,
            total=answer.total,
        )
        view = None
        if turnable(search.query.typed):
            prefix = f"papers:search:{search.sort}:{search.category}:{search.person}"
            view = SearchPage.buttons(prefix, page, pages)
        await interaction.edit_original_response(content=None, embed=embed, view=view)

    @app_commands.command(description="Look an arXiv paper up")
    @app_commands.describe(
        paper="Its identifier or a link: 2607.16206, hep-th/9901001, https://arxiv.org/abs/…"
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def paper(self, interaction: Interaction, paper: str) -> None:
        wanted, version = PaperId.parse(paper)
        self.quota.take(interaction.user.id, self.bot.clock())
        await interaction.response.defer(thinking=True)
        await self._say_when(interaction)
        found, note = await self._look_up(wanted)
        if found is None:
            raise UserError(f"arXiv knows no paper {wanted}.")
        if version is not None and version != found.version:
            note = f"You asked for version {version}; this is version {found.version}, the current one."
        await interaction.edit_original_response(content=note, embed=paper_embed(Posting(found, ())))

    async def _look_up(self, wanted: PaperId) -> tuple[Paper | None, str | None]:
        """Return the paper as arXiv has it, or as it was stored, with a note, where arXiv cannot be asked."""
        try:
            return await asking.look_up(self.bot.arxiv, wanted), None
        except ArxivError:
            stored = await self.bot.store.papers.get(wanted)
            if stored is None:
                raise
            return stored, "arXiv cannot be asked just now; this is what it said when it was last asked."

    async def _say_when(self, interaction: Interaction) -> None:
        """Say how long arXiv's queue is where that is worth saying."""
        wait = self.bot.arxiv.gate.wait_estimate(person=True)
        if wait > _WORTH_SAYING:
            await interaction.edit_original_response(
                content="arXiv answers one question at a time; "
                f"this one's turn comes in about {wait.seconds} s."
            )


async def setup(bot: PaperBot) -> None:
    """Register the commands, and the buttons of earlier searches."""
    bot.add_dynamic_items(SearchPage)
    await bot.add_cog(Searching(bot))
