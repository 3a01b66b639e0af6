"""What `/search` and `/subscribe` answer where nothing matches: what was probably meant, if that is known."""

from __future__ import annotations

from typing import Any

import pytest
from simcord.env import Env

from bot.model.subscriptions import Deliver, Options
from bot.present import colours
from bot.store import Store
from tests.conftest import MakeBot, World, buttons_of, only, text_of
from tests.fakes import arxiv as faults
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import make_papers
from tests.openapi import valid_request
from tests.shared import needs_shared

WRONG, RIGHT = "metamorhpic testing", "metamorphic testing"
ASKED = f"Nothing matches “{WRONG}”\nDid you mean **{RIGHT}** (12 papers)?"
THAT, ANYWAY, INSTEAD = "Search that", "Subscribe anyway", "Subscribe to that"


@pytest.fixture(autouse=True)
async def known(arxiv: FakeArxiv, store: Store, clock: Clock) -> None:
    """arXiv has twelve papers on the subject, and the bot two of them."""
    papers = make_papers(12, first=500, title="Metamorphic testing of compilers")
    arxiv.publish(papers)
    await store.record(papers[:2], [], clock())


def colour_of(result: Any) -> int:
    [embed] = result.response.embeds
    return int(embed.colour.value)


async def test_a_search_that_finds_nothing_says_what_was_probably_meant(
    world: World, arxiv: FakeArxiv, make_bot: MakeBot
) -> None:
    result = await world.manager.slash(world.papers, "search", query=WRONG)
    assert text_of(result).startswith(ASKED)
    assert colour_of(result) == colours.GREY
    assert list(buttons_of(result)) == [THAT, ANYWAY]
    asked = len(arxiv.requests)
    await world.manager.click(result.response, label=THAT)
    assert "12 papers on “metamorphic testing”" in text_of(result)
    assert len(arxiv.requests) == asked, "arXiv has just been asked for that"
    assert "Subscribe" in buttons_of(result)

    result = await world.manager.slash(world.papers, "search", query=WRONG, sort="relevance")
    await world.env.restart_bot(make_bot())
    await world.manager.click(result.response, label=THAT)
    assert "12 papers on “metamorphic testing”" in text_of(result)
    assert "most relevant first" in text_of(result)


async def test_who_may_not_subscribe_can_search_that_in_a_copy_of_their_own(world: World) -> None:
    theirs = await world.manager.slash(world.papers, "search", query=WRONG)
    copy = await world.member.click(theirs.response, label=THAT)
    assert copy.ephemeral
    assert "12 papers on “metamorphic testing”" in text_of(copy)
    assert text_of(theirs).startswith(ASKED)
    refused = await world.member.click(theirs.response, label=ANYWAY)
    assert "You need the Manage Channels permission in #papers" in text_of(refused)
    mine = await world.member.slash(world.papers, "search", query=WRONG)
    assert list(buttons_of(mine)) == [THAT]


async def test_one_can_subscribe_to_it_anyway(world: World, store: Store, make_bot: MakeBot) -> None:
    result = await world.manager.slash(world.papers, "search", query=WRONG, category="cs.SE")
    await world.env.restart_bot(make_bot())
    answer = await world.manager.click(result.response, label=ANYWAY)
    assert f"Subscribed to “{WRONG}”" in text_of(answer)
    subscription = await only(store)
    assert (subscription.keyword, subscription.options) == (WRONG, Options(categories=("cs.SE",)))


@pytest.mark.parametrize(
    ("query", "category"),
    [
        pytest.param("metamorhpic nonesuch", "", id="that finds nothing either"),
        pytest.param(WRONG, "math.AG", id="nor does it in the category"),
        pytest.param("ti:nonesuch AND ti:nothing", "", id="like no word"),
        pytest.param("au:metamorhpic", "", id="a name"),
    ],
)
async def test_what_finds_nothing_is_not_suggested(world: World, query: str, category: str) -> None:
    result = await world.manager.slash(world.papers, "search", query=query, category=category)
    text = text_of(result)
    assert text.startswith(f"Nothing matches “{query}”\n")
    assert "Did you mean" not in text
    assert THAT not in buttons_of(result)
    assert ANYWAY in buttons_of(result)


async def test_without_a_suggestion_the_sentence_stands_alone(world: World) -> None:
    result = await world.member.slash(world.papers, "search", query="all:nonesuch")
    [embed] = result.response.embeds
    assert (embed.title, embed.description, embed.fields) == ("Nothing matches “all:nonesuch”", None, [])
    assert buttons_of(result) == {}


async def test_the_question_to_arxiv_is_one_of_the_persons_searches(
    world: World, arxiv: FakeArxiv, settings: Any
) -> None:
    result = await world.member.slash(world.papers, "search", query=WRONG)
    assert [request.search_query for request in arxiv.requests][-1].count("metamorphic") == 2
    used = len({request.search_query for request in arxiv.requests})
    assert used == 2
    for number in range(settings.limits.searches_per_minute - used):
        await world.member.slash(world.papers, "search", query=f"speech {number}")
    refused = await world.member.slash(world.papers, "search", query="one more")
    assert "You have searched 6 times" in text_of(refused)
    assert text_of(result).startswith(ASKED)


