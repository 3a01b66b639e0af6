"""Harvest from arXiv's OAI-PMH interface: every record that changed since a day, page by page.

arXiv computes a page in seconds when its caches are warm and in minutes when they are cold; then it answers
503, and the same address succeeds later. So a request has three minutes, and all attempts have one address.
A token is carried as it came: arXiv moves the `from` within it. `until` is never set, as arXiv asks.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from datetime import date, datetime, timedelta

import aiohttp

from bot.arxiv.gate import Gate
from bot.arxiv.oai import BadToken, RecordPage, parse_identity, parse_records
from bot.arxiv.transport import Interface, Transport
from bot.config import ArxivSettings
from bot.model.errors import IncompleteAnswer

TIMEOUT = 180.0
"""Seconds for one attempt: arXiv's own proxies give up after 90 to 180."""
_PATIENCE = timedelta(minutes=5)
_MOST_PAGES = 1_000
_MOST_RESTARTS = 3
_FIRST = {"verb": "ListRecords", "metadataPrefix": "arXivRaw"}


class OaiClient:
    """All requests to OAI-PMH. Owns neither *session* nor *gate*, which all interfaces share."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        gate: Gate,
        settings: ArxivSettings,
        *,
        clock: Callable[[], datetime],
        timeout: float | None = None,
    ) -> None:
        self.timeout = timeout or max(TIMEOUT, settings.timeout)
        interface = Interface(
            url=settings.oai_url,
            accept="text/xml",
            read=parse_records,
            timeout=self.timeout,
            name="oai",
            patience=_PATIENCE,
        )
        self.transport = Transport(session, gate, settings, interface, clock=clock)
        naming = Interface(
            url=interface.url,
            accept=interface.accept,
            read=parse_identity,
            timeout=self.timeout,
            name=interface.name,
            patience=_PATIENCE,
        )
        self._naming = Transport(session, gate, settings, naming, clock=clock)

    @property
    def requests(self) -> int:
        """How many requests have been made since the process started."""
        return self.transport.requests + self._naming.requests

    async def identify(self) -> str:
        """Return the name of the repository that answers, to find out whether one does.

        Raises:
            ArxivError: arXiv did not answer, or its answer is unusable.
        """
        return (await self._naming.ask({"verb": "Identify"})).name

    async def changed_since(self, day: date) -> AsyncGenerator[RecordPage, None]:
        """Yield the records that changed on *day* (UTC) or later, by the day of their change.

        A list that cannot be resumed is begun again on the last day that it reached; so records may come
        twice. The last page is the one without a token; only then the list is complete.

        Raises:
            ArxivError: arXiv did not answer, or its answer is unusable.
            IncompleteAnswer: the list never ends.
        """
        token: str | None = None
        restarts = 0
        for _ in range(_MOST_PAGES):
            try:
                page = await self._page(day, token)
            except BadToken:
                restarts += 1
                if token is None or restarts > _MOST_RESTARTS:
                    raise
                token = None
                continue
            if page.token is not None and page.token == token:
                break
            yield page
            token = page.token
            if token is None:
                return
            day = max([day, *(record.changed for record in page.records)])
        raise IncompleteAnswer("arXiv's list of changes never ends.")

    async def _page(self, start: date, token: str | None) -> RecordPage:
        if token is not None:
            return await self.transport.ask({"verb": "ListRecords", "resumptionToken": token})
        return await self.transport.ask(_FIRST | {"from": start.isoformat()})
