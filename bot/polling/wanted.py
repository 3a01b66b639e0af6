"""The queries that somebody wants, read once and ready for matching."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Collection, Sequence

from bot.model.errors import QueryError
from bot.model.papers import Match, Paper
from bot.query.matcher import Matcher
from bot.query.query import Query, parse

_MANY = 1_000


class WantedQueries:
    """Keyed by canonical text. Everything that takes long happens in a thread."""

    def __init__(self) -> None:
        self._queries: dict[str, Query] = {}
        self._unreadable: dict[str, str] = {}
        self._matcher = Matcher(())
        self._set_aside_at = _MANY // 2

    def __getitem__(self, canonical: str) -> Query:
        return self._queries[canonical]

    async def update(self, canonicals: Collection[str]) -> dict[str, str]:
        """Hold exactly these queries; return what is wrong with those that cannot be read."""
        if set(canonicals) != self._queries.keys() | self._unreadable.keys():
            gc.disable()
            try:
                await asyncio.to_thread(self._read, canonicals)
                self._set_aside()
            finally:
                gc.enable()
        return self._unreadable

    async def match(self, papers: Sequence[Paper]) -> list[Match]:
        """Return which of all the queries want which of *papers*."""
        return await asyncio.to_thread(self._matcher.match, papers)

    def _read(self, canonicals: Collection[str]) -> None:
        queries: dict[str, Query] = {}
        unreadable: dict[str, str] = {}
        for canonical in canonicals:
            try:
                queries[canonical] = self._queries.get(canonical) or parse(canonical)
            except QueryError as error:  # stored by another version of the bot
                unreadable[canonical] = str(error)
        if queries.keys() != self._queries.keys():
            self._matcher = Matcher(queries.values())
        self._queries, self._unreadable = queries, unreadable

    def _set_aside(self) -> None:
        """Take the queries out of the garbage collector's sight, each time that they have doubled.

        They are most of what the process holds and never become garbage in a cycle; looking through ten
        thousand of them would stop the event loop for a fifth of a second, again and again.
        """
        if len(self._queries) >= 2 * self._set_aside_at:
            self._set_aside_at = len(self._queries)
            gc.freeze()
