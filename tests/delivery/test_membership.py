"""Channels and servers that go and come back: the real client at a real gateway, and a moved clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.config import Delivery
from bot.delivery.membership import LOOK_AGAIN
from bot.model.reasons import Permission, Reason, ReasonCode
from bot.model.subscriptions import State
from bot.runtime.client import PaperBot
from bot.store import Store
from tests.delivery.membership_cases import becomes, deliver, place
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import MEMBER, FakeDiscord
from tests.runtime.client_cases import Start, channel, fake, guild, start
from tests.store.store_cases import CHANNEL, GRACE, NEWS, NOW, record, store, subscribe

__all__ = ["channel", "fake", "guild", "start", "store"]

SECOND = timedelta(seconds=1)
_ALL = payloads.EVERYTHING & ~8


# --- rights and threads -----------------------------------------------------------------------------------


async def overwrite(fake: FakeDiscord, channel: int, guild: int) -> Callable[[], Any]:
    await fake.deny(channel, payloads.SEND_MESSAGES)
    return lambda: fake.deny(channel, 0)


async def category(fake: FakeDiscord, channel: int, guild: int) -> Callable[[], Any]:
    """The channel's own overwrites change with its category's; the event of the category comes last."""
    parent = fake.add_channel(guild, "lab", 4)
    await fake.deny(channel, payloads.SEND_MESSAGES)

    async def allow() -> None:
        fake.channels[channel]["permission_overwrites"] = []
        await fake.gateway.dispatch("CHANNEL_CREATE", fake.channels[parent], guild_id=guild)
        await fake.gateway.dispatch("CHANNEL_UPDATE", fake.channels[channel], guild_id=guild)

    return allow


async def everyone(fake: FakeDiscord, channel: int, guild: int) -> Callable[[], Any]:
    role = fake.guilds[guild]["roles"][0]
    held = role["permissions"]

    async def set_to(permissions: str) -> None:
        role["permissions"] = permissions
        data = {"guild_id": str(guild), "role": role}
        await fake.gateway.dispatch("GUILD_ROLE_UPDATE", data, guild_id=guild)

    await set_to(str(payloads.VIEW_CHANNEL))
    return lambda: set_to(held)


async def own_role(fake: FakeDiscord, channel: int, guild: int) -> Callable[[], Any]:
    """What everyone may not, a role of the bot's allows."""
    await everyone(fake, channel, guild)
    role = payloads.role(fake.snowflake(), "papers", payloads.EVERYTHING & ~8)
    fake.guilds[guild]["roles"].append(role)
    await fake.gateway.dispatch("GUILD_ROLE_CREATE", {"guild_id": str(guild), "role": role}, guild_id=guild)

    async def give() -> None:
        fake.guilds[guild]["roles"][0]["permissions"] = str(payloads.EVERYTHING & ~8)  # what REST goes by
        member = payloads.member(fake.bot, [int(role["id"])])
        await fake.gateway.dispatch("GUILD_MEMBER_UPDATE", member | {"guild_id": str(guild)}, guild_id=guild)

    return give


@pytest.mark.parametrize("change", [overwrite, category, everyone, own_role])
async def test_a_right_that_is_lost_costs_no_request_and_its_return_brings_the_backlog(
    fake: FakeDiscord, store: Store, start: Start, guild: int, channel: int, *, change: Any
) -> None:
    async with start() as bot:
        await fake.until(bot.is_ready)
        give_back = await change(fake, channel, guild)
        await fake.until(lambda: bot.get_channel(channel).permissions_for(_me(bot, guild)).value != _ALL)
        await deliver(bot, store, 1001, 1002)
        assert (await place(store, channel)).state is State.PAUSED
        reason = (await place(store, channel)).reason
        assert reason is not None
        assert reason.permissions[0] is Permission.SEND_MESSAGES
        assert not fake.sent("POST", "/channels/{channel_id}/messages")
        await give_back()
        await fake.until(lambda: len(fake.posts(channel)) == 2)
        assert bot.refusals.total == 0


def _me(bot: PaperBot, guild: int) -> Any:
    found = bot.get_guild(guild)
    assert found is not None
    return found.me


