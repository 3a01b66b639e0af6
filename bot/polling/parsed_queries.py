"""The queries with active subscriptions, parsed once and ready for matching."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Collection, Sequence

from bot.model.errors import QueryError
from bot.model.papers import Match, Paper
from bot.query.matcher import Matcher
from bot.query.query import Query, parse

_MANY = 1_000


class ParsedQueries:
    """Queries by canonical text. Parsing and matching run in a thread, off the event loop."""

    def __init__(self) -> None:
        self._queries: dict[str, Query] = {}
        self._invalid: dict[str, str] = {}
        self._matcher = Matcher(())
        self._frozen_at = _MANY // 2

    def __getitem__(self, canonical: str) -> Query:
        return self._queries[canonical]

    async def update(self, canonicals: Collection[str]) -> dict[str, str]:
        """Hold exactly these queries; return those that cannot be parsed, each with the reason."""
        if set(canonicals) != self._queries.keys() | self._invalid.keys():
            gc.disable()
            try:
                await asyncio.to_thread(self._parse, canonicals)
                self._freeze()
            finally:
                gc.enable()
        return self._invalid

    async def match(self, papers: Sequence[Paper]) -> list[Match]:
        """Return every match of a paper of *papers* with any of the queries."""
        return await asyncio.to_thread(self._matcher.match, papers)

    def _parse(self, canonicals: Collection[str]) -> None:
        queries: dict[str, Query] = {}
        invalid: dict[str, str] = {}
        for canonical in canonicals:
            try:
                queries[canonical] = self._queries.get(canonical) or parse(canonical)
            except QueryError as error:  # stored by another version of the bot
                invalid[canonical] = str(error)
        if queries.keys() != self._queries.keys():
            self._matcher = Matcher(queries.values())
        self._queries, self._invalid = queries, invalid

    def _freeze(self) -> None:
        """Exclude the queries from garbage collection, each time their number has doubled.

        They make up most of the process's memory and never become cyclic garbage. Looking through ten
        thousand of them would stop the event loop for a fifth of a second, again and again.
        """
        if len(self._queries) >= 2 * self._frozen_at:
            self._frozen_at = len(self._queries)
            gc.freeze()
