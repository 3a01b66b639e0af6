from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

import aiohttp
import pytest

from bot import __version__
from bot.arxiv.client import ArxivClient, Sort
from bot.model.errors import ArxivBusy, IncompleteAnswer, UserError
from bot.model.papers import Paper, PaperId
from tests.arxiv.arxiv_cases import DAY, QUERY, arxiv, client, client_of, clock, numbers, session, watch
from tests.fakes import arxiv as fakes
from tests.fakes.arxiv import FakeArxiv, atom, revised
from tests.fakes.clock import Clock
from tests.fakes.papers import EPOCH, make_paper, make_papers

__all__ = ["arxiv", "client", "clock", "session", "watch"]

MINUTE = timedelta(minutes=1)


# One page


async def test_search_returns_the_page_that_was_asked_for(client: ArxivClient, arxiv: FakeArxiv):
    page = await client.search(QUERY, start=5, max_results=4)
    assert numbers(page.papers) == [20, 19, 18, 17]
    assert (page.total, page.start, page.per_page) == (25, 5, 4)
    assert arxiv.requests[0].parameters == {
        "search_query": QUERY,
        "start": "5",
        "max_results": "4",
        "sortBy": "submittedDate",
        "sortOrder": "descending",
    }


async def test_bot_says_who_it_is_and_whom_to_write_to(client: ArxivClient, arxiv: FakeArxiv):
    await client.search(QUERY)
    agent = arxiv.requests[0].headers["User-Agent"]
    assert agent == f"arxiv-discord-notifier/{__version__} (+papers@example.org)"


async def test_long_queries_are_posted(client: ArxivClient, arxiv: FakeArxiv):
    long = " OR ".join(f'ti:"unheard of {n}"' for n in range(200)) + f" OR ({QUERY})"
    page = await client.search(long)
    assert page.total == 25
    assert arxiv.requests[0].method == "POST"
    assert arxiv.requests[0].search_query == long


async def test_characters_that_mean_something_in_addresses_arrive(client: ArxivClient, arxiv: FakeArxiv):
    text = 'ti:"C++ & größe #1 50%"'
    await client.search(text)
    assert arxiv.requests[0].search_query == text


async def test_pages_beyond_what_arxiv_shows_are_not_asked_for(client: ArxivClient, arxiv: FakeArxiv):
    with pytest.raises(UserError, match="first 10,000"):
        await client.search(QUERY, start=9_995, max_results=10)
    assert arxiv.requests == []
    assert (await client.search(QUERY, start=9_990, max_results=10)).papers == ()


# What a person searched for is remembered


async def test_person_gets_the_same_answer_without_a_request_until_arxiv_announces(
    client: ArxivClient, arxiv: FakeArxiv, clock: Clock
):
    first = await client.search(QUERY, person=True)
    arxiv.publish([make_paper(99)])
    assert await client.search(QUERY, person=True) is first
    assert len(arxiv.requests) == 1
    assert (await client.search(QUERY, start=10, person=True)).start == 10
    clock.advance(3 * DAY)
    assert (await client.search(QUERY, person=True)).total == 26


async def test_polls_are_never_answered_from_memory(client: ArxivClient, arxiv: FakeArxiv):
    await client.search(QUERY, person=True)
    await client.search(QUERY)
    assert len(arxiv.requests) == 2


async def test_what_a_poll_read_is_not_kept_for_people(client: ArxivClient, arxiv: FakeArxiv):
    await client.search(QUERY)
    await client.search(QUERY, person=True)
    assert len(arxiv.requests) == 2


async def test_while_arxivs_index_fills_only_the_last_minute_is_remembered(
    client: ArxivClient, arxiv: FakeArxiv, clock: Clock
):
    clock.now = clock().replace(day=21, hour=2)
    first = await client.search(QUERY, person=True)
    clock.advance(MINUTE)
    assert client.knows_page(QUERY, start=0, max_results=10, sort=Sort.SUBMITTED)
    assert await client.search(QUERY, person=True) is first
    assert len(arxiv.requests) == 1
    clock.advance(MINUTE)
    assert not client.knows_page(QUERY, start=0, max_results=10, sort=Sort.SUBMITTED)
    await client.search(QUERY, person=True)
    assert len(arxiv.requests) == 2


