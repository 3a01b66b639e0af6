"""Crossposts the messages in announcement channels to the channels that follow them.

Discord allows about ten crossposts an hour in a channel. They have a queue and a job of their own, so that
no post waits for them.
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
from bot.delivery.invalid_requests import InvalidRequests
from bot.model.outbox import Crosspost
from bot.model.outcomes import Fail, Pause
from bot.present.reasons import reason_in_english
from bot.store import Store

_log = logging.getLogger(__name__)

_INTERVAL = 15.0  # seconds until the queue is read again
_AT_ONCE = 8  # messages


class Crossposter:
    """Makes the crossposts of *store* as *bot*; `run` is the body of a job.

    An attempt may take *send_timeout* seconds. *on_token_refused* is called when Discord no longer accepts
    the bot's token. Nothing is sent while *refusals* asks to wait.
    """

    def __init__(
        self,
        bot: discord.Client,
        store: Store,
        *,
        clock: Callable[[], datetime],
        refusals: InvalidRequests,
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
        """Make the due crossposts; return the seconds until the next run.

        Raises:
            Exception: the first failure of the store, after all requests in flight have ended.
        """
        while not self._refusals.wait():
            due = await self._store.crossposts.due(self._clock(), _AT_ONCE)
            if not due:
                break
            # With `return_exceptions`, `gather` waits for the others when one fails.
            results = await asyncio.gather(*map(self._crosspost, due), return_exceptions=True)
            for result in results:
                if isinstance(result, BaseException):
                    raise result
            if not all(results):
                break
        return _INTERVAL

    async def _crosspost(self, row: Crosspost) -> bool:
        """Crosspost one message; return False if nothing can be sent any more."""
        attempt = await self._attempts.make(partial(self._publish, row))
        if attempt is None:
            return False
        # A crosspost has no plainer form, and Discord refuses to make it twice. A message that was deleted
        # needs none, so an unknown one is done, as with a nonce.
        outcome = judge(
            attempt,
            number=row.attempts + 1,
            plain=True,
            in_doubt=False,
            chance=self._chance,
            nonce_only=True,
        )
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
