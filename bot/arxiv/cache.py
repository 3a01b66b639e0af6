"""Keep the answers to people's searches until arXiv's next announcement, as arXiv asks of its clients.

Between two announcements a search returns the same list, so asking again would only cost arXiv a request.
What a person was shown a minute ago is kept at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cachetools import LRUCache, TLRUCache

from bot.model.papers import Page, Paper, PaperId


@dataclass(frozen=True, slots=True)
class _Kept:
    page: Page
    until: datetime


@dataclass(frozen=True, slots=True)
class _Fetched:
    paper: Paper | None
    until: datetime


class SearchCache:
    """Pages by the search that returned them, each up to a time of its own, and their papers by identifier.

    *most_papers* bounds the papers of all pages together (about 4 KiB each), where a page counts as one more:
    an empty one takes memory, too. The least recently used pages are evicted first. *clock* returns the
    present time.
    """

    def __init__(self, clock: Callable[[], datetime], *, most_papers: int = 3_000) -> None:
        self._pages: TLRUCache[Hashable, _Kept, datetime] = TLRUCache(
            maxsize=most_papers,
            ttu=lambda _key, kept, _now: kept.until,
            timer=clock,
            getsizeof=lambda kept: 1 + len(kept.page.papers),
        )
        self._papers: LRUCache[PaperId, Paper] = LRUCache(maxsize=most_papers)
        self._fetched: TLRUCache[PaperId, _Fetched, datetime] = TLRUCache(
            maxsize=most_papers, ttu=lambda _key, fetched, _now: fetched.until, timer=clock
        )

    def get(self, key: Hashable) -> Page | None:
        """Return the page of the search *key*, None where it is not kept or arXiv may have changed it."""
        kept = self._pages.get(key)
        return kept.page if kept else None

    def put(self, key: Hashable, page: Page, until: datetime) -> None:
        """Keep *page* for the search *key* until the time *until*; a page above the limit is not kept."""
        if len(page.papers) >= self._pages.maxsize:
            return
        self._pages[key] = _Kept(page, until)
        self._papers.update((paper.id, paper) for paper in page.papers)

    def paper(self, paper: PaperId) -> Paper | None:
        """Return a paper of a recent page as it was then, so that choosing from a page costs no request."""
        return self._papers.get(paper)

    def put_papers(self, papers: Mapping[PaperId, Paper | None], until: datetime) -> None:
        """Keep what arXiv says of *papers* until the time *until*; None means that it has no such paper."""
        self._fetched.update((number, _Fetched(paper, until)) for number, paper in papers.items())

    def just_fetched(self, papers: Iterable[PaperId]) -> dict[PaperId, Paper | None]:
        """Return what `put_papers` keeps of *papers*."""
        kept = {number: self._fetched.get(number) for number in papers}
        return {number: one.paper for number, one in kept.items() if one is not None}