async def test_shortly_before_an_announcement_a_page_is_remembered_for_a_minute_as_well(
    client: ArxivClient, arxiv: FakeArxiv, clock: Clock
):
    clock.now = clock().replace(day=20, hour=23, minute=59, second=50)  # ten seconds before 20:00 Eastern
    await client.search(QUERY, person=True)
    clock.advance(MINUTE)
    await client.search(QUERY, person=True)
    assert len(arxiv.requests) == 1


@pytest.mark.parametrize("hour", [2, 12], ids=["while the index fills", "at noon"])
async def test_people_who_ask_the_same_at_once_share_one_request(
    client: ArxivClient, arxiv: FakeArxiv, clock: Clock, hour: int
):
    clock.now = clock().replace(day=21, hour=hour)
    left: list[int] = []
    pages = await asyncio.gather(
        *(client.search(QUERY, person=True, leaving=partial(left.append, n)) for n in range(40))
    )
    assert len(arxiv.requests) == 1
    assert left == [0]
    assert all(page is pages[0] for page in pages)
    await asyncio.gather(*(client.by_id([PaperId("2607.00007")], person=True) for _ in range(40)))
    assert len(arxiv.requests) == 2


async def test_papers_that_a_person_was_just_shown_are_not_asked_for_again(
    client: ArxivClient, arxiv: FakeArxiv, clock: Clock
):
    known, missing, other = PaperId("2607.00007"), PaperId("2607.09999"), PaperId("2607.00008")
    assert numbers(await client.by_id([known, missing], person=True)) == [7]
    assert client.just_fetched([known, missing, other]).keys() == {known, missing}
    assert numbers(await client.by_id([missing, known], person=True)) == [7]
    assert len(arxiv.requests) == 1
    assert numbers(await client.by_id([other, known], person=True)) == [8, 7]
    assert arxiv.requests[-1].parameters["id_list"] == other.text
    await client.by_id([known])  # a poll is answered by arXiv itself
    assert len(arxiv.requests) == 3
    clock.advance(2 * MINUTE)
    arxiv.publish([make_paper(9999)])
    assert numbers(await client.by_id([missing, known], person=True)) == [9999, 7]


async def test_every_attempt_is_seen_leaving(client: ArxivClient, arxiv: FakeArxiv):
    left: list[str] = []
    arxiv.fail(fakes.status(500))
    await client.search(QUERY, person=True, leaving=lambda: left.append("search"))
    assert left == ["search", "search"]
    client.gate.hold(DAY)
    with pytest.raises(ArxivBusy):
        await client.search(QUERY, start=10, person=True, leaving=lambda: left.append("held"))
    assert "held" not in left


async def test_an_empty_answer_is_not_remembered(client: ArxivClient, arxiv: FakeArxiv):
    arxiv.fail(fakes.nothing_found(), fakes.nothing_found())
    assert (await client.search(QUERY, person=True)).papers == ()
    assert (await client.search(QUERY, person=True)).total == 25


# Lists of several pages


async def test_newest_pages_as_far_as_needed(client: ArxivClient, arxiv: FakeArxiv):
    page = await client.newest(QUERY, 23)
    assert numbers(page.papers) == list(range(25, 2, -1))
    assert page.total == 25
    assert [request.start for request in arxiv.requests] == [0, 10, 20]
    assert {request.parameters["sortBy"] for request in arxiv.requests} == {"lastUpdatedDate"}


async def test_newest_asks_for_no_more_than_it_returns(client: ArxivClient, arxiv: FakeArxiv):
    assert len((await client.newest(QUERY, 20)).papers) == 20
    assert [request.start for request in arxiv.requests] == [0, 10]
    assert len((await client.newest(QUERY, 1, sort=Sort.SUBMITTED)).papers) == 1
    assert arxiv.requests[-1].parameters["max_results"] == "1"


