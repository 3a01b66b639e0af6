"""Answers errors of commands, buttons, menus and forms, and logs those that concern the operator.

An error has two audiences. The person gets a sentence written for them, which only they see, unless it
replaces a public “thinking …”. The operator gets what is needed to fix the cause, once, and only if there is
something to fix.
"""

from __future__ import annotations

import logging
import secrets
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.delivery import codes
from bot.i18n import gettext as _
from bot.i18n import gettext_noop
from bot.interactions.context import Interaction
from bot.model.errors import ArxivBusy, ArxivError, StoreError, UserError
from bot.present.help import error_embed

_log = logging.getLogger(__name__)

_CHANGED = (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)
_ANSWERS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], int, str], ...] = (
    (
        ArxivBusy,
        logging.INFO,
        gettext_noop("arXiv is busy. Please try again in a few minutes."),
    ),
    (
        ArxivError,
        logging.INFO,
        gettext_noop("arXiv is not responding properly right now. Please try again in a few minutes."),
    ),
    (
        StoreError,
        logging.ERROR,
        gettext_noop(
            "I cannot use my database right now. Nothing that was saved is lost. Please try again later."
        ),
    ),
    (
        app_commands.CheckFailure,
        logging.INFO,
        gettext_noop("You are not allowed to do this. Someone who manages the server can change that."),
    ),
    (
        _CHANGED,
        logging.WARNING,
        gettext_noop("This command has changed. Please restart Discord (Ctrl+R) and type it again."),
    ),
    (
        (discord.DiscordServerError, aiohttp.ClientError, TimeoutError),
        logging.WARNING,
        gettext_noop("Discord is not responding to me right now. Please try again in a minute."),
    ),
)


async def answer_error(interaction: Interaction, error: Exception) -> None:
    """Answer the person whose command, button, menu or form ended in *error*. Never raises."""
    cause = _cause(error)
    if _too_late(cause):
        _log.warning("%s was answered too late", _what(interaction))
        return
    message = _sentence(interaction, cause)
    if interaction.type is discord.InteractionType.autocomplete:
        return
    embed = error_embed(message)
    try:
        if interaction.response.is_done():
            await interaction.followup.send(embed=embed, ephemeral=True)
        else:
            await interaction.response.send_message(embed=embed, ephemeral=True)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as unheard:
        _log.warning("%s could not be answered: %s", _what(interaction), unheard or type(unheard).__name__)


def _cause(error: Exception) -> Exception:
    """Return what a command or an option's transformer raised, without discord.py's wrapper."""
    if isinstance(error, app_commands.CommandInvokeError):
        return error.original
    if isinstance(error, app_commands.TransformerError) and isinstance(error.__cause__, Exception):
        return error.__cause__
    return error


def _too_late(error: Exception) -> bool:
    return isinstance(error, discord.HTTPException) and error.code in codes.INTERACTION_EXPIRED


def trouble_in_words(interaction: Interaction, error: UserError | ArxivError) -> str:
    """Return *error* as the person reads it in an answer that goes on without what failed; log it, too."""
    return str(_sentence(interaction, error))


def _sentence(interaction: Interaction, error: Exception) -> UserError | str:
    """Return the answer for the person, and log what the operator should know."""
    if isinstance(error, UserError):
        return error
    for kind, level, sentence in _ANSWERS:
        if isinstance(error, kind):
            _log.log(level, "%s: %s", _what(interaction), error)
            return _(sentence)
    return _bug(interaction, error)


def _bug(interaction: Interaction, error: Exception) -> str:
    incident = secrets.token_hex(3).upper()
    _log.error("%s failed, incident %s", _what(interaction), incident, exc_info=error)
    return _(
        "Something went wrong, and it is not your fault. Please try again. If it happens again, ask my "
        "operator to look in the log for incident {incident}."
    ).format(incident=incident)


def _what(interaction: Interaction) -> str:
    """Name the command or the button, for the log."""
    command = interaction.command
    if command is not None:
        return f"/{command.qualified_name}"
    data: Any = interaction.data or {}
    return f"{interaction.type.name} {data.get('custom_id') or data.get('name') or '?'}"