async def test_a_locked_thread_waits_until_it_is_opened(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    guild = fake.add_guild(permissions=payloads.EVERYTHING & ~(8 | 1 << 34))  # without Manage Threads
    channel = fake.add_channel(guild)
    thread = int(fake.add_thread(fake.channels[channel], "talk")["id"])
    fake.channels[thread]["thread_metadata"] |= {"archived": True, "locked": True}
    await subscribe(store, channel=thread, guild=guild)
    async with start() as bot:
        await fake.until(bot.is_ready)
        await deliver(bot, store, 1001)
        assert (await place(store, thread)).state is State.PAUSED
        await fake.set_thread(thread, archived=False, locked=False)
        await fake.until(lambda: fake.posts(thread))


async def test_a_deleted_channel_or_thread_is_gone_and_its_subscription_ended(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    guild = fake.add_guild()
    channel, other = fake.add_channel(guild), fake.add_channel(guild, "other")
    thread = fake.add_thread(fake.channels[other], "talk")
    for each in (channel, int(thread["id"])):
        await subscribe(store, channel=each, guild=guild)
    async with start() as bot:
        await fake.until(bot.is_ready)
        await fake.delete_channel(channel)
        await becomes(store, channel, State.GONE)
        data = {key: thread[key] for key in ("id", "guild_id", "parent_id", "type")}
        await fake.gateway.dispatch("THREAD_DELETE", data, guild_id=guild)
        await becomes(store, int(thread["id"]), State.GONE)
        names = [notice.name for notice in await store.notices.waiting()]
        assert names == ["papers", ""]
        assert len(await store.subscriptions.of_guild(guild)) == 2


async def test_a_channel_deleted_while_the_bot_was_down_is_gone_at_the_next_paper(
    fake: FakeDiscord, store: Store, start: Start, channel: int
) -> None:
    await fake.delete_channel(channel)
    async with start() as bot:
        await fake.until(bot.is_ready)
        await deliver(bot, store, 1001)
        assert (await place(store, channel)).state is State.GONE
        assert bot.refusals.total == 1


async def test_a_channel_said_to_be_unknown_in_an_outage_is_only_paused(
    fake: FakeDiscord, store: Store, start: Start, guild: int, channel: int
) -> None:
    async with start() as bot:
        await fake.until(bot.is_ready)
        await fake.outage(guild)
        await fake.until(lambda: bot.get_guild(guild).unavailable)
        fake.fault("POST", f"/channels/{channel}/messages", status=404, code=10003)
        await deliver(bot, store, 1001)
        assert (await place(store, channel)).state is State.PAUSED
        await fake.recover(guild)
        await fake.until(lambda: fake.posts(channel))


# --- servers ----------------------------------------------------------------------------------------------


async def test_kicked_it_keeps_everything_and_goes_on_when_it_is_invited_again(
    fake: FakeDiscord, store: Store, start: Start, guild: int, channel: int
) -> None:
    async with start() as bot:
        await fake.until(bot.is_ready)
        await fake.kick(guild)
        await becomes(store, channel, State.GONE)
        assert (await record(store, NEWS)).queued == 0
        assert await store.notices.waiting() == []
        await fake.invite(guild)
        await becomes(store, channel, State.ACTIVE)
        await deliver(bot, store, 1001, 1002)
        await fake.until(lambda: len(fake.posts(channel)) == 2)


async def test_an_outage_is_no_kick(
    fake: FakeDiscord, store: Store, start: Start, guild: int, channel: int
) -> None:
    async with start() as bot:
        await fake.until(bot.is_ready)
        await fake.outage(guild)
        await fake.until(lambda: bot.get_guild(guild).unavailable)
        bot.clock.advance(2 * GRACE)
        await bot.membership.forget()
        assert (await place(store, channel)).state is State.ACTIVE
        await deliver(bot, store, 1001)
        assert len(fake.posts(channel)) == 1  # Discord's REST interface may well answer all the same


async def test_a_server_that_removed_the_bot_while_it_was_down_is_noticed_at_ready(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    staying, leaving = fake.add_guild(), fake.add_guild("Other Lab")
    channels = {server: fake.add_channel(server) for server in (staying, leaving)}
    for server, made in channels.items():
        await subscribe(store, channel=made, guild=server)
    await fake.kick(leaving)
    await fake.outage(staying)
    async with start():
        await becomes(store, channels[leaving], State.GONE)
        assert (await place(store, channels[staying])).state is State.ACTIVE
        assert (await place(store, channels[leaving])).kicked
    fake.guilds[leaving] = fake.former.pop(leaving)
    async with start():
        await becomes(store, channels[leaving], State.ACTIVE)


async def test_a_kick_missed_between_two_sessions_is_found_by_asking(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    guild = fake.add_guild()
    fake.add_guild("Other Lab")
    channel = fake.add_channel(guild)
    await subscribe(store, channel=channel, guild=guild)
    async with start() as bot:
        await fake.until(bot.is_ready)
        fake.former[guild] = fake.guilds.pop(guild)
        await fake.gateway.invalidate()
        await becomes(store, channel, State.GONE)


async def test_a_comparison_that_failed_is_made_up_for(fake: FakeDiscord, store: Store, start: Start) -> None:
    guild = fake.add_guild()
    fake.add_guild("Other Lab")
    channel = fake.add_channel(guild)
    await subscribe(store, channel=channel, guild=guild)
    async with start() as bot:
        await fake.until(bot.is_ready)
        await fake.until(lambda: bot.membership._compared)
        fake.former[guild] = fake.guilds.pop(guild)
        fake.fault("GET", "/users/@me/guilds", status=503)
        await bot.on_ready()
        assert (await place(store, channel)).state is State.ACTIVE
        await bot.membership.look()
        assert (await place(store, channel)).state is State.GONE


@pytest.mark.parametrize("days", [30, 2])
async def test_what_is_gone_is_erased_after_the_grace_period_but_not_before_servers_are_known(
    fake: FakeDiscord, store: Store, start: Start, days: int
) -> None:
    here, gone = fake.add_guild(), fake.add_guild("Other Lab")
    channels = {server: fake.add_channel(server) for server in (here, gone)}
    for server, made in channels.items():
        await subscribe(store, channel=made, guild=server)
        await store.destinations.leave(server, Reason(ReasonCode.BOT_REMOVED), NOW)
    fake.former[gone] = fake.guilds.pop(gone)
    async with start(connected=False, delivery=Delivery(grace_days=days)) as bot:
        bot.clock.advance(timedelta(days=days) - SECOND)
        assert await bot.membership.forget() < 3600 or bot.is_ready()
        await fake.until(bot.is_ready)
        await becomes(store, channels[here], State.ACTIVE)
        await bot.membership.forget()
        assert await store.destinations.by_channel(channels[gone]) is not None
        bot.clock.advance(SECOND)
        await bot.membership.forget()
        assert await store.destinations.by_channel(channels[gone]) is None
        assert await store.destinations.by_channel(channels[here]) is not None


# --- the daily look ---------------------------------------------------------------------------------------


async def test_direct_messages_are_tried_once_a_day(fake: FakeDiscord, store: Store, start: Start) -> None:
    fake.add_guild()
    channel = int(fake.dm(MEMBER.id)["id"])
    await subscribe(store, channel=channel, guild=0, user=MEMBER.id)
    closed = fake.fault("POST", f"/channels/{channel}/messages", status=403, code=50007, times=2)
    async with start() as bot:
        await fake.until(bot.is_ready)
        await deliver(bot, store, 1001)
        for _ in range(3):
            await bot.membership.look()
            await bot.delivery.run()
        assert closed.hits == 1
        for _ in range(2):
            bot.clock.advance(LOOK_AGAIN)
            await bot.membership.look()
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
        bot.clock.advance(LOOK_AGAIN)
        await bot.membership.look()
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
        bot.clock.advance(LOOK_AGAIN)
        await bot.membership.look()
        wanted = {"open": State.ACTIVE, "locked": State.PAUSED, "deleted": State.GONE}
        assert (await place(store, thread)).state is wanted[fate]


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


async def test_removed_and_invited_again_while_the_database_is_busy_it_serves_its_channels(
    fake: FakeDiscord, store: Store, start: Start, guild: int, channel: int
) -> None:
    async with start() as bot:
        await fake.until(bot.is_ready)
        await becomes(store, channel, State.ACTIVE)
        async with store.database.write():
            await fake.kick(guild)
            await fake.until(lambda: bot.get_guild(guild) is None)
            await fake.invite(guild)
            await fake.until(lambda: bot.get_guild(guild) is not None)
        async with store.database.write():  # after what was told first
            pass
        await bot.membership.deleted(1)  # what is told is stored in turn, so all before it is stored by now
        assert (await place(store, channel)).state is State.ACTIVE


async def test_what_went_while_it_was_asked_for_is_not_resumed(store: Store) -> None:
    await subscribe(store)
    destination = await place(store, CHANNEL)
    await store.destinations.pause(destination.id, Reason(ReasonCode.NOT_ALLOWED))
    await store.destinations.leave(destination.guild_id, Reason(ReasonCode.BOT_REMOVED), NOW)
    await store.destinations.resume(destination.id)
    found = await place(store, CHANNEL)
    assert (found.state, found.kicked) == (State.GONE, True)
