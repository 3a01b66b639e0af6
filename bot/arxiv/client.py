"""Ask arXiv's query API for a page of a search, a period of submission, revisions, or papers by identifier.

arXiv's lists cannot be trusted blindly. A page may be short or empty with HTTP 200, the total may be wrong,
entries may move between pages while the index fills (its order leaves ties open), and once, for days, arXiv
ignored both the order and quotes. Therefore pages overlap, papers are compared by identifier, each paper's
own dates decide, and fewer papers than arXiv itself counts are an error, not an answer.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import aiohttp

from bot.arxiv.cache import SearchCache
from bot.arxiv.calendar import unchanged_until
from bot.arxiv.gate import Gate
from bot.arxiv.sweep import WINDOW, FetchPage, Sweep, complete_page, keep_latest, visible
from bot.arxiv.transport import Transport
from bot.config import Arxiv
from bot.i18n import format_number
from bot.i18n import gettext as _
from bot.model.errors import IncompleteAnswer, UserError
from bot.model.papers import Page, Paper, PaperId

_IDS_A_REQUEST = 100
_MINUTE = timedelta(minutes=1)


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
        self, session: aiohttp.ClientSession, gate: Gate, settings: Arxiv, *, clock: Callable[[], datetime]
    ) -> None:
        self.gate = gate
        self._settings = settings
        self._clock = clock
        self._transport = Transport(session, gate, settings, clock=clock)
        self._cache = SearchCache(clock)

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
    ) -> Page:
        """Return one page of a search.

        A page without any entries is requested once more before it is believed. A *person*'s page is cached
        until arXiv's next announcement.

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
        key = (search_query, start, max_results, sort, descending)
        if person and (known := self._cache.get(key)) is not None:
            return known
        fetch = self._pages(search_query, sort, descending=descending, person=person)
        page = await complete_page(fetch, start, max_results)
        if start < page.total and not page.papers:
            raise IncompleteAnswer(f"arXiv counts {page.total} papers but shows none of them right now.")
        now = self._clock()
        if person and page.papers and (until := unchanged_until(now)) > now:
            self._cache.put(key, page, until)
        return page

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
        while spans:
            first, last = spans.pop()
            dated = f"({search_query}) AND submittedDate:[{first:%Y%m%d%H%M} TO {last:%Y%m%d%H%M}]"
            # Ascending, so that papers announced meanwhile are added at the end.
            sweep = Sweep(self._pages(dated, Sort.SUBMITTED, descending=False), size=self._settings.page_size)
            if await sweep.run(expected=_submitted_between(first, last + _MINUTE)):
                keep_latest(found, sweep.found.values())
                continue
            middle = _floor(first + (last - first) / 2)
            if not first < middle < last:
                raise IncompleteAnswer(f"arXiv counts more than {WINDOW:,} papers submitted in one minute.")
            spans += [(middle, last), (first, middle)]
        return list(filter(_submitted_between(since, until), found.values()))

    async def updated_since(self, search_query: str, cutoff: datetime) -> list[Paper]:
        """Return every paper of a search whose latest version was submitted at *cutoff* or later.

        arXiv cannot select by that date, only sort by it. So pages are read until one has no paper that
        recent, or is sorted and ends with an older one.

        Raises:
            IncompleteAnswer: arXiv counts more papers than it shows, or has more revisions than it can show.
        """
        sweep = Sweep(self._pages(search_query, Sort.UPDATED), size=self._settings.page_size)
        if not await sweep.run(enough=lambda page: _reaches_before(page, cutoff)):
            raise IncompleteAnswer(f"More than {WINDOW:,} papers of one search have been revised.")
        return [paper for paper in sweep.found.values() if paper.updated >= cutoff]

    def remembered(self, paper: PaperId) -> Paper | None:
        """Return a paper that a person's search has found recently, as arXiv showed it then, or None."""
        return self._cache.paper(paper)

    async def by_id(self, ids: Sequence[PaperId], *, person: bool = False) -> list[Paper]:
        """Return the latest versions of the papers *ids*, in that order, without those that do not exist.

        Raises:
            IncompleteAnswer: arXiv counts more papers than it shows.
        """
        found: dict[PaperId, Paper] = {}
        distinct = list(dict.fromkeys(ids))
        for first in range(0, len(distinct), _IDS_A_REQUEST):
            chunk = distinct[first : first + _IDS_A_REQUEST]
            id_list = ",".join(paper.text for paper in chunk)
            for _attempt in range(2):
                page = await self._transport.ask(
                    {"id_list": id_list, "start": "0", "max_results": str(len(chunk))}, person=person
                )
                keep_latest(found, page.papers)
                if len(page.papers) + page.skipped >= min(page.total, len(chunk)):
                    break
            else:
                raise IncompleteAnswer(f"arXiv counts {page.total} papers but shows {len(page.papers)}.")
        return [found[paper] for paper in distinct if paper in found]

    def _pages(
        self, search_query: str, sort: Sort, *, descending: bool = True, person: bool = False
    ) -> FetchPage:
        async def fetch(start: int, size: int) -> Page:
            parameters = {
                "search_query": search_query,
                "start": str(start),
                "max_results": str(size),
                "sortBy": sort.value,
                "sortOrder": "descending" if descending else "ascending",
            }
            return await self._transport.ask(parameters, person=person)

        return fetch


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
