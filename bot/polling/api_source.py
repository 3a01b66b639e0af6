"""Get papers from arXiv's query API: many queries to a request, by submission and then by last update.

By last update arXiv shows new versions, and also the papers that match a query only since their new version,
long after their submission. Where somebody wants new versions, a query is answered only with these. All other
queries are asked for together at the end, which costs one request for a hundred of them. They are answered
before: what they miss because that request fails is still in the lists of the next two weeks.

Queries that are due are joined by OR. When a request fails, one of its queries may be to blame, so it is
split into halves until the query that fails stands alone. What failed in earlier rounds starts in smaller
groups.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta

from bot.arxiv.client import ArxivClient
from bot.model.errors import ArxivError, EmptyAnswer, TooManyRevised
from bot.model.papers import Paper, PaperId
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
        """Yield one or two answers for each batch of queries, and at the end what was updated."""
        due = {each.canonical: each for each in request.queries}
        shown: dict[PaperId, Paper] = {}
        unrevised: list[DueQuery] = []
        waiting = deque(await asyncio.to_thread(_plan, request.queries))
        while waiting:
            batch = waiting.popleft()
            since = min(due[query.canonical].since for query in batch.queries)
            revised = [query for query in batch.queries if due[query.canonical].revisions]
            try:
                submitted = await self._submitted(batch, since, request.now, revised=revised)
                shown |= {paper.id: paper for paper in submitted.papers}
                unrevised += [due[name] for name in submitted.completed]
                yield submitted
                if revised:
                    yield await self._revised(Batch(tuple(revised)), since)
            except ArxivError as error:
                smaller = _smaller(batch, error)
                yield _failure(batch, error, final=not smaller)
                waiting.extend(smaller)
        async with aclosing(self._updated(unrevised, shown)) as updates:
            async for event in updates:
                yield event

    async def _updated(
        self, queries: Sequence[DueQuery], shown: Mapping[PaperId, Paper]
    ) -> AsyncGenerator[Answer | Failure, None]:
        """Yield what was updated of *queries*, without the papers that are *shown* already."""
        since = {each.canonical: each.since for each in queries}
        waiting = deque(await asyncio.to_thread(_plan, queries))
        while waiting:
            batch = waiting.popleft()
            try:
                papers: Sequence[Paper] = await self._arxiv.updated_since(
                    batch.search_query, min(since[name] for name in _names(batch))
                )
            except TooManyRevised as error:
                if len(batch.queries) > 1:
                    waiting.extend(batch.halves())
                    continue
                papers = error.papers  # the latest ten thousand are more than those since the last poll
            except ArxivError as error:
                smaller = _smaller(batch, error)
                yield _failure(batch, error, final=not smaller)
                waiting.extend(smaller)
                continue
            fresh = [paper for paper in papers if shown.get(paper.id) != paper]
            yield Answer(fresh, selection=_selection(batch))

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
            EmptyAnswer: papers of these queries are known from the same period.
        """
        known = 0
        for name in _names(batch):
            known += await self._known_papers(name, since + _DAY, until)
            if known >= _SUSPICIOUS:
                raise EmptyAnswer("arXiv shows no papers at all, although it showed some before.")


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


def _smaller(batch: Batch, error: ArxivError) -> tuple[Batch, ...]:
    """Return the smaller batches to try after *error*; none if that would not help."""
    if isinstance(error, EmptyAnswer) or len(batch.queries) == 1:
        return ()
    return batch.halves()


def _failure(batch: Batch, error: ArxivError, *, final: bool) -> Failure:
    # When arXiv shows nothing, that is so for whatever it is asked.
    return Failure(_names(batch), error, final=final, blamed=not isinstance(error, EmptyAnswer))
