"""What a person sees of it, and of an arXiv that is down, is in test_cog_search.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.arxiv.client import ArxivClient, Sort
from bot.arxiv.gate import Gate
from bot.config import Arxiv
from bot.interactions import ask_arxiv
from bot.interactions.ask_arxiv import first_look, look_up, per_day, read_query, search
from bot.model.errors import ArxivUnreachable, UserError
from bot.model.papers import Paper, PaperId
from tests.fakes import arxiv as faults
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.papers import make_paper

NOW = datetime(2026, 7, 21, 8, 0, tzinfo=UTC)


def submitted(*days_ago: float) -> list[Paper]:
    return [
        make_paper(number, published=NOW - timedelta(days=days))
        for number, days in enumerate(days_ago, start=1)
    ]


def test_a_keyword_is_read() -> None:
    assert read_query("  speech   synthesis ", 500).typed == "speech synthesis"


def test_a_query_that_is_too_long_is_refused_with_both_numbers() -> None:
    with pytest.raises(UserError, match="501 characters; at most 500"):
        read_query("a" * 501, 500)


@pytest.mark.parametrize(
    ("papers", "complete", "expected"),
    [
        pytest.param([], True, 0, id="no paper ever"),
        pytest.param(submitted(400, 900), True, 0, id="none for a year"),
        pytest.param(submitted(1, 100, 900), True, 2 / 365, id="two in the last year, and nothing hidden"),
        pytest.param(submitted(1, 100, 900), False, 2 / 365, id="the page reaches back more than a year"),
        pytest.param(submitted(0, 1, 2, 3, 4), False, 1, id="one every day"),
        pytest.param(submitted(*(n / 2 for n in range(42))), True, 1.5, id="42 in three weeks"),
        pytest.param(submitted(1, 2, 3, 300, 900), True, 4 / 365, id="three in four weeks are no pace yet"),
        pytest.param(submitted(*range(0, 90, 2)), False, 15 / 28, id="every other day for a quarter"),
        pytest.param(submitted(*(n / 10 for n in range(100))), False, 10, id="ten a day, a full page"),
        pytest.param(submitted(1), False, 0, id="one paper says nothing of the pace"),
        pytest.param(submitted(1, 1, 1), False, 48, id="three at the same moment are no infinity"),
    ],
)
def test_the_pace_comes_from_the_dates_of_submission(
    papers: list[Paper], complete: bool, expected: float
) -> None:
    assert per_day(papers, complete=complete, now=NOW) == pytest.approx(expected)


@pytest.fixture
async def hanging() -> AsyncIterator[ArxivClient]:
    async with FakeArxiv() as fake, aiohttp.ClientSession() as session:
        fake.always = faults.hang()
        settings = Arxiv(api_url=fake.url, min_interval=0, timeout=30)
        yield ArxivClient(session, Gate(0), settings, clock=lambda: NOW)


async def test_a_first_look_that_takes_too_long_is_none(
    hanging: ArxivClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ask_arxiv, "_FIRST_LOOK_PATIENCE", timedelta(milliseconds=50))
    assert await first_look(hanging, read_query("speech", 500)) is None


async def test_nobody_is_made_to_wait_out_a_long_pause(hanging: ArxivClient) -> None:
    hanging.gate.hold(timedelta(minutes=5))
    assert await first_look(hanging, read_query("speech", 500)) is None
    assert hanging.requests == 0


async def test_a_search_that_takes_too_long_is_given_up_with_a_sentence(
    hanging: ArxivClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ask_arxiv, "_PATIENCE", timedelta(milliseconds=50))
    with pytest.raises(UserError, match="has not answered for many minutes"):
        await search(hanging, "all:speech", start=0, count=50, sort=Sort.SUBMITTED)
    assert hanging.gate.wait_estimate(person=True) < timedelta(seconds=2)


async def test_a_paper_is_not_waited_for_longer_than_discord_keeps_the_command_open(
    hanging: ArxivClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ask_arxiv, "_PATIENCE", timedelta(milliseconds=50))
    with pytest.raises(ArxivUnreachable, match="has not answered for many minutes"):
        await look_up(hanging, PaperId.parse("2607.00001")[0])
