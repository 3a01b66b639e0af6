"""Ask arXiv's query API for a page of a search, a period of submission, revisions, or papers by identifier.

arXiv's lists cannot be trusted blindly. A page may be short or empty with HTTP 200, the total may be wrong,
entries may move between pages while the index fills (its order leaves ties open), and once, for days, arXiv
ignored both the order and quotes. Therefore pages overlap, papers are compared by identifier, each paper's
own dates decide, and fewer papers than arXiv itself counts are an error, not an answer.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Hashable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from weakref import WeakValueDictionary

import aiohttp

from bot.arxiv.cache import SearchCache
from bot.arxiv.calendar import unchanged_until
from bot.arxiv.feed import parse
from bot.arxiv.gate import Gate
from bot.arxiv.sweep import WINDOW, FetchPage, Sweep, complete_page, keep_latest, visible
from bot.arxiv.transport import Interface, Leaving, Transport, unnoticed
from bot.config import ArxivSettings
from bot.i18n import format_number
from bot.i18n import gettext as _
from bot.model.errors import EmptyAnswer, IncompleteAnswer, TooManyRevised, UserError
from bot.model.papers import Page, Paper, PaperId

_IDS_A_REQUEST = 100
_MINUTE = timedelta(minutes=1)
_SWEPT_AT_ONCE = timedelta(days=5)  # at most some 8,000 papers, fewer than arXiv shows of a search
_LARGEST_PAGE = 2_000
_LARGEST_ENTRY = 8 * 1024  # bytes, on average over a page
_BEGINNING = datetime(1991, 1, 1, tzinfo=UTC)  # no paper is older
_BRIEFLY = timedelta(seconds=90)  # so that what a person saw a minute ago is not asked again


class Sort(enum.StrEnum):
    """The orders that arXiv offers; the values are those of its `sortBy`."""

    RELEVANCE = "relevance"
    UPDATED = "lastUpdatedDate"
    SUBMITTED = "submittedDate"


class ArxivClient:
    """All requests that the bot makes to arXiv. Owns neither *session* nor *gate*, which all clients share.

    With *person* a request is made for a person who is waiting, and goes before those of polls. Every method
    raises `ArxivError`s only, and with *person* a `UserError` where too many people are waiting.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        gate: Gate,
        settings: ArxivSettings,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self.gate = gate
        self._settings = settings
        self._clock = clock
        interface = Interface(settings.api_url, "application/atom+xml", parse, settings.timeout)
        self._transport = Transport(session, gate, settings, interface, clock=clock)
        self._cache = SearchCache(clock)
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    @property
    def requests(self) -> int:
        """How many requests have been made since the process started."""
        return self._transport.requests

    @property
    def refusals(self) -> int:
        """How many of them arXiv answered with HTTP 429 (too many requests)."""
        return self._transport.refusals

    @property
    def last_error(self) -> str:
        """Why the last request failed, as a sentence; empty after a good answer."""
        return self._transport.last_error

    @property
    def last_success(self) -> datetime | None:
        """When arXiv last gave a good answer, None if it has not yet."""
        return self._transport.last_success

    async def search(
        self,
        search_query: str,
        *,
        start: int = 0,
        max_results: int = 10,
        sort: Sort = Sort.SUBMITTED,
        descending: bool = True,
        person: bool = False,
        leaving: Leaving = unnoticed,
    ) -> Page:
        """Return one page of a search.

        A page without any entries is requested once more before it is believed. A *person*'s page is cached
        until arXiv's next announcement, or for a minute and a half while arXiv's index fills. *leaving* is
        called for each request that leaves.

        Raises:
            IncompleteAnswer: arXiv counts papers on this page and shows none.
            UserError: the page is beyond the 10,000 papers that arXiv shows of a search.
        """
        if start + max_results > visible(max_results):
            raise UserError(
                _("arXiv shows only the first {count} papers of a search; please narrow it down.").format(
                    count=format_number(WINDOW)
                )
            )
        fetch = self._pages(search_query, sort, descending=descending, person=person, leaving=leaving)
        if not person:
            return await _whole_page(fetch, start, max_results)
        key = (search_query, start, max_results, sort, descending)
        async with self._asking(key):
            if (known := self._cache.get(key)) is not None:
                return known
            page = await _whole_page(fetch, start, max_results)
            if page.papers:
                now = self._clock()
                self._cache.put(key, page, max(unchanged_until(now), now + _BRIEFLY))
            return page

    def knows_page(
        self, search_query: str, *, start: int, max_results: int, sort: Sort, descending: bool = True
    ) -> bool:
        """Tell whether `search` would answer a person from memory."""
        return self._cache.get((search_query, start, max_results, sort, descending)) is not None

    @asynccontextmanager
    async def _asking(self, key: Hashable) -> AsyncIterator[None]:
        """Let one at a time ask for *key*: whoever waited finds the answer in the cache."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            yield

    async def newest(
        self, search_query: str, limit: int, *, sort: Sort = Sort.UPDATED, person: bool = False
    ) -> Page:
        """Return the first *limit* papers of a search in arXiv's order, each once, as one page.

        Raises:
            IncompleteAnswer: arXiv counts more papers than it shows.
        """
        size = min(limit, self._settings.page_size)
        sweep = Sweep(self._pages(search_query, sort, person=person), size=size)
        if not await sweep.run(enough=lambda _: len(sweep.found) >= limit):
            raise IncompleteAnswer(f"arXiv shows only the first {WINDOW:,} papers of a search.")
        papers = tuple(sweep.found.values())[:limit]
        return Page(papers=papers, total=sweep.total, start=0, per_page=limit, skipped=sweep.skipped)

    async def window(self, search_query: str, since: datetime, until: datetime) -> list[Paper]:
        """Return every paper of a search whose first version was submitted from *since* to *until*.

        A period with more papers than arXiv shows of a search is split into halves. An empty list means that
        arXiv has said twice that there are no papers.

        Raises:
            IncompleteAnswer: arXiv counts more papers than it shows, or ignores the requested dates.
        """
        found: dict[PaperId, Paper] = {}
        spans = [(_floor(since), _floor(until) + _MINUTE)]
        async for papers in self._windows(search_query, spans, self._settings.page_size):
            keep_latest(found, papers)
        return list(filter(_submitted_between(since, until), found.values()))

    async def submitted(self, since: datetime, until: datetime) -> AsyncGenerator[list[Paper], None]:
        """Yield all papers whose first version was submitted from *since* to *until*, in parts.

        Parts may overlap. Their pages are as large as arXiv and `arxiv.max_bytes` allow.

        Raises:
            IncompleteAnswer: arXiv counts more papers than it shows, or ignores the requested dates.
        """
        spans: list[tuple[datetime, datetime]] = []
        first, end = _floor(since), _floor(until) + _MINUTE
        while first < end:
            last = min(first + _SWEPT_AT_ONCE, end)
            spans.insert(0, (first, last))
            first = last
        async for papers in self._windows("", spans, self._largest_page):
            yield papers

    async def revised(self, before: datetime, cutoff: datetime) -> AsyncGenerator[list[Paper], None]:
        """Yield all papers that were first submitted *before* and updated since *cutoff*, in parts.

        Raises:
            IncompleteAnswer: arXiv counts more papers than it shows.
            TooManyRevised: arXiv has more revisions than it can show.
        """
        spans = [(_BEGINNING, _floor(before))]
        while spans:
            first, last = spans.pop()
            try:
                yield await self._updated_since(_dated("", first, last), cutoff, self._largest_page)
            except TooManyRevised:
                middle = _floor(first + (last - first) / 2)
                if not first < middle < last:
                    raise
                spans += [(first, middle), (middle, last)]

    @property
    def _largest_page(self) -> int:
        return min(_LARGEST_PAGE, self._settings.max_bytes // _LARGEST_ENTRY)

    async def _windows(
        self, search_query: str, spans: list[tuple[datetime, datetime]], size: int
    ) -> AsyncGenerator[list[Paper], None]:
        """Yield the papers of a search by span of submission, the last of *spans* first."""
        while spans:
            first, last = spans.pop()
            # Ascending, so that papers announced meanwhile are added at the end.
            pages = self._pages(_dated(search_query, first, last), Sort.SUBMITTED, descending=False)
            sweep = Sweep(pages, size=size)
            if await sweep.run(expected=_submitted_between(first, last + _MINUTE)):
                yield list(sweep.found.values())
                continue
            middle = _floor(first + (last - first) / 2)
            if not first < middle < last:
                raise IncompleteAnswer(f"arXiv counts more than {WINDOW:,} papers submitted in one minute.")
            spans += [(middle, last), (first, middle)]

    async def updated_since(self, search_query: str, cutoff: datetime) -> list[Paper]:
        """Return every paper of a search whose latest version was submitted at *cutoff* or later.

        arXiv cannot select by that date, only sort by it. So pages are read until one has no paper that
        recent, or is sorted and ends with an older one.

        Raises:
            IncompleteAnswer: arXiv counts more papers than it shows.
            TooManyRevised: arXiv has more revisions than it can show.
        """
        return await self._updated_since(search_query, cutoff, self._settings.page_size)

    async def _updated_since(self, search_query: str, cutoff: datetime, size: int) -> list[Paper]:
        sweep = Sweep(self._pages(search_query, Sort.UPDATED), size=size)
        if not await sweep.run(enough=lambda page: _reaches_before(page, cutoff)):
            raise TooManyRevised(
                f"More than {WINDOW:,} papers of one search have been revised.", list(sweep.found.values())
            )
        return [paper for paper in sweep.found.values() if paper.updated >= cutoff]

    def remembered(self, paper: PaperId) -> Paper | None:
        """Return a paper that a person's search has found recently, as arXiv showed it then, or None."""
        return self._cache.paper(paper)

    def just_fetched(self, ids: Iterable[PaperId]) -> dict[PaperId, Paper | None]:
        """Return those of the papers *ids* that a person was shown just now; None where arXiv had none."""
        return self._cache.just_fetched(ids)

    async def by_id(
        self, ids: Sequence[PaperId], *, person: bool = False, leaving: Leaving = unnoticed
    ) -> list[Paper]:
        """Return the latest versions of the papers *ids*, in that order, without those that do not exist.

        A *person* is not kept waiting for what arXiv has said just now. *leaving* is called for each request
        that leaves.

        Raises:
            IncompleteAnswer: arXiv counts more papers than it shows.
        """
        distinct = list(dict.fromkeys(ids))
        if not person:
            found = await self._fetched(distinct, person=False, leaving=leaving)
            return [found[paper] for paper in distinct if paper in found]
        async with self._asking(tuple(distinct)):
            known = self.just_fetched(distinct)
            unknown = [paper for paper in distinct if paper not in known]
            found = await self._fetched(unknown, person=True, leaving=leaving)
            self._cache.put_papers({paper: found.get(paper) for paper in unknown}, self._clock() + _BRIEFLY)
        shown = (found.get(paper) or known.get(paper) for paper in distinct)
        return [paper for paper in shown if paper is not None]

    async def _fetched(
        self, distinct: Sequence[PaperId], *, person: bool, leaving: Leaving
    ) -> dict[PaperId, Paper]:
        found: dict[PaperId, Paper] = {}
        for first in range(0, len(distinct), _IDS_A_REQUEST):
            chunk = distinct[first : first + _IDS_A_REQUEST]
            id_list = ",".join(paper.text for paper in chunk)
            for _attempt in range(2):
                page = await self._transport.ask(
                    {"id_list": id_list, "start": "0", "max_results": str(len(chunk))},
                    person=person,
                    leaving=leaving,
                )
                keep_latest(found, page.papers)
                if len(page.papers) + page.skipped >= min(page.total, len(chunk)):
                    break
            else:
                raise IncompleteAnswer(f"arXiv counts {page.total} papers but shows {len(page.papers)}.")
        return found

    def _pages(
        self,
        search_query: str,
        sort: Sort,
        *,
        descending: bool = True,
        person: bool = False,
        leaving: Leaving = unnoticed,
    ) -> FetchPage:
        async def fetch(start: int, size: int) -> Page:
            parameters = {
                "search_query": search_query,
                "start": str(start),
                "max_results": str(size),
                "sortBy": sort.value,
                "sortOrder": "descending" if descending else "ascending",
            }
            return await self._transport.ask(parameters, person=person, leaving=leaving)

        return fetch


async def _whole_page(fetch: FetchPage, start: int, size: int) -> Page:
    page = await complete_page(fetch, start, size)
    if start < page.total and not page.papers:
        raise EmptyAnswer(f"arXiv counts {page.total} papers but shows none of them right now.")
    return page


def _dated(search_query: str, first: datetime, last: datetime) -> str:
    """Return *search_query* with the dates of submission; without one, everything submitted then."""
    dates = f"submittedDate:[{first:%Y%m%d%H%M} TO {last:%Y%m%d%H%M}]"
    return f"({search_query}) AND {dates}" if search_query else dates


def _submitted_between(since: datetime, until: datetime) -> Callable[[Paper], bool]:
    return lambda paper: since <= paper.published <= until


def _reaches_before(page: Page, cutoff: datetime) -> bool:
    """Tell whether all pages after *page* are older than *cutoff*; an empty page does not tell."""
    updated = [paper.updated for paper in page.papers]
    if not any(moment >= cutoff for moment in updated):
        return bool(updated)
    return updated[-1] < cutoff and updated == sorted(updated, reverse=True)


def _floor(moment: datetime) -> datetime:
    """Return *moment* in UTC, cut to the minute, which is the resolution of arXiv's date filter."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
