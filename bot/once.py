"""Requests that are made once, although discord.py would repeat them.

discord.py repeats any request that Discord answers with 500, 502 or 504. Such an answer does not say that
nothing was done: where a nonce goes with the request, Discord recognises the repetition, but a forum post
has none, and would be there twice.
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


_attempt: ContextVar[_Attempt | None] = ContextVar("attempt", default=None)


@contextmanager
def once() -> Iterator[None]:
    """Let the block make one POST; another one ends in `NotRepeated`, unless the first was rate limited."""
    token = _attempt.set(_Attempt())
    try:
        yield
    finally:
        _attempt.reset(token)


def trace() -> aiohttp.TraceConfig:
    """Return what the client's `http_trace` has to be for `once` to work."""
    config = aiohttp.TraceConfig()
    config.on_request_start.append(_started)
    config.on_request_end.append(_ended)
    return config


async def _started(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, request: aiohttp.TraceRequestStartParams
) -> None:
    attempt = _attempt.get()
    if attempt is None or request.method != "POST":
        return
    if attempt.made:
        raise NotRepeated("Discord failed at a request that cannot be repeated blindly")
    attempt.made = True


async def _ended(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, request: aiohttp.TraceRequestEndParams
) -> None:
    attempt = _attempt.get()
    if attempt is not None and request.response.status == 429:
        attempt.made = False
