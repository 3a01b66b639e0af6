from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from simcord.env import Env

from bot.model.subscriptions import Place
from bot.store import Store
from tests.conftest import MakeBot, World, buttons_of, text_of
from tests.fakes import arxiv as faults
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import EPOCH, make_paper, make_papers
from tests.openapi import valid_request
from tests.shared import SHARED

BACK, NEXT = "◀", "▶"


async def test_a_search_shows_the_newest_submissions_to_everybody(world: World, arxiv: FakeArxiv) -> None:
    result = await world.member.slash(world.papers, "search", query="speech synthesis")
    assert not result.ephemeral
    assert world.env.http_requests[-2].json == {"type": 5}  # deferred, then answered
    text = text_of(result)
    assert "30 papers on “" in text
    assert text.index("2607.00030v1") < text.index("2607.00026v1")
    assert "2607.00025" not in text
    assert arxiv.requests[-1].parameters["sortBy"] == "submittedDate"


async def test_sort_and_category_reach_arxiv(world: World, arxiv: FakeArxiv) -> None:
    arxiv.publish([make_paper(40, categories=("stat.ML",), primary_category="stat.ML")])
    result = await world.member.slash(
        world.papers, "search", query="speech synthesis", sort="relevance", category="STAT"
    )
    assert "1 paper on “" in text_of(result)
    assert "stat Statistics" in text_of(result)
    asked = arxiv.requests[-1].parameters
    assert asked["sortBy"] == "relevance"
    assert asked["search_query"].endswith("AND (cat:stat OR cat:stat.*)")


async def test_pages_are_turned_and_ten_of_them_cost_one_request(world: World, arxiv: FakeArxiv) -> None:
    result = await world.member.slash(world.papers, "search", query="speech synthesis")
    assert buttons_of(result) == {BACK: False, "1 of 6": True, NEXT: True}
    await world.member.click(result.response, label=NEXT)
    assert "2 of 6" in buttons_of(result)
    assert "2607.00025v1" in text_of(result)
    for _ in range(4):
        await world.member.click(result.response, label=NEXT)
    assert buttons_of(result) == {BACK: True, "6 of 6": True, NEXT: False}
    assert "2607.00001v1" in text_of(result)
    for _ in range(5):
        await world.member.click(result.response, label=BACK)
    assert "1 of 6" in buttons_of(result)
    assert len(arxiv.requests) == 1


async def test_pages_turn_after_a_restart_in_the_same_order_and_category(
    world: World, arxiv: FakeArxiv, make_bot: MakeBot
) -> None:
    query = 'speech synthesis OR "modèle 语音"'
    result = await world.member.slash(world.papers, "search", query=query, sort="relevance", category="cs.CL")
    before = arxiv.requests[-1].parameters
    await world.env.restart_bot(make_bot())
    await world.member.click(result.response, label=NEXT)
    assert "2 of 6" in buttons_of(result)
    assert len(arxiv.requests) == 2
    assert arxiv.requests[-1].parameters == before


async def test_somebody_else_gets_a_copy_of_their_own(world: World) -> None:
    result = await world.member.slash(world.papers, "search", query="speech synthesis")
    other = await world.manager.click(result.response, label=NEXT)
    assert other.ephemeral
    assert "2 of 6" in buttons_of(other)
    assert "1 of 6" in buttons_of(result)
    await world.manager.click(other.response, label=NEXT)
    assert "3 of 6" in buttons_of(other)


async def test_nothing_found_is_said_without_buttons(world: World) -> None:
    result = await world.member.slash(world.papers, "search", query="ti:quantum AND ti:gravity")
    assert "Nothing matches" in text_of(result)
    assert buttons_of(result) == {}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"query": "ti:(vision"}, "ti:(vision\n   ^"),
        ({"query": "the of"}, "does not index"),
        ({"query": "x" * 501}, "at most 500"),
        ({"query": "speech", "category": "cs.XX"}, "not an arXiv category"),
    ],
)
async def test_what_cannot_be_searched_costs_no_request(
    world: World, arxiv: FakeArxiv, options: dict[str, str], sentence: str
) -> None:
    result = await world.member.slash(world.papers, "search", **options)
    assert result.ephemeral
    assert sentence in text_of(result)
    assert not arxiv.requests


