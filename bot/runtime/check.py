"""`check`: whether the bot has what it needs, and what to do if not."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from bot.arxiv.client import ArxivClient
from bot.arxiv.feeds_client import FeedsClient
from bot.arxiv.gate import Gate
from bot.arxiv.oai_client import OaiClient
from bot.config import Settings, unmet
from bot.config.sources import DEFAULT_FILE
from bot.delivery.codes import UNAUTHORIZED
from bot.model.errors import ArxivError, StoreError
from bot.runtime.proxy import proxy_for, proxy_refusal
from bot.store import Store
from bot.store.address import database_file, database_name
from bot.store.sqlite_errors import read_only, store_errors

NEEDS = ("discord.token", "arxiv.contact")
"""Settings without which the bot cannot run."""

_TIMEOUT = aiohttp.ClientTimeout(total=15)
_OAI_TIMEOUT = 30.0  # seconds; who it is, arXiv says at once
_SMALL_FEED = ("econ",)
_PORTAL = "https://discord.com/developers/applications"

_FAILURES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "the name of its host is not known"),
    (
        (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError),
        "no secure connection can be made",
    ),
    (aiohttp.ClientProxyConnectionError, "no connection to the proxy"),
    (TimeoutError, f"no answer within {_TIMEOUT.total:g} seconds"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `exit_code` is that of the command if no other finding is worse.

    A *warning* is about something that the bot can do without.
    """

    subject: str
    text: str
    exit_code: int = 0
    skipped: bool = False
    warning: bool = False

    def __str__(self) -> str:
        good = "skipped" if self.skipped else "warning" if self.warning else "ok"
        status = "failed" if self.exit_code else good
        return f"{status:<7} {self.subject}: {self.text}"


async def findings(settings: Settings, *, source: Path | None) -> AsyncIterator[Finding]:
    """Check the configuration, the database, arXiv and Discord, and yield a finding for each.

    *source* is the configuration file that the user named, None for the default. *settings* exist, so all
    keys and values are valid. A missing database is not created.
    """
    missing = unmet(settings, NEEDS)
    for finding in _configuration(missing, source):
        yield finding
    yield await _database(settings)
    roads = [url for url in (settings.arxiv.oai_url, settings.arxiv.rss_url) if settings.arxiv.may_use(url)]
    refusals = map(proxy_refusal, (settings.arxiv.api_url, *roads, settings.discord.api_base))
    for refusal in dict.fromkeys(filter(None, refusals)):
        yield Finding("proxy", refusal, 2)
    gate = Gate(settings.arxiv.min_interval)
    async with aiohttp.ClientSession(proxy=proxy_for(settings.arxiv.api_url)) as session:
        yield _unchecked("arXiv", "arxiv.contact", missing) or await _arxiv(session, settings, gate)
    if "arxiv.contact" not in missing:
        async for finding in _other_roads(settings, gate):
            yield finding
    async with aiohttp.ClientSession(proxy=proxy_for(settings.discord.api_base)) as session:
        yield _unchecked("Discord", "discord.token", missing) or await _discord(session, settings)


def _configuration(missing: Mapping[str, str], source: Path | None) -> Iterator[Finding]:
    file = (source or DEFAULT_FILE).absolute()
    if file.exists():
        yield Finding("configuration", f"all keys and values in {file} are valid.")
    else:
        yield Finding(
            "configuration",
            f"there is no {file} (config.example.yaml shows what it can hold); the values from the "
            "environment are valid.",
        )
    for path, why in missing.items():
        yield Finding("configuration", f"{path} {why}", 2)


def _unchecked(subject: str, path: str, missing: Mapping[str, str]) -> Finding | None:
    if path not in missing:
        return None
    return Finding(subject, f"not checked, because {path} {missing[path].partition(';')[0]}.", skipped=True)


async def _database(settings: Settings) -> Finding:
    try:
        path = database_file(settings.database.url)
        if path is not None:
            with store_errors(path):
                if not path.exists():
                    return _no_database(path)
        async with await Store.open(settings.database.url) as store:
            await store.verify()
            papers = await store.papers.count()
            subscriptions = len(await store.subscriptions.all())
    except StoreError as error:
        return Finding("database", str(error), 1)
    name = database_name(settings.database.url)
    state = "is intact" if path is not None else "responds"
    return Finding("database", f"{name} {state}: papers {papers}, subscriptions {subscriptions}.")


