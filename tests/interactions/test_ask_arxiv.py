"""What a person sees of it, and of an arXiv that is down, is in tests/cogs/test_search.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.arxiv.client import ArxivClient, Sort
from bot.arxiv.gate import Gate
from bot.config import ArxivSettings
from bot.interactions import ask_arxiv
from bot.interactions.ask_arxiv import fetch_papers, first_look, knows_papers, search
from bot.model.errors import ArxivUnreachable, UserError
from bot.model.papers import PaperId
from bot.query.query import parse
from bot.rules.forecast import NotAsked
from tests.fakes import arxiv as faults
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.papers import make_papers

NOW = datetime(2026, 7, 21, 8, 0, tzinfo=UTC)


@pytest.fixture
async def hanging() -> AsyncIterator[ArxivClient]:
    async with FakeArxiv() as fake, aiohttp.ClientSession() as session:
        fake.always = faults.hang()
        settings = ArxivSettings(api_url=fake.url, min_interval=0, timeout=30)
        yield ArxivClient(session, Gate(0), settings, clock=lambda: NOW)


async def test_a_first_look_that_takes_too_long_is_given_up(
    hanging: ArxivClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ask_arxiv, "_FIRST_LOOK_PATIENCE", timedelta(milliseconds=50))
    assert await first_look(hanging, parse("speech")) == NotAsked()


async def test_nobody_is_made_to_wait_out_a_long_pause(hanging: ArxivClient) -> None:
    hanging.gate.hold(timedelta(minutes=5))
    assert await first_look(hanging, parse("speech")) == NotAsked()
    assert hanging.requests == 0


async def test_a_search_that_takes_too_long_is_given_up_with_a_sentence(
    hanging: ArxivClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ask_arxiv, "_PATIENCE", timedelta(milliseconds=50))
    with pytest.raises(UserError, match="has not responded for many minutes"):
        await search(hanging, "all:speech", start=0, count=50, sort=Sort.SUBMITTED)
    assert hanging.gate.wait_estimate(person=True) < timedelta(seconds=2)


async def test_a_paper_is_not_waited_for_longer_than_discord_keeps_the_command_open(
    hanging: ArxivClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ask_arxiv, "_PATIENCE", timedelta(milliseconds=50))
    with pytest.raises(ArxivUnreachable, match="has not answered for many minutes"):
        await fetch_papers(hanging, [PaperId("2607.00001")])


async def test_papers_are_known_once_arxiv_has_said_what_it_has_of_all_of_them() -> None:
    one, two, three = (paper.id for paper in make_papers(3))
    async with FakeArxiv(make_papers(2)) as fake, aiohttp.ClientSession() as session:
        settings = ArxivSettings(api_url=fake.url, min_interval=0, timeout=30)
        arxiv = ArxivClient(session, Gate(0), settings, clock=lambda: NOW)
        assert not knows_papers(arxiv, [one])
        assert set(await fetch_papers(arxiv, [one, two])) == {one, two}
        assert knows_papers(arxiv, [one, two, one])
        assert not knows_papers(arxiv, [one, three])
