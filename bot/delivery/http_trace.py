"""Watches the requests that discord.py repeats on its own, and stops it where a repetition would post twice.

discord.py repeats every request that Discord answers with 500, 502 or 504, and reports only the last answer.
Discord may have performed the request all the same. If the request carries a nonce, Discord recognizes the
repetition. A forum post has no nonce and would appear twice, so it is made `once`. If the repetition is
refused or finds no connection, the first request may still have posted the message: `watched` tells.

`watched` also knows what discord.py says nothing about: how Discord answered where discord.py could not parse
the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace

import aiohttp


class NotRepeated(aiohttp.ClientError):
    """The request was made and its outcome is unknown, so it is not repeated."""


class _Once:
    made = False


class Watch:
    """Counts the requests that change something and that Discord may have performed.

    `answer` is what Discord answered to the last of them, None if it has not answered.
    """

    def __init__(self) -> None:
        self.unknown = 0
        self.answer: aiohttp.ClientResponse | None = None

    @property
    def in_doubt(self) -> bool:
        return self.unknown > 0

    @property
    def performed(self) -> bool:
        """Whether Discord has performed the last request, as the status of its answer says."""
        return self.answer is not None and 200 <= self.answer.status < 300

    @property
    def refused(self) -> bool:
        """Whether Discord has refused the last request, as the status of its answer says."""
        return self.answer is not None and 400 <= self.answer.status < 500


_once: ContextVar[_Once | None] = ContextVar("once", default=None)
_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def once() -> Iterator[None]:
    """Let the block make one POST request. A second one raises `NotRepeated`, unless the first got a 429."""
    token = _once.set(_Once())
    try:
        yield
    finally:
        _once.reset(token)


@contextmanager
def watched() -> Iterator[Watch]:
    """Watch the requests of the block that change something, however often discord.py makes them."""
    watch = Watch()
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)


def watch_in_force() -> Watch:
    """Return the watch of the innermost `watched` block; outside of one, a watch that has seen nothing."""
    return _watch.get() or Watch()


def trace() -> aiohttp.TraceConfig:
    """Return the client's `http_trace`, without which `once` and `watched` do nothing."""
    config = aiohttp.TraceConfig()
    config.on_request_start.append(_started)
    config.on_request_end.append(_ended)
    config.on_request_exception.append(_failed)
    return config


async def _started(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, request: aiohttp.TraceRequestStartParams
) -> None:
    if request.method == "GET":
        return
    single, watch = _once.get(), _watch.get()
    if single is not None and request.method == "POST":
        if single.made:
            raise NotRepeated("Discord failed at a request that must not be repeated")
        single.made = True
    if watch is not None:
        watch.unknown += 1
        watch.answer = None


async def _ended(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, request: aiohttp.TraceRequestEndParams
) -> None:
    if request.method == "GET":
        return
    single, watch = _once.get(), _watch.get()
    if single is not None and request.response.status == 429:
        single.made = False
    if watch is not None:
        watch.answer = request.response
        watch.unknown -= watch.refused


async def _failed(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, request: aiohttp.TraceRequestExceptionParams
) -> None:
    watch = _watch.get()
    # Without a connection nothing was sent.
    never_sent = isinstance(request.exception, aiohttp.ClientConnectorError)
    if watch is not None and request.method != "GET" and never_sent:
        watch.unknown -= 1
