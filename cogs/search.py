"""`/search` and `/paper`: ask arXiv itself, in a server, in direct messages or as a user-installed app."""

from __future__ import annotations

from typing import Literal

from discord import app_commands
from discord.ext import commands

from bot import i18n
from bot.i18n import gettext as _
from bot.interactions import ask_arxiv, components, paper_buttons, paper_menus, search_results
from bot.interactions.context import Bot, Interaction
from bot.interactions.options import read_category
from bot.interactions.searching import Search, is_known
from bot.interactions.subscribe_here import SubscribeHere
from bot.model.errors import ArxivError
from bot.model.links import read_paper
from bot.model.outbox import Posting
from bot.model.papers import Paper, PaperId
from bot.present import audience, categories, limits
from bot.present.buttons import under_paper
from bot.present.posts import paper_embed
from bot.present.search import SortOrder
from bot.query.query import read_query


class SearchCommands(commands.Cog):
    """Searches arXiv and looks up papers, within each person's quota."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(description="Search arXiv")
    @app_commands.describe(
        query="Words such as speech synthesis, or a query such as au:hinton AND ti:capsules",
        sort="newest; relevance: as arXiv ranks them; interest: closest to your saves (default: newest)",
        category="Only papers in this arXiv category, such as cs.CL",
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def search(
        self,
        interaction: Interaction,
        query: str,
        sort: Literal["newest", "relevance", "interest"] = "newest",
        category: str = "",
    ) -> None:
        search = Search(
            read_query(query, self.bot.settings.limits.query_length),
            SortOrder(sort),
            read_category(category) if category.strip() else "",
            interaction.user.id,
        )
        if not is_known(interaction, search, 0):
            ask_arxiv.asker_of(interaction).require()  # before the answer is everybody's
        await interaction.response.defer(thinking=True)
        language = audience.of_everybody(interaction)
        i18n.use_language(language)
        await search_results.show_page(interaction, search, 0, language)

    @search.autocomplete("category")
    async def _complete_category(
        self, _interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return [
            app_commands.Choice(name=f"{each} · {categories.name(each)}"[: limits.CHOICE], value=each)
            for each in categories.search(typed)
        ]

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Take the answer to the form that asks for a page, even one opened before the bot restarted."""
        if answer := components.form_answer(interaction, search_results.FORM):
            async with components.answering(interaction):
                await search_results.jump(interaction, *answer)

    @app_commands.command(description="Look up an arXiv paper")
    @app_commands.describe(
        paper="An identifier or link, such as 2607.16206, hep-th/9901001, or https://arxiv.org/abs/…"
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def paper(self, interaction: Interaction, paper: str) -> None:
        wanted, version = read_paper(paper)
        if not (known := ask_arxiv.knows_papers(self.bot.arxiv, [wanted])):
            ask_arxiv.asker_of(interaction).require()  # before the answer is everybody's
        await interaction.response.defer(thinking=True)
        i18n.use_language(audience.of_everybody(interaction))
        if not known:
            await search_results.announce_wait(interaction)
        current, note = await self._look_up(interaction, wanted)
        if version is not None and version != current.version:
            note = _("You asked for version {asked}; this is the current version, {version}.").format(
                asked=version, version=current.version
            )
        await interaction.edit_original_response(
            content=note,
            embed=paper_embed(Posting(current, ())),
            view=under_paper(current, discuss=paper_buttons.may_discuss(interaction)),
        )

    async def _look_up(self, interaction: Interaction, wanted: PaperId) -> tuple[Paper, str | None]:
        """Return the paper as arXiv has it now; if arXiv cannot be asked, as it is stored, with a note.

        Raises:
            UserError: arXiv has no such paper.
            ArxivError: arXiv cannot be asked, and the paper is not stored.
        """
        try:
            asker = ask_arxiv.asker_of(interaction)
            papers = await ask_arxiv.fetch_papers(self.bot.arxiv, [wanted], asker=asker)
        except ArxivError:
            stored = await self.bot.store.papers.get(wanted)
            if stored is None:
                raise
            return stored, _("arXiv is not responding right now. This is the paper as I last fetched it.")
        if wanted not in papers:
            raise ask_arxiv.unknown_papers([wanted])
        return papers[wanted], None


async def setup(bot: Bot) -> None:
    """Register the commands, and the buttons and menus of earlier searches."""
    bot.add_dynamic_items(
        search_results.TurnResults,
        search_results.JumpToPage,
        search_results.PickPaper,
        paper_menus.OpenPaper,
        paper_menus.OpenHere,
        paper_menus.SavePapers,
        search_results.SearchInstead,
        search_results.SearchThat,
        SubscribeHere,
    )
    await bot.add_cog(SearchCommands(bot))
