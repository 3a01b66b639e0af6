"""`/subscriptions` and `/unsubscribe`: what is listed, offered while typing, and ended."""

from __future__ import annotations

from typing import Any

import pytest
from simcord.env import Env

from bot.store import Store
from tests.conftest import MakeBot, World, buttons_of, only, text_of
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.papers import make_paper
from tests.openapi import valid_request
from tests.shared import SHARED

KEYWORD = "speech synthesis"


async def test_unsubscribe_takes_the_picked_one_or_what_was_typed(world: World, store: Store) -> None:
    for keyword in ("one", "two", "three words here"):
        await world.manager.slash(world.papers, "subscribe", keyword=keyword)
    offered = await world.manager.autocomplete(world.papers, "unsubscribe", "subscription", "TW")
    assert [choice["name"] for choice in offered] == ["two · #papers"]
    picked = await world.manager.slash(world.papers, "unsubscribe", subscription=offered[0]["value"])
    assert picked.ephemeral
    assert "No more papers on “two” will be posted in <#" in text_of(picked)
    await world.manager.slash(world.papers, "unsubscribe", subscription="Three words")
    assert (await only(store)).keyword == "one"
    refused = await world.manager.slash(world.papers, "unsubscribe", subscription="four")
    assert "no subscription to “four”" in text_of(refused)


async def test_subscriptions_are_listed_by_channel_in_pages(world: World, make_bot: MakeBot) -> None:
    other = world.guild.create_text_channel("other")
    for number in range(12):
        await world.manager.slash(world.papers, "subscribe", keyword=f"keyword{number:02}")
    await world.manager.slash(world.papers, "subscribe", keyword="elsewhere", channel=other, deliver="both")
    result = await world.member.slash(world.papers, "subscriptions")
    assert result.ephemeral
    assert "13 subscriptions" in text_of(result)
    assert "keyword09" in text_of(result)
    assert "keyword10" not in text_of(result)
    await world.env.restart_bot(make_bot())
    await world.member.click(result.response, label="▶")
    text = text_of(result)
    assert "keyword11" in text
    assert f"**<#{other.id}>**\n• **elsewhere** – live and in the digest" in text
    one = await world.member.slash(world.papers, "subscriptions", channel=other)
    assert "1 subscription\n" in text_of(one)
    assert buttons_of(one) == {}


async def test_categories_are_completed_one_after_the_other(world: World) -> None:
    offered = await world.manager.autocomplete(
        world.papers, "subscribe", "categories", "cs.CL, cs.S", keyword="x"
    )
    assert {"name": "cs.CL,cs.SD · Sound", "value": "cs.CL,cs.SD"} in offered
    assert all(len(choice["value"]) <= 100 and len(choice["name"]) <= 100 for choice in offered)


async def test_keywords_are_completed_from_what_is_subscribed_and_from_categories(world: World) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword="machine translation")
    offered = await world.manager.autocomplete(world.papers, "subscribe", "keyword", "machine")
    assert offered[0] == {"name": "machine translation", "value": "machine translation"}
    assert {"name": "cat:cs.LG · Machine Learning", "value": "cat:cs.LG"} in offered
    assert all(len(choice["value"]) <= 100 and len(choice["name"]) <= 100 for choice in offered)


async def test_a_person_subscribes_in_direct_messages(env: Env, store: Store, settings: Any) -> None:
    object.__setattr__(settings.limits, "subscriptions_per_person", 1)
    ann = env.create_user("ann")
    result = await ann.slash("subscribe", keyword=KEYWORD)
    assert "arrive here as soon as arXiv announces them" in text_of(result)
    subscription = await only(store)
    assert subscription.destination.guild_id == 0
    assert subscription.destination.user_id == ann.id
    assert subscription.destination.channel_id == ann.dm_channel.id
    assert "You have 1 subscriptions" in text_of(await ann.slash("subscribe", keyword="TTS"))
    assert "speech synthesis" in text_of(await ann.slash("subscriptions"))
    assert [choice["value"] for choice in await ann.autocomplete("unsubscribe", "subscription", "sp")] == [
        str(subscription.id)
    ]
    assert "Unsubscribed" in text_of(await ann.slash("unsubscribe", subscription="speech synthesis"))
    assert await store.subscriptions.all() == []


@pytest.mark.skipif(not SHARED.is_dir(), reason="Discord's own description is not here")
async def test_every_request_is_as_discord_describes_it(world: World, arxiv: FakeArxiv) -> None:
    arxiv.publish([make_paper(90, title="**nasty** [$\\alpha$](x) @everyone" * 9)])
    result = await world.manager.slash(
        world.papers, "subscribe", keyword=KEYWORD, deliver="both", categories="cs.CL,cs.SD", backfill=2
    )
    await world.manager.click(result.response, label="Digest instead")
    for number in range(12):
        await world.manager.slash(world.papers, "subscribe", keyword=f"keyword{number}")
    listed = await world.manager.slash(world.papers, "subscriptions")
    await world.manager.click(listed.response, label="▶")
    await world.manager.autocomplete(world.papers, "unsubscribe", "subscription", "")
    await world.manager.slash(world.papers, "unsubscribe", subscription="keyword3")
    for request in world.env.http_requests:
        valid_request(request.method, request.path, request.json)