async def test_newest_of_a_short_list_is_all_of_it(client: ArxivClient, arxiv: FakeArxiv):
    assert len((await client.newest(QUERY, 100)).papers) == 25


async def test_newest_of_nothing_is_an_empty_page(client: ArxivClient, arxiv: FakeArxiv):
    assert (await client.newest("ti:unheardof", 10)).papers == ()


class Shifting(FakeArxiv):
    """Announces papers between the pages of a list, as arXiv's index does while it fills."""

    arriving: list[list[Paper]]

    def answer(self, parameters, fault=None):
        answer = super().answer(parameters, fault)
        if self.arriving:
            self.publish(self.arriving.pop(0))
        return answer


async def test_papers_that_arrive_while_a_list_is_read_neither_repeat_nor_hide_others(
    session: aiohttp.ClientSession,
):
    async with Shifting(make_papers(100)) as arxiv:
        arxiv.arriving = [make_papers(3, first=200), make_papers(3, first=300)]
        page = await client_of(arxiv, session, 20).newest(QUERY, 100)
    found = numbers(page.papers)
    assert len(found) == len(set(found)) == 100
    assert set(found) >= set(range(100, 10, -1))


async def test_papers_that_vanish_while_a_list_is_read_do_not_hide_others(session: aiohttp.ClientSession):
    class Vanishing(FakeArxiv):
        def answer(self, parameters, fault=None):
            answer = super().answer(parameters, fault)
            if len(self.requests) == 1:
                # Seven leave the first page: without overlap and a second look, seven others would be lost.
                self.papers = self.papers[7:]
            return answer

    async with Vanishing(make_papers(60)) as arxiv:
        found = await client_of(arxiv, session, 20).window(QUERY, EPOCH - DAY, EPOCH + DAY)
    assert set(numbers(found)) == set(range(1, 61))


async def test_of_two_versions_the_higher_is_kept(session: aiohttp.ClientSession):
    papers = make_papers(30)
    async with Shifting(papers) as arxiv:
        arxiv.arriving = [[revised(papers[4])]]
        found = await client_of(arxiv, session).window(QUERY, EPOCH - DAY, EPOCH + DAY)
    assert sorted(numbers(found)) == list(range(1, 31))


# A window of time

# Revisions


async def test_updated_since_reads_until_it_reaches_past_the_cutoff(client: ArxivClient, arxiv: FakeArxiv):
    arxiv.publish(revised(paper, updated=EPOCH + 3 * DAY) for paper in make_papers(12))
    found = await client.updated_since(QUERY, EPOCH + 2 * DAY)
    assert sorted(numbers(found)) == list(range(1, 13))
    assert {paper.version for paper in found} == {2}
    assert [request.start for request in arxiv.requests] == [0, 10]


async def test_a_revision_of_the_very_moment_is_found(client: ArxivClient, arxiv: FakeArxiv):
    arxiv.publish([revised(make_paper(1), updated=EPOCH + DAY)])
    assert numbers(await client.updated_since(QUERY, EPOCH + DAY)) == [1]


async def test_an_empty_page_does_not_mean_that_nothing_has_changed(client: ArxivClient, arxiv: FakeArxiv):
    arxiv.always = fakes.empty_page()
    with pytest.raises(IncompleteAnswer, match="counts 25 papers"):
        await client.updated_since(QUERY, EPOCH)


async def test_updated_since_does_not_trust_the_order(client: ArxivClient, arxiv: FakeArxiv):
    arxiv.publish(revised(paper, updated=EPOCH + 3 * DAY) for paper in make_papers(12))
    arxiv.always = fakes.disordered()
    found = await client.updated_since(QUERY, EPOCH + 2 * DAY)
    assert sorted(numbers(found)) == list(range(1, 13))


async def test_nothing_has_changed(client: ArxivClient, arxiv: FakeArxiv):
    assert await client.updated_since(QUERY, EPOCH + 30 * DAY) == []
    assert len(arxiv.requests) == 1


# By identifier


