"""Get papers from arXiv's OAI-PMH interface: everything that changed, whatever the queries are.

The list of changes says which papers are new or have a new version. Their text is then fetched from the query
API, a hundred to a request, so that matching and posts are what they are with any other source. Where the
query API does not answer, the text of the list itself is used, and marked as provisional.

The list comes page by page. Edits of known papers are answered from the page; new papers and versions are
collected and fetched at the end, in the order of their numbers.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from bot.arxiv.oai_client import OaiClient
from bot.model.errors import ArxivError, IncompleteAnswer
from bot.model.papers import Paper, PaperId
from bot.model.polling import Road
from bot.polling.doubt import Doubt
from bot.polling.harvest_end import HarvestEnd, next_start
from bot.polling.source import Answer, Failure, Request
from bot.rules.harvest import KnownPaper, sort_records

_log = logging.getLogger(__name__)

_DAY = timedelta(days=1)
_IDS_A_REQUEST = 100
_MOST_COLLECTED = 5_000  # of new papers and versions, before they are fetched
_EDITS_A_DAY = 500  # that are fetched; the others are as the list shows them, and filled in on later days


class Texts(Protocol):
    """The query API's text of papers."""

    async def of(self, ids: Sequence[PaperId]) -> dict[PaperId, Paper] | None:
        """Return the papers *ids* as the query API shows them; None where it does not answer."""
        ...


@dataclass(frozen=True, slots=True)
class HarvestMemory:
    """What is stored that a harvest needs to know: papers, versions read before, and where the last ended."""

    papers: Callable[[Collection[PaperId]], Awaitable[dict[PaperId, KnownPaper]]]
    versions: Callable[[Collection[PaperId]], Awaitable[dict[PaperId, int]]]
    meta: Callable[[str], Awaitable[str | None]]


@dataclass(slots=True)
class _Collected:
    """What is to be fetched: new papers and versions, and edits of stored papers."""

    wanted: dict[PaperId, Paper] = field(default_factory=dict)
    edited: dict[PaperId, Paper] = field(default_factory=dict)
    responded: datetime | None = None


class HarvestSource:
    """A `Source` that reads *oai*; *texts* are the query API's, and *memory* is what is stored."""

    def __init__(self, oai: OaiClient, texts: Texts, memory: HarvestMemory, doubt: Doubt) -> None:
        self._doubt = doubt
        self._edits_on: tuple[date | None, int] = (None, 0)
        self._oai = oai
        self._texts = texts
        self._memory = memory

    @property
    def requests(self) -> int:
        return self._oai.requests

    async def ask(self, request: Request) -> AsyncGenerator[Answer | Failure, None]:
        """Yield what changed since the last harvest; it answers all queries at its end."""
        names = [query.canonical for query in request.queries]
        ended = HarvestEnd.from_text(await self._memory.meta(HarvestEnd.KEY))
        start = next_start(ended, request.queries)
        collected = _Collected()
        failure: ArxivError | None = None
        try:
            async with aclosing(self._listed(start, request.now, collected)) as answers:
                async for answer in answers:
                    yield answer
        except ArxivError as error:
            failure = error
        async for answer in self._fetched(collected, request.now):
            yield answer
        if failure is not None:
            yield Failure((), failure, blamed=False)
        elif collected.responded is not None:
            yield Answer(completed=names, until=collected.responded.date())

    async def _listed(
        self, start: date, now: datetime, collected: _Collected
    ) -> AsyncGenerator[Answer, None]:
        """Yield what the list of changes tells by itself, and collect what is to be fetched.

        A list that is far too short is asked for once more, from an earlier day on: arXiv's caches would
        answer the same address with the same list.

        Raises:
            ArxivError: the list cannot be read, or is too short again.
        """
        for first in (start, start - _DAY):
            listed: set[PaperId] = set()
            async for page in self._oai.changed_since(first):
                collected.responded = collected.responded or page.responded
                papers = [record.paper for record in page.records]
                listed.update(paper.id for paper in papers)
                yield await self._told(papers, start, collected)
                if len(collected.wanted) >= _MOST_COLLECTED:
                    async for answer in self._fetched(collected, now):
                        yield answer
            if not await self._doubt.is_short(listed, now, start):
                return
            _log.info("arXiv lists far fewer new papers than usual; asking again")
        raise IncompleteAnswer("arXiv's list of changes has far fewer new papers than usual.")

    async def _told(self, papers: Sequence[Paper], start: date, collected: _Collected) -> Answer:
        """Return what one page tells by itself, and add what is to be fetched to *collected*."""
        ids = [paper.id for paper in papers]
        records = sort_records(
            papers,
            known=await self._memory.papers(ids),
            read=await self._memory.versions(ids),
            since=datetime.combine(start, time(), UTC),
        )
        collected.wanted |= {paper.id: paper for paper in records.wanted}
        collected.edited |= {paper.id: paper for paper in records.edited}
        told = {paper.id for paper in records.told}
        return Answer(
            records.told,
            provisional=records.provisional & told,
            harvested={paper.id: paper.version for paper in records.told},
            more=True,
        )

    async def _fetched(self, collected: _Collected, now: datetime) -> AsyncGenerator[Answer, None]:
        """Yield what is *collected*, a request's worth at a time, as the query API shows it if it answers."""
        # New papers by number, as they are to be posted; edits are worth less, the oldest the least.
        wanted = sorted(collected.wanted.values(), key=lambda paper: paper.id)
        edited = sorted(collected.edited.values(), key=lambda paper: paper.id, reverse=True)
        collected.wanted, collected.edited = {}, {}
        day, before = self._edits_on
        before = before if day == now.date() else 0
        left = _EDITS_A_DAY - before
        fetched, rest = [*wanted, *edited[:left]], edited[left:]
        self._edits_on = (now.date(), before + len(edited[:left]))
        for first in range(0, len(fetched), _IDS_A_REQUEST):
            chunk = fetched[first : first + _IDS_A_REQUEST]
            shown = await self._texts.of([paper.id for paper in chunk])
            yield as_shown(chunk, shown or {})
        if rest:
            yield as_shown(rest, {})


def as_shown(papers: Sequence[Paper], shown: Mapping[PaperId, Paper], *, road: Road | None = None) -> Answer:
    """Return *papers* as they are *shown*; where that is missing or older, as they are, and provisional."""
    best = [_newer(paper, shown.get(paper.id)) for paper in papers]
    return Answer(
        best,
        provisional={paper.id for paper in best if shown.get(paper.id) is not paper},
        harvested={paper.id: paper.version for paper in best},
        more=True,
        road=road,
    )


def _newer(paper: Paper, shown: Paper | None) -> Paper:
    return paper if shown is None or shown.version < paper.version else shown
