"""The menus below numbered papers, which `bot.present.listing` puts there: *Open one*, *Save one or more*."""

from __future__ import annotations

from collections.abc import Sequence

from bot.interactions import components
from bot.interactions.ask_arxiv import find_papers
from bot.interactions.context import Interaction
from bot.interactions.paper_buttons import save, show_abstract
from bot.model.papers import PaperId


class OpenPaper(components.Menu, template=r"papers:open:(?P<page>\d{1,6})"):
    """Shows the abstract of one of the papers, with its buttons, to the person who picks it."""

    async def pick(self, interaction: Interaction, value: str) -> None:
        await show_abstract(interaction, PaperId(value))


class OpenHere(components.Menu, template=r"papers:open-here:(?P<page>\d{1,6})"):
    """Shows the abstract of a paper that can be discussed in the channel, such as one of a digest."""

    async def pick(self, interaction: Interaction, value: str) -> None:
        await show_abstract(interaction, PaperId(value), discuss=True)


class SavePapers(components.Menu, template=r"papers:save-some:(?P<page>\d{1,6})"):
    """Puts the papers that are picked on the person's reading list."""

    async def pick_all(self, interaction: Interaction, values: Sequence[str]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await find_papers(interaction, [PaperId(value) for value in values])
        embed, view = await save(interaction, found.papers)
        await interaction.edit_original_response(embed=embed, view=view)
