"""The gateway connection outlives events that discord.py cannot parse.

discord.py ends the client at the first of them. Here the connection is closed and made again after a wait,
which grows as long as this goes on; jobs such as delivery need no connection and continue. The session is
resumed after the event, so that it is skipped and no other is missed. If it cannot be skipped, because it is
READY or because Discord repeats it, a new session begins.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import defaultdict
from collections.abc import Hashable
from datetime import timedelta
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
import discord
import discord.shard
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from bot.rules.backoff import backoff

_log = logging.getLogger(__name__)

_FIRST_WAIT = timedelta(seconds=1)
_LONGEST_WAIT = timedelta(minutes=1)
_LONGEST_NEW_SESSION = timedelta(minutes=5)  # Discord allows a thousand new sessions a day
_OVER = 600.0  # seconds after which the next unreadable event is a new trouble
_EVENT = re.compile(r'"t"\s*:\s*"([A-Z_]{1,60})"')
_HANDLED = (  # what discord.py handles itself
    ReconnectWebSocket,
    discord.ConnectionClosed,
    discord.HTTPException,
    discord.GatewayNotFound,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
)


class UnreadableHello(aiohttp.ClientError):
    """The connection began with something that discord.py cannot parse; discord.py tries again."""


class _ShardTroubles:
    """The unreadable events of one shard: how many there were in a row, and the last one."""

    def __init__(self) -> None:
        self._failures = 0
        self._last = 0.0
        self._event: Hashable = None

    def wait(self, *, resume: bool, now: float) -> float:
        """Return the seconds to wait, after one more event at *now*, in seconds of the event loop's clock."""
        if now - self._last > _OVER:
            self._failures = 0
        self._failures += 1
        self._last = now
        ceiling = _LONGEST_WAIT if resume else _LONGEST_NEW_SESSION
        return backoff(self._failures, first=_FIRST_WAIT, ceiling=ceiling).total_seconds()

    def is_repeated(self, event: Hashable) -> bool:
        """Tell whether the same *event* was the last unreadable one too."""
        repeated = event == self._event
        self._event = event
        return repeated


class _Troubles:
    """The unreadable events of one client: those of each of its `shards`, and which kinds were logged."""

    def __init__(self) -> None:
        self.shards: defaultdict[int | None, _ShardTroubles] = defaultdict(_ShardTroubles)
        self._logged: set[str] = set()

    def log(self, event: str, error: Exception) -> None:
        """Log an unreadable *event* once for each kind."""
        why = f"{type(error).__name__}: {error}"[:300]
        level = logging.DEBUG if event in self._logged else logging.ERROR
        self._logged.add(event)
        _log.log(
            level,
            "Discord's gateway sent %s, which cannot be read (%s); connecting again until it works. Posting "
            "goes on meanwhile",
            event or "something",
            why,
            exc_info=error if level == logging.DEBUG else None,
        )


_troubles: WeakKeyDictionary[Any, _Troubles] = WeakKeyDictionary()  # by discord.py's state of a client


class TolerantWebSocket(DiscordWebSocket):
    """A gateway connection that is made again after what it cannot parse."""

    _frame: Any = ""

    def log_receive(self, frame: Any, /) -> None:
        """Keep the frame, which discord.py is about to parse."""
        self._frame = frame

    async def poll_event(self) -> None:
        """Handle the next frame.

        Raises:
            ReconnectWebSocket: the connection is to be made again.
            UnreadableHello: so it is, and it had not begun.
        """
        self._frame = ""
        try:
            await super().poll_event()
        except _HANDLED:
            raise
        except Exception as error:  # noqa: BLE001 - whatever discord.py's parsing raises
            await self._reconnect(error)

    async def _reconnect(self, error: Exception) -> None:
        troubles = _troubles.setdefault(self._connection, _Troubles())
        found = _EVENT.search(self._frame) if isinstance(self._frame, str) else None
        event = found[1] if found else ""
        began = self._keep_alive is not None
        troubles.log(event, error)
        await self.close(code=4000)  # with this code Discord keeps the session
        if not began:
            raise UnreadableHello(f"{type(error).__name__}: {error}") from error
        shard = troubles.shards[self.shard_id]
        repeated = shard.is_repeated((self.session_id, event, self.sequence))
        resume = bool(self.session_id) and event != "READY" and not repeated
        await asyncio.sleep(shard.wait(resume=resume, now=self.loop.time()))
        raise ReconnectWebSocket(self.shard_id, resume=resume) from error


def _is_logged(record: logging.LogRecord) -> bool:
    """Tell whether discord.py's *record* is worth a line; what `TolerantWebSocket` has logged is not."""
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    return not isinstance(error, UnreadableHello)


def install() -> None:
    """Let the shards of this process use `TolerantWebSocket`; discord.py has no option for it."""
    discord.shard.DiscordWebSocket = TolerantWebSocket  # type: ignore[misc]
    logging.getLogger("discord.shard").addFilter(_is_logged)
