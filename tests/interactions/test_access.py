"""Private threads: who is in one, as Discord says; and what it costs to ask."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from simcord.builders import ChannelHandle

from bot.model.subscriptions import State
from bot.store import Store
from tests.conftest import World, only, text_of

KEYWORD = "secret plans"


async def private_thread(world: World, name: str = "inner-circle") -> ChannelHandle:
    """Let the bot open a private thread in #papers; nobody else is in it."""
    parent = world.env.bot.get_channel(world.papers.id)
    assert isinstance(parent, discord.TextChannel)
    with world.env._bot_scope():
        made = await parent.create_thread(name=name, type=discord.ChannelType.private_thread)
    await world.env.settle()
    return next(thread for thread in world.papers.threads if thread.id == made.id)


def add(world: World, thread: ChannelHandle, person: Any) -> None:
    world.env.backend.add_thread_member(thread.id, person.id)


def asked(world: World) -> int:
    return sum("/thread-members/" in request.path for request in world.env.http_requests)


async def test_only_members_see_a_private_thread(world: World, store: Store) -> None:
    thread = await private_thread(world)
    add(world, thread, world.manager)
    await world.manager.slash(thread, "subscribe", keyword=KEYWORD)
    mine = await only(store)
    listed = await world.manager.slash(world.papers, "subscriptions")
    assert KEYWORD in text_of(listed)
    other = world.guild.add_member(
        world.env.create_user("other"),
        roles=[world.guild.create_role("Channels", permissions=discord.Permissions(manage_channels=True))],
    )
    for person in (world.member, other):
        assert "No subscriptions yet" in text_of(await person.slash(world.papers, "subscriptions"))
    for typed in (KEYWORD, str(mine.id)):
        refused = text_of(await other.slash(world.papers, "unsubscribe", subscription=typed))
        unknown = text_of(await other.slash(world.papers, "unsubscribe", subscription="nothing"))
        assert refused == unknown
        assert "inner-circle" not in refused
    assert await other.autocomplete(world.papers, "unsubscribe", "subscription", "") == []
    assert await other.autocomplete(world.papers, "subscribe", "keyword", "secret") == []

    world.env.backend.remove_thread_member(thread.id, world.manager.id)
    refused = text_of(await world.manager.select(listed.response, [str(mine.id)]))
    assert "has already ended" in refused
    assert (await only(store)).state is State.ACTIVE


async def test_who_manages_threads_sees_private_ones_without_asking_discord(
    world: World, store: Store
) -> None:
    thread = await private_thread(world)
    add(world, thread, world.manager)
    await world.manager.slash(thread, "subscribe", keyword=KEYWORD)
    may = discord.Permissions(manage_channels=True, manage_threads=True)
    ann = world.guild.add_member(
        world.env.create_user("ann"), roles=[world.guild.create_role("Threads", permissions=may)]
    )
    before = asked(world)
    assert KEYWORD in text_of(await ann.slash(world.papers, "subscriptions"))
    await ann.slash(world.papers, "unsubscribe", subscription=KEYWORD)
    assert await store.subscriptions.all() == []
    assert asked(world) == before


async def test_discord_is_asked_once_for_each_thread_and_interaction(world: World, store: Store) -> None:
    thread = await private_thread(world)
    add(world, thread, world.manager)
    for keyword in ("one", "two", "three"):
        await world.manager.slash(thread, "subscribe", keyword=keyword)
    before = asked(world)
    await world.manager.slash(world.papers, "unsubscribe", subscription="two")
    assert asked(world) == before + 1
    assert len(await store.subscriptions.all()) == 2


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_what_discord_does_not_say_counts_as_hidden(world: World, store: Store, status: int) -> None:
    thread = await private_thread(world)
    add(world, thread, world.manager)
    await world.manager.slash(thread, "subscribe", keyword=KEYWORD)
    path = f"/channels/{thread.id}/thread-members/{world.manager.id}"
    world.env.inject_error("GET", path, status=status, times=None)
    assert "No subscriptions yet" in text_of(await world.manager.slash(world.papers, "subscriptions"))
