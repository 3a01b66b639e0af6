"""What discord.py repeats by itself: requests that are made once all the same, and those that are watched.

discord.py repeats any request that Discord answers with 500, 502 or 504, and tells of the last answer alone.
Such an answer does not say that nothing was done. Where a nonce goes with the request, Discord recognises the
repetition, but a forum post has none, and would be there twice: it is made `once`. And where the repetition
is refused, or finds no Discord at all, the message may be there nevertheless: `watched` knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace

import aiohttp


class NotRepeated(aiohttp.ClientError):
    """The request was made, its outcome is unknown, and it is not made again."""


class _Attempt:
    made = False


class Watch:
    """Counts the POST requests of which nobody knows whether they were performed."""

    def __init__(self) -> None:
        self.unknown = 0

    @property
    def in_doubt(self) -> bool:
        return self.unknown > 0


_attempt: ContextVar[_Attempt | None] = ContextVar("attempt", default=None)
_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def once() -> Iterator[None]:
    """Let the block make one POST; another one ends in `NotRepeated`, unless the first was rate limited."""
    token = _attempt.set(_Attempt())
    try:
        yield
    finally:
        _attempt.reset(token)


@contextmanager
def watched() -> Iterator[Watch]:
    """Watch the POST requests of the block, however often discord.py makes them."""
    watch = Watch()
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)


def trace() -> aiohttp.TraceConfig:
    """Return what the client's `http_trace` has to be for `once` and `watched` to work."""
    config = aiohttp.TraceConfig()
    config.on_request_start.append(_started)
    config.on_request_end.append(_ended)
    config.on_request_exception.append(_failed)
    return config


async def _started(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, request: aiohttp.TraceRequestStartParams
) -> None:
    if request.method != "POST":
        return
    attempt, watch = _attempt.get(), _watch.get()
    if attempt is not None:
        if attempt.made:
            raise NotRepeated("Discord failed at a request that cannot be repeated blindly")
        attempt.made = True
    if watch is not None:
        watch.unknown += 1


async def _ended(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, request: aiohttp.TraceRequestEndParams
) -> None:
    if request.method != "POST":
        return
    attempt, watch = _attempt.get(), _watch.get()
    if attempt is not None and request.response.status == 429:
        attempt.made = False
    if watch is not None and 400 <= request.response.status < 500:
        watch.unknown -= 1


async def _failed(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, request: aiohttp.TraceRequestExceptionParams
) -> None:
    watch = _watch.get()
    # Without a connection nothing was asked.
    never_sent = isinstance(request.exception, aiohttp.ClientConnectorError)
    if watch is not None and request.method == "POST" and never_sent:
        watch.unknown -= 1
