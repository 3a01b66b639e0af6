"""What Discord's answer to a send means for the row that was sent.

| answer | outcome |
|---|---|
| a message | `Sent` |
| 403, 404 | `Pause`: the rows stay, and are sent when the channel can be written to again |
| 404, unknown channel | `Pause`, gone: the channel was deleted |
| 404, unknown message | `Sent`: the message of this nonce was posted, and deleted by someone |
| 400, 413 | `Plainly`, then `Fail` |
| 429 | `Later`, after the time Discord asks for |
| 5xx, time-out, reset or no connection | `Later`, ambiguous: it may have been posted all the same |
| 401 | none: see `token_refused` |

Pure: chance comes in as an argument.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import aiohttp
import discord

from bot.delivery import codes
from bot.model import reasons
from bot.model.outcomes import Fail, Later, Outcome, Pause, Plainly, Sent

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=30)
LONGEST_ASKED = timedelta(days=1)
"""How long we wait at most when Discord asks for it; what is due later is so by a clock that was wrong."""

_UNANSWERED = (TimeoutError, aiohttp.ClientError, OSError)
_NEVER_SENT = (aiohttp.ClientConnectorError,)  # no connection came about, so nothing can have been posted
_REASONS = {
    codes.UNKNOWN_CHANNEL: reasons.GONE,
    codes.UNKNOWN_GUILD: reasons.SERVER_GONE,
    codes.MISSING_ACCESS: reasons.UNSEEN,
    codes.CANNOT_MESSAGE_USER: reasons.NO_MESSAGES,
    codes.MISSING_PERMISSIONS: reasons.NOT_ALLOWED,
    codes.THREAD_ARCHIVED: reasons.ARCHIVED,
    codes.THREAD_LOCKED: reasons.LOCKED,
}


def outcome_of(
    answer: discord.abc.Snowflake | Exception, *, attempts: int, plain: bool, chance: Callable[[], float]
) -> Outcome:
    """Return what becomes of a row of which the last of *attempts* tries ended in *answer*.

    *plain* says that it was sent as plain title and link; *chance* returns numbers from 0 to 1.
    """
    if not isinstance(answer, Exception):
        return Sent(answer.id, announced=_is_announced(answer))
    error = _text(answer)
    match answer:
        case discord.RateLimited():
            return Later(min(timedelta(seconds=answer.retry_after), LONGEST_ASKED), error)
        case discord.HTTPException():
            return _refused(answer, error, plain=plain, wait=back_off(attempts, chance))
        case _ if isinstance(answer, _UNANSWERED):
            return Later(back_off(attempts, chance), error, ambiguous=not isinstance(answer, _NEVER_SENT))
        case _:
            # Not Discord's answer: the message could not even be built, which a plain one can.
            return Fail(error) if plain else Plainly(error)


def _refused(answer: discord.HTTPException, error: str, *, plain: bool, wait: timedelta) -> Outcome:
    if answer.status == 404 and answer.code == codes.UNKNOWN_MESSAGE:
        return Sent(0)
    if answer.status in {403, 404} or answer.code in codes.CLOSED_THREAD:
        reason = _REASONS.get(answer.code, reasons.REFUSED.format(error=error))
        return Pause(reason, gone=answer.status == 404 and answer.code == codes.UNKNOWN_CHANNEL)
    if answer.status == 429:
        return Later(max(_retry_after(answer), wait), error)
    if answer.status >= 500:
        return Later(wait, error, ambiguous=True)
    return Fail(error) if plain else Plainly(error)


def back_off(attempts: int, chance: Callable[[], float]) -> timedelta:
    """Return the wait after *attempts* failed tries: doubled up to a ceiling, half of it left to chance."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(max(attempts, 1) - 1, 20)
    return min(doubled, LONGEST_WAIT) * (0.5 + 0.5 * chance())


def token_refused(answer: Exception) -> bool:
    """Tell whether Discord no longer accepts the bot's token, which only the operator can mend."""
    return isinstance(answer, discord.LoginFailure) or (
        isinstance(answer, discord.HTTPException) and answer.status == 401
    )


def _is_announced(message: discord.abc.Snowflake) -> bool:
    """Tell whether *message* stands in an announcement channel and was not passed on from there yet."""
    if not isinstance(message, discord.Message) or message.flags.crossposted:
        return False
    return isinstance(message.channel, discord.TextChannel) and message.channel.is_news()


def _retry_after(error: discord.HTTPException) -> timedelta:
    """Return the Retry-After of a 429 that was not Discord's own but that of the network before it."""
    try:
        asked = timedelta(seconds=max(0.0, float(error.response.headers.get("Retry-After", ""))))
    except (ValueError, OverflowError):
        return timedelta()
    return min(asked, LONGEST_ASKED)


def _text(error: Exception) -> str:
    """Return the error in one line that a person can be shown in `/status`."""
    if isinstance(error, discord.HTTPException):
        said = " ".join(error.text.split())[:300]
        return f"Discord answered {error.status}" + (f", code {error.code}: {said}" if said else "")
    if isinstance(error, TimeoutError):
        return "Discord did not answer in time"
    said = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
