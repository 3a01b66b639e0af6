"""`check`: what the bot needs and whether it is there, each with what to do if it is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp

from bot.arxiv.client import ArxivClient
from bot.arxiv.gate import Gate
from bot.config import Settings
from bot.config_values import is_loopback
from bot.errors import ArxivError, StoreError
from bot.store import Store

_PATIENCE = aiohttp.ClientTimeout(total=15)
_PORTAL = "https://discord.com/developers/applications"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `exit_code` is that of the whole check if this is the worst finding."""

    subject: str
    text: str
    exit_code: int = 0

    def __str__(self) -> str:
        return f"{'failed' if self.exit_code else 'ok':<7} {self.subject}: {self.text}"


async def findings(settings: Settings) -> AsyncIterator[Finding]:
    """Look at the database, arXiv and Discord in turn; the configuration itself is in order by now."""
    yield await _database(settings)
    async with aiohttp.ClientSession() as session:
        yield await _arxiv(session, settings)
        yield await _discord(session, settings)


async def _database(settings: Settings) -> Finding:
    try:
        async with await Store.open(settings.database.url) as store:
            await store.verify()
            papers = await store.papers.count()
            subscriptions = len(await store.subscriptions.all())
            path = store.database.path
    except StoreError as error:
        return Finding("database", str(error), 1)
    return Finding("database", f"{path} is whole: papers {papers}, subscriptions {subscriptions}.")


async def _arxiv(session: aiohttp.ClientSession, settings: Settings) -> Finding:
    if not settings.arxiv.contact and not is_loopback(settings.arxiv.api_url):
        return Finding(
            "arXiv",
            "not asked, since arxiv.contact is missing; give an e-mail address or a web page where arXiv can "
            "reach you (PAPERS_ARXIV__CONTACT).",
            2,
        )
    client = ArxivClient(
        session, Gate(settings.arxiv.min_interval), settings.arxiv, clock=lambda: datetime.now(UTC)
    )
    try:
        page = await client.search("all:electron", max_results=1)
    except ArxivError as error:
        return Finding("arXiv", f"{error} Look at {settings.arxiv.api_url} and try again later.", 1)
    if not page.papers:
        return Finding("arXiv", "it answers, but shows no paper where it has many; try again later.", 1)
    return Finding("arXiv", f"{settings.arxiv.api_url} answers.")


async def _discord(session: aiohttp.ClientSession, settings: Settings) -> Finding:
    token = settings.discord.token
    if token is None:
        return Finding(
            "Discord",
            f"discord.token is missing; set DISCORD_TOKEN to the token from the Bot page at {_PORTAL}.",
            2,
        )
    base = settings.discord.api_base
    headers = {"Authorization": f"Bot {token.get_secret_value()}"}
    try:
        async with session.get(f"{base}/users/@me", headers=headers, timeout=_PATIENCE) as response:
            if response.status == 401:
                return Finding(
                    "Discord", f"it refuses the token; copy it anew from the Bot page at {_PORTAL}.", 2
                )
            if response.status != 200:
                return Finding("Discord", f"{base} answers with HTTP {response.status}; try again later.", 1)
            name = (await response.json(content_type=None)).get("username", "the bot")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, AttributeError) as error:
        return Finding(
            "Discord",
            f"{base} cannot be reached ({type(error).__name__}); check discord.api_base and the network.",
            1,
        )
    return Finding("Discord", f"the token is that of {name}.")
