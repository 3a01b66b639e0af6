"""Read one search page by page although the list may shift, come short, or be counted wrongly.

Pages overlap and papers are told apart by identifier. A page that comes short of arXiv's own count is asked
for once more, and so is the whole list; what is then still missing is an error, never a shorter list.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable, Iterable

from bot.model.errors import IncompleteAnswer
from bot.model.papers import Page, Paper, PaperId

# What arXiv's index shows of one search; asked for more it answers HTTP 500.
WINDOW = 10_000
_PASSES = 2
_MOST_OVERLAP = 25

Ask = Callable[[int, int], Awaitable[Page]]


def reach(size: int) -> int:
    """Return how many entries of a search can be seen in pages of *size*; a broken last page is refused."""
    return WINDOW // size * size


def keep_highest(found: dict[PaperId, Paper], papers: Iterable[Paper]) -> None:
    """Add *papers* to *found*, of each paper its highest version."""
    for paper in papers:
        known = found.get(paper.id)
        if known is None or known.version < paper.version:
            found[paper.id] = paper


async def whole_page(ask: Ask, start: int, size: int) -> Page:
    """Return the page, asked for once more if it has fewer entries than arXiv's count promises, or none."""
    page = await ask(start, size)
    if _entries(page) >= _promised(page, start, size) and (_entries(page) or start):
        return page
    again = await ask(start, size)
    return again if _entries(again) >= _entries(page) else page


class _End(enum.Enum):
    ENOUGH = enum.auto()
    LIST = enum.auto()
    WINDOW = enum.auto()


class Sweep:
    """The pages of one search. `found` keeps arXiv's order; `total` is arXiv's count at the start."""

    def __init__(self, ask: Ask, *, size: int) -> None:
        self._ask = ask
        self._size = size
        self._overlap = min(_MOST_OVERLAP, size // 20)
        self.found: dict[PaperId, Paper] = {}
        self.total = 0
        self.skipped = 0

    async def run(
        self, *, enough: Callable[[Page], bool] | None = None, wanted: Callable[[Paper], bool] | None = None
    ) -> bool:
        """Read until *enough* says so after a page, or to the end; False where arXiv does not show the end.

        Raises:
            IncompleteAnswer: fewer papers than arXiv counts, or a first page that is mostly not *wanted*.
        """
        for _ in range(_PASSES):
            end = await self._pass(enough, wanted)
            if end is not _End.LIST:
                return end is _End.ENOUGH
            if len(self.found) + self.skipped >= self.total:
                return True
        raise IncompleteAnswer(f"arXiv counts {self.total} papers but shows only {len(self.found)} of them.")

    async def _pass(
        self, enough: Callable[[Page], bool] | None, wanted: Callable[[Paper], bool] | None
    ) -> _End:
        start = self.skipped = 0
        while start + self._size <= reach(self._size):
            page = await whole_page(self._ask, start, self._size)
            keep_highest(self.found, page.papers)
            self.skipped += page.skipped
            if start == 0:
                self.total = page.total
                _require_wanted(page, wanted)
                if enough is None and page.total > reach(self._size):
                    return _End.WINDOW
            if enough is not None and enough(page):
                return _End.ENOUGH
            end = start + _entries(page)
            # A full page is followed by another whatever the count says: it may be too small.
            if end == start or (_entries(page) < self._size and end >= page.total):
                return _End.LIST
            start = max(start + 1, end - self._overlap)
        return _End.WINDOW


def _entries(page: Page) -> int:
    return len(page.papers) + page.skipped


def _promised(page: Page, start: int, size: int) -> int:
    return min(max(page.total - start, 0), size)


def _require_wanted(page: Page, wanted: Callable[[Paper], bool] | None) -> None:
    # For three days in November 2025 arXiv ignored what it was asked for and listed old papers at random.
    if wanted is not None and 2 * sum(map(wanted, page.papers)) < len(page.papers):
        raise IncompleteAnswer("arXiv does not respect the dates that were asked for.")
