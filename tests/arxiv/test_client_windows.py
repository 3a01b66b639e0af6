from __future__ import annotations

import re
from datetime import timedelta

import aiohttp
import pytest

from bot.arxiv.client import ArxivClient
from bot.model.errors import IncompleteAnswer
from tests.arxiv.arxiv_cases import DAY, QUERY, arxiv, client, client_of, clock, numbers, session, watch
from tests.fakes import arxiv as fakes
from tests.fakes.arxiv import FakeArxiv, atom
from tests.fakes.papers import EPOCH, make_paper, make_papers

__all__ = ["arxiv", "client", "clock", "session", "watch"]


async def test_window_holds_what_was_submitted_in_it(client: ArxivClient, arxiv: FakeArxiv):
    inside = await client.window(QUERY, EPOCH + timedelta(minutes=5), EPOCH + timedelta(minutes=20))
    assert sorted(numbers(inside)) == list(range(5, 21))
    assert re.fullmatch(
        r"\(.+\) AND submittedDate:\[202607201205 TO 202607201221\]", arxiv.requests[0].search_query
    )


async def test_window_is_exact_to_the_second(client: ArxivClient, arxiv: FakeArxiv):
    moment = EPOCH + timedelta(minutes=5, seconds=30)
    arxiv.papers = [
        make_paper(1, published=moment - timedelta(seconds=1)),
        make_paper(2, published=moment),
        make_paper(3, published=moment + timedelta(seconds=10)),
        make_paper(4, published=moment + timedelta(seconds=11)),
    ]
    assert numbers(await client.window(QUERY, moment, moment + timedelta(seconds=10))) == [2, 3]


async def test_papers_of_the_last_minute_do_not_count_as_ignored_dates(client: ArxivClient, arxiv: FakeArxiv):
    """arXiv selects by the minute, so it returns papers up to the end of the minute that was asked for."""
    arxiv.papers = make_papers(3, published=EPOCH)
    late = EPOCH + timedelta(minutes=1, seconds=30)
    arxiv.publish(make_paper(n, published=late) for n in range(10, 15))
    assert numbers(await client.window(QUERY, EPOCH, EPOCH + timedelta(seconds=50))) == [1, 2, 3]


async def test_a_minority_of_papers_beyond_the_dates_is_left_out(client: ArxivClient, arxiv: FakeArxiv):
    strays = make_papers(4, first=100, published=EPOCH - 900 * DAY)
    arxiv.serve(atom([*make_papers(4), *strays], total=8))
    assert numbers(await client.window(QUERY, EPOCH - DAY, EPOCH + DAY)) == [1, 2, 3, 4]


async def test_a_window_of_one_page_costs_one_request(client: ArxivClient, arxiv: FakeArxiv):
    arxiv.papers = make_papers(9)
    assert len(await client.window(QUERY, EPOCH - DAY, EPOCH + DAY)) == 9
    assert len(arxiv.requests) == 1


async def test_an_empty_window_is_believed_the_second_time(client: ArxivClient, arxiv: FakeArxiv):
    assert await client.window(QUERY, EPOCH - 9 * DAY, EPOCH - 8 * DAY) == []
    assert len(arxiv.requests) == 2


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([fakes.empty_page()], id="empty first page"),
        pytest.param([fakes.nothing_found()], id="nothing found at first"),
        pytest.param([None, fakes.empty_page()], id="empty second page"),
        pytest.param([None, fakes.short_page(4), fakes.short_page(4)], id="short page twice"),
        pytest.param([fakes.short_page(1), None, fakes.empty_page(), fakes.status(503)], id="a bad day"),
        pytest.param([fakes.claims(3), fakes.claims(3), fakes.claims(3)], id="count too small"),
        pytest.param([fakes.claims(11), fakes.claims(0)], id="count changes"),
        pytest.param([fakes.claims(40)], id="count too big at first"),
        pytest.param([fakes.disordered(), fakes.disordered()], id="no order"),
        pytest.param([fakes.reset(), fakes.truncated(), None, fakes.web_page()], id="a bad connection"),
    ],
)
async def test_window_is_complete_in_spite_of(client: ArxivClient, arxiv: FakeArxiv, faults: list):
    arxiv.fail(*faults)
    found = await client.window(QUERY, EPOCH - DAY, EPOCH + DAY)
    assert sorted(numbers(found)) == list(range(1, 26))


