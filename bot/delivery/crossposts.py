"""Passes on what was posted in announcement channels to the channels that follow them.

Discord allows that about ten times an hour in a channel, so it has a queue and a job of its own: however long
it takes, no post waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from datetime import datetime
from functools import partial

import discord

from bot.delivery import codes
from bot.delivery.attempt import Attempts, judge
from bot.delivery.refusals import Refusals
from bot.model.outbox import Crosspost
from bot.model.outcomes import Fail, Pause
from bot.present.reasons import reason_in_english
from bot.store import Store

_log = logging.getLogger(__name__)

_LOOK = 15.0  # seconds between two looks at the queue
_AT_ONCE = 8


class Crossposter:
    """Works through the crossposts of *store* with *bot*; `run` is the body of a job.

    *send_timeout* is how many seconds one request may take. *on_token_refused* is called when Discord refuses
    the bot's token: then nothing works any more.
    """

    def __init__(
        self,
        bot: discord.Client,
        store: Store,
        *,
        clock: Callable[[], datetime],
        refusals: Refusals,
        send_timeout: float,
        on_token_refused: Callable[[], None] = lambda: None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._bot = bot
        self._store = store
        self._clock = clock
        self._refusals = refusals
        self._attempts = Attempts(bot, on_token_refused=on_token_refused, timeout=send_timeout)
        self._chance = chance

    async def run(self) -> float:
        """Pass on what is due; return the seconds until there may be more."""
        while not self._refusals.rest():
            due = await self._store.crossposts.due(self._clock(), _AT_ONCE)
            if not due:
                break
            # All of them end before the first failure is raised.
            tries = await asyncio.gather(*map(self._pass_on, due), return_exceptions=True)
            for failure in tries:
                if isinstance(failure, BaseException):
                    raise failure
            if not all(tries):
                break
        return _LOOK

    async def _pass_on(self, row: Crosspost) -> bool:
        """Pass on one message; False if nothing can be passed on any more."""
        attempt = await self._attempts.make(partial(self._publish, row))
        if attempt is None:
            return False
        # A crosspost has one form, and Discord refuses to make it twice.
        outcome = judge(attempt, number=row.attempts + 1, plain=True, in_doubt=False, chance=self._chance)
        if isinstance(outcome, Fail | Pause):
            why = reason_in_english(outcome.reason)
            _log.warning("message %d is not crossposted: %s", row.message_id, why)
        await self._store.crossposts.settle(row, outcome, self._clock())
        return True

    async def _publish(self, row: Crosspost) -> discord.abc.Snowflake:
        message = self._bot.get_partial_messageable(row.channel_id).get_partial_message(row.message_id)
        try:
            await message.publish()
        except discord.HTTPException as error:
            if error.code != codes.MESSAGE_ALREADY_CROSSPOSTED:
                raise
        return message
