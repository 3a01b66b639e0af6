"""The buttons under a paper, such as *Abstract* and *Save*, and those under the answer to *Save*.

`bot.present.buttons` puts them there. All they need is the paper's number, which their identifiers hold, so
they work under every message, even after a restart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Self

import discord

from bot.delivery import codes
from bot.delivery.threads import open_thread
from bot.i18n import gettext as _
from bot.interactions import components
from bot.interactions.ask_arxiv import find_paper
from bot.interactions.context import Interaction
from bot.interactions.follow import PickAuthor
from bot.interactions.permissions import may_subscribe_here
from bot.interactions.reading_list import (
    give_keys,
    library_page,
    note_form,
    save_one,
    save_papers,
    unlisted,
)
from bot.model.errors import UserError
from bot.model.papers import Paper, PaperId
from bot.present import limits
from bot.present.abstracts import abstract_embed
from bot.present.bibtex.entries import bibtex
from bot.present.buttons import ANSWER, MY_LIST, PAPER, PICKED, WORDS, custom_id, under_paper
from bot.present.library import removed_embed
from bot.present.posts import thread_name
from bot.present.uploads import upload
from bot.present.views import View

_THREADS_OPEN_IN = (discord.ChannelType.text, discord.ChannelType.news)


class OfPaper(components.Action, template="papers:of:none"):
    """A button for one paper."""

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
        await show_abstract(interaction, self.paper)


async def show_abstract(interaction: Interaction, wanted: PaperId, *, discuss: bool = False) -> None:
    """Answer with the abstract of a paper, and with what one does next.

    With *discuss*, that includes a discussion in the channel, if it can have one.
    """
    await interaction.response.defer(ephemeral=True, thinking=True)
    paper = await find_paper(interaction, wanted)
    embed, text = await asyncio.to_thread(abstract_embed, paper)  # of up to 10,000 authors
    files = [upload(f"{_file_name(paper)}.txt", text.encode(), interaction.filesize_limit)] if text else []
    view = under_paper(paper, wanted=PICKED if discuss and await can_discuss(interaction) else ANSWER)
    if may_subscribe_here(interaction) and (authors := PickAuthor.of(paper)) is not None:
        view.add_item(authors)
    await interaction.edit_original_response(embed=embed, attachments=files, view=view)


class Save(OfPaper, template=rf"papers:save:{PAPER}"):
    """Puts the paper on the reading list of whoever clicks; never takes it from there."""

    name = "save"

    async def run(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        paper = await find_paper(interaction, self.paper)
        embed, view = await save(interaction, [paper])
        await interaction.edit_original_response(embed=embed, view=view)


class TakeBack(OfPaper, template=rf"papers:unsave:{PAPER}"):
    """Takes the paper from the person's reading list, under the answer that says that it is there."""

    name = "unsave"

    async def run(self, interaction: Interaction) -> None:
        removed = await interaction.client.store.library.remove(interaction.user.id, self.paper)
        if removed is None:
            raise unlisted(self.paper)
        view = View()
        view.add_item(Save.of(self.paper, _("Save it again")))
        await interaction.response.edit_message(embed=removed_embed(removed), view=view)


class Annotate(OfPaper, template=rf"papers:annotate:{PAPER}"):
    """Opens the form for a note on the paper."""

    name = "annotate"

    async def run(self, interaction: Interaction) -> None:
        kept = await interaction.client.store.library.get(interaction.user.id, self.paper)
        await interaction.response.send_modal(note_form(self.paper, kept.note if kept else ""))


class MyList(components.Action, template="papers:mylist"):
    """Shows the person's reading list."""

    async def run(self, interaction: Interaction) -> None:
        embed, view = await library_page(interaction, 0)
        await interaction.response.send_message(
            embed=embed, view=view or discord.utils.MISSING, ephemeral=True
        )


async def save(interaction: Interaction, papers: Sequence[Paper]) -> tuple[discord.Embed, View | None]:
    """Put *papers* on the person's reading list; return the answer and, for a single one, its buttons."""
    if len(papers) != 1:
        return await save_papers(interaction, papers), None
    [paper] = papers
    embed, saved = await save_one(interaction, paper)
    return embed, _after_saving(paper.id) if saved else None


def _after_saving(paper: PaperId) -> View:
    view = View()
    for button in (TakeBack.of(paper), Annotate.of(paper), MyList("papers:mylist", label=_(MY_LIST))):
        view.add_item(button)
    return view


