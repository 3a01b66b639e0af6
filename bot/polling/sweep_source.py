"""Get papers from arXiv's query API without asking for any query: everything submitted or updated lately.

It takes the place of a harvest where OAI-PMH is closed. Its cost does not depend on the queries: papers are
read by their date of submission, a few days at a time, and matched here. Those that were submitted earlier
are read by their last update.

arXiv shows a paper up to two weeks after its submission, but for one in a thousand. Between two announcements
it shows nothing new, so for queries that have been answered since the latest one, two days are enough.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta

from bot.arxiv.calendar import last_complete
from bot.arxiv.client import ArxivClient
from bot.model.errors import ArxivError, IncompleteAnswer
from bot.model.papers import Paper, PaperId
from bot.polling.doubt import Doubt
from bot.polling.source import Answer, DueQuery, Failure, Request

_log = logging.getLogger(__name__)

_LATE = timedelta(days=14)
_MEANWHILE = timedelta(days=2)
_TRIES = 2

ReadVersions = Callable[[Collection[PaperId]], Awaitable[dict[PaperId, int]]]
"""Returns the latest version that has been read of each of some papers, as far as that is remembered."""


class SweepSource:
    """A `Source` that reads everything that *arxiv* shows of the last weeks; *versions* were read before.

    *doubt* judges whether that can be everything.
    """

    def __init__(self, arxiv: ArxivClient, versions: ReadVersions, doubt: Doubt) -> None:
        self._arxiv = arxiv
        self._versions = versions
        self._doubt = doubt

    @property
    def requests(self) -> int:
        return self._arxiv.requests

    async def ask(self, request: Request) -> AsyncGenerator[Answer | Failure, None]:
        """Yield what was submitted and updated lately, part by part; the last part answers all queries."""
        names = [query.canonical for query in request.queries]
        start = min(sweep_start(query, request.now) for query in request.queries)
        try:
            for _ in range(_TRIES):
                listed: set[PaperId] = set()
                async for papers in self._arxiv.submitted(start, request.now):
                    listed.update(paper.id for paper in papers)
                    yield await self._answer(papers)
                if not await self._doubt.is_short(listed, request.now, start.astimezone(UTC).date()):
                    break
                _log.info("arXiv shows far fewer new papers than usual; sweeping again")
            else:
                raise IncompleteAnswer("arXiv shows far fewer new papers than usual.")
            async for papers in self._arxiv.revised(start, start):
                yield await self._answer(papers)
        except ArxivError as error:
            yield Failure((), error, blamed=False)
        else:
            yield Answer(submitted_since=dict.fromkeys(names, start), completed=names)

    async def _answer(self, papers: Sequence[Paper]) -> Answer:
        read = await self._versions([paper.id for paper in papers])
        unread = {paper.id: paper.version for paper in papers if read.get(paper.id, 0) < paper.version}
        return Answer(papers, harvested=unread, more=True)


def sweep_start(query: DueQuery, now: datetime) -> datetime:
    """Return from which submission or update on a sweep at *now* has to read for *query*."""
    if query.polled is None:
        return query.since
    back = _MEANWHILE if query.polled >= last_complete(now) else _LATE
    return min(query.polled, now) - back
