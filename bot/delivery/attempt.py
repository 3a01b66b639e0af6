"""One attempt to send something, the same for posts, notices and crossposts.

1. The caller prepares: it loads what the message needs, and claims it in the store before anything is sent.
2. `Attempts.make` sends the message and catches whatever is raised.
3. `judge` decides what that means for the message. It is pure.
4. The caller settles the message in the store according to the outcome.

After a crash between 1 and 4 the claim is still in the store. It tells the next attempt that the message may
have been posted. Crossposts need no claim, since Discord refuses to make one twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import discord

from bot.delivery.http_trace import Watch, watched
from bot.delivery.unreadable import UnreadableAnswer, is_understood
from bot.delivery.verdicts import outcome_of, token_refused
from bot.model.outcomes import Later, Outcome, Sent

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended: with the message as *answer*, or with what was raised.

    `in_doubt` says that Discord may have performed one of its requests, `performed` that it has certainly
    performed the last one.
    """

    answer: discord.abc.Snowflake | Exception
    in_doubt: bool
    performed: bool = False


async def _nothing_to_release() -> None:
    pass


class Attempts:
    """Makes attempts as *bot*, each of which may take *timeout* seconds.

    *on_token_refused* is called when Discord no longer accepts the bot's token.
    """

    def __init__(self, bot: discord.Client, *, on_token_refused: Callable[[], None], timeout: float) -> None:
        self._bot = bot
        self._on_token_refused = on_token_refused
        self.timeout = timeout

    async def make(
        self,
        send: Callable[[], Awaitable[discord.abc.Snowflake]],
        *,
        release: Callable[[], Awaitable[None]] = _nothing_to_release,
    ) -> Attempt | None:
        """Await *send* once and return how it ended; None if nothing can be sent any more.

        That is so when the token is refused or the client is closed. It says nothing about the message, which
        stays claimed. But if the token is refused and this attempt has certainly posted nothing, *release* is
        awaited, which takes the claim back.
        """
        answer: discord.abc.Snowflake | Exception
        with watched() as watch:
            try:
                async with asyncio.timeout(self.timeout):
                    answer = await send()
            except Exception as error:  # noqa: BLE001 - whatever was raised decides what becomes of the message
                answer = error
                # An `UnreadableAnswer` is about another request than the one that was refused.
                if watch.refused and not is_understood(error) and not isinstance(error, UnreadableAnswer):
                    answer = refusal_in(watch)
        if isinstance(answer, Exception) and token_refused(answer):
            self._on_token_refused()
            if not watch.in_doubt:
                await release()
            return None
        if isinstance(answer, Exception) and self._bot.is_closed():
            return None
        return Attempt(answer, watch.in_doubt, watch.performed)

    async def decide(self, look: Callable[[], Awaitable[Outcome]], *, otherwise: Outcome) -> Outcome | None:
        """Return what *look* finds, or *otherwise* if Discord does not tell; None if nothing can be sent."""
        try:
            async with asyncio.timeout(self.timeout):
                return await look()
        except Exception as error:  # noqa: BLE001 - without an answer, what is known already decides
            if token_refused(error):
                self._on_token_refused()
                return None
            if not is_understood(error) and not isinstance(error, UnreadableAnswer):
                _log.exception("could not find out what a refusal is about")
            return None if self._bot.is_closed() else otherwise


def refusal_in(watch: Watch) -> discord.HTTPException:
    """Return the refusal that discord.py could not parse; its status alone says what it is."""
    assert watch.answer is not None  # noqa: S101 - otherwise nothing was refused
    kinds = {403: discord.Forbidden, 404: discord.NotFound}
    return kinds.get(watch.answer.status, discord.HTTPException)(watch.answer, None)


def judge(
    attempt: Attempt,
    *,
    number: int,
    plain: bool,
    in_doubt: bool,
    chance: Callable[[], float],
    nonce_only: bool,
    identifier_needed: bool = False,
) -> Outcome:
    """Return what becomes of a message after its attempt of this *number*, counted from 1.

    *plain*: the message has no plainer form. *in_doubt*: an attempt before this one may have posted it.
    *nonce_only*: see `outcome_of`. If *identifier_needed*, a message whose answer cannot be parsed is looked
    for; otherwise it is enough that Discord has performed the request. *chance* returns numbers from 0 to 1.
    """
    answer = attempt.answer
    # An `UnreadableAnswer` is about a request before the one that sends the message.
    unread = isinstance(answer, Exception) and not (
        is_understood(answer) or isinstance(answer, UnreadableAnswer)
    )
    if unread and attempt.performed and not identifier_needed:
        return Sent(0)
    outcome = outcome_of(
        answer,
        attempts=number,
        plain=plain,
        chance=chance,
        requested=attempt.in_doubt,
        nonce_only=nonce_only,
    )
    if isinstance(outcome, Later) and (in_doubt or attempt.in_doubt):
        # The last answer says nothing about earlier attempts, nor about requests that discord.py repeated.
        return replace(outcome, ambiguous=True)
    return outcome