class Bibtex(OfPaper, template=rf"papers:bibtex:{PAPER}"):
    """Shows the paper's BibTeX entry to whoever clicks."""

    name = "bibtex"

    async def run(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        paper = await find_paper(interaction, self.paper)
        keys = await give_keys(interaction, [paper])
        text = await asyncio.to_thread(bibtex, [paper], None, keys)
        shown = f"```bibtex\n{text}```"
        if limits.length(shown) <= limits.CONTENT and "```" not in text:
            await interaction.edit_original_response(content=shown)
            return
        file = upload(f"{_file_name(paper)}.bib", text.encode(), interaction.filesize_limit)
        await interaction.edit_original_response(attachments=[file])


def _file_name(paper: Paper) -> str:
    return paper.id.text.replace("/", "-")


class Discuss(OfPaper, template=rf"papers:discuss:{PAPER}"):
    """Opens a thread on its message, or leads to the one that it has."""

    name = "discuss"

    async def run(self, interaction: Interaction) -> None:
        message = interaction.message
        if message is None or not may_discuss(interaction) or message.flags.ephemeral:
            raise UserError(_("A thread can only be opened on a post in a text or announcement channel."))
        if message.thread is None:
            _check_rights(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        paper = await find_paper(interaction, self.paper)
        try:
            thread = await open_thread(message, thread_name(paper))
        except discord.HTTPException as error:
            raise _refusal(error, interaction.app_permissions) from error
        await interaction.edit_original_response(content=_where(thread))


class DiscussHere(OfPaper, template=rf"papers:thread:{PAPER}"):
    """Opens a thread for a paper that was picked from a list, or leads to the one that the channel has."""

    name = "thread"

    async def run(self, interaction: Interaction) -> None:
        found = await _place_to_discuss(interaction)
        if found is None:
            raise UserError(_("A thread can only be opened in a text or announcement channel with papers."))
        channel, place = found
        discussions = interaction.client.discussions
        await interaction.response.defer(ephemeral=True, thinking=True)
        paper = await find_paper(interaction, self.paper)
        try:
            if not await discussions.find(channel, place, self.paper):
                _check_rights(interaction)
            thread = await discussions.open(channel, place, paper)
        except discord.HTTPException as error:
            raise _refusal(error, interaction.app_permissions) from error
        await interaction.edit_original_response(content=_where(thread))


async def can_discuss(interaction: Interaction) -> bool:
    """Tell whether papers can be discussed in the channel of *interaction*: one that gets papers."""
    return await _place_to_discuss(interaction) is not None


async def _place_to_discuss(interaction: Interaction) -> tuple[discord.TextChannel, int] | None:
    """Return the channel of *interaction* and its destination; None if papers are not discussed there."""
    server = interaction.client.get_guild(interaction.guild_id or 0)
    channel = server.get_channel(interaction.channel_id or 0) if server else None
    if not isinstance(channel, discord.TextChannel):
        return None
    destination = await interaction.client.store.destinations.by_channel(channel.id)
    return (channel, destination.id) if destination else None


def _where(thread: int) -> str:
    return _("The discussion is in {thread}.").format(thread=f"<#{thread}>")


def may_discuss(interaction: Interaction) -> bool:
    """Tell whether threads can be opened on messages in the channel of *interaction*."""
    channel, server = interaction.channel, interaction.client.get_guild(interaction.guild_id or 0)
    return server is not None and channel is not None and channel.type in _THREADS_OPEN_IN


def _check_rights(interaction: Interaction) -> None:
    """Raise a `UserError` if the person or the bot lacks the permission to open threads."""
    permission = _("Create Public Threads")
    if not interaction.permissions.create_public_threads:
        raise UserError(
            _(
                "You need the {permission} permission in this channel to open a thread. Someone who manages "
                "the channel can grant it."
            ).format(permission=permission)
        )
    if not interaction.app_permissions.create_public_threads:
        raise UserError(_missing(permission))


def _missing(permission: str) -> str:
    return _(
        "I do not have the {permission} permission. A channel manager can grant it in the channel's "
        "settings, under Permissions."
    ).format(permission=permission)


def _refusal(error: discord.HTTPException, rights: discord.Permissions) -> Exception:
    """Return the error to raise for *error*: a sentence for the person if somebody here can fix it."""
    if error.code in codes.TOO_MANY_ACTIVE_THREADS:
        return UserError(_("Discord allows no more open threads here. Close one first."))
    if error.code == codes.UNKNOWN_MESSAGE:
        return UserError(
            _(
                "The post has been deleted, so no thread can be opened on it. Use `/paper` to show the paper "
                "again."
            )
        )
    if isinstance(error, discord.Forbidden):
        return UserError(
            _missing(_("Create Public Threads") if rights.read_message_history else _("Read Message History"))
        )
    return error