def _no_database(path: Path) -> Finding:
    """Return the finding that `run` can create the database, without creating it.

    Raises:
        StoreError: it cannot be created.
    """
    folder = next(above for above in path.parents if above.exists())
    if not folder.is_dir():
        raise StoreError(
            f"The database {path} cannot be created ({folder} is not a folder); check database.url."
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise read_only(path)
    return Finding("database", f"no database yet; `run` creates {path} ({folder} is writable).")


async def _arxiv(session: aiohttp.ClientSession, settings: Settings, gate: Gate) -> Finding:
    client = ArxivClient(session, gate, settings.arxiv, clock=_now)
    try:
        page = await client.search("all:electron", max_results=1)
    except ArxivError as error:
        return Finding(
            "arXiv", f"{error} Open {settings.arxiv.api_url} in a browser, and try again later.", 1
        )
    if not page.papers:
        return Finding("arXiv", "it responds, but without papers; try again later.", 1)
    return Finding("arXiv", f"{settings.arxiv.api_url} responds.")


async def _other_roads(settings: Settings, gate: Gate) -> AsyncIterator[Finding]:
    """Yield a finding for OAI-PMH and for the feeds, as far as the bot uses them.

    Where one does not respond, the others serve, so that is no failure.
    """
    url = settings.arxiv.oai_url
    if settings.arxiv.may_use(url):
        async with aiohttp.ClientSession(proxy=proxy_for(url)) as session:
            oai = OaiClient(session, gate, settings.arxiv, clock=_now, timeout=_OAI_TIMEOUT)
            yield await _road("OAI-PMH", url, oai.identify())
    url = settings.arxiv.rss_url
    if settings.arxiv.may_use(url):
        async with aiohttp.ClientSession(proxy=proxy_for(url)) as session:
            feeds = FeedsClient(session, gate, settings.arxiv, clock=_now)
            yield await _road("feeds", url, feeds.announced(_SMALL_FEED))


async def _road(subject: str, url: str, asking: Awaitable[object]) -> Finding:
    try:
        await asking
    except ArxivError as error:
        return Finding(
            subject, f"{error} The bot uses arXiv's other interfaces until {url} responds.", warning=True
        )
    return Finding(subject, f"{url} responds.")


def _now() -> datetime:
    return datetime.now(UTC)


async def _discord(session: aiohttp.ClientSession, settings: Settings) -> Finding:
    token = settings.discord.token
    if token is None:
        raise AssertionError("a missing token was reported before")
    base = settings.discord.api_base
    headers = {"Authorization": f"Bot {token.get_secret_value()}"}
    try:
        async with session.get(f"{base}/users/@me", headers=headers, timeout=_TIMEOUT) as response:
            if response.status == 401 or (
                response.status == 400 and await _error_code(response) == UNAUTHORIZED
            ):
                return Finding(
                    "Discord", f"it rejects the token; copy it again from the Bot page at {_PORTAL}.", 2
                )
            if response.status != 200:
                return Finding("Discord", f"{base} responds with HTTP {response.status}; try again later.", 1)
            name = (await response.json(content_type=None)).get("username", "the bot")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, AttributeError) as error:
        return Finding(
            "Discord",
            f"{base} cannot be reached ({_in_words(error)}); check discord.api_base and the network.",
            1,
        )
    return Finding("Discord", f"the token belongs to {name}.")


def _in_words(error: Exception) -> str:
    """Return why a request to Discord failed, in a few words."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy responds with HTTP {error.status}"
    for kind, words in _FAILURES:
        if isinstance(error, kind):
            return words
    if isinstance(error, aiohttp.ClientConnectorError):
        return os.strerror(error.errno).lower() if error.errno else "no connection"
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ServerDisconnectedError | OSError):
        return "the connection was lost"
    return "its answer is not one of Discord's"


async def _error_code(response: aiohttp.ClientResponse) -> object:
    """Return Discord's error code in *response*, None if it has none."""
    body = await response.json(content_type=None)
    return body.get("code") if isinstance(body, dict) else None
