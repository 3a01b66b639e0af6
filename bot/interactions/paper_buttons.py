"""Read and keep papers for oneself: the buttons *Abstract*, *Save* and *BibTeX*, and what commands share.

`bot.present.buttons` puts them under papers. The identifier of the paper is all they need, so they work under
any message, also after a restart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Self

import discord

from bot.i18n import gettext as _
from bot.interactions import components
from bot.interactions.context import Interaction
from bot.model.errors import ArxivError, ArxivUnreachable, UserError
from bot.model.papers import Paper, PaperId
from bot.present import library, limits
from bot.present.abstracts import abstract_embed
from bot.present.bibtex.entries import bibtex
from bot.present.buttons import PAPER, WORDS, custom_id
from bot.present.uploads import upload

_PATIENCE = 12 * 60.0  # seconds; Discord keeps an answer open for fifteen minutes


class OfPaper(components.Action, template="papers:of:none"):
    """A button that does something with one paper."""

    name = "of"

    @classmethod
    def of(cls, paper: PaperId, label: str = "") -> Self:
        """Return the button for *paper*."""
        return cls(custom_id(cls.name, paper), label=label or _(WORDS[cls.name]))

    @property
    def paper(self) -> PaperId:
        return PaperId(self.state["paper"])


class Abstract(OfPaper, template=rf"papers:abstract:{PAPER}"):
    """Shows the whole abstract and all authors to whoever clicks."""

    name = "abstract"

    async def run(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        [paper] = await find(interaction, [self.paper])
        embed, text = abstract_embed(paper)
        files = (
            [upload(f"{_file_name(paper)}.txt", text.encode(), interaction.filesize_limit)] if text else []
        )
        await interaction.edit_original_response(embed=embed, attachments=files)


class Save(OfPaper, template=rf"papers:save:{PAPER}"):
    """Puts the paper on the reading list of whoever clicks."""

    name = "save"

    async def run(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        [paper] = await find(interaction, [self.paper])
        await interaction.edit_original_response(embed=await save(interaction, [paper]))


class Bibtex(OfPaper, template=rf"papers:bibtex:{PAPER}"):
    """Hands the paper's BibTeX entry to whoever clicks."""

    name = "bibtex"

    async def run(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        [paper] = await find(interaction, [self.paper])
        text = await asyncio.to_thread(bibtex, [paper])
        shown = f"```bibtex\n{text}```"
        if limits.length(shown) <= limits.CONTENT and "```" not in text:
            await interaction.edit_original_response(content=shown)
            return
        file = upload(f"{_file_name(paper)}.bib", text.encode(), interaction.filesize_limit)
        await interaction.edit_original_response(attachments=[file])


def _file_name(paper: Paper) -> str:
    return paper.id.text.replace("/", "-")


async def find(interaction: Interaction, wanted: Sequence[PaperId], *, fresh: bool = False) -> list[Paper]:
    """Return the papers *wanted*, in their order; one request asks arXiv for all that are not stored.

    With *fresh* arXiv is asked for all of them, and what is stored serves where it cannot be asked. What
    neither knows is left out. Asking arXiv counts as one search of the person.

    Raises:
        UserError: the person asked too often, or there is none of these papers.
        ArxivError: arXiv could not be asked, and none of them is stored.
    """
    bot = interaction.client
    known: dict[PaperId, Paper] = {paper.id: paper for paper in await bot.store.papers.get_many(wanted)}
    for paper in wanted:
        if not fresh and paper not in known and (found := bot.arxiv.remembered(paper)) is not None:
            known[paper] = found
    unknown = [paper for paper in wanted if fresh or paper not in known]
    if unknown:
        try:
            bot.quota.take(interaction.user.id, bot.clock())
            known |= {paper.id: paper for paper in await _ask(interaction, unknown)}
        except (ArxivError, UserError):
            if not known:
                raise
    if not any(paper in known for paper in wanted):
        raise UserError(
            _("arXiv knows no paper {papers}. Please compare the number with the paper's page.").format(
                papers=", ".join(map(str, wanted))
            )
        )
    return [known[paper] for paper in wanted if paper in known]


async def save(interaction: Interaction, papers: Sequence[Paper]) -> discord.Embed:
    """Put *papers* on the person's reading list and return what to tell them."""
    bot, person = interaction.client, interaction.user.id
    most = bot.settings.limits.saved_papers
    before = {paper.id for paper in papers if await bot.store.library.get(person, paper.id)}
    added = set(await bot.store.library.save(person, papers, bot.clock(), most=most))
    return library.saved_embed(
        [paper for paper in papers if paper.id in added],
        [paper for paper in papers if paper.id in before],
        [paper.id for paper in papers if paper.id not in added | before],
    )


async def _ask(interaction: Interaction, wanted: Sequence[PaperId]) -> Sequence[Paper]:
    try:
        async with asyncio.timeout(_PATIENCE):
            found: Sequence[Paper] = await interaction.client.arxiv.by_id(wanted, person=True)
    except TimeoutError as error:
        raise ArxivUnreachable("arXiv has not answered for many minutes.") from error
    return found
