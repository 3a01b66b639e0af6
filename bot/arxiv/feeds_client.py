"""Read arXiv's feeds of the day: `/rss/ARCHIVES` and `/atom/ARCHIVES` below `arxiv.rss_url`."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from datetime import datetime

import aiohttp

from bot.arxiv.announcements import AnnouncedDay, parse_announcements
from bot.arxiv.gate import Gate
from bot.arxiv.transport import Interface, Transport
from bot.config import ArxivSettings


class FeedForm(enum.StrEnum):
    """The forms of each feed, which arXiv makes and caches apart; the values are parts of its addresses."""

    RSS = "rss"
    ATOM = "atom"


class FeedsClient:
    """All requests to the feeds. Owns neither *session* nor *gate*, which all interfaces share."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        gate: Gate,
        settings: ArxivSettings,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        interface = Interface(
            url=settings.rss_url,
            accept="application/rss+xml, application/atom+xml",
            read=parse_announcements,
            timeout=settings.timeout,
            name="feeds",
        )
        self.transport = Transport(session, gate, settings, interface, clock=clock)

    @property
    def requests(self) -> int:
        """How many requests have been made since the process started."""
        return self.transport.requests

    async def announced(self, archives: Sequence[str], form: FeedForm = FeedForm.RSS) -> AnnouncedDay:
        """Return what arXiv announced today in *archives*: archives (`cs`) and categories (`math.QA`).

        Raises:
            ArxivError: arXiv did not answer, or its answer is unusable.
        """
        return await self.transport.ask({}, path=(form, "+".join(archives)))