async def test_where_nobody_may_be_asked_once_more_the_answer_stands_without_it(
    world: World, arxiv: FakeArxiv, settings: Any
) -> None:
    for number in range(settings.limits.searches_per_minute - 1):
        await world.member.slash(world.papers, "search", query=f"speech {number}")
    result = await world.member.slash(world.papers, "search", query=WRONG)
    assert text_of(result).startswith(f"Nothing matches “{WRONG}”")
    assert THAT not in buttons_of(result)


async def test_where_arxiv_does_not_answer_again_the_answer_stands_without_it(
    world: World, arxiv: FakeArxiv
) -> None:
    arxiv.fail(None, None)  # an empty answer is asked for twice
    arxiv.always = faults.status(503)
    result = await world.manager.slash(world.papers, "search", query=WRONG)
    assert text_of(result).startswith(f"Nothing matches “{WRONG}”")
    assert THAT not in buttons_of(result)


async def test_subscribe_saves_at_once_and_asks_what_was_meant(
    world: World, store: Store, make_bot: MakeBot
) -> None:
    there = world.guild.create_text_channel("there")
    role = world.guild.create_role("Readers", mentionable=True)
    result = await world.manager.slash(
        world.papers,
        "subscribe",
        keyword=WRONG,
        channel=there,
        deliver="both",
        mention=role,
        categories="cs",
        cross_lists=False,
    )
    assert result.ephemeral
    assert f"Subscribed to “{WRONG}”" in text_of(result)
    assert f"Did you mean **{RIGHT}** (12 papers)?" in text_of(result)
    assert list(buttons_of(result)) == ["Undo", "Digest instead", "Query", INSTEAD]
    options = Options(Deliver.BOTH, role.id, ("cs",), cross_lists=False)
    assert (await only(store)).options == options
    await world.env.restart_bot(make_bot())
    await world.manager.click(result.response, label=INSTEAD)
    assert f"Subscribed to “{RIGHT}”" in text_of(result)
    subscription = await only(store)
    assert (subscription.keyword, subscription.options) == (RIGHT, options)
    assert subscription.destination.channel_id == there.id
    await world.manager.click(result.response, label="Undo")
    assert [one.keyword for one in await store.subscriptions.all()] == [WRONG]


async def test_rights_are_checked_when_what_was_meant_replaces_it(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=WRONG)
    world.env.backend.get_guild(world.guild.id).members[world.manager.id].role_ids.clear()
    refused = await world.manager.click(result.response, label=INSTEAD)
    assert refused.ephemeral
    assert "You need the Manage Channels permission in #papers" in text_of(refused)
    assert (await only(store)).keyword == WRONG


async def test_what_was_meant_may_be_subscribed_to_already(world: World, store: Store) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword=RIGHT)
    result = await world.manager.slash(world.papers, "subscribe", keyword=WRONG)
    refused = await world.manager.click(result.response, label=INSTEAD)
    assert f"The channel already has a subscription to “{RIGHT}”" in text_of(refused)
    assert [one.keyword for one in await store.subscriptions.all()] == [RIGHT, WRONG]


async def test_direct_messages_are_asked_too(env: Env, store: Store) -> None:
    ann = env.create_user("ann")
    result = await ann.slash("subscribe", keyword=WRONG)
    await ann.click(result.response, label=INSTEAD)
    subscription = await only(store)
    assert (subscription.keyword, subscription.destination.user_id) == (RIGHT, ann.id)


async def test_an_existing_subscription_is_edited_without_a_question(world: World, store: Store) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword=WRONG)
    again = await world.manager.slash(world.papers, "subscribe", keyword=WRONG, deliver="digest")
    assert f"Updated the subscription to “{WRONG}”" in text_of(again)
    assert INSTEAD not in buttons_of(again)


@pytest.mark.parametrize(
    "keyword",
    [
        pytest.param("nonesuch nothing", id="like no word"),
        pytest.param("metamorhpic nonesuch", id="what was meant finds nothing either"),
    ],
)
async def test_without_a_suggestion_subscribe_asks_nothing(world: World, store: Store, keyword: str) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=keyword)
    assert f"Subscribed to “{keyword}”" in text_of(result)
    assert "Did you mean" not in text_of(result)
    assert await only(store)


@pytest.mark.parametrize(("keyword", "requests"), [(RIGHT, 1), ("metamorhpic nonesuch", 5)])
async def test_the_first_look_is_asked_for_once(
    world: World, arxiv: FakeArxiv, keyword: str, requests: int
) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword=keyword)
    # An empty answer is asked for twice, and then the newest papers, which tell what is old.
    assert len(arxiv.requests) == requests


@needs_shared
async def test_every_request_is_as_discord_describes_it(world: World) -> None:
    result = await world.manager.slash(world.papers, "search", query=WRONG)
    await world.manager.click(result.response, label=THAT)
    result = await world.manager.slash(world.papers, "subscribe", keyword=WRONG)
    await world.manager.click(result.response, label=INSTEAD)
    for request in world.env.http_requests:
        valid_request(request.method, request.path, request.json)