async def test_a_query_that_arxiv_refuses_is_answered_with_its_words(world: World, arxiv: FakeArxiv) -> None:
    arxiv.serve(faults.error_feed("Invalid query string: 'x'", anchor="x"), code=400)
    result = await world.member.slash(world.papers, "search", query="speech")
    assert "arXiv refuses this query: " in text_of(result)
    assert "Invalid query string" in text_of(result)


@pytest.mark.parametrize(
    "fault",
    [faults.status(503), faults.rate_exceeded(), faults.reset(), faults.web_page(), faults.truncated()],
    ids=["503", "429", "reset", "web page", "truncated"],
)
async def test_an_arxiv_that_fails_is_answered_with_a_sentence(
    world: World, arxiv: FakeArxiv, fault: faults.Fault
) -> None:
    arxiv.always = fault
    result = await world.member.slash(world.papers, "search", query="speech")
    text = text_of(result)
    assert "arXiv" in text
    assert "Error" not in text


async def test_a_person_has_so_many_searches_a_minute(world: World, clock: Clock) -> None:
    for word in ("one", "two", "three", "four", "five", "six"):
        await world.member.slash(world.papers, "search", query=word)
    refused = await world.member.slash(world.papers, "search", query="seven")
    assert refused.ephemeral
    assert "try again in 60 seconds" in text_of(refused)
    assert "papers on “" in text_of(await world.manager.slash(world.papers, "search", query="speech"))
    clock.advance(timedelta(minutes=1))
    assert "papers on “" in text_of(await world.member.slash(world.papers, "search", query="speech"))


async def test_turning_pages_within_one_answer_of_arxiv_is_not_counted(world: World) -> None:
    result = await world.member.slash(world.papers, "search", query="speech synthesis")
    for _ in range(3):
        await world.member.click(result.response, label=NEXT)
        await world.member.click(result.response, label=NEXT)
        await world.member.click(result.response, label=BACK)
    assert "4 of 6" in buttons_of(result)


def said(world: World, words: str) -> bool:
    message = world.papers.last_message
    return message is not None and words in message.content


async def test_a_long_queue_is_admitted_while_waiting(world: World) -> None:
    gate = world.bot.arxiv.gate
    gate._typical = 30.0  # as if each answer took arXiv half a minute
    async with gate.turn():
        search = asyncio.create_task(world.member.slash(world.papers, "search", query="speech"))
        async with asyncio.timeout(5):
            while not said(world, "in about 30 s"):  # noqa: ASYNC110 - simcord has no event for it
                await asyncio.sleep(0.01)
    result = await search
    assert result.response.content == ""
    assert "30 papers on “" in text_of(result)


async def test_categories_are_completed(world: World) -> None:
    offered = await world.member.autocomplete(world.papers, "search", "category", "cs.c", query="x")
    assert {"name": "cs.CL · Computation and Language", "value": "cs.CL"} in offered
    assert len(offered) <= 25
    by_name = await world.member.autocomplete(world.papers, "search", "category", "vision", query="x")
    assert by_name[0]["value"] == "cs.CV"


@pytest.mark.parametrize(
    "typed",
    ["2607.00007", "2607.00007v1", "https://arxiv.org/abs/2607.00007", "arxiv.org/pdf/2607.00007v1.pdf"],
)
async def test_a_paper_is_looked_up_by_identifier_or_link(world: World, typed: str) -> None:
    result = await world.member.slash(world.papers, "paper", paper=typed)
    assert not result.ephemeral
    assert "Speech synthesis with model 7" in text_of(result)


async def test_an_old_style_identifier_is_looked_up(world: World, arxiv: FakeArxiv) -> None:
    arxiv.publish([make_paper(1, id="hep-th/9901001", title="Old strings")])
    result = await world.member.slash(world.papers, "paper", paper="https://arxiv.org/abs/hep-th/9901001")
    assert "Old strings" in text_of(result)


async def test_another_version_than_the_current_one_is_said(world: World, arxiv: FakeArxiv) -> None:
    arxiv.publish([make_paper(7, version=3)])
    result = await world.member.slash(world.papers, "paper", paper="2607.00007v1")
    assert "You asked for version 1; this is the current version, 3" in text_of(result)


async def test_an_unknown_paper_is_a_sentence(world: World) -> None:
    result = await world.member.slash(world.papers, "paper", paper="2607.99999")
    assert "arXiv has no paper 2607.99999" in text_of(result)


