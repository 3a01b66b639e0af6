"""Which queries share a request: many of them, joined by OR (pure).

arXiv documents no limit on the length of a request; the one kept here fits the 4 KiB of any proxy, with the
rest of the address. The matcher finds out locally which of the queries a returned paper matches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote_plus

from bot.query.query import Query

MAX_LENGTH = 3_500
MAX_QUERIES = 100
_OR = " OR "


@dataclass(frozen=True, slots=True)
class Batch:
    """*queries* that one search answers; `search_query` is their disjunction in arXiv's syntax."""

    queries: tuple[Query, ...]

    @property
    def search_query(self) -> str:
        if len(self.queries) == 1:
            return self.queries[0].arxiv
        return _OR.join(f"({query.arxiv})" for query in self.queries)

    def halves(self) -> tuple[Batch, Batch]:
        """Return the batch in two parts, to find the query that fails; a batch of one has no halves."""
        middle = len(self.queries) // 2
        return Batch(self.queries[:middle]), Batch(self.queries[middle:])


def batches(
    queries: Sequence[Query], *, max_length: int = MAX_LENGTH, max_queries: int = MAX_QUERIES
) -> list[Batch]:
    """Return as few batches as hold all *queries*, in order; each query is in exactly one.

    *max_length* limits `search_query`, in characters as they are encoded in an address. A single query that
    is longer has a batch of its own.
    """
    return list(_fill(queries, max_length, max_queries))


def _fill(queries: Sequence[Query], max_length: int, max_queries: int) -> Iterator[Batch]:
    batch: list[Query] = []
    length = 0
    for query in queries:
        cost = len(quote_plus(f"({query.arxiv}){_OR}"))
        if batch and (length + cost > max_length or len(batch) == max_queries):
            yield Batch(tuple(batch))
            batch, length = [], 0
        batch.append(query)
        length += cost
    if batch:
        yield Batch(tuple(batch))
