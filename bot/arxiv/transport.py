"""One request to an interface of arXiv over HTTP: a turn at the gate, a limited answer, a typed error.

Which failures are retried follows from how arXiv behaves. A server error, a time-out or a broken feed is
often gone a moment later. After HTTP 429, every further request prolongs the block, so the error goes to the
caller. The gate spaces the attempts as it spaces all requests, so a retry library would have no wait to add.
All attempts have the same address: arXiv computes a slow answer once, and then has it ready.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Generic, Protocol, TypeAlias, TypeVar

import aiohttp
from yarl import URL

from bot import __version__
from bot.arxiv.gate import Gate, GaveWay
from bot.config import ArxivSettings
from bot.model.errors import (
    AnswerTooLarge,
    ArxivBusy,
    ArxivError,
    ArxivHTTPError,
    ArxivUnreachable,
    MalformedFeed,
)

_log = logging.getLogger(__name__)

# Every proxy passes addresses up to this length. Longer requests are posted, which arXiv accepts as well.
_LONGEST_ADDRESS = 4_000
_ATTEMPTS = 3
_ATTEMPTS_FOR_A_PERSON = 2
_MOST_ENDED = 3  # times that one attempt gives way to people
_CHUNK = 64 * 1024
_PARSE_SECONDS = 60.0  # a page of 2,000 entries takes 2
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3


Leaving: TypeAlias = Callable[[], None]


def unnoticed() -> None:
    """Do nothing when a request leaves."""


def user_agent(contact: str) -> str:
    """Return the `User-Agent` header: the bot and its *contact*. arXiv throttles anonymous clients as one."""
    return f"arxiv-discord-notifier/{__version__}" + (f" (+{contact})" if contact else "")


class Answered(Protocol):
    """What an answer was read as; `skipped` counts the entries that could not be read."""

    @property
    def skipped(self) -> int: ...


A = TypeVar("A", bound=Answered)
A_co = TypeVar("A_co", bound=Answered, covariant=True)


class Reader(Protocol[A_co]):
    """Reads the bytes of an answer; see `bot.arxiv.feed.parse`. It runs in a thread."""

    def __call__(self, content: bytes | bytearray, *, url: str, late: Callable[[], bool]) -> A_co: ...


@dataclass(frozen=True, slots=True)
class Interface(Generic[A]):
    """One of arXiv's interfaces: its *url*, the media type that it sends, and how its answers are read.

    *name* is what the gate knows it by. *timeout* is in seconds, for one attempt. After HTTP 503 the
    `Retry-After` is waited for up to *patience* before the next attempt; where that is too short, the
    interface is paused as after 429.
    """

    url: str
    accept: str
    read: Reader[A]
    timeout: float
    name: str = ""
    patience: timedelta = timedelta()


class Transport(Generic[A]):
    """Makes requests, counts them, and keeps the outcome of the last. Owns neither *session* nor *gate*."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        gate: Gate,
        settings: ArxivSettings,
        interface: Interface[A],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._session = session
        self._gate = gate
        self._settings = settings
        self._interface = interface
        self._clock = clock
        self._url = URL(interface.url)
        self._timeout = aiohttp.ClientTimeout(total=interface.timeout)
        self.requests = 0
        self.refusals = 0  # with 429
        self.last_error = ""
        self.last_success: datetime | None = None

    async def ask(
        self,
        parameters: Mapping[str, str],
        *,
        path: tuple[str, ...] = (),
        person: bool = False,
        leaving: Leaving = unnoticed,
    ) -> A:
        """Return arXiv's answer to *parameters*, after up to three attempts (two for a *person*).

        *path* names what is below the interface's address. *leaving* is called for each request, when it has
        had its turn and leaves.

        Raises:
            ArxivError: arXiv did not answer, or its answer is unusable; `bot.model.errors` lists the kinds.
            UserError: too many people are waiting (only with *person*).
        """
        attempts = _ATTEMPTS_FOR_A_PERSON if person else _ATTEMPTS
        for attempt in range(1, attempts + 1):
            try:
                answer = await self._once(parameters, path, person=person, leaving=leaving)
            except ArxivError as error:
                self.last_error = str(error)
                self._url = URL(self._interface.url)
                if attempt == attempts or not _worth_another_try(error):
                    raise
                _log.info("asking arXiv again (%d of %d): %s", attempt + 1, attempts, error)
                if wait := self._wait_after(error):
                    await self._gate.rest(wait)
            else:
                self._gate.recovered(self._interface.name)
                self.last_error, self.last_success = "", self._clock()
                if answer.skipped:
                    _log.warning(
                        "skipped %d entries of arXiv's answer: %s", answer.skipped, parameters or path
                    )
                return answer
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _once(
        self, parameters: Mapping[str, str], path: tuple[str, ...], *, person: bool, leaving: Leaving
    ) -> A:
        for ended in range(_MOST_ENDED + 1):
            turn = self._gate.turn(
                person=person,
                interface=self._interface.name,
                gives_way=not person and ended < _MOST_ENDED,
            )
            try:
                async with turn:
                    leaving()
                    self.requests += 1
                    status, content, url = await self._exchange(parameters, path)
                break
            except GaveWay:
                _log.info("a request to arXiv was ended, since a person waits; it is made again")
        try:
            give_up = time.monotonic() + _PARSE_SECONDS
            return await asyncio.to_thread(
                self._interface.read, content, url=url, late=lambda: time.monotonic() > give_up
            )
        except MalformedFeed as error:
            if status != 200:
                raise _http_error(status, url) from error
            raise

    async def _exchange(
        self, parameters: Mapping[str, str], path: tuple[str, ...]
    ) -> tuple[int, bytearray, str]:
        """Make one request and return the status, body and address of its answer.

        Raises for every status but 200 and the 4xx that may come with an error feed.
        """
        address = self._url.joinpath(*path).update_query(parameters)
        try:
            return await self._follow(address, parameters, remember=not path)
        except TimeoutError as error:
            raise ArxivUnreachable(
                f"arXiv did not answer within {self._interface.timeout:g} seconds.", url=str(address)
            ) from error
        except aiohttp.ClientConnectorError as error:
            raise ArxivUnreachable(f"No connection to {address.host}.", url=str(address)) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ArxivUnreachable(
                "The connection to arXiv was lost, or its answer was not valid HTTP.", url=str(address)
            ) from error

    async def _follow(
        self, address: URL, parameters: Mapping[str, str], *, remember: bool
    ) -> tuple[int, bytearray, str]:
        """Make the request, and again where a redirect leads, as long as that is on the same host.

        *remember* the address that it leads to: following it each time would make two requests without an
        interval.

        Raises:
            ArxivError: the answer is an error.
            aiohttp.ClientError, OSError, ValueError, TimeoutError: there is no proper answer.
        """
        for _redirect in range(_MOST_REDIRECTS + 1):
            posted = len(str(address)) > _LONGEST_ADDRESS
            async with self._session.request(
                "POST" if posted else "GET",
                address.with_query(None) if posted else address,
                data=dict(parameters) if posted else None,
                headers={
                    "User-Agent": user_agent(self._settings.contact),
                    "Accept": self._interface.accept,
                    "Accept-Encoding": "gzip",
                },
                timeout=self._timeout,
                middlewares=(_NoRetry(),),
                allow_redirects=False,
            ) as response:
                if response.status not in _REDIRECTS:
                    self._raise_for_status(response)
                    _raise_for_encoding(response)
                    return response.status, await self._read(response), str(response.url)
                address = _redirected(response).update_query(parameters)
                if remember:
                    self._url = address.with_query(None)
        raise ArxivUnreachable("arXiv redirects in a circle.", url=str(address))

    def _wait_after(self, error: ArxivError) -> timedelta:
        """Return how long to wait before the next attempt, beyond the gate's interval."""
        asked = error.retry_after if isinstance(error, ArxivBusy) else None
        return asked if asked and asked <= self._interface.patience else timedelta()

    def _raise_for_status(self, response: aiohttp.ClientResponse) -> None:
        status, url = response.status, str(response.url)
        asked = _retry_after(response.headers.get("Retry-After", ""), self._clock())
        if status == 429:
            self.refusals += 1
            pause = self._gate.back_off(asked, self._interface.name)
            raise ArxivBusy(
                "arXiv received too many requests and asked for a pause.",
                url=url,
                status=status,
                retry_after=pause,
            )
        if status == 503:
            if asked is not None and asked > self._interface.patience:
                asked = self._gate.back_off(asked, self._interface.name)
            raise ArxivBusy("arXiv is overloaded right now.", url=url, status=status, retry_after=asked)
        if status != 200 and not 400 <= status < 500:
            raise _http_error(status, url)

    async def _read(self, response: aiohttp.ClientResponse) -> bytearray:
        """Return the body, decompressed.

        Raises:
            AnswerTooLarge: it is larger than `arxiv.max_bytes`; it is not read to its end.
        """
        most = self._settings.max_bytes
        content = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            content += chunk
            if len(content) > most:
                response.close()
                raise AnswerTooLarge(
                    f"arXiv's answer is larger than {most // 1024} KiB (arxiv.max_bytes).",
                    url=str(response.url),
                )
        return content


