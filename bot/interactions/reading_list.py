"""A person's reading list: saves papers, and writes notes on them, typed with the command or in a form.

Discord keeps a form open for as long as the person likes, so its identifier holds all that its answer needs.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Sequence

import discord

from bot.i18n import gettext as _
from bot.interactions import components
from bot.interactions.ask_arxiv import find_paper
from bot.interactions.context import Interaction
from bot.model.errors import UserError
from bot.model.papers import Addition, Paper, PaperId
from bot.present import buttons, library
from bot.present.bibtex.entries import plain_keys
from bot.present.listing import open_menu
from bot.present.views import Form, View

NOTE_FORM = re.compile(rf"papers:note:{buttons.PAPER}")
_TEXT = "text"


async def save_papers(interaction: Interaction, papers: Sequence[Paper]) -> discord.Embed:
    """Put *papers* on the person's reading list; return the answer that says what became of each."""
    saved = await _save(interaction, papers, await counting_channel(interaction))
    by_id = {paper.id: paper for paper in papers}
    return library.saved_embed(
        [by_id[paper] for paper in saved.added], [by_id[paper] for paper in saved.known], saved.left
    )


async def save_one(interaction: Interaction, paper: Paper) -> tuple[discord.Embed, bool]:
    """Put *paper* on the reading list; return the answer, and whether the paper is on the list now."""
    lists = interaction.client.store.library
    channel = await counting_channel(interaction)
    saved = await _save(interaction, [paper], channel)
    if saved.left:
        return library.saved_embed([], [], saved.left), False
    here = await lists.savers(channel, paper.id) if channel else 0
    total = await lists.count(interaction.user.id)
    return library.just_saved_embed(paper, total=total, here=here, before=bool(saved.known)), True


async def _save(interaction: Interaction, papers: Sequence[Paper], channel: int) -> Addition:
    bot = interaction.client
    most = bot.settings.limits.saved_papers
    return await bot.store.library.save(
        interaction.user.id, papers, bot.clock(), most=most, channel_id=channel
    )


async def library_page(
    interaction: Interaction, page: int, words: str = ""
) -> tuple[discord.Embed, View | None]:
    """Return a page of the person's reading list, or of its papers with *words*.

    If the list has become shorter, it is the last page.
    """
    saved, person = interaction.client.store.library, interaction.user.id
    words = " ".join(words.replace(":", " ").split())[: library.QUERY]
    total = await saved.count(person, words=words)
    pages = max(math.ceil(total / library.PER_PAGE), 1)
    page = min(page, pages - 1)
    first = page * library.PER_PAGE
    kept = await saved.page(person, first, library.PER_PAGE, words=words)
    embed = library.library_embed(kept, page=page, pages=pages, total=total, words=words)
    turns = (
        LibrarySearchTurn.buttons(f"papers:library-search:{words}", page, pages)
        if words
        else LibraryTurn.buttons("papers:library:", page, pages)
    )
    view = turns or View()
    if kept:
        numbered = [(number, one.paper) for number, one in enumerate(kept, first + 1)]
        view.add_item(open_menu(page, numbered, interaction.client.clock().date()))
    return embed, view if view.children else None


class LibraryTurn(components.PageButton, template=components.page_template("library")):
    """Turns the pages of a reading list."""

    async def run(self, interaction: Interaction) -> None:
        embed, view = await library_page(interaction, self.page)
        await interaction.response.edit_message(embed=embed, view=view)


class LibrarySearchTurn(
    components.PageButton, template=components.page_template("library-search", r"(?P<words>[^:]{1,60})")
):
    """Turns the pages of what was found in a reading list."""

    async def run(self, interaction: Interaction) -> None:
        embed, view = await library_page(interaction, self.page, self.state["words"])
        await interaction.response.edit_message(embed=embed, view=view)


async def channel_with_papers(interaction: Interaction) -> int:
    """Return the channel of a server where the person is, if it gets papers, or its parent; else 0."""
    channel = interaction.channel
    for one in (interaction.channel_id, getattr(channel, "parent_id", None)):
        if interaction.guild_id and one and await interaction.client.store.destinations.by_channel(one):
            return int(one)
    return 0


async def counting_channel(interaction: Interaction) -> int:
    """Return the channel for which counts what a person saves where they are, 0 for none.

    It is `channel_with_papers`, but for a private thread that gets no papers itself: what is saved there is
    not shown to everybody who sees its parent channel.
    """
    channel = await channel_with_papers(interaction)
    private = getattr(interaction.channel, "type", None) is discord.ChannelType.private_thread
    return 0 if private and channel != interaction.channel_id else channel


async def give_keys(interaction: Interaction, papers: Sequence[Paper]) -> dict[PaperId, str]:
    """Return the citation key of each of *papers*, which the person keeps from now on."""
    plain = await asyncio.to_thread(plain_keys, papers)
    return await interaction.client.store.library.give_keys(interaction.user.id, plain)


def note_form(paper: PaperId, note: str) -> discord.ui.Modal:
    """Return the form for a note on *paper*, filled in with the present *note*."""
    form = Form(title=_("Note on a paper"), custom_id=buttons.custom_id("note", paper))
    text: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id=_TEXT,
        style=discord.TextStyle.paragraph,
        default=note or None,
        required=False,
        max_length=library.NOTE,
    )
    explained = _("Only you can see it. An empty note is removed.")
    form.add_item(discord.ui.Label(text=paper.text, description=explained, component=text))
    return form


def read_note(state: dict[str, str], filled: dict[str, list[str]]) -> tuple[PaperId, str]:
    """Return the paper and the note of a form's answer."""
    return PaperId(state["paper"]), " ".join(" ".join(filled.get(_TEXT, [])).split())


async def write_note(interaction: Interaction, wanted: PaperId, note: str) -> None:
    """Set the *note* on a paper, which is saved if necessary, or remove it (""); answer the interaction.

    Raises:
        UserError: there is no such paper, nothing to remove, or no room on the reading list.
    """
    person, papers = interaction.user.id, interaction.client.store.library
    await interaction.response.defer(ephemeral=True, thinking=True)
    if not note:
        kept = await papers.get(person, wanted)
        if kept is None:
            raise unlisted(wanted)
        if not kept.note:
            raise UserError(_("The form was empty, so no note was written."))
    if not await papers.note(person, wanted, note):
        # Without a channel: the note is private, so the save does not show in `/top`.
        await _save(interaction, [await find_paper(interaction, wanted)], 0)
        await papers.note(person, wanted, note)
    kept = await papers.get(person, wanted)
    if kept is None:
        raise UserError(_("Your reading list is full. Use `/library remove` to make room."))
    await interaction.edit_original_response(embed=library.noted_embed(kept))


def unlisted(paper: PaperId) -> UserError:
    """Return the error that says that *paper* is not on the person's reading list."""
    return UserError(
        _("{paper} is not on your reading list. Use `/library show` to see the papers that are.").format(
            paper=paper
        )
    )
