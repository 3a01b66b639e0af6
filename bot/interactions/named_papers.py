"""The papers that a message names, for the menus under *Apps*."""

from __future__ import annotations

import discord

from bot.i18n import gettext as _
from bot.model import links
from bot.model.errors import UserError
from bot.model.papers import PaperId


def papers_named_in(message: discord.Message) -> list[PaperId]:
    """Return the papers that a message names in its text, in its embeds or in a message that it forwards.

    Raises:
        UserError: it names none.
    """
    parts: list[str | None] = []
    sources: list[discord.Message | discord.MessageSnapshot] = [message, *message.message_snapshots]
    for one in sources:
        parts.append(one.content)
        for embed in one.embeds:
            parts += [embed.url, embed.title, embed.description]
            parts += [text for field in embed.fields for text in (field.name, field.value)]
            parts.append(embed.footer.text)
    if papers := links.papers_in("\n".join(filter(None, parts))):
        return papers
    raise UserError(
        _(
            "I found no arXiv paper in that message: neither a link such as https://arxiv.org/abs/2607.16206 "
            "nor an identifier such as 2607.16206 or hep-th/9901001."
        )
    )


def anywhere(menu: discord.app_commands.ContextMenu) -> discord.app_commands.ContextMenu:
    """Allow *menu* in servers, direct messages, and group messages, also for those who installed the bot."""
    menu.allowed_installs = discord.app_commands.AppInstallationType(guild=True, user=True)
    menu.allowed_contexts = discord.app_commands.AppCommandContext(
        guild=True, dm_channel=True, private_channel=True
    )
    return menu
