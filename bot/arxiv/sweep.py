"""Read all pages of a search, although its list may shift, be incomplete, or be counted wrongly.

Pages overlap, and papers are compared by identifier. A page with fewer entries than arXiv's count promises is
requested once more, and so is the whole list. If entries are still missing then, that is an error: a shorter
list is never returned.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable, Iterable

from bot.model.errors import EmptyAnswer, IncompleteAnswer
from bot.model.papers import Page, Paper, PaperId

# The most entries that arXiv's index shows of one search; beyond them it answers with HTTP 500.
WINDOW = 10_000
_PASSES = 2
_MOST_OVERLAP = 25

FetchPage = Callable[[int, int], Awaitable[Page]]
"""Requests one page of a search: from an entry on (counted from 0), and at most so many entries."""


def visible(size: int) -> int:
    """Return how many entries of a search pages of *size* can show; arXiv refuses a page that exceeds it."""
    return WINDOW // size * size


def keep_latest(found: dict[PaperId, Paper], papers: Iterable[Paper]) -> None:
    """Add *papers* to *found*, keeping the latest version of each."""
    for paper in papers:
        known = found.get(paper.id)
        if known is None or known.version < paper.version:
            found[paper.id] = paper


async def complete_page(fetch: FetchPage, start: int, size: int) -> Page:
    """Return a page, requested once more if it is empty or shorter than arXiv's count promises.

    An empty page beyond the first is believed where the count promises none.
    """
    page = await fetch(start, size)
    if _entries(page) >= _promised(page, start, size) and (_entries(page) or start):
        return page
    again = await fetch(start, size)
    return again if _entries(again) >= _entries(page) else page


class _End(enum.Enum):
    ENOUGH = enum.auto()
    LIST = enum.auto()
    WINDOW = enum.auto()


class Sweep:
    """Reads the pages of one search, each of *size* entries.

    `found` holds the papers in arXiv's order, `total` is arXiv's count on the first page, and `skipped` is
    the number of entries that could not be parsed.
    """

    def __init__(self, fetch: FetchPage, *, size: int) -> None:
        self._fetch = fetch
        self._size = size
        self._overlap = min(_MOST_OVERLAP, size // 20)
        self.found: dict[PaperId, Paper] = {}
        self.total = 0
        self.skipped = 0

    async def run(
        self, *, enough: Callable[[Page], bool] | None = None, expected: Callable[[Paper], bool] | None = None
    ) -> bool:
        """Read to the page that is *enough*, or to the end; return False where arXiv does not show the end.

        Raises:
            EmptyAnswer: there are no papers, although arXiv counts some.
            IncompleteAnswer: there are fewer papers than arXiv counts, or most papers on the first page are
                not *expected*.
        """
        for _ in range(_PASSES):
            end = await self._pass(enough, expected)
            if end is not _End.LIST:
                return end is _End.ENOUGH
            if len(self.found) + self.skipped >= self.total:
                return True
        if not self.found:
            raise EmptyAnswer(f"arXiv counts {self.total} papers but shows none of them.")
        raise IncompleteAnswer(f"arXiv counts {self.total} papers but shows only {len(self.found)} of them.")

    async def _pass(
        self, enough: Callable[[Page], bool] | None, expected: Callable[[Paper], bool] | None
    ) -> _End:
        start = self.skipped = 0
        while start + self._size <= visible(self._size):
            page = await complete_page(self._fetch, start, self._size)
            keep_latest(self.found, page.papers)
            self.skipped += page.skipped
            if start == 0:
                self.total = page.total
                _require_expected(page, expected)
                if enough is None and page.total > visible(self._size):
                    return _End.WINDOW
            if enough is not None and enough(page):
                return _End.ENOUGH
            end = start + _entries(page)
            # Another page follows a full one whatever the count says, since the count may be too small.
            if end == start or (_entries(page) < self._size and end >= page.total):
                return _End.LIST
            start = max(start + 1, end - self._overlap)
        return _End.WINDOW


def _entries(page: Page) -> int:
    return len(page.papers) + page.skipped


def _promised(page: Page, start: int, size: int) -> int:
    return min(max(page.total - start, 0), size)


def _require_expected(page: Page, expected: Callable[[Paper], bool] | None) -> None:
    # For three days in November 2025 arXiv ignored dates and order, and listed old papers at random.
    if expected is not None and 2 * sum(map(expected, page.papers)) < len(page.papers):
        raise IncompleteAnswer("arXiv ignores the requested dates.")
