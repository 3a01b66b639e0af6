"""`/subscribe` to a keyword that brings many papers: how they should arrive is asked, and done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType
from simcord.env import Env

from bot.model.subscriptions import Deliver, Live, Options, Place, QuietHours, Schedule
from bot.present import colours
from bot.store import Store
from tests.conftest import MakeBot, World, buttons_of, only, text_of
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import make_papers
from tests.openapi import valid_request
from tests.shared import needs_shared

KEYWORD = "large language models"
BEST, DIGEST, ALL = "Best 5 live, rest in a digest", "Digest only", "All of them"
CALM = {"Undo": True, "Digest instead": True, "Query": True}


@pytest.fixture(autouse=True)
def busy(arxiv: FakeArxiv, clock: Clock) -> None:
    """arXiv has 34 papers a day on the keyword."""
    papers = make_papers(150, first=1000, title="Large language models")
    arxiv.papers = [
        replace(paper, published=clock() - timedelta(minutes=42.4 * number))
        for number, paper in enumerate(reversed(papers))
    ]


def colour_of(result: Any) -> int:
    [embed] = result.response.embeds
    return int(embed.colour.value)


def rows_of(result: Any) -> list[list[str]]:
    return [[button["label"] for button in row["components"]] for row in result.response.components]


async def test_it_is_asked_how_so_many_papers_should_arrive(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    [embed] = result.response.embeds
    assert embed.title == "Subscribed to “large language models”"
    assert embed.description == (
        "**About 34 papers a day.** That is a lot for one channel. How should they arrive?\n\n"
        "Until you choose, all of them arrive one by one."
    )
    assert [field.name for field in embed.fields] == ["The newest"]
    assert colour_of(result) == colours.ORANGE == 0xE67E22
    assert rows_of(result) == [[BEST], [DIGEST, ALL, "Undo"]]
    subscription = await only(store)
    assert subscription.options == Options()
    assert subscription.destination.live is Live.ALL


async def test_the_best_come_live_and_the_rest_in_a_digest_also_after_a_restart(
    world: World, store: Store, make_bot: MakeBot, clock: Clock
) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    await world.env.restart_bot(make_bot())
    await world.manager.click(result.response, label=BEST)
    subscription = await only(store)
    assert subscription.options == Options()
    destination = subscription.destination
    assert (destination.live, destination.best) == (Live.BEST, None)
    assert destination.schedule == Schedule(9, "UTC")
    due = datetime(2026, 7, 24, 9, tzinfo=UTC)
    assert f"<t:{due.timestamp():.0f}>" in text_of(result)
    assert text_of(result).startswith(
        "Subscribed to “large language models”\nIn <#"
        f"{world.papers.id}>, each day’s 5 papers closest to what is saved there arrive as soon as arXiv "
        "announces them, and the others come in the digest, next due <t:"
    )
    assert colour_of(result) == colours.GREEN
    assert rows_of(result) == [["Undo", "Digest instead", "Query"]]

    await world.env.restart_bot(make_bot())
    await world.manager.click(result.response, label="Undo")
    assert "The channel receives papers as before." in text_of(result)
    assert await store.subscriptions.all() == []
    destination = await store.destinations.by_channel(world.papers.id)
    assert (destination.live, destination.schedule) == (Live.ALL, None)


async def test_the_channels_own_number_of_best_papers_and_digest_stay(
    world: World, store: Store, clock: Clock
) -> None:
    place = Place(world.guild.id, world.papers.id)
    made = await store.destinations.change(place, clock(), best=3)
    schedule = Schedule(18, "Asia/Tokyo", frozenset({0, 3}))
    await store.destinations.schedule(made.id, schedule, clock())
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    await world.manager.click(result.response, label="Best 3 live, rest in a digest")
    destination = (await only(store)).destination
    assert (destination.live, destination.best, destination.schedule) == (Live.BEST, 3, schedule)
    assert "each day’s 3 papers closest to" in text_of(result)
    await world.manager.click(result.response, label="Undo")
    destination = await store.destinations.by_channel(world.papers.id)
    assert (destination.live, destination.best, destination.schedule) == (Live.ALL, 3, schedule)


async def test_the_digest_comes_at_the_hour_and_in_the_zone_of_another_channel_that_one_sees(
    world: World, store: Store, clock: Clock
) -> None:
    hidden = world.guild.create_text_channel(
        "hidden",
        overwrites={world.guild.default_role: discord.PermissionOverwrite(view_channel=False)},
    )
    seen = world.guild.create_text_channel("seen")
    for channel, schedule in ((hidden, Schedule(5, "Asia/Tokyo")), (seen, Schedule(8, "Europe/Berlin"))):
        made = await store.destinations.ensure(Place(world.guild.id, channel.id), clock())
        await store.destinations.schedule(made.id, schedule, clock())
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    await world.manager.click(result.response, label=BEST)
    assert (await only(store)).destination.schedule == Schedule(8, "Europe/Berlin")


async def test_the_digest_keeps_out_of_quiet_hours(world: World, store: Store, clock: Clock) -> None:
    place = Place(world.guild.id, world.papers.id)
    await store.destinations.change(place, clock(), quiet_hours=QuietHours(20, 10, "Europe/Berlin"))
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    await world.manager.click(result.response, label=BEST)
    assert (await only(store)).destination.schedule == Schedule(10, "Europe/Berlin")


async def test_undo_leaves_a_digest_that_somebody_has_changed_or_needs(
    world: World, store: Store, clock: Clock
) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    await world.manager.click(result.response, label=BEST)
    await world.manager.slash(world.papers, "subscribe", keyword="TTS", deliver="digest")
    await world.manager.click(result.response, label="Undo")
    destination = (await only(store)).destination
    assert (destination.live, destination.schedule) == (Live.ALL, Schedule(9, "UTC"))

    await world.manager.slash(world.papers, "unsubscribe", subscription="TTS")
    await store.destinations.schedule(destination.id, None, clock())
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    await world.manager.click(result.response, label=BEST)
    clock.advance(timedelta(minutes=5))
    await store.destinations.schedule(destination.id, Schedule(7, "Asia/Tokyo"), clock())
    await world.manager.click(result.response, label="Undo")
    destination = await store.destinations.by_channel(world.papers.id)
    assert (destination.live, destination.schedule) == (Live.ALL, Schedule(7, "Asia/Tokyo"))


async def test_digest_only_collects_them_all(world: World, store: Store, make_bot: MakeBot) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    await world.env.restart_bot(make_bot())
    await world.manager.click(result.response, label=DIGEST)
    subscription = await only(store)
    assert subscription.options.deliver is Deliver.DIGEST
    assert (subscription.destination.live, subscription.destination.schedule) == (Live.ALL, None)
    assert "with this phrase in the title or abstract are collected here for the digest." in text_of(result)
    assert "until you schedule one with `/digest schedule`" in text_of(result)
    assert buttons_of(result) == CALM | {"Digest instead": False}


async def test_all_of_them_changes_nothing_and_says_so(world: World, store: Store, make_bot: MakeBot) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    before = await only(store)
    await world.env.restart_bot(make_bot())
    await world.manager.click(result.response, label=ALL)
    assert "arrive here as soon as arXiv announces them. Nothing has changed." in text_of(result)
    assert colour_of(result) == colours.GREEN
    assert buttons_of(result) == CALM
    assert await only(store) == before
    await world.manager.click(result.response, label="Digest instead")
    assert (await only(store)).options.deliver is Deliver.DIGEST
    await world.manager.click(result.response, label="Undo")
    assert await store.subscriptions.all() == []


async def test_undo_takes_an_edit_back_and_the_channel_too(world: World, store: Store) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, deliver="digest", categories="cs")
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, deliver="both")
    assert rows_of(result) == [[BEST], [DIGEST, ALL, "Undo"]]
    await world.manager.click(result.response, label=BEST)
    assert "all of them come in the digest, next due <t:" in text_of(result)
    await world.manager.click(result.response, label="Undo")
    subscription = await only(store)
    assert subscription.options == Options(Deliver.DIGEST, categories=("cs",))
    assert subscription.destination.live is Live.ALL


CALM_WAYS: dict[str, Callable[[Store, Place, Clock], Any]] = {
    "ten a day": lambda *_: None,
    "a digest": lambda *_: None,
    "only the best come live anyway": lambda store, place, clock: store.destinations.change(
        place, clock(), live=Live.BEST
    ),
}


@pytest.mark.parametrize("way", CALM_WAYS)
async def test_nothing_is_asked_where_not_so_many_arrive_one_by_one(
    world: World, store: Store, arxiv: FakeArxiv, clock: Clock, way: str
) -> None:
    if prepared := CALM_WAYS[way](store, Place(world.guild.id, world.papers.id), clock):
        await prepared
    if way == "ten a day":
        arxiv.papers = [
            replace(paper, published=clock() - timedelta(hours=2.4 * number))
            for number, paper in enumerate(arxiv.papers)
        ]
    deliver = "digest" if way == "a digest" else "live"
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, deliver=deliver)
    assert "How should they arrive?" not in text_of(result)
    assert colour_of(result) == colours.GREEN
    assert buttons_of(result).keys() == CALM.keys()


async def test_above_the_cap_it_says_how_many_arrive_until_one_chooses(world: World) -> None:
    await world.manager.slash(world.papers, "channel", cap=3)
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, backfill=2)
    assert (
        "Until you choose, 3 of them a day arrive one by one, and the others together. The 2 newest papers "
        "are being posted now."
    ) in text_of(result)
    assert "That is more than the 3 papers" not in text_of(result)
    assert "Best 3 live, rest in a digest" in buttons_of(result)


async def test_direct_messages_and_threads_are_asked_and_chosen_for_too(
    world: World, env: Env, store: Store, clock: Clock
) -> None:
    ann = env.create_user("ann")
    result = await ann.slash("subscribe", keyword=KEYWORD)
    assert "That is a lot for one conversation." in text_of(result)
    await ann.click(result.response, label=BEST)
    assert "In this conversation, each day’s 5 papers" in text_of(result)
    destination = (await only(store)).destination
    assert (destination.user_id, destination.live) == (ann.id, Live.BEST)
    assert destination.schedule == Schedule(9, "UTC")
    await ann.click(result.response, label="Undo")
    assert await store.subscriptions.all() == []

    channel = env.bot.get_channel(world.papers.id)
    assert isinstance(channel, discord.TextChannel)
    with env._bot_scope():
        await channel.create_thread(name="talk", type=discord.ChannelType.public_thread)
    await env.settle()
    [thread] = world.papers.threads
    result = await world.manager.slash(thread, "subscribe", keyword=KEYWORD)
    await world.manager.click(result.response, label=BEST)
    destination = (await only(store)).destination
    assert (destination.channel_id, destination.live) == (thread.id, Live.BEST)


async def test_the_rights_of_the_person_and_of_the_bot_are_checked_at_each_click(
    world: World, store: Store
) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    before = await only(store)
    roles = world.env.backend.get_guild(world.guild.id).members[world.manager.id].role_ids
    [held] = roles
    for label in (BEST, DIGEST, ALL):
        roles.clear()
        refused = await world.manager.click(result.response, label=label)
        assert refused.ephemeral
        assert "You need the Manage Channels permission in #papers" in text_of(refused)
        roles.append(held)
    closed = discord.Permissions(send_messages=True).value
    overwrite = Overwrite(world.env.bot.user.id, OverwriteType.MEMBER, allow=0, deny=closed)
    world.env.backend.get_channel(world.papers.id).overwrites.append(overwrite)
    for label in (BEST, DIGEST, ALL):
        refused = await world.manager.click(result.response, label=label)
        assert "I do not have the Send Messages permission there" in text_of(refused)
    assert await only(store) == before


async def test_in_a_channel_that_was_deleted_nothing_is_chosen(world: World, store: Store) -> None:
    there = world.guild.create_text_channel("there")
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, channel=there)
    before = await only(store)
    world.env.backend.delete_channel(there.id)
    await world.env.settle()
    for label in (BEST, DIGEST, ALL):
        refused = await world.manager.click(result.response, label=label)
        assert refused.ephemeral
    after = await store.destinations.get(before.destination.id)
    assert (after.live, after.schedule) == (Live.ALL, None)


@pytest.mark.parametrize("label", [BEST, DIGEST, ALL])
async def test_a_subscription_that_has_ended_is_not_chosen_for(
    world: World, store: Store, label: str
) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    subscription = await only(store)
    await store.subscriptions.remove(subscription.id, world.bot.clock())
    refused = await world.manager.click(result.response, label=label)
    assert "has already ended" in text_of(refused)
    destination = await store.destinations.get(subscription.destination.id)
    assert (destination.live, destination.schedule) == (Live.ALL, None)


@needs_shared
async def test_every_request_is_as_discord_describes_it(world: World) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    await world.manager.click(result.response, label=BEST)
    for request in world.env.http_requests:
        valid_request(request.method, request.path, request.json)