async def test_papers_by_identifier_come_in_the_order_asked_for(client: ArxivClient, arxiv: FakeArxiv):
    old = make_paper(id="hep-th/9901001")
    arxiv.publish([old])
    ids = [PaperId("2607.00007"), old.id, PaperId("0000.00000"), PaperId("2607.00003"), old.id]
    found = await client.by_id(ids, person=True)
    assert [paper.id.text for paper in found] == ["2607.00007", "hep-th/9901001", "2607.00003"]
    assert len(arxiv.requests) == 1


async def test_many_identifiers_are_asked_for_a_hundred_at_a_time(
    session: aiohttp.ClientSession,
):
    async with FakeArxiv(make_papers(230)) as arxiv:
        found = await client_of(arxiv, session).by_id([paper.id for paper in arxiv.papers])
        assert found == arxiv.papers
        assert [request.parameters["max_results"] for request in arxiv.requests] == ["100", "100", "30"]


async def test_short_answer_to_identifiers_is_asked_again(client: ArxivClient, arxiv: FakeArxiv):
    ids = [paper.id for paper in arxiv.papers[:5]]
    arxiv.fail(fakes.short_page(2))
    assert len(await client.by_id(ids)) == 5
    arxiv.always = fakes.short_page(2)
    with pytest.raises(IncompleteAnswer):
        await client.by_id(ids)


@pytest.mark.parametrize("total", [4, 60], ids=["right count", "count too big"])
async def test_an_unreadable_paper_is_missing_among_those_asked_for(
    client: ArxivClient, arxiv: FakeArxiv, total: int
):
    papers = make_papers(4)
    arxiv.serve(atom(papers, total=total).replace(b"/abs/2607.00002v1<", b"/abs/??<"))
    assert numbers(await client.by_id([paper.id for paper in papers])) == [1, 3, 4]
    assert len(arxiv.requests) == 1


async def test_no_identifiers_need_no_request(client: ArxivClient, arxiv: FakeArxiv):
    assert await client.by_id([]) == []
    assert arxiv.requests == []


async def test_recorded_page_is_read(client: ArxivClient, arxiv: FakeArxiv):
    arxiv.serve(atom(make_papers(3), total=3))
    assert (await client.search("anything")).papers == tuple(make_papers(3))


async def test_unreadable_entries_are_counted_not_fatal(
    client: ArxivClient, arxiv: FakeArxiv, caplog: pytest.LogCaptureFixture
):
    content = atom(make_papers(3), total=3).replace(b"/abs/2607.00002v1<", b"/abs/??<")
    arxiv.serve(content)
    page = await client.search("anything")
    assert numbers(page.papers) == [1, 3]
    assert page.skipped == 1
    assert "skipped 1 entries of arXiv's answer" in caplog.text


class Damaged(FakeArxiv):
    """Returns entries that cannot be read."""

    unreadable: list[Paper]

    def answer(self, parameters, fault=None):
        status, body = super().answer(parameters, fault)
        for paper in self.unreadable:
            body = body.replace(f"/abs/{paper.versioned}<".encode(), b"/abs/??<")
        return status, body


async def test_unreadable_entries_count_where_the_next_page_starts(session: aiohttp.ClientSession):
    """As for arXiv: five entries that cannot be read are five places of its list."""
    papers = make_papers(60, published=EPOCH)
    async with Damaged(papers) as arxiv:
        arxiv.unreadable = papers[3:8]
        found = await client_of(arxiv, session, 20).window(QUERY, EPOCH - DAY, EPOCH + DAY)
        starts = [request.start for request in arxiv.requests]
    assert sorted(numbers(found)) == [1, 2, 3, *range(9, 61)]
    assert starts == [0, 19, 38, 57]


async def test_unreadable_entries_of_two_passes_do_not_make_up_for_missing_ones(
    session: aiohttp.ClientSession,
):
    """One of ten is unreadable and one is missing: reading twice does not explain the missing one."""
    async with Damaged(make_papers(9)) as arxiv:
        arxiv.unreadable = arxiv.papers[1:2]
        arxiv.always = fakes.claims(10)
        with pytest.raises(IncompleteAnswer, match="counts 10 papers"):
            await client_of(arxiv, session).window(QUERY, EPOCH - DAY, EPOCH + DAY)