async def test_pages_of_a_single_entry_still_come_to_the_end(session: aiohttp.ClientSession):
    """A page shorter than the overlap must not be asked for again and again."""
    async with FakeArxiv(make_papers(4)) as arxiv:
        arxiv.always = fakes.short_page(1)
        found = await client_of(arxiv, session, 40).window(QUERY, EPOCH - DAY, EPOCH + DAY)
        assert sorted(numbers(found)) == [1, 2, 3, 4]
        assert len(arxiv.requests) <= 8


async def test_the_longer_of_two_short_pages_is_taken(client: ArxivClient, arxiv: FakeArxiv):
    arxiv.fail(fakes.short_page(6), fakes.short_page(2))
    assert numbers((await client.search(QUERY)).papers) == [25, 24, 23, 22, 21, 20]


@pytest.mark.parametrize(
    ("fault", "most"),
    [
        pytest.param(fakes.claims(60), 20, id="count too big"),
        pytest.param(fakes.empty_page(), 4, id="always empty"),
        pytest.param(fakes.short_page(0), 4, id="always short"),
    ],
)
async def test_what_stays_incomplete_is_an_error(
    client: ArxivClient, arxiv: FakeArxiv, fault: fakes.Fault, most: int
):
    arxiv.always = fault
    with pytest.raises(IncompleteAnswer):
        await client.window(QUERY, EPOCH - DAY, EPOCH + DAY)
    assert len(arxiv.requests) <= most


async def test_dates_that_arxiv_ignores_are_an_error_not_an_answer(client: ArxivClient, arxiv: FakeArxiv):
    arxiv.papers += make_papers(80, first=100, published=EPOCH - 900 * DAY)
    arxiv.always = fakes.ignores_dates()
    with pytest.raises(IncompleteAnswer, match="dates"):
        await client.window(QUERY, EPOCH, EPOCH + DAY)
    assert len(arxiv.requests) == 1


async def test_a_window_larger_than_arxiv_shows_is_halved(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.arxiv.sweep.WINDOW", 40)
    monkeypatch.setattr(fakes, "_WINDOW", 40)
    async with FakeArxiv(make_papers(150)) as arxiv:
        client = client_of(arxiv, session)
        found = await client.window(QUERY, EPOCH - DAY, EPOCH + DAY)
        assert sorted(numbers(found)) == list(range(1, 151))
        assert len(arxiv.requests) < 60
        arxiv.papers = make_papers(50, published=EPOCH)
        with pytest.raises(IncompleteAnswer, match="in one minute"):
            await client.window(QUERY, EPOCH - DAY, EPOCH + DAY)


async def test_a_window_of_almost_all_that_arxiv_shows_is_not_halved(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.arxiv.sweep.WINDOW", 40)
    monkeypatch.setattr(fakes, "_WINDOW", 40)
    async with FakeArxiv(make_papers(39, published=EPOCH)) as arxiv:
        found = await client_of(arxiv, session).window(QUERY, EPOCH - DAY, EPOCH + DAY)
        assert len(found) == 39
        assert [request.start for request in arxiv.requests] == [0, 10, 20, 30]


async def test_newest_reads_the_beginning_of_a_list_longer_than_arxiv_shows(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.arxiv.sweep.WINDOW", 40)
    monkeypatch.setattr(fakes, "_WINDOW", 40)
    async with FakeArxiv(make_papers(150)) as arxiv:
        assert len((await client_of(arxiv, session).newest(QUERY, 15)).papers) == 15
        with pytest.raises(IncompleteAnswer, match="shows only the first"):
            await client_of(arxiv, session).newest(QUERY, 50)


async def test_page_sizes_that_do_not_divide_the_window_stay_within_it(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.arxiv.sweep.WINDOW", 100)
    monkeypatch.setattr(fakes, "_WINDOW", 100)
    async with FakeArxiv(make_papers(98)) as arxiv:
        found = await client_of(arxiv, session, 35).window(QUERY, EPOCH - DAY, EPOCH + DAY)
    assert len(found) == 98
