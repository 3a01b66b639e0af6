"""What stands under a page of search results: a jump, a menu of the papers, *Subscribe this channel*."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest
from simcord.env import Env

from bot.interactions.permissions import may_subscribe_here
from bot.model.subscriptions import Options, State
from bot.store import Store
from tests.conftest import MakeBot, World, buttons_of, text_of
from tests.fakes import arxiv as faults
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import make_paper, make_papers
from tests.openapi import valid_request
from tests.shared import needs_shared

QUERY = "speech synthesis"
SUBSCRIBE = "Subscribe"


def menu_of(message: Any) -> dict[str, Any]:
    """Return the menu of the papers on a page."""
    [menu] = [
        item
        for row in message.components
        for item in row["components"]
        if item["type"] == discord.ComponentType.select.value
    ]
    return dict(menu)


async def test_a_page_is_jumped_to_also_after_restarts(
    world: World, arxiv: FakeArxiv, make_bot: MakeBot
) -> None:
    result = await world.member.slash(world.papers, "search", query=QUERY, category="cs.CL")
    await world.env.restart_bot(make_bot())
    form = await world.member.click(result.response, label="1 of 6")
    await world.env.restart_bot(make_bot())
    await world.member.submit_modal(form, {"number": "4"})
    assert "4 of 6" in buttons_of(result)
    assert buttons_of(result)["4 of 6"]
    assert "cs.CL" in arxiv.requests[-1].parameters["search_query"]


@pytest.mark.parametrize("typed", ["0", "7", "x", "-1", "½"])
async def test_a_page_that_is_not_there_is_answered_with_those_that_are(world: World, typed: str) -> None:
    result = await world.member.slash(world.papers, "search", query=QUERY)
    form = await world.member.click(result.response, label="1 of 6")
    refused = await world.member.submit_modal(form, {"number": typed})
    assert refused.ephemeral
    assert "Type a number from 1 to 6" in text_of(refused)
    assert "1 of 6" in buttons_of(result)


async def test_a_jump_of_somebody_else_makes_a_copy_of_their_own(world: World) -> None:
    result = await world.member.slash(world.papers, "search", query=QUERY)
    form = await world.manager.click(result.response, label="1 of 6")
    copy = await world.manager.submit_modal(form, {"number": "3"})
    assert copy.ephemeral
    assert "3 of 6" in buttons_of(copy)
    assert "1 of 6" in buttons_of(result)


async def test_a_jump_within_one_answer_of_arxiv_is_not_counted(world: World, arxiv: FakeArxiv) -> None:
    arxiv.publish(make_papers(70, first=100))
    result = await world.member.slash(world.papers, "search", query=QUERY)
    for page in range(2, 10):
        form = await world.member.click(result.response, custom_id=_jump_of(result.response))
        await world.member.submit_modal(form, {"number": str(page)})
    assert "9 of 20" in buttons_of(result)
    assert len(arxiv.requests) == 1
    for page in (11, 1, 12, 2, 13):  # to and fro over the edge of what arXiv gave
        form = await world.member.click(result.response, custom_id=_jump_of(result.response))
        await world.member.submit_modal(form, {"number": str(page)})
    assert "13 of 20" in buttons_of(result)
    assert len(arxiv.requests) == 2


NIGHT = datetime(2026, 7, 21, 2, tzinfo=UTC)  # 22:00 Eastern: arXiv's index fills, and its lists change


@pytest.mark.parametrize("now", [NIGHT, NIGHT + timedelta(hours=10)], ids=["at night", "by day"])
async def test_turning_pages_to_and_fro_asks_for_each_page_once(
    world: World, arxiv: FakeArxiv, clock: Clock, now: datetime
) -> None:
    clock.now = now
    arxiv.publish(make_papers(70, first=100))
    result = await world.member.slash(world.papers, "search", query=QUERY)
    for _ in range(20):
        await world.member.click(result.response, custom_id=_turn_of(result.response, "next"))
        await world.member.click(result.response, custom_id=_turn_of(result.response, "back"))
    assert "1 of 20" in buttons_of(result)
    assert len(arxiv.requests) == 1
    assert "papers on “model number”" in text_of(
        await world.member.slash(world.papers, "search", query="model number")
    )


async def test_every_request_that_leaves_is_counted_at_night(
    world: World, arxiv: FakeArxiv, clock: Clock
) -> None:
    clock.now = NIGHT
    arxiv.publish(make_papers(470, first=100))
    result = await world.member.slash(world.papers, "search", query=QUERY)
    last: Any = None
    for page in range(11, 100, 10):  # each is in another answer of arXiv
        form = await world.member.click(result.response, custom_id=_jump_of(result.response))
        last = await world.member.submit_modal(form, {"number": str(page)})
    assert "You have searched 6 times in the last 60 seconds" in text_of(last)
    assert len(arxiv.requests) == 6
    form = await world.member.click(result.response, custom_id=_jump_of(result.response))
    await world.member.submit_modal(form, {"number": "22"})  # one of those that arXiv gave is free
    assert any(label.startswith("22 of ") for label in buttons_of(result))


async def test_subscribing_is_counted_and_above_the_quota_arxiv_is_not_asked(
    world: World, arxiv: FakeArxiv, store: Store
) -> None:
    for number in range(9):
        answer = await world.manager.slash(world.papers, "subscribe", keyword=f"speech {number}")
        assert "Subscribed" in text_of(answer)
    assert "You have searched 6 times in the last 60 seconds" in text_of(answer)
    assert "Your subscription is saved anyway" in text_of(answer)
    assert "not responding" not in text_of(answer)
    asked = {request.search_query for request in arxiv.requests}
    assert len(asked) < 9
    assert len(await store.subscriptions.all()) == 9
    assert "You have searched 6 times" in text_of(
        await world.manager.slash(world.papers, "search", query=QUERY)
    )


def _turn_of(message: Any, turn: str) -> str:
    return next(
        str(item["custom_id"])
        for row in message.components
        for item in row["components"]
        if str(item["custom_id"]).startswith("papers:search:") and str(item["custom_id"]).endswith(turn)
    )


def _jump_of(message: Any) -> str:
    return next(
        str(item["custom_id"])
        for row in message.components
        for item in row["components"]
        if str(item["custom_id"]).startswith("papers:jump:")
    )


async def test_a_paper_is_picked_saved_and_taken_as_bibtex(
    world: World, arxiv: FakeArxiv, store: Store
) -> None:
    arxiv.publish([make_paper(40, title="$\\alpha$ *stars* for speech synthesis", abstract="All of it.")])
    result = await world.member.slash(world.papers, "search", query=QUERY)
    menu = menu_of(result.response)
    assert [option["value"] for option in menu["options"]] == [
        "2607.00040", "2607.00030", "2607.00029", "2607.00028", "2607.00027",
    ]  # fmt: skip
    assert menu["options"][0]["label"] == "1  α *stars* for speech synthesis"
    assert menu["options"][0]["description"] == "Author40\u00a0&\u00a0Writer\u00a0· cs.CL\u00a0· 20\u00a0Jul"
    shown = await world.manager.select(result.response, ["2607.00040"])
    assert shown.ephemeral
    assert "All of it." in text_of(shown)
    assert {"Save", "Cite"} <= buttons_of(shown).keys()
    assert "Saved" in text_of(await world.manager.click(shown.response, label="Save"))
    assert "@" in text_of(await world.manager.click(shown.response, label="Cite"))
    assert len(arxiv.requests) == 1
    assert len(await store.library.page(world.manager.id, 0, 10)) == 1


async def test_a_paper_is_picked_after_a_restart(world: World, make_bot: MakeBot) -> None:
    result = await world.member.slash(world.papers, "search", query=QUERY)
    await world.env.restart_bot(make_bot())
    shown = await world.member.select(result.response, ["2607.00028"])
    assert "model number 28" in text_of(shown)


async def test_who_may_subscribes_the_channel_to_the_search(
    world: World, store: Store, make_bot: MakeBot
) -> None:
    query = 'ti:"speech synthesis" OR abs:quantum'
    result = await world.manager.slash(world.papers, "search", query=query, category="cs.SD")
    await world.env.restart_bot(make_bot())
    answer = await world.manager.click(result.response, label=SUBSCRIBE)
    assert answer.ephemeral
    assert "Subscribed to" in text_of(answer)
    assert buttons_of(answer) == {"Undo": True, "Digest instead": True, "Query": True}
    [subscription] = await store.subscriptions.all()
    assert subscription.destination.channel_id == world.papers.id
    assert subscription.keyword == query
    assert subscription.options == Options(categories=("cs.SD",))
    await world.manager.click(answer.response, label="Undo")
    assert await store.subscriptions.all() == []
    assert "30 papers on “" in text_of(result)


@pytest.mark.parametrize("paused", [False, True])
async def test_a_subscription_that_exists_is_told_and_not_changed(
    world: World, store: Store, paused: bool
) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword=QUERY, deliver="digest", revisions=True)
    [before] = await store.subscriptions.all()
    if paused:
        await store.subscriptions.set_state(before.id, State.PAUSED)
        [before] = await store.subscriptions.all()
    result = await world.manager.slash(world.papers, "search", query=QUERY, category="cs.SD")
    answer = await world.manager.click(result.response, label=SUBSCRIBE)
    assert answer.ephemeral
    assert buttons_of(answer) == {}
    text = text_of(answer)
    assert "already a subscription to “speech synthesis”" in text
    assert f"Collected for the digest in <#{world.papers.id}>. New versions are posted too." in text
    assert ("⏸ Paused" in text) is paused
    assert "Use `/subscriptions` to view or change it" in text
    assert await store.subscriptions.all() == [before]


async def test_who_may_not_subscribe_is_not_offered_it_and_refused_at_anothers_button(
    world: World, store: Store
) -> None:
    mine = await world.member.slash(world.papers, "search", query=QUERY)
    assert SUBSCRIBE not in buttons_of(mine)
    theirs = await world.manager.slash(world.papers, "search", query=QUERY)
    refused = await world.member.click(theirs.response, label=SUBSCRIBE)
    assert refused.ephemeral
    assert "You need the Manage Channels permission in #papers" in text_of(refused)
    assert await store.subscriptions.all() == []


async def test_a_channel_that_the_bot_cannot_post_in_is_refused_with_the_missing_right(
    world: World, store: Store
) -> None:
    denied: dict[Any, discord.PermissionOverwrite] = {
        world.env.bot.user: discord.PermissionOverwrite(send_messages=False)
    }
    quiet = world.guild.create_text_channel("quiet", overwrites=denied)
    result = await world.manager.slash(quiet, "search", query=QUERY)
    refused = await world.manager.click(result.response, label=SUBSCRIBE)
    assert "I do not have the Send Messages permission there" in text_of(refused)
    assert await store.subscriptions.all() == []


async def test_direct_messages_are_subscribed_to_a_search(env: Env, store: Store) -> None:
    ann = env.create_user("ann")
    result = await ann.slash("search", query=QUERY)
    answer = await ann.click(result.response, label=SUBSCRIBE)
    assert "arrive here as soon as arXiv announces them" in text_of(answer)
    [subscription] = await store.subscriptions.all()
    assert subscription.destination.user_id == ann.id


async def test_in_a_server_without_the_bot_a_search_works_and_cannot_be_subscribed_to(world: World) -> None:
    world.env.bot._connection._guilds.pop(world.guild.id)
    result = await world.manager.slash(world.papers, "search", query=QUERY)
    assert buttons_of(result).keys() == {"◀", "1 of 6", "▶"}
    await world.manager.click(result.response, label="▶")
    assert "2 of 6" in buttons_of(result)
    assert "model number 25" in text_of(await world.manager.select(result.response, ["2607.00025"]))


@pytest.mark.parametrize(("context", "offered"), [(1, True), (2, False)])
def test_conversations_without_the_bot_cannot_be_subscribed(env: Env, context: int, offered: bool) -> None:
    user = {"id": "7", "username": "ann", "discriminator": "0", "avatar": None, "global_name": None}
    payload: Any = {
        "id": "1", "application_id": "2", "type": 2, "token": "t", "version": 1, "user": user,
        "channel_id": "3", "channel": {"id": "3", "type": 1}, "context": context, "locale": "de",
        "authorizing_integration_owners": {"1": "7"}, "entitlements": [], "app_permissions": "0",
        "data": {"id": "4", "name": "search", "type": 1}, "attachment_size_limit": 10_485_760,
    }  # fmt: skip
    interaction: discord.Interaction[Any] = discord.Interaction(data=payload, state=env.bot._connection)
    assert may_subscribe_here(interaction) is offered


async def test_a_search_is_acknowledged_at_once_however_long_arxiv_takes(
    world: World, arxiv: FakeArxiv
) -> None:
    arxiv.always = faults.status(503)
    async with world.bot.arxiv.gate.turn():  # as while arXiv answers a poll
        search = asyncio.create_task(world.member.slash(world.papers, "search", query=QUERY))
        async with asyncio.timeout(3):
            while not any(one.json == {"type": 5} for one in world.env.http_requests):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert not arxiv.requests
    assert "Please try again in a few minutes" in text_of(await search)


async def test_the_same_search_of_one_day_is_answered_from_memory(
    world: World, arxiv: FakeArxiv, clock: Clock
) -> None:
    for actor in (world.member, world.manager):
        clock.advance(timedelta(hours=4))
        assert "30 papers on “" in text_of(await actor.slash(world.papers, "search", query=QUERY))
    assert len(arxiv.requests) == 1
    arxiv.always = faults.status(503)
    assert "30 papers on “" in text_of(await world.member.slash(world.papers, "search", query=QUERY))
    clock.advance(timedelta(days=3))  # over the weekend, and after the next announcement
    assert "Please try again" in text_of(await world.member.slash(world.papers, "search", query=QUERY))


@needs_shared
async def test_every_request_is_as_discord_describes_it(world: World, arxiv: FakeArxiv) -> None:
    arxiv.publish(make_papers(20, first=100, title="**nasty** " + "$\\alpha$" * 90, abstract="x " * 2_000))
    result = await world.manager.slash(world.papers, "search", query=QUERY, category="astro-ph.HE")
    result = await world.manager.slash(world.papers, "search", query="a" * 480 + " OR cat:cs.CL")
    form = await world.manager.click(result.response, custom_id=_jump_of(result.response))
    await world.manager.submit_modal(form, {"number": "2"})
    await world.manager.select(result.response, [menu_of(result.response)["options"][0]["value"]])
    await world.manager.click(result.response, label=SUBSCRIBE)
    for request in world.env.http_requests:
        valid_request(request.method, request.path, request.json)
