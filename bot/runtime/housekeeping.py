"""Jobs that keep things tidy: registering the slash commands, and pruning the database."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import aiohttp
import discord
from discord import app_commands

from bot.config import Settings
from bot.interactions.command_tree import fingerprint_of
from bot.interactions.context import Bot
from bot.model.errors import REASON_LENGTH, BotError
from bot.model.foreign_text import clean_text
from bot.store import Store

_log = logging.getLogger(__name__)

_FINGERPRINT = "commands"  # keys in the store's `meta`
_PRUNED = "pruned"
_DAY = 86_400.0
_WEEK = timedelta(days=7)


class Housekeeping:
    """The bodies of two jobs; each returns the seconds until its next run."""

    def __init__(self, store: Store, settings: Settings, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock

    async def register_commands(self, tree: app_commands.CommandTree[Bot]) -> float:
        """Register the slash commands with Discord if they have changed: Discord allows few such calls a day.

        Raises:
            BotError: Discord did not accept them.
        """
        fingerprint = await fingerprint_of(tree)
        if await self._store.meta.get(_FINGERPRINT) != fingerprint:
            try:
                registered = await tree.sync()
            except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                reason = clean_text(str(error), REASON_LENGTH)
                raise BotError(f"Discord did not accept the slash commands: {reason}") from error
            await self._store.meta.set(_FINGERPRINT, fingerprint)
            _log.info("registered %d slash commands", len(registered))
        return _DAY

    async def prune(self) -> float:
        """Delete what nobody needs any more, once a week no matter how often the bot restarts."""
        now = self._clock()
        last = await self._store.meta.get(_PRUNED)
        rest = _WEEK if last is None else _WEEK - (now - datetime.fromisoformat(last))
        if last is not None and timedelta() < rest <= _WEEK:
            return rest.total_seconds()
        pruned = await self._store.prune(
            now, keep=self._settings.database.keep, undo=self._settings.delivery.undo
        )
        await self._store.meta.set(_PRUNED, now.isoformat())
        _log.info(
            "deleted what is older than %d days: papers %d, queries %d, sent messages %d, papers seen %d",
            self._settings.database.keep_days,
            pruned.papers,
            pruned.queries,
            pruned.outbox,
            pruned.seen,
        )
        return _WEEK.total_seconds()
