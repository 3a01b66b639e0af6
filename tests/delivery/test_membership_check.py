"""What Discord sends no event for is found by a daily check of the paused channels."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.delivery.membership import CHECK_EVERY
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import State
from bot.store import Store
from tests.delivery.membership_cases import deliver, place
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import MEMBER, FakeDiscord
from tests.fakes.discord_unreadable import BODIES, Garble
from tests.runtime.client_cases import Start, channel, fake, guild, start
from tests.store.store_cases import NEWS, NOW, record, store, subscribe

__all__ = ["channel", "fake", "guild", "start", "store"]


async def test_direct_messages_are_tried_once_a_day(fake: FakeDiscord, store: Store, start: Start) -> None:
    fake.add_guild()
    channel = int(fake.dm(MEMBER.id)["id"])
    await subscribe(store, channel=channel, guild=0, user=MEMBER.id)
    closed = fake.fault("POST", f"/channels/{channel}/messages", status=403, code=50007, times=2)
    async with start() as bot:
        await fake.until(bot.is_ready)
        await deliver(bot, store, 1001)
        for _ in range(3):
            await bot.membership.check_paused()
            await bot.delivery.run()
        assert closed.hits == 1
        for _ in range(2):
            bot.clock.advance(CHECK_EVERY)
            await bot.membership.check_paused()
            await bot.delivery.run()
        assert closed.hits == 2
        assert len(fake.posts(channel)) == 1
        assert await store.notices.waiting() == []


async def test_a_right_that_came_back_unnoticed_is_found_within_a_day(
    fake: FakeDiscord, store: Store, start: Start, channel: int
) -> None:
    async with start() as bot:
        await fake.until(bot.is_ready)
        await store.destinations.pause((await place(store, channel)).id, Reason(ReasonCode.NOT_ALLOWED), NOW)
        await deliver(bot, store, 1001)
        bot.clock.advance(CHECK_EVERY)
        await bot.membership.check_paused()
        await fake.until(lambda: fake.posts(channel))


@pytest.mark.parametrize("fate", ["open", "locked", "deleted"])
async def test_an_archived_thread_that_is_paused_is_asked_for(
    fake: FakeDiscord, store: Store, start: Start, fate: str
) -> None:
    guild = fake.add_guild(permissions=payloads.EVERYTHING & ~(8 | 1 << 34))
    channel = fake.add_channel(guild)
    thread = int(fake.add_thread(fake.channels[channel], "talk")["id"])
    fake.channels[thread]["thread_metadata"] |= {"archived": True, "locked": fate == "locked"}
    await subscribe(store, channel=thread, guild=guild)
    await store.destinations.pause((await place(store, thread)).id, Reason(ReasonCode.THREAD_LOCKED), NOW)
    if fate == "deleted":
        del fake.channels[thread]
    async with start() as bot:
        await fake.until(bot.is_ready)
        bot.clock.advance(CHECK_EVERY)
        await bot.membership.check_paused()
        wanted = {"open": State.ACTIVE, "locked": State.PAUSED, "deleted": State.GONE}
        assert (await place(store, thread)).state is wanted[fate]


async def archived_threads(fake: FakeDiscord, store: Store, guild: int, count: int) -> list[int]:
    """Make threads that discord.py's cache does not hold, paused one minute after another; return them."""
    parent = fake.channels[fake.add_channel(guild)]
    threads = [int(fake.add_thread(parent, f"talk {number}")["id"]) for number in range(count)]
    for minutes, thread in enumerate(threads):
        fake.channels[thread]["thread_metadata"]["archived"] = True
        await subscribe(store, channel=thread, guild=guild)
        moment = NOW - timedelta(minutes=minutes)
        await store.destinations.pause(
            (await place(store, thread)).id, Reason(ReasonCode.NOT_ALLOWED), moment
        )
    return threads


def fetched(fake: FakeDiscord) -> list[int]:
    return [int(request.path.rpartition("/")[2]) for request in fake.sent("GET", "/channels/{channel_id}")]


@pytest.mark.parametrize(("status", "code"), [(403, 50001), (404, 0)])
async def test_channels_that_the_cache_lacks_are_fetched_one_a_round_the_longest_paused_first(
    fake: FakeDiscord, store: Store, start: Start, guild: int, *, status: int, code: int
) -> None:
    threads = await archived_threads(fake, store, guild, 3)
    for thread in threads:
        fake.fault("GET", f"/channels/{thread}", status=status, code=code, times=99)
    async with start() as bot:
        await fake.until(bot.is_ready)
        bot.clock.advance(CHECK_EVERY)
        for _ in range(5):
            await bot.membership.check_paused()
        assert fetched(fake) == threads[::-1], "each once a day"
        bot.clock.advance(CHECK_EVERY)
        await bot.membership.check_paused()
        assert len(fetched(fake)) == 4
    assert {one.channel_id for one in await store.destinations.paused()} == set(threads)


async def test_a_pause_from_a_time_when_the_clock_was_ahead_is_checked_at_once(
    fake: FakeDiscord, store: Store, start: Start, guild: int
) -> None:
    [thread] = await archived_threads(fake, store, guild, 1)
    destination = (await place(store, thread)).id
    await store.destinations.resume(destination, NOW)
    await store.destinations.pause(destination, Reason(ReasonCode.NOT_ALLOWED), NOW + timedelta(days=400))
    async with start() as bot:
        await fake.until(bot.is_ready)
        await bot.membership.check_paused()
    assert (await place(store, thread)).state is State.ACTIVE


async def test_no_channel_of_a_server_in_an_outage_is_fetched(
    fake: FakeDiscord, store: Store, start: Start, guild: int
) -> None:
    [thread] = await archived_threads(fake, store, guild, 1)
    async with start() as bot:
        await fake.until(bot.is_ready)
        await fake.outage(guild)
        await fake.until(lambda: bot.get_guild(guild).unavailable)
        bot.clock.advance(CHECK_EVERY)
        await bot.membership.check_paused()
    assert fetched(fake) == []
    assert (await place(store, thread)).state is State.PAUSED


async def test_too_many_refusals_make_delivery_rest(
    fake: FakeDiscord, store: Store, start: Start, channel: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with start() as bot:
        await fake.until(bot.is_ready)
        for _ in range(500):
            bot.refusals.count(403)
        await record(store, NEWS)
        assert await bot.delivery.run() == 600
        assert await bot.delivery.run() == 600
        assert not fake.posts(channel)
        assert caplog.text.count("nothing is posted for 600 s") == 1
        bot.clock.advance(timedelta(minutes=10))
        await bot.delivery.run()
        assert len(fake.posts(channel)) == 1


@pytest.mark.parametrize("garble", BODIES.values(), ids=BODIES)
async def test_a_channel_that_is_unreadable_keeps_no_other_from_being_checked(
    fake: FakeDiscord, store: Store, start: Start, guild: int, garble: Garble
) -> None:
    unreadable, other = await archived_threads(fake, store, guild, 2)
    fake.fault("GET", f"/channels/{unreadable}", garble=garble, times=None)
    async with start() as bot:
        await fake.until(bot.is_ready)
        bot.clock.advance(2 * CHECK_EVERY)
        for _ in range(2):
            await bot.membership.check_paused()
        states = [(await place(store, thread)).state for thread in (unreadable, other)]
        assert states == [State.PAUSED, State.ACTIVE]
