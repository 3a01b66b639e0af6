"""`/library` and the message menus: a person's reading list, and the papers that a message names."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.i18n import format_number, join_sentences, ngettext
from bot.i18n import gettext as _
from bot.interactions import components, paper_buttons
from bot.interactions.ask_arxiv import Found, find_papers
from bot.interactions.context import Bot, Interaction
from bot.interactions.given_papers import read_given
from bot.interactions.interests import Whose, add
from bot.interactions.named_papers import anywhere, papers_named_in
from bot.interactions.reading_list import (
    NOTE_FORM,
    LibrarySearchTurn,
    LibraryTurn,
    give_keys,
    library_page,
    note_form,
    read_note,
    unlisted,
    write_note,
)
from bot.model import links
from bot.model.errors import UserError
from bot.model.outbox import Posting
from bot.model.papers import PaperId, SavedPaper
from bot.present import citations, library, limits
from bot.present.buttons import under_paper
from bot.present.latex.unicode import to_unicode
from bot.present.posts import paper_embed
from bot.present.uploads import upload
from bot.present.views import View

_UNFURLED = 5  # the answer and four more: a user-installed app may send five in a server without the bot
_SAVED_AT_ONCE = 25
_KINDS = {"bibtex": "bib", "markdown": "md", "json": "json", "ris": "ris", "csl": "csl.json"}


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class LibraryCommands(commands.GroupCog, group_name="library", group_description="Your own reading list"):
    """Each person's reading list; only that person sees the answers."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self._menus = [
            anywhere(app_commands.ContextMenu(name="Show arXiv papers", callback=self.unfurl)),
            anywhere(app_commands.ContextMenu(name="Save arXiv papers", callback=self.save_all)),
        ]

    async def cog_load(self) -> None:
        for menu in self._menus:
            self.bot.tree.add_command(menu)

    async def cog_unload(self) -> None:
        for menu in self._menus:
            self.bot.tree.remove_command(menu.name, type=menu.type)

    @app_commands.command(description="Show the papers that you saved")
    @app_commands.describe(query="Only papers with these words in title, abstract, or note")
    async def show(
        self, interaction: Interaction, query: app_commands.Range[str, 0, library.QUERY] = ""
    ) -> None:
        embed, view = await library_page(interaction, 0, query)
        await interaction.response.send_message(
            embed=embed, view=view or discord.utils.MISSING, ephemeral=True
        )

    @app_commands.command(description="Export your reading list as a file")
    @app_commands.describe(format="bibtex, ris, csl (for Zotero), markdown, or json (default: bibtex)")
    async def export(
        self,
        interaction: Interaction,
        format: Literal["bibtex", "markdown", "json", "ris", "csl"] = "bibtex",  # noqa: A002 - the contract's name
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        kept = await self.bot.store.library.all(interaction.user.id)
        if not kept:
            raise UserError(
                _(
                    "Your reading list is empty, so there is nothing to export. Use the Save button under a "
                    "paper to add it."
                )
            )
        today = self.bot.clock().date()
        text = await self._exported(interaction, kept, format)
        name = f"reading-list-{today}.{_KINDS[format]}"
        file = await asyncio.to_thread(upload, name, text.encode(), interaction.filesize_limit)
        await interaction.edit_original_response(attachments=[file])

    @app_commands.command(
        name="import", description="Save the papers of a file: a bibliography, or any text with arXiv links"
    )
    @app_commands.describe(file="A .bib, .ris, or text file with arXiv links")
    async def import_(self, interaction: Interaction, file: discord.Attachment) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        given = await read_given(interaction, "", file)
        await interaction.edit_original_response(embed=await add(interaction, Whose(), given))

    async def _exported(self, interaction: Interaction, kept: Sequence[SavedPaper], kind: str) -> str:
        if kind in {"bibtex", "csl"}:
            keys = await give_keys(interaction, [one.paper for one in kept])
            write = library.as_bibtex if kind == "bibtex" else citations.as_csl
            return await asyncio.to_thread(write, kept, keys)
        if kind == "markdown":
            return await asyncio.to_thread(library.as_markdown, kept, self.bot.clock().date())
        return await asyncio.to_thread(citations.as_ris if kind == "ris" else library.as_json, kept)

    @app_commands.command(description="Add a note to a paper; saves the paper if necessary")
    @app_commands.describe(
        paper="One of your papers, or any other by identifier or link",
        text="The note, which only you can see (default: a form with the present note opens)",
    )
    async def note(
        self, interaction: Interaction, paper: str, text: app_commands.Range[str, 0, library.NOTE] = ""
    ) -> None:
        wanted, note = _read(paper), " ".join(text.split())
        if note:
            await write_note(interaction, wanted, note)
            return
        kept = await self.bot.store.library.get(interaction.user.id, wanted)
        await interaction.response.send_modal(note_form(wanted, kept.note if kept else ""))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Take the answer to the form of a note, even one that was opened before the bot restarted."""
        if answer := components.form_answer(interaction, NOTE_FORM):
            async with components.answering(interaction):
                await write_note(interaction, *read_note(*answer))

    @app_commands.command(description="Remove a paper from your reading list")
    @app_commands.describe(paper="One of your papers")
    async def remove(self, interaction: Interaction, paper: str) -> None:
        wanted = _read(paper)
        removed = await self.bot.store.library.remove(interaction.user.id, wanted)
        if removed is None:
            raise unlisted(wanted)
        view = View()
        view.add_item(paper_buttons.Save.of(wanted, _("Save it again")))
        await interaction.response.send_message(
            embed=library.removed_embed(removed), view=view, ephemeral=True
        )

    @note.autocomplete("paper")
    @remove.autocomplete("paper")
    async def _complete_paper(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        matching = await self.bot.store.library.find(interaction.user.id, typed.strip(), limits.CHOICES)
        return [
            app_commands.Choice(
                name=limits.cut(f"{one.paper.id} · {to_unicode(one.paper.title)}", limits.CHOICE),
                value=one.paper.id.text,
            )
            for one in matching
        ]

    async def unfurl(self, interaction: Interaction, message: discord.Message) -> None:
        """Show the papers that *message* names, one answer for each."""
        named = papers_named_in(message)
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await find_papers(interaction, named[:_UNFURLED], fresh=True)
        note = _left_out(found)
        if len(named) > _UNFURLED:
            first = _("The first {first} of {count} papers.")
            note = join_sentences(first.format(first=_UNFURLED, count=format_number(len(named))), note)
        for index, paper in enumerate(found.papers):
            embed, view = paper_embed(Posting(paper, ()), whole=True), under_paper(paper)
            if index:
                await interaction.followup.send(embed=embed, view=view, ephemeral=True)
            else:
                await interaction.edit_original_response(content=note or None, embed=embed, view=view)

    async def save_all(self, interaction: Interaction, message: discord.Message) -> None:
        """Put the papers that *message* names on the reading list."""
        named = papers_named_in(message)[:_SAVED_AT_ONCE]
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await find_papers(interaction, named)
        embed, view = await paper_buttons.save(interaction, found.papers)
        await interaction.edit_original_response(content=_left_out(found) or None, embed=embed, view=view)


def _read(typed: str) -> PaperId:
    return links.read_paper(typed)[0]


def _left_out(found: Found) -> str:
    """Say which papers are missing and why, "" if none is."""
    if not found.missing:
        return ""
    left_out = _("Left out: {papers}.").format(papers=", ".join(paper.text for paper in found.missing))
    unknown = ngettext("arXiv has no such paper.", "arXiv has no such papers.", len(found.missing))
    return join_sentences(left_out, found.trouble or unknown)


async def setup(bot: Bot) -> None:
    """Register the commands, and the buttons of earlier answers and posts."""
    bot.add_dynamic_items(
        LibraryTurn,
        LibrarySearchTurn,
        paper_buttons.Abstract,
        paper_buttons.Save,
        paper_buttons.TakeBack,
        paper_buttons.Annotate,
        paper_buttons.MyList,
        paper_buttons.Bibtex,
        paper_buttons.Discuss,
        paper_buttons.DiscussHere,
    )
    await bot.add_cog(LibraryCommands(bot))
