"""Reads keywords and fetches the newest papers of each, for `digest` and `search`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from bot.arxiv.client import ArxivClient, Sort
from bot.cli.words import require_words
from bot.model.errors import ArxivError, UserError
from bot.model.papers import Paper
from bot.model.subscriptions import Options
from bot.query.query import Query, parse_typed
from bot.rules.newness import wants


def distinct(keywords: Iterable[str], *, longest: int) -> list[Query]:
    """Return *keywords* as queries without duplicates; each may have at most *longest* characters.

    Raises:
        UserError: a keyword is too long, or names a paper or a page instead of words.
        QueryError: a keyword is not a valid query.
    """
    queries: dict[str, Query] = {}
    for keyword in keywords:
        if len(keyword) > longest:
            raise UserError(
                f"“{keyword[:40]}…” has {len(keyword)} characters; a query may have at most {longest}."
            )
        require_words(keyword)
        query = parse_typed(keyword)
        queries.setdefault(query.canonical, query)
    return list(queries.values())


class Fetched(NamedTuple):
    """The *papers* of one *keyword*, as typed, that are kept of the *fetched* that arXiv returned."""

    keyword: str
    papers: list[Paper]
    fetched: int


async def fetch(
    arxiv: ArxivClient,
    queries: Sequence[Query],
    *,
    limit: int,
    categories: Collection[str] = (),
    on_fetched: Callable[[str], None] = lambda _: None,
) -> list[Fetched]:
    """Return for each query its *limit* most recently updated papers.

    Papers outside *categories*, if there are any, are dropped after fetching (`cs` covers `cs.*`), so there
    may be fewer than *limit*. *on_fetched* gets a progress message after each query.

    Raises:
        ArxivError: arXiv did not answer a query, or not plausibly; the message names the query.
    """
    chosen = Options(categories=tuple(categories))
    sections = []
    for query in queries:
        papers = await _newest(arxiv, query, limit)
        kept = [paper for paper in papers if wants(chosen, paper.categories, paper.primary_category)]
        sections.append(Fetched(query.typed, kept, len(papers)))
        on_fetched(f"{query.typed}, papers {len(kept)}")
    return sections


async def _newest(arxiv: ArxivClient, query: Query, limit: int) -> Sequence[Paper]:
    try:
        page = await arxiv.newest(query.arxiv, limit, sort=Sort.UPDATED)
    except ArxivError as error:
        failure = ArxivError(f"“{query.typed}” could not be fetched: {error}", url=error.url)
        failure.retry = error.retry
        raise failure from error
    return page.papers
