"""Says what Discord's answer to a send means for the row that was sent.

| answer | outcome |
|---|---|
| a message | `Sent` |
| 403, 404 | `Pause`: the rows stay, and are sent when the channel can be written to again |
| 403, 404, not in JSON | `Later`: something before Discord refuses; after an hour or more, `Pause` |
| 404, unknown channel | `Pause`, gone: the channel was deleted |
| 404, unknown message | `Sent`: the message with this nonce was posted, and then deleted |
| the same for a reply, or without a nonce | `Pause` |
| 400, 413 | `Plainly`, then `Fail` |
| 429 | `Later`, after the time Discord asks for |
| 5xx, time-out, reset or no connection | `Later`, ambiguous: it may have been posted all the same |
| an answer that cannot be parsed | `Later`, ambiguous if the request may have posted the message |
| 401, and 400 with code 40001 | not judged here: see `token_refused` |

A `Pause` says what Discord's answer means. `bot.delivery.refusals` decides whether it is about the channel or
about one message.

Pure: chance is an argument.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import aiohttp
import discord

from bot.delivery import codes
from bot.delivery.posted_messages import PostedMessage
from bot.delivery.unreadable import UNANSWERED, UnreadableAnswer
from bot.model.foreign_text import clean_text
from bot.model.outcomes import LONGEST_ASKED, Fail, Later, Outcome, Pause, Plainly, Sent
from bot.model.reasons import DETAIL_LENGTH, Reason, ReasonCode
from bot.rules.backoff import backoff

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=30)

_FOREIGN_ATTEMPTS = 12  # for one to two hours a refusal that is not Discord's is waited out
_NEVER_SENT = (aiohttp.ClientConnectorError,)  # there was no connection, so nothing was posted
_CODES = {
    codes.UNKNOWN_CHANNEL: ReasonCode.CHANNEL_DELETED,
    codes.UNKNOWN_GUILD: ReasonCode.SERVER_UNKNOWN,
    codes.MISSING_ACCESS: ReasonCode.CHANNEL_HIDDEN,
    codes.CANNOT_MESSAGE_USER: ReasonCode.DIRECT_MESSAGES_CLOSED,
    codes.MISSING_PERMISSIONS: ReasonCode.NOT_ALLOWED,
    codes.THREAD_ARCHIVED: ReasonCode.THREAD_ARCHIVED,
    codes.THREAD_LOCKED: ReasonCode.THREAD_LOCKED,
}
"""What Discord's own error codes mean for a channel."""


def outcome_of(  # noqa: PLR0911 - a row of the table each
    answer: discord.abc.Snowflake | Exception,
    *,
    attempts: int,
    plain: bool,
    chance: Callable[[], float],
    nonce_only: bool,
    requested: bool = False,
) -> Outcome:
    """Return what becomes of a row after *attempts* attempts, the last of which ended in *answer*.

    *plain* means that the message has no plainer form, *requested* that Discord may have performed a request
    of the last attempt. *nonce_only* means that the message carries a nonce and no reference, so that an
    unknown message can only be that of the nonce. *chance* returns numbers from 0 to 1.
    """
    if not isinstance(answer, Exception):
        return Sent(answer.id, announced=_is_announced(answer))
    error = _reason_of(answer)
    match answer:
        case discord.RateLimited():
            return Later(min(timedelta(seconds=answer.retry_after), LONGEST_ASKED), error)
        case discord.HTTPException() if not _is_foreign(answer) or attempts >= _FOREIGN_ATTEMPTS:
            return _refused(answer, error, plain=plain, wait=_wait(attempts, chance), nonce_only=nonce_only)
        case discord.HTTPException():
            return Later(_wait(attempts, chance), error)
        case _ if isinstance(answer, UNANSWERED):
            return Later(_wait(attempts, chance), error, ambiguous=not isinstance(answer, _NEVER_SENT))
        case _ if requested or isinstance(answer, UnreadableAnswer):
            unread = replace(error, code=ReasonCode.ANSWER_UNREADABLE)
            return Later(_wait(attempts, chance), unread, ambiguous=requested)
        case _:
            # Not Discord's answer: the message could not be composed. A plain one probably can.
            return Fail(error) if plain else Plainly(error)


def _is_foreign(answer: discord.HTTPException) -> bool:
    """Tell whether a 403 or 404 comes from something in front of Discord, which itself answers in JSON."""
    kind = answer.response.headers.get("Content-Type", "")
    return answer.status in {403, 404} and not kind.startswith("application/json")


def _refused(
    answer: discord.HTTPException, error: Reason, *, plain: bool, wait: timedelta, nonce_only: bool
) -> Outcome:
    if nonce_only and answer.status == 404 and answer.code == codes.UNKNOWN_MESSAGE:
        return Sent(0)
    if answer.status in {403, 404} or answer.code in codes.CLOSED_THREAD:
        known = _CODES.get(answer.code)
        reason = Reason(known) if known else replace(error, code=ReasonCode.POSTING_REFUSED)
        return Pause(reason, gone=answer.status == 404 and answer.code == codes.UNKNOWN_CHANNEL)
    if answer.status == 429:
        return Later(max(_retry_after(answer), wait), error)
    if answer.status >= 500:
        return Later(wait, error, ambiguous=True)
    return Fail(error) if plain else Plainly(error)


def _wait(attempts: int, chance: Callable[[], float]) -> timedelta:
    return backoff(attempts, first=FIRST_WAIT, ceiling=LONGEST_WAIT, jitter=0.5, chance=chance())


def token_refused(answer: Exception) -> bool:
    """Tell whether Discord no longer accepts the bot's token. Only the operator can change that."""
    return isinstance(answer, discord.LoginFailure) or (
        isinstance(answer, discord.HTTPException)
        and (answer.status == 401 or (answer.status, answer.code) == (400, codes.UNAUTHORIZED))
    )


def _is_announced(message: discord.abc.Snowflake) -> bool:
    """Tell whether *message* is in an announcement channel and has not been crossposted yet."""
    if isinstance(message, PostedMessage):
        return message.announced
    if not isinstance(message, discord.Message) or message.flags.crossposted:
        return False
    return isinstance(message.channel, discord.TextChannel) and message.channel.is_news()


def _retry_after(error: discord.HTTPException) -> timedelta:
    """Return the Retry-After of a 429 that came from the network in front of Discord."""
    try:
        asked = timedelta(seconds=max(0.0, float(error.response.headers.get("Retry-After", ""))))
    except (ValueError, OverflowError):
        return timedelta()
    return min(asked, LONGEST_ASKED)


def _reason_of(error: Exception) -> Reason:
    """Return why a send failed with *error*: Discord's answer, no answer, or a mistake of the bot."""
    if isinstance(error, discord.HTTPException):
        detail = clean_text(error.text, DETAIL_LENGTH)
        return Reason(ReasonCode.DISCORD_ERROR, status=error.status, error=error.code, detail=detail)
    if isinstance(error, discord.RateLimited):
        return Reason(ReasonCode.RATE_LIMITED)
    if isinstance(error, TimeoutError):
        return Reason(ReasonCode.NO_RESPONSE)
    kind, detail = type(error).__name__, clean_text(str(error), DETAIL_LENGTH)
    if isinstance(error, UNANSWERED):
        return Reason(ReasonCode.CONNECTION_FAILED, detail=detail or kind)
    return Reason(ReasonCode.NOT_WRITTEN, detail=f"{kind}: {detail}" if detail else kind)
