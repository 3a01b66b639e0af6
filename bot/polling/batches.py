"""How few requests answer these queries: many of them share one, joined by OR. Pure.

ArXiv documents no limit on the length of a request; what is kept here fits any proxy's 4 KiB with the rest of
the address. Each answer is attributed to its queries locally, by the matcher.
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
        """Return the batch in two, to find out which of its queries arXiv refuses."""
        middle = len(self.queries) // 2
        return Batch(self.queries[:middle]), Batch(self.queries[middle:])


def batches(
    queries: Sequence[Query], *, max_length: int = MAX_LENGTH, max_queries: int = MAX_QUERIES
) -> list[Batch]:
    """Put *queries* into as few batches as fit, in order; each is in exactly one.

    *max_length* counts characters of `search_query` as they travel in an address. A single query that is
    longer has a batch of its own.
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
