"""The newest papers of some keywords, fetched for the command line's digest: all of them, or an error."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from bot.arxiv.client import ArxivClient, Sort
from bot.model.errors import ArxivError, IncompleteAnswer, UserError
from bot.model.papers import Paper
from bot.model.subscriptions import Options
from bot.query.query import Query, parse
from bot.rules.newness import wants


def distinct(keywords: Iterable[str], *, longest: int) -> list[Query]:
    """Read *keywords*, at most *longest* characters each; what says the same as an earlier one is left out.

    Raises:
        UserError: a keyword is too long, or (`QueryError`) cannot be read.
    """
    queries: dict[str, Query] = {}
    for keyword in keywords:
        if len(keyword) > longest:
            raise UserError(
                f"“{keyword[:40]}…” has {len(keyword)} characters; a query may have at most {longest}."
            )
        query = parse(keyword)
        queries.setdefault(query.canonical, query)
    return list(queries.values())


async def fetch(
    arxiv: ArxivClient,
    queries: Sequence[Query],
    *,
    limit: int,
    categories: Collection[str] = (),
    on_fetched: Callable[[str], None] = lambda _: None,
) -> list[tuple[str, list[Paper]]]:
    """Return for each query its text as typed and the *limit* last updated papers that arXiv knows.

    Of those, only papers in one of *categories*, where there are any; `cs` covers `cs.*`. So a section may
    hold fewer than *limit* papers.

    Raises:
        ArxivError: one of the queries could not be answered, or not plausibly; the message names it.
    """
    chosen = Options(categories=tuple(categories))
    sections = []
    for query in queries:
        papers = await _newest(arxiv, query, limit)
        kept = [paper for paper in papers if wants(chosen, paper.categories, paper.primary_category)]
        sections.append((query.typed, kept))
        on_fetched(f"{query.typed}, papers {len(kept)}")
    return sections


async def _newest(arxiv: ArxivClient, query: Query, limit: int) -> Sequence[Paper]:
    try:
        page = await arxiv.newest(query.arxiv, limit, sort=Sort.UPDATED)
    except ArxivError as error:
        failure = ArxivError(f"“{query.typed}” was not fetched: {error}", url=error.url)
        failure.retry = error.retry
        raise failure from error
    if not page.papers:
        # arXiv sometimes shows an empty list with HTTP 200; a digest must not lose a section to that.
        raise IncompleteAnswer(
            f"arXiv shows no paper at all for “{query.typed}”; check the keyword, or try again later."
        )
    return page.papers