class _NoRetry:
    """Keeps aiohttp from repeating a GET whose connection was lost, which would bypass the gate."""

    def __init__(self) -> None:
        self._error: aiohttp.ClientError | None = None

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if self._error is not None:
            raise self._error
        try:
            return await handler(request)
        except aiohttp.ClientError as error:
            self._error = error
            raise


def _redirected(response: aiohttp.ClientResponse) -> URL:
    """Return where a redirect leads.

    Raises:
        ArxivUnreachable: to another host, or from https to http: that is not arXiv, or not safely so.
    """
    target = response.url.join(URL(response.headers.get("Location", "")))
    unsafe = response.url.scheme == "https" and target.scheme != "https"
    if target.host != response.url.host or unsafe or target.scheme not in {"http", "https"}:
        raise ArxivUnreachable(
            f"arXiv's answer redirects to {str(target)[:200]}, which is another host or not https.",
            url=str(response.url),
        )
    return target


def _raise_for_encoding(response: aiohttp.ClientResponse) -> None:
    """Raise `MalformedFeed` for an answer that is compressed more than once, as decompression bombs are."""
    if "," in ",".join(response.headers.getall("Content-Encoding", [])):
        raise MalformedFeed("arXiv's answer is compressed more than once.", url=str(response.url))


def _worth_another_try(error: ArxivError) -> bool:
    if isinstance(error, ArxivBusy):
        return error.status == 503
    return error.retry


def _http_error(status: int, url: str) -> ArxivHTTPError:
    if status == 403:
        return ArxivHTTPError(
            "arXiv denies access (HTTP 403). Check arxiv.contact, and wait before asking again.",
            url=url,
            status=status,
        )
    return ArxivHTTPError(f"arXiv answered with HTTP status {status}.", url=url, status=status)


def _retry_after(header: str, now: datetime) -> timedelta | None:
    """Return the wait that a `Retry-After` *header* asks for, in seconds or by a date, at most a day.

    None where it asks for none; arXiv is known to send 0.
    """
    try:
        seconds = float(header)
    except ValueError:
        try:
            moment = parsedate_to_datetime(header)
        except ValueError:
            return None
        seconds = ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds()
    if not math.isfinite(seconds) or seconds <= 0:
        return None
    return timedelta(seconds=min(seconds, 86_400.0))