@pytest.mark.parametrize(
    "typed", ["not a paper", "2613.00001", "2611.9041", "https://arxiv.org/abs/2611.9041v2"]
)
async def test_what_is_no_identifier_costs_no_request(world: World, arxiv: FakeArxiv, typed: str) -> None:
    result = await world.member.slash(world.papers, "paper", paper=typed)
    assert result.ephemeral
    assert "is not an arXiv identifier" in text_of(result)
    assert not arxiv.requests


async def test_a_stored_paper_is_shown_while_arxiv_is_down(
    world: World, arxiv: FakeArxiv, store: Store
) -> None:
    await store.record([make_paper(7)], [], EPOCH)
    arxiv.always = faults.status(503)
    result = await world.member.slash(world.papers, "paper", paper="2607.00007")
    assert "Speech synthesis with model 7" in text_of(result)
    assert "as I last fetched it" in text_of(result)


async def test_a_paper_that_is_not_stored_waits_for_arxiv(world: World, arxiv: FakeArxiv) -> None:
    arxiv.always = faults.status(503)
    result = await world.member.slash(world.papers, "paper", paper="2607.00001")
    assert "arXiv" in text_of(result)
    assert "2607.00001" not in text_of(result)


async def test_both_work_in_direct_messages(env: Env) -> None:
    ann = env.create_user("ann")
    result = await ann.slash("search", query="speech synthesis")
    await ann.click(result.response, label=NEXT)
    assert "2 of 6" in buttons_of(result)
    assert "model 7" in text_of(await ann.slash("paper", paper="2607.00007"))


@pytest.mark.parametrize("name", ["search", "paper"])
def test_both_can_be_used_as_an_app_of_ones_own_anywhere(env: Env, name: str) -> None:
    command = env.backend.find_command(name, None)
    assert command is not None
    assert command["integration_types"] == [0, 1]
    assert command["contexts"] == [0, 1, 2]
    assert command["default_member_permissions"] is None


@pytest.mark.skipif(not SHARED.is_dir(), reason="Discord's own description is not here")
async def test_every_request_is_as_discord_describes_it(world: World, arxiv: FakeArxiv) -> None:
    arxiv.publish(make_papers(200, first=100, title="**nasty** [$\\alpha$](x)", abstract="@everyone " * 300))
    result = await world.member.slash(world.papers, "search", query="a" * 480 + " OR cat:cs.CL")
    await world.member.click(result.response, label=NEXT)
    await world.member.slash(world.papers, "paper", paper="2607.00100")
    await world.member.autocomplete(world.papers, "search", "category", "c", query="x")
    for request in world.env.http_requests:
        valid_request(request.method, request.path, request.json)


@pytest.mark.parametrize("command", ["search", "subscribe"])
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("https://arxiv.org/abs/2607.00001v1", "names an arXiv paper (2607.00001)"),
        ("2607.00001", "`/paper`"),
        ("10.1038/nature14539", "another publisher's DOI, not an arXiv paper"),
        ("https://arxiv.org/list/cs.CL/recent", "`cat:cs.CL`"),
    ],
)
async def test_a_link_or_a_number_is_pointed_to_where_it_is_read(
    world: World, arxiv: FakeArxiv, store: Store, *, command: str, typed: str, said: str
) -> None:
    option = "query" if command == "search" else "keyword"
    refused = await world.manager.slash(world.papers, command, **{option: typed})
    assert refused.ephemeral
    assert said in text_of(refused)
    assert arxiv.requests == []
    assert await store.subscriptions.all() == []


async def test_sorted_by_interest_the_closest_to_ones_saves_come_first(
    world: World, store: Store, arxiv: FakeArxiv
) -> None:
    by_interest = {"query": "speech synthesis", "sort": "interest"}
    robots = "Speech synthesis for legged robots that walk on ice."
    liked = [make_paper(number, title=f"Of {number}", abstract=robots) for number in (901, 902, 903)]
    arxiv.publish([make_paper(50, title="Speech synthesis on ice", abstract=robots)])
    plain = text_of(await world.member.slash(world.papers, "search", **by_interest))
    assert "closest to your saves first" in plain
    await store.library.save(world.member.id, liked, liked[0].published, most=9)
    result = await world.member.slash(world.papers, "search", **by_interest)
    assert "2607.00050v1" in text_of(result).split("**2**")[0]
    await store.destinations.ensure(Place(world.guild.id, world.papers.id), liked[0].published)
    other = text_of(await world.manager.slash(world.papers, "search", **by_interest))
    assert "closest to your saves first" in other
