"""The buttons under a paper: *Abstract*, *Save*, *BibTeX* and *Discuss*.

`bot.present.buttons` puts them there. All they need is the paper's number, which their identifiers hold, so
they work under every message, even after a restart.
"""

from __future__ import annotations

import asyncio
from typing import Self

import discord

from bot.delivery import codes
from bot.delivery.threads import open_thread
from bot.i18n import gettext as _
from bot.interactions import components
from bot.interactions.ask_arxiv import find_paper
from bot.interactions.context import Interaction
from bot.interactions.reading_list import give_keys, save_papers
from bot.model.errors import UserError
from bot.model.papers import Paper, PaperId
from bot.present import limits
from bot.present.abstracts import abstract_embed
from bot.present.bibtex.entries import bibtex
from bot.present.buttons import PAPER, WORDS, custom_id
from bot.present.posts import thread_name
from bot.present.uploads import upload

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
        await interaction.response.defer(ephemeral=True, thinking=True)
        paper = await find_paper(interaction, self.paper)
        embed, text = await asyncio.to_thread(abstract_embed, paper)  # of up to 10,000 authors
        files = (
            [upload(f"{_file_name(paper)}.txt", text.encode(), interaction.filesize_limit)] if text else []
        )
        await interaction.edit_original_response(embed=embed, attachments=files)


class Save(OfPaper, template=rf"papers:save:{PAPER}"):
    """Puts the paper on the reading list of whoever clicks."""

    name = "save"

    async def run(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        paper = await find_paper(interaction, self.paper)
        await interaction.edit_original_response(embed=await save_papers(interaction, [paper]))


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
        await interaction.edit_original_response(
            content=_("The discussion is in {thread}.").format(thread=f"<#{thread}>")
        )


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
