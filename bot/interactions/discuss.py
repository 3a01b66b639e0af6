"""Talk about a paper: the button *Discuss* opens a thread on its post, or leads to the one that it has."""

from __future__ import annotations

import discord

from bot.delivery import codes
from bot.delivery.threads import open_thread
from bot.i18n import gettext as _
from bot.interactions import paper_buttons
from bot.interactions.context import Interaction
from bot.model.errors import UserError
from bot.present.buttons import PAPER
from bot.present.posts import thread_name

_PLACES = (discord.ChannelType.text, discord.ChannelType.news)


class Discuss(paper_buttons.OfPaper, template=rf"papers:discuss:{PAPER}"):
    """Opens a thread on the message it stands under."""

    name = "discuss"

    async def run(self, interaction: Interaction) -> None:
        message = interaction.message
        if message is None or not offered(interaction) or message.flags.ephemeral:
            raise UserError(_("A thread can only be opened on a post in a text or announcement channel."))
        if message.thread is None:
            _check_rights(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        [paper] = await paper_buttons.find(interaction, [self.paper])
        try:
            thread = await open_thread(message, thread_name(paper))
        except discord.HTTPException as error:
            raise _refusal(error, interaction.app_permissions) from error
        await interaction.edit_original_response(
            content=_("The discussion is in {thread}.").format(thread=f"<#{thread}>")
        )


def offered(interaction: Interaction) -> bool:
    """Tell whether a thread can be opened on what is posted where *interaction* comes from."""
    channel, server = interaction.channel, interaction.client.get_guild(interaction.guild_id or 0)
    return server is not None and channel is not None and channel.type in _PLACES


def _check_rights(interaction: Interaction) -> None:
    """Raise a `UserError` that says whose right is missing: the person's, or ours."""
    right = _("Create Public Threads")
    if not interaction.permissions.create_public_threads:
        raise UserError(
            _(
                "You need the permission {right} in this channel to open a thread; whoever manages "
                "it can give you that."
            ).format(right=right)
        )
    if not interaction.app_permissions.create_public_threads:
        raise UserError(_lack(right))


def _lack(right: str) -> str:
    return _(
        "I lack the permission {right}: a manager gives it to me in the channel's settings under Permissions."
    ).format(right=right)


def _refusal(error: discord.HTTPException, rights: discord.Permissions) -> Exception:
    """Return what to tell the person, or *error* itself where that is nobody's to mend."""
    if error.code in codes.TOO_MANY_ACTIVE_THREADS:
        return UserError(_("There are as many open threads here as Discord allows; close one first."))
    if error.code == codes.UNKNOWN_MESSAGE:
        return UserError(
            _("The post has been deleted, so no thread can be opened on it; `/paper` shows the paper again.")
        )
    if isinstance(error, discord.Forbidden):
        return UserError(
            _lack(_("Create Public Threads") if rights.read_message_history else _("Read Message History"))
        )
    return error
