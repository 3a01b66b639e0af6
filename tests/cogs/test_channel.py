from __future__ import annotations

from datetime import UTC, datetime

import discord
import pytest
from simcord.env import Env

from bot.model.subscriptions import Live, Notify, Schedule
from bot.store import Store
from tests.conftest import World, text_of
from tests.openapi import valid_request
from tests.shared import needs_shared

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)


async def test_without_options_it_shows_what_holds(world: World, store: Store) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword="TTS")
    result = await world.manager.slash(world.papers, "channel")
    assert result.ephemeral
    text = text_of(result)
    assert f"1 subscription in <#{world.papers.id}>" in text
    assert "100 papers a day get their own posts. That is the default here." in text
    assert "one list a day" in text
    assert "Crossposting" not in text


async def test_who_only_looks_stores_nothing(world: World, store: Store) -> None:
    text = text_of(await world.manager.slash(world.papers, "channel"))
    assert "Channel settings" in text
    assert f"0 subscriptions in <#{world.papers.id}>" in text
    assert "100 papers a day get their own posts. That is the default here." in text
    assert "No digest is scheduled" in text
    assert await store.destinations.by_channel(world.papers.id) is None


async def test_both_settings_change_at_once(world: World, store: Store) -> None:
    news = world.guild.create_news_channel("news")
    text = text_of(await world.manager.slash(news, "channel", cap=3, crosspost=False))
    assert "Updated" in text
    assert "3 papers a day" in text
    assert "Off: posts stay" in text
    place = await store.destinations.by_channel(news.id)
    assert place is not None
    assert (place.cap, place.crosspost) == (3, False)


async def test_a_cap_is_set_and_taken_back(world: World, store: Store) -> None:
    await world.manager.slash(world.papers, "channel", cap=5)
    place = await store.destinations.by_channel(world.papers.id)
    assert place is not None
    assert place.cap == 5
    await store.destinations.schedule(place.id, Schedule(9, "UTC"), NOW)
    shown = text_of(await world.manager.slash(world.papers, "channel"))
    assert "5 papers a day get their own posts. The others go into the digest" in shown
    assert "100 papers" in text_of(await world.manager.slash(world.papers, "channel", cap=0))


async def test_an_announcement_channel_can_be_kept_to_itself(world: World, store: Store) -> None:
    news = world.guild.create_news_channel("news")
    assert "On: posts are published" in text_of(await world.manager.slash(news, "channel"))
    result = await world.manager.slash(world.papers, "channel", crosspost=False, channel=news)
    assert "Off: posts stay" in text_of(result)
    place = await store.destinations.by_channel(news.id)
    assert place is not None
    assert not place.crosspost
    assert "On: posts" in text_of(await world.manager.slash(news, "channel", crosspost=True))


async def test_other_channels_cannot_be_crossposted(world: World, store: Store) -> None:
    refused = await world.manager.slash(world.papers, "channel", crosspost=True, cap=3)
    assert "#papers is not an announcement channel" in text_of(refused)
    assert await store.destinations.by_channel(world.papers.id) is None


async def test_a_manager_of_another_channel_is_refused(world: World, store: Store) -> None:
    ann = world.guild.add_member(world.env.create_user("ann"))
    hers = world.guild.create_text_channel(
        "hers", overwrites={ann: discord.PermissionOverwrite(manage_channels=True)}
    )
    refused = await ann.slash(hers, "channel", cap=1, channel=world.papers)
    assert "You need the Manage Channels permission in #papers" in text_of(refused)
    assert await store.destinations.by_channel(world.papers.id) is None


async def test_in_direct_messages_it_is_ones_own(env: Env, store: Store) -> None:
    ann = env.create_user("ann")
    assert "1 paper a day" in text_of(await ann.slash("channel", cap=1))
    place = await store.destinations.by_channel(ann.dm_channel.id)
    assert place is not None
    assert (place.user_id, place.cap) == (ann.id, 1)


@needs_shared
@pytest.mark.parametrize("options", [{}, {"cap": 7, "crosspost": False}])
async def test_the_requests_are_as_discord_describes_them(world: World, options: dict[str, object]) -> None:
    news = world.guild.create_news_channel("news")
    await world.manager.slash(news, "channel", **options)
    for request in world.env.http_requests:
        valid_request(request.method, request.path, request.json)


async def test_the_best_alone_can_come_live_and_notify(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "channel", live="best", best=3, notify="best")
    text = text_of(result)
    assert "Only the 3 papers a day that are closest to what is saved here get their own posts" in text
    assert "The best of the day and digests notify" in text
    place = await store.destinations.by_channel(world.papers.id)
    assert place is not None
    assert (place.live, place.best, place.notify) == (Live.BEST, 3, Notify.BEST)
    await world.manager.slash(world.papers, "channel", live="all")
    place = await store.destinations.by_channel(world.papers.id)
    assert place is not None
    assert (place.live, place.best, place.notify) == (Live.ALL, 3, Notify.BEST)


async def test_quiet_hours_need_a_zone_once(world: World, store: Store) -> None:
    refused = await world.manager.slash(world.papers, "channel", quiet_hours="22-7")
    assert "In which time zone are the quiet hours?" in text_of(refused)
    assert await store.destinations.by_channel(world.papers.id) is None
    refused = await world.manager.slash(world.papers, "channel", zone="Europe/Berlin")
    assert "A time zone only matters for quiet hours" in text_of(refused)
    result = await world.manager.slash(world.papers, "channel", quiet_hours="22-7", zone="Europe/Berlin")
    assert "From 22:00 to 7:00 (Europe/Berlin), everything arrives silently." in text_of(result)
    result = await world.manager.slash(world.papers, "channel", quiet_hours="23-6")
    assert "From 23:00 to 6:00 (Europe/Berlin)" in text_of(result)
    result = await world.manager.slash(world.papers, "channel", zone="UTC")
    assert "From 23:00 to 6:00 (UTC)" in text_of(result)
    result = await world.manager.slash(world.papers, "channel", quiet_hours="off")
    assert "everything arrives silently" not in text_of(result)


async def test_quiet_hours_are_in_the_zone_of_the_digest(world: World) -> None:
    await world.manager.slash(world.papers, "digest schedule", hour=9, zone="Asia/Tokyo")
    result = await world.manager.slash(world.papers, "channel", quiet_hours="22-7")
    assert "(Asia/Tokyo)" in text_of(result)
