"""Remember what a person's search found until arXiv announces again: it asks its clients to."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime

from bot.model.papers import Page, Paper, PaperId


class SearchCache:
    """The answers least lately used go first; *most_papers* bounds them all together (about 4 KiB each)."""

    def __init__(self, most_papers: int = 3_000) -> None:
        self._most_papers = most_papers
        self._held = 0
        self._answers: OrderedDict[Hashable, tuple[datetime, Page]] = OrderedDict()

    def get(self, key: Hashable, now: datetime) -> Page | None:
        """Return the answer to *key* unless arXiv's list may have changed since."""
        found = self._answers.get(key)
        if found is None:
            return None
        until, page = found
        if now >= until:
            self._drop(key)
            return None
        self._answers.move_to_end(key)
        return page

    def put(self, key: Hashable, page: Page, until: datetime) -> None:
        """Keep *page* for *key* up to *until*."""
        self._drop(key)
        if len(page.papers) > self._most_papers:
            return
        self._answers[key] = (until, page)
        self._held += len(page.papers)
        while self._held > self._most_papers:
            self._drop(next(iter(self._answers)))

    def paper(self, wanted: PaperId) -> Paper | None:
        """Return a paper that some answer here holds: who picks one of a page need not ask for it again."""
        pages = (page for _, page in reversed(self._answers.values()))
        return next((paper for page in pages for paper in page.papers if paper.id == wanted), None)

    def _drop(self, key: Hashable) -> None:
        if (found := self._answers.pop(key, None)) is not None:
            self._held -= len(found[1].papers)
