"""Ask arXiv on behalf of a person who is waiting: read what they typed, be as patient as they can be.

Discord keeps the answer to a command open for fifteen minutes, and nobody learns of what comes later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.arxiv.client import ArxivClient, Sort
from bot.i18n import format_number
from bot.i18n import gettext as _
from bot.model.errors import ArxivError, ArxivRefused, ArxivUnreachable, UserError
from bot.model.papers import Page, Paper, PaperId
from bot.query.query import Query, parse_typed
from bot.store import Store

_log = logging.getLogger(__name__)

_PATIENCE = timedelta(minutes=12)
_FIRST_LOOK_PATIENCE = timedelta(seconds=90)
_FIRST_LOOK = 100
_YEAR = timedelta(days=365)
_FOUR_WEEKS = timedelta(days=28)
_WEEK = timedelta(days=7)


def read_query(text: str, longest: int) -> Query:
    """Read a keyword or query of at most *longest* characters.

    Raises:
        UserError: it is too long.
        QueryError: it cannot be read.
    """
    if len(text) > longest:
        raise UserError(
            _(
                "That query has {count} characters; at most {most} are allowed here. Please shorten it."
            ).format(count=format_number(len(text)), most=format_number(longest))
        )
    return parse_typed(text)


async def search(arxiv: ArxivClient, search_query: str, *, start: int, count: int, sort: Sort) -> Page:
    """Return one page of arXiv's answer to *search_query*, for as long as Discord keeps the command open.

    Raises:
        UserError: arXiv refuses the query, or took too long.
        ArxivError: arXiv could not be asked.
    """
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            return await arxiv.search(search_query, start=start, max_results=count, sort=sort, person=True)
    except ArxivRefused as error:
        raise UserError(
            _("arXiv refuses this query: {error}. Please change it and try again.").format(error=error)
        ) from error
    except TimeoutError as error:
        raise UserError(_("arXiv has not answered for many minutes. Please try again later.")) from error


async def look_up(arxiv: ArxivClient, wanted: PaperId) -> Paper | None:
    """Return a paper as arXiv has it, None where it has none of that identifier.

    Raises:
        UserError: too many people are waiting already.
        ArxivError: arXiv could not be asked, or took longer than Discord keeps the command open.
    """
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            papers = await arxiv.by_id([wanted], person=True)
    except TimeoutError as error:
        raise ArxivUnreachable("arXiv has not answered for many minutes.") from error
    return next((paper for paper in papers if paper.id == wanted), None)


async def first_look(arxiv: ArxivClient, query: Query) -> Page | None:
    """Return the newest papers of *query*, or None where arXiv cannot be asked just now.

    Raises:
        UserError: arXiv understood the request and refuses the query itself.
    """
    if arxiv.gate.wait_estimate(person=True) > _FIRST_LOOK_PATIENCE:
        return None
    try:
        async with asyncio.timeout(_FIRST_LOOK_PATIENCE.total_seconds()):
            return await arxiv.search(query.arxiv, max_results=_FIRST_LOOK, person=True)
    except ArxivRefused as error:
        raise UserError(
            _(
                "arXiv refuses this query: {error}. Nothing has been saved; please change it and try again."
            ).format(error=error)
        ) from error
    except (ArxivError, TimeoutError, UserError) as error:
        # A UserError here is the gate's: too many people are waiting, so the first poll becomes the baseline.
        _log.info("no first look at %r: %s", query.canonical, error or type(error).__name__)
        return None


async def newest_of_all(arxiv: ArxivClient, now: datetime) -> tuple[Paper, ...]:
    """Return some of the newest papers on any topic, none where arXiv cannot be asked just now.

    They tell where the identifiers stand, for a query of which arXiv knows no paper: without that, everything
    the first poll brings would be news.
    """
    week = f"submittedDate:[{now - _WEEK:%Y%m%d%H%M} TO {now:%Y%m%d%H%M}]"
    try:
        async with asyncio.timeout(_FIRST_LOOK_PATIENCE.total_seconds()):
            page = await arxiv.search(week, max_results=_FIRST_LOOK, person=True)
    except (ArxivError, TimeoutError, UserError) as error:
        _log.info("no look at the newest papers: %s", error or type(error).__name__)
        return ()
    return page.papers


async def known_papers(
    arxiv: ArxivClient, store: Store, page: Page | None, now: datetime
) -> Sequence[Paper] | None:
    """Return the papers that are no news to who subscribes now; None where the first poll has to tell.

    *page* is the first look. Where it is empty, the newest papers on any topic are stored.
    """
    if page is None or page.papers:
        return page.papers if page else None
    newest = await newest_of_all(arxiv, now)
    await store.record(newest, [], now)
    return () if await store.papers.highest() else None


def is_complete(page: Page | None) -> bool:
    """Tell whether *page* certainly holds all papers of its query.

    An empty answer proves nothing: arXiv has been seen to give one for queries that have papers.
    """
    return page is not None and 0 < page.total <= len(page.papers)


def per_day(papers: Sequence[Paper], *, complete: bool, now: datetime) -> float:
    """Return how many papers a day to expect, judging by when the newest *papers* were submitted.

    *complete* says that there are no others. The last four weeks tell; what is rarer than one a week is
    judged by the last year. Where *papers* do not reach back that far, the time that they span does.
    """
    for span, enough in ((_FOUR_WEEKS, 4), (_YEAR, 0)):
        recent = [paper for paper in papers if now - paper.published <= span]
        if len(recent) >= enough and (complete or len(recent) < len(papers)):
            return len(recent) / span.days
    if len(papers) < 2:
        return 0.0
    moments = [paper.published for paper in papers]
    spanned = max(max(moments) - min(moments), timedelta(hours=1))
    return (len(papers) - 1) / (spanned / timedelta(days=1))
