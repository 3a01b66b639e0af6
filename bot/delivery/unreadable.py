"""Answers of Discord that cannot be parsed: they do not say that a request was refused.

discord.py raises whatever its parsing happens to raise, such as a `TypeError` or a `RecursionError`, also if
Discord has performed the request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from bot.delivery.http_trace import watch_in_force

UNANSWERED = (TimeoutError, aiohttp.ClientError, OSError)
"""What is raised when there was no answer, or only a part of one."""
_UNDERSTOOD = (
    discord.HTTPException,
    discord.RateLimited,
    discord.LoginFailure,
    discord.GatewayNotFound,
    discord.ConnectionClosed,
    discord.PrivilegedIntentsRequired,
    *UNANSWERED,
)


class UnreadableAnswer(Exception):
    """Discord answered, and the answer cannot be parsed."""


def is_understood(error: Exception) -> bool:
    """Tell whether *error* is what Discord answered, or that it did not answer."""
    return isinstance(error, _UNDERSTOOD)


@contextmanager
def reading() -> Iterator[None]:
    """Let the block read something from Discord.

    Raises:
        UnreadableAnswer: the answer cannot be parsed; everything else that is raised stays as it is.
    """
    try:
        yield
    except Exception as error:
        if is_understood(error):
            raise
        raise UnreadableAnswer(f"{type(error).__name__}: {error}") from error


@contextmanager
def unread_if_performed() -> Iterator[None]:
    """Ignore an answer to a request in the block that cannot be parsed, if Discord has performed the request.

    It needs `bot.delivery.http_trace.watched` around it, and is for requests whose answer is not needed.
    """
    watch = watch_in_force()
    try:
        yield
    except Exception as error:
        if is_understood(error) or not watch.performed:
            raise
