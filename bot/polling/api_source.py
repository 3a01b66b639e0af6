"""Get papers from arXiv's query API: many queries to a request, new papers by submission, then revisions.

Queries that are due are joined by OR. When a request fails, one of its queries may be to blame, so it is
split into halves until the query that fails stands alone. What failed in earlier rounds starts in smaller
groups.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from bot.arxiv.client import ArxivClient
from bot.model.errors import ArxivError, IncompleteAnswer
from bot.polling.batches import MAX_QUERIES, Batch, batches
from bot.polling.source import Answer, DueQuery, Failure, Request, Selection
from bot.query.query import Query

_DAY = timedelta(days=1)
# One or two known papers may have been revised so that they no longer match; three have not.
_SUSPICIOUS = 3

KnownPapers = Callable[[str, datetime, datetime], Awaitable[int]]
"""Counts the papers of a query (canonical text) that are known and were submitted between two times."""


class ApiSource:
    """A `Source` that searches with *arxiv*; *known_papers* tells it when an empty list cannot be true."""

    def __init__(self, arxiv: ArxivClient, known_papers: KnownPapers) -> None:
        self._arxiv = arxiv
        self._known_papers = known_papers

    @property
    def requests(self) -> int:
        return self._arxiv.requests

    async def ask(self, request: Request) -> AsyncGenerator[Answer | Failure, None]:
        """Yield one or two answers for each batch of queries: its new papers, then its revisions."""
        due = {each.canonical: each for each in request.queries}
        waiting = deque(await asyncio.to_thread(_plan, request.queries))
        while waiting:
            batch = waiting.popleft()
            since = min(due[query.canonical].since for query in batch.queries)
            revised = [query for query in batch.queries if due[query.canonical].revisions]
            try:
                yield await self._submitted(batch, since, request.now, revised=revised)
                if revised:
                    yield await self._revised(Batch(tuple(revised)), since)
            except ArxivError as error:
                single = len(batch.queries) == 1
                yield Failure(_names(batch), error, final=single)
                if not single:
                    waiting.extend(batch.halves())

    async def _submitted(
        self, batch: Batch, since: datetime, until: datetime, *, revised: Sequence[Query]
    ) -> Answer:
        """Return the papers submitted from *since* to *until*; it completes all queries but *revised*."""
        papers = await self._arxiv.window(batch.search_query, since, until)
        if not papers:
            await self._require_plausible(batch, since, until)
        return Answer(
            papers,
            submitted_since=dict.fromkeys(_names(batch), since),
            completed=[query.canonical for query in batch.queries if query not in revised],
            selection=_selection(batch),
            more=bool(revised),
        )

    async def _revised(self, batch: Batch, since: datetime) -> Answer:
        """Return the papers whose latest version was submitted at *since* or later."""
        papers = await self._arxiv.updated_since(batch.search_query, since)
        return Answer(papers, completed=_names(batch), selection=_selection(batch))

    async def _require_plausible(self, batch: Batch, since: datetime, until: datetime) -> None:
        """Refuse to believe an empty list where there were papers before: arXiv does return such lists.

        Raises:
            IncompleteAnswer: papers of these queries are known from the same period.
        """
        known = 0
        for name in _names(batch):
            known += await self._known_papers(name, since + _DAY, until)
            if known >= _SUSPICIOUS:
                raise IncompleteAnswer("arXiv shows no papers at all, although it showed some before.")


def _plan(queries: Sequence[DueQuery]) -> list[Batch]:
    """Return the batches to begin with; queries that failed more often share one with fewer others."""
    by_failures: dict[int, list[Query]] = {}
    for each in queries:
        by_failures.setdefault(each.failures, []).append(each.query)
    return [
        batch
        for failures in sorted(by_failures)
        for batch in batches(by_failures[failures], max_queries=max(1, MAX_QUERIES >> failures))
    ]


def _names(batch: Batch) -> tuple[str, ...]:
    return tuple(query.canonical for query in batch.queries)


def _selection(batch: Batch) -> Selection:
    return Selection(frozenset(_names(batch)), batch.search_query)
