"""Asks arXiv for a person who is waiting, no longer than Discord keeps their command open.

Discord accepts the answer to a command for fifteen minutes; nobody sees one that comes later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.arxiv.client import ArxivClient, Sort
from bot.arxiv.transport import Leaving, unnoticed
from bot.i18n import gettext as _
from bot.interactions.context import Interaction
from bot.interactions.error_answers import trouble_in_words
from bot.interactions.quota import Asker
from bot.model.errors import ArxivError, ArxivRefused, ArxivUnreachable, UserError
from bot.model.papers import Page, Paper, PaperId
from bot.query.query import Query
from bot.rules.forecast import FirstLook, NotAsked, first_look_of

_log = logging.getLogger(__name__)

_PATIENCE = timedelta(minutes=12)
_FIRST_LOOK_PATIENCE = timedelta(seconds=90)
_FIRST_LOOK = 100  # papers
_WEEK = timedelta(days=7)


def asker_of(interaction: Interaction) -> Asker:
    """Return the person of *interaction*, for whom arXiv is asked."""
    bot = interaction.client
    return Asker(bot.quota, interaction.user.id, bot.clock)


async def search(
    arxiv: ArxivClient, search_query: str, *, start: int, count: int, sort: Sort, asker: Asker | None = None
) -> Page:
    """Return one page of arXiv's results for *search_query*, in arXiv's own syntax.

    A request counts as one of the *asker*, if there is one.

    Raises:
        UserError: arXiv refuses the query, or took too long, or the person asked too often.
        ArxivError: arXiv could not be asked.
    """
    known = arxiv.knows_page(search_query, start=start, max_results=count, sort=sort)
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            with _waiting(asker, known=known) as leaving:
                return await arxiv.search(
                    search_query, start=start, max_results=count, sort=sort, person=True, leaving=leaving
                )
    except ArxivRefused as error:
        raise UserError(
            _("arXiv refuses this query: {error}. Please change it and try again.").format(error=error)
        ) from error
    except TimeoutError as error:
        raise UserError(_("arXiv has not responded for many minutes. Please try again later.")) from error


async def fetch_papers(
    arxiv: ArxivClient, wanted: Sequence[PaperId], *, asker: Asker | None = None
) -> dict[PaperId, Paper]:
    """Return the papers *wanted* as arXiv has them now, in one request; unknown ones are missing.

    A request counts as one of the *asker*, if there is one.

    Raises:
        UserError: too many people are waiting already, or the person asked too often.
        ArxivError: arXiv could not be asked, or took too long.
    """
    known = knows_papers(arxiv, wanted)
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            with _waiting(asker, known=known) as leaving:
                papers = await arxiv.by_id(wanted, person=True, leaving=leaving)
    except TimeoutError as error:
        raise ArxivUnreachable("arXiv has not answered for many minutes.") from error
    return {paper.id: paper for paper in papers}


def knows_papers(arxiv: ArxivClient, wanted: Sequence[PaperId]) -> bool:
    """Tell whether arXiv has said just now what it has of all papers *wanted*."""
    return len(arxiv.just_fetched(wanted)) == len(set(wanted))


def _waiting(asker: Asker | None, *, known: bool) -> AbstractContextManager[Leaving]:
    """Let *asker* wait, unless the answer is *known* or nobody is counted."""
    return nullcontext(unnoticed) if asker is None or known else asker.waiting()


@dataclass(frozen=True, slots=True)
class Found:
    """Papers that were looked for, in the order in which they were wanted, and those that are `missing`.

    `trouble` says in a sentence why arXiv was not asked for the missing ones; "" if it has no such papers.
    """

    papers: tuple[Paper, ...]
    missing: tuple[PaperId, ...] = ()
    trouble: str = ""


async def find_papers(interaction: Interaction, wanted: Sequence[PaperId], *, fresh: bool = False) -> Found:
    """Return the papers *wanted*, of which at least one is found.

    arXiv is asked, in one request, for the papers that are not stored. With *fresh* it is asked for all of
    them, and the stored ones serve when it cannot be asked. A request counts as one search of the person.

    Raises:
        UserError: the person searched too often, or nobody knows any of these papers.
        ArxivError: arXiv could not be asked, and none of the papers is stored.
    """
    bot = interaction.client
    papers = {paper.id: paper for paper in await bot.store.papers.get_many(wanted)}
    for number in wanted:
        if not fresh and number not in papers and (cached := bot.arxiv.remembered(number)) is not None:
            papers[number] = cached
    unknown = [number for number in wanted if fresh or number not in papers]
    trouble = ""
    if unknown:
        try:
            papers |= await fetch_papers(bot.arxiv, unknown, asker=asker_of(interaction))
        except (ArxivError, UserError) as error:
            if not papers:
                raise
            trouble = trouble_in_words(interaction, error)
    if not papers:
        raise unknown_papers(wanted)
    missing = tuple(number for number in wanted if number not in papers)
    return Found(
        papers=tuple(papers[number] for number in wanted if number in papers),
        missing=missing,
        trouble=trouble if missing else "",
    )


async def find_paper(interaction: Interaction, wanted: PaperId) -> Paper:
    """Return one paper, as `find_papers` does.

    Raises:
        UserError: the person searched too often, or nobody knows the paper.
        ArxivError: arXiv could not be asked, and the paper is not stored.
    """
    return (await find_papers(interaction, [wanted])).papers[0]


def unknown_papers(wanted: Iterable[PaperId]) -> UserError:
    """Return the error that says that arXiv knows none of the papers *wanted*."""
    return UserError(
        _("arXiv has no paper {papers}. Please check the number on the paper's page.").format(
            papers=", ".join(map(str, wanted))
        )
    )


async def first_look(arxiv: ArxivClient, query: Query, *, asker: Asker | None = None) -> FirstLook:
    """Return the newest papers of *query*, unless arXiv cannot be asked within a minute or two.

    A request counts as one of the *asker*, if there is one; above their quota, arXiv is not asked.

    Raises:
        UserError: arXiv understood the request and refuses the query itself.
    """
    if arxiv.gate.wait_estimate(person=True) > _FIRST_LOOK_PATIENCE:
        return NotAsked()
    try:
        page = await _newest(arxiv, query.arxiv, asker)
    except ArxivRefused as error:
        raise UserError(
            _(
                "arXiv refuses this query: {error}. Nothing has been saved. Please change it and try again."
            ).format(error=error)
        ) from error
    except (ArxivError, TimeoutError, UserError) as error:
        # A UserError here is the gate's or the quota's: too many are waiting, or this person asked too often.
        # The first poll becomes the baseline.
        _log.info("no first look at %r: %s", query.canonical, error or type(error).__name__)
        return NotAsked(str(error) if isinstance(error, UserError) else "")
    return first_look_of(page.papers, page.total)


async def newest_papers(
    arxiv: ArxivClient, now: datetime, *, asker: Asker | None = None
) -> tuple[Paper, ...]:
    """Return some of the newest papers on any topic; none if arXiv cannot be asked soon."""
    week = f"submittedDate:[{now - _WEEK:%Y%m%d%H%M} TO {now:%Y%m%d%H%M}]"
    try:
        page = await _newest(arxiv, week, asker)
    except (ArxivError, TimeoutError, UserError) as error:
        _log.info("no look at the newest papers: %s", error or type(error).__name__)
        return ()
    return page.papers


async def _newest(arxiv: ArxivClient, search_query: str, asker: Asker | None) -> Page:
    known = arxiv.knows_page(search_query, start=0, max_results=_FIRST_LOOK, sort=Sort.SUBMITTED)
    async with asyncio.timeout(_FIRST_LOOK_PATIENCE.total_seconds()):
        with _waiting(asker, known=known) as leaving:
            return await arxiv.search(search_query, max_results=_FIRST_LOOK, person=True, leaving=leaving)
