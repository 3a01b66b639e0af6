"""`digest`: write the newest papers of each keyword as Markdown, for all keywords or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from bot.cli.arxiv import arxiv_client
from bot.cli.newest import Fetched, distinct, fetch
from bot.cli.notes import notes_on
from bot.cli.progress import StepProgress
from bot.cli.stored import stored_subscriptions
from bot.cli.terminal import tell
from bot.config import Settings
from bot.model.errors import UserError
from bot.present import categories as taxonomy
from bot.present.digest_markdown import render
from bot.query.query import Query, parse_stored
from bot.store.address import database_file
from bot.store.files import Replacement

_ROWS = 100  # rows in a section at most, however many papers were fetched, unless the configuration says more


async def write_digest(
    settings: Settings, keywords: Sequence[str], *, limit: int | None, categories: str, out: Path | None
) -> str:
    """Fetch *limit* papers of each keyword, keep those in *categories* (`cs,stat`), and write the digest.

    Return the text to print: the digest if there is no *out*, else nothing. Without *keywords*, those of the
    stored subscriptions are used, in order of creation. A keyword without papers has an empty section, and a
    warning on stderr.

    Raises:
        UserError: a keyword or category is invalid, or there is no keyword at all.
        ArxivError: a keyword could not be fetched; *out* is unchanged.
        FileError: *out* cannot be written; raised before anything is fetched.
    """
    chosen = _categories(categories)
    configured = settings.digest.max_per_keyword
    queries = await _queries(settings, keywords)
    for note in notes_on(queries):
        tell(note)
    with ExitStack() as stack:
        file = stack.enter_context(Replacement(out)) if out is not None else None
        progress = stack.enter_context(StepProgress(len(queries)))
        async with arxiv_client(settings.arxiv) as arxiv:
            sections = await fetch(
                arxiv,
                queries,
                limit=limit or configured,
                categories=chosen,
                on_fetched=progress.done,
            )
        text = render(
            [(one.keyword, one.papers) for one in sections],
            datetime.now(UTC).date(),
            max_per_keyword=max(configured, _ROWS),
        )
        if file is not None:
            file.write(text)
    for section in sections:
        if not section.papers:
            tell(_empty(section, chosen))
    return text if out is None else ""


def _empty(section: Fetched, categories: Sequence[str]) -> str:
    """Return the warning that a section is empty, and why."""
    if not section.fetched:
        return (
            f"Warning: arXiv has no papers for “{section.keyword}”, so its section is empty. Check the "
            "keyword, or try again later."
        )
    return (
        f"Warning: none of the papers fetched for “{section.keyword}” is in {', '.join(categories)}, so its "
        "section is empty. Fetch more with --max, or leave out --categories."
    )


def _categories(typed: str) -> list[str]:
    chosen = [category.strip() for category in typed.split(",") if category.strip()]
    for category in chosen:
        if not taxonomy.is_category(category):
            near = ", ".join(taxonomy.search(category, 3))
            raise UserError(
                f"“{category}” is not an arXiv category; "
                + (f"did you mean one of {near}?" if near else "try “cs”.")
            )
    return chosen


async def _queries(settings: Settings, keywords: Sequence[str]) -> list[Query]:
    if keywords:
        return distinct(keywords, longest=settings.limits.query_length)
    if queries := await _subscribed(settings.database.url):
        return queries
    raise UserError(
        "There are no keywords, because there are no subscriptions; name keywords with -k KEYWORD."
    )


async def _subscribed(url: str) -> list[Query]:
    """Return the stored queries without duplicates, in order of creation."""
    file = database_file(url)
    if file is not None and not file.exists():
        return []  # looking for keywords must not create a database
    queries: dict[str, Query] = {}
    for one in await stored_subscriptions(url):
        queries.setdefault(one.query, parse_stored(one.query, one.keyword))
    return list(queries.values())
