"""`/privacy`: people can export their data and erase it."""

from __future__ import annotations

import json
from typing import Any

from simcord.env import Env

from bot.model.reasons import Reason, ReasonCode
from bot.store import Store
from tests.conftest import MakeBot, World, buttons_of, text_of
from tests.fakes.clock import Clock
from tests.fakes.papers import make_paper
from tests.openapi import valid_request
from tests.shared import needs_shared

ERASE, KEEP = "Erase everything", "Keep it"


async def live(env: Env, store: Store, clock: Clock) -> Any:
    """Let somebody subscribe in direct messages and keep a paper; return who it is."""
    ann = env.create_user("ann")
    await ann.slash("subscribe", keyword="speech synthesis")
    await store.library.save(ann.id, [make_paper(7)], clock(), most=9)
    await store.library.note(ann.id, make_paper(7).id, "mine alone")
    return ann


async def test_the_export_is_a_file_with_everything(env: Env, store: Store, clock: Clock) -> None:
    ann = await live(env, store, clock)
    result = await ann.slash("privacy export")
    assert "Everything I store about you" in text_of(result)
    [file] = result.response.attachments
    assert file.filename == "about-me-2026-07-24.json"
    held = json.loads(await file.read())
    assert held["person"] == str(ann.id)
    assert held["exported_at"] == "2026-07-24T08:00:00+00:00"
    assert [one["note"] for one in held["reading_list"]] == ["mine alone"]
    [conversation] = held["direct_messages"]
    assert [one["keyword"] for one in conversation["subscriptions"]] == ["speech synthesis"]


async def test_the_export_says_in_words_why_something_stopped(env: Env, store: Store, clock: Clock) -> None:
    ann = await live(env, store, clock)
    [subscription] = await store.subscriptions.of_user(ann.id)
    reason = Reason(ReasonCode.DIRECT_MESSAGES_CLOSED)
    await store.destinations.pause(subscription.destination.id, reason, clock())
    result = await ann.slash("privacy export")
    [conversation] = json.loads(await result.response.attachments[0].read())["direct_messages"]
    assert conversation["reason"] == "This person does not accept direct messages from me."
    assert conversation["subscriptions"][0]["reason"] is None


async def test_in_a_server_only_the_person_sees_it(world: World) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword="speech synthesis")
    result = await world.manager.slash(world.papers, "privacy export")
    assert result.ephemeral
    held = json.loads(await result.response.attachments[0].read())
    [made] = held["subscriptions_made_in_servers"]
    assert (made["keyword"], made["server_id"]) == ("speech synthesis", str(world.guild.id))
    assert (await world.member.slash(world.papers, "privacy erase")).ephemeral


async def test_erasing_asks_first_and_can_be_left(env: Env, store: Store, clock: Clock) -> None:
    ann = await live(env, store, clock)
    result = await ann.slash("privacy erase")
    assert buttons_of(result) == {ERASE: True, KEEP: True}
    assert await store.library.count(ann.id) == 1
    await ann.click(result.response, label=KEEP)
    assert "Nothing was erased" in text_of(result)
    assert buttons_of(result) == {}
    assert await store.library.count(ann.id) == 1


async def test_erasing_erases_also_after_a_restart(
    env: Env, store: Store, clock: Clock, make_bot: MakeBot
) -> None:
    ann = await live(env, store, clock)
    result = await ann.slash("privacy erase")
    await env.restart_bot(make_bot())
    await ann.click(result.response, label=ERASE)
    text = text_of(result)
    assert "1 saved paper, 1 subscription in direct messages" in text
    assert "I no longer store anything about you" in text
    assert buttons_of(result) == {}
    held = await store.people.export(ann.id)
    assert not any(value for name, value in held.items() if name != "person")


async def test_a_servers_subscriptions_stay_with_the_server(world: World, store: Store) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword="speech synthesis")
    result = await world.manager.slash(world.papers, "privacy erase")
    await world.manager.click(result.response, label=ERASE)
    assert "your user ID on 1 server subscription" in text_of(result)
    [left] = await store.subscriptions.of_channel(world.papers.id)
    assert (left.keyword, left.created_by) == ("speech synthesis", 0)


async def test_who_erased_everything_can_begin_anew(env: Env, store: Store, clock: Clock) -> None:
    ann = await live(env, store, clock)
    result = await ann.slash("privacy erase")
    await ann.click(result.response, label=ERASE)
    await ann.slash("subscribe", keyword="TTS")
    assert [one.keyword for one in await store.subscriptions.of_user(ann.id)] == ["TTS"]


@needs_shared
async def test_every_request_is_as_discord_describes_it(env: Env, store: Store, clock: Clock) -> None:
    ann = await live(env, store, clock)
    await ann.slash("privacy export")
    asked = await ann.slash("privacy erase")
    await ann.click(asked.response, label=ERASE)
    for request in env.http_requests:
        valid_request(request.method, request.path, request.json)
