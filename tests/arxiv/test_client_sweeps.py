"""Reading all of arXiv that was submitted or updated lately, without a query."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.arxiv.client import ArxivClient
from bot.model.errors import IncompleteAnswer, TooManyRevised
from bot.model.papers import Paper
from tests.arxiv.arxiv_cases import DAY, arxiv, client, clock, numbers, session, watch
from tests.fakes import arxiv as fakes
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.papers import EPOCH, make_paper, make_papers

__all__ = ["arxiv", "client", "clock", "session", "watch"]


@pytest.fixture
def few_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let arXiv show forty papers of a search."""
    monkeypatch.setattr("bot.arxiv.sweep.WINDOW", 40)
    monkeypatch.setattr(fakes, "_WINDOW", 40)


def days_apart(count: int) -> list[Paper]:
    return [make_paper(n, published=EPOCH - n * DAY, title=f"On {n}") for n in range(1, count + 1)]


async def submitted(client: ArxivClient, days: int) -> list[list[int]]:
    return [numbers(part) async for part in client.submitted(EPOCH - days * DAY, EPOCH)]


async def test_everything_is_read_by_its_submission_a_few_days_at_a_time(
    client: ArxivClient, arxiv: FakeArxiv
):
    arxiv.papers = days_apart(30)
    parts = await submitted(client, 14)
    assert parts == [[14, 13, 12, 11, 10, 9], [9, 8, 7, 6, 5, 4], [4, 3, 2, 1]]
    assert [request.search_query for request in arxiv.requests] == [
        "submittedDate:[202607061200 TO 202607111200]",
        "submittedDate:[202607111200 TO 202607161200]",
        "submittedDate:[202607161200 TO 202607201201]",
    ]


async def test_more_than_arxiv_shows_is_read_in_shorter_periods(
    client: ArxivClient, arxiv: FakeArxiv, few_shown: None
):
    arxiv.papers = make_papers(150, published=EPOCH - DAY)
    for n, paper in enumerate(arxiv.papers):
        arxiv.papers[n] = replace(paper, published=EPOCH - DAY + timedelta(minutes=n))
    parts = await submitted(client, 4)
    assert {number for part in parts for number in part} == set(range(1, 151))


async def test_a_period_that_stays_incomplete_is_an_error(client: ArxivClient, arxiv: FakeArxiv):
    arxiv.papers = days_apart(3)
    arxiv.always = fakes.claims(30)
    with pytest.raises(IncompleteAnswer):
        await submitted(client, 4)


async def test_earlier_papers_are_read_by_their_last_update(client: ArxivClient, arxiv: FakeArxiv):
    old = [replace(paper, version=2, updated=EPOCH - DAY) for paper in days_apart(30)[20:]]
    arxiv.papers = [*days_apart(20), *old]
    parts = [numbers(part) async for part in client.revised(EPOCH - 14 * DAY, EPOCH - 2 * DAY)]
    assert [sorted(part) for part in parts] == [list(range(21, 31))]


async def test_more_updates_than_arxiv_shows_are_read_by_period_of_submission(
    client: ArxivClient, arxiv: FakeArxiv, few_shown: None
):
    arxiv.papers = [
        make_paper(n, published=EPOCH - 100 * n * DAY, version=2, updated=EPOCH - timedelta(minutes=n))
        for n in range(1, 101)
    ]
    parts = [numbers(part) async for part in client.revised(EPOCH, EPOCH - DAY)]
    assert {number for part in parts for number in part} == set(range(1, 101))
    arxiv.papers = [replace(paper, published=EPOCH - 100 * DAY) for paper in arxiv.papers]
    with pytest.raises(TooManyRevised):
        [part async for part in client.revised(EPOCH, EPOCH - DAY)]
