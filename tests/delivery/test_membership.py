"""Channels and servers that go and come back: the real client at a real gateway, and a moved clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.config import DeliverySettings
from bot.delivery.membership import public_name
from bot.model.reasons import Permission, Reason, ReasonCode
from bot.model.subscriptions import State
from bot.runtime.client import PaperBot
from bot.store import Store
from tests.delivery.membership_cases import becomes, deliver, place
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import FakeDiscord
from tests.runtime.client_cases import Start, channel, fake, guild, start
from tests.store.store_cases import CHANNEL, GRACE, MORE, NEWS, NOW, record, store, subscribe

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
        await bot.membership.erase_gone()
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
        await fake.until(lambda: bot.membership._servers_known)
        fake.former[guild] = fake.guilds.pop(guild)
        fake.fault("GET", "/users/@me/guilds", status=503)
        await bot.on_ready()
        assert (await place(store, channel)).state is State.ACTIVE
        await bot.membership.check_paused()
        assert (await place(store, channel)).state is State.GONE


async def test_only_the_servers_of_its_own_shards_are_missed(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    """The shard of a server is its identifier without the last 22 bits, modulo the number of shards."""
    own, others = 2 << 22, 3 << 22
    await subscribe(store, channel=1, guild=own)
    await subscribe(store, channel=2, guild=others)

    def take_the_first_of_two(bot: PaperBot) -> None:
        bot.shard_count, bot.shard_ids = 2, [0]

    async with start(prepare=take_the_first_of_two) as bot:
        await fake.until(lambda: bot.membership._servers_known)
    assert (await place(store, 1)).state is State.GONE
    assert (await place(store, 2)).state is State.ACTIVE


@pytest.mark.parametrize("when", ["at_ready", "after_an_outage"])
async def test_a_channel_wrongly_believed_deleted_is_restored_with_its_backlog(
    fake: FakeDiscord, store: Store, start: Start, guild: int, channel: int, *, when: str
) -> None:
    deleted = 7
    await subscribe(store, channel=deleted, guild=guild)
    await record(store, NEWS)

    async def believe_deleted() -> None:
        for each in (channel, deleted):
            reason = Reason(ReasonCode.CHANNEL_DELETED)
            await store.destinations.end((await place(store, each)).id, reason, NOW)

    if when == "at_ready":
        await believe_deleted()
    async with start() as bot:
        await fake.until(lambda: bot.membership._servers_known)
        if when == "after_an_outage":
            await fake.until(lambda: fake.posts(channel))
            await believe_deleted()
            await record(store, MORE)
            await fake.outage(guild)
            await fake.until(lambda: bot.get_guild(guild).unavailable)
            await fake.recover(guild)
        await becomes(store, channel, State.ACTIVE)
        await fake.until(lambda: fake.posts(channel))
    assert (await place(store, deleted)).state is State.GONE
    assert [notice.destination.channel_id for notice in await store.notices.waiting()] == [deleted]


async def test_a_server_that_invited_the_bot_again_is_restored_when_its_outage_ends(
    fake: FakeDiscord, store: Store, start: Start, guild: int, channel: int
) -> None:
    await store.destinations.leave(guild, Reason(ReasonCode.BOT_REMOVED), NOW)
    await fake.outage(guild)
    async with start() as bot:
        await fake.until(lambda: bot.membership._servers_known)
        assert (await place(store, channel)).state is State.GONE
        await fake.recover(guild)
        await becomes(store, channel, State.ACTIVE)


@pytest.mark.parametrize(("hidden", "name"), [(False, "papers"), (True, "")])
async def test_a_deleted_channel_is_called_by_its_name_only_if_everybody_could_see_it(
    fake: FakeDiscord, store: Store, start: Start, guild: int, channel: int, *, hidden: bool, name: str
) -> None:
    async with start() as bot:
        await fake.until(bot.is_ready)
        if hidden:
            await fake.deny(channel, payloads.VIEW_CHANNEL)
            await becomes(store, channel, State.ACTIVE)
            await fake.until(lambda: not public_name(bot.get_channel(channel)))
        await fake.delete_channel(channel)
        await becomes(store, channel, State.GONE)
    assert [notice.name for notice in await store.notices.waiting()] == [name]


async def two_servers_gone(fake: FakeDiscord, store: Store) -> tuple[int, int]:
    """Let two servers have removed the bot, the first of which invited it again; return their channels."""
    again, gone = fake.add_guild(), fake.add_guild("Other Lab")
    channels = {server: fake.add_channel(server) for server in (again, gone)}
    for server, made in channels.items():
        await subscribe(store, channel=made, guild=server)
        await store.destinations.leave(server, Reason(ReasonCode.BOT_REMOVED), NOW)
    fake.former[gone] = fake.guilds.pop(gone)
    return channels[again], channels[gone]


async def test_nothing_is_erased_before_it_is_known_which_servers_invited_the_bot_again(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    again, gone = await two_servers_gone(fake, store)
    async with start(token="MTIz.wrong.token", connected=False) as bot:
        bot.clock.advance(GRACE)
        assert await bot.membership.erase_gone() == 60
        assert (await place(store, again)).state is State.GONE
        assert (await place(store, gone)).state is State.GONE


@pytest.mark.parametrize("days", [30, 2])
async def test_what_is_gone_is_erased_after_the_grace_period(
    fake: FakeDiscord, store: Store, start: Start, days: int
) -> None:
    again, gone = await two_servers_gone(fake, store)
    async with start(delivery=DeliverySettings(grace_days=days)) as bot:
        await becomes(store, again, State.ACTIVE)
        await fake.until(lambda: bot.membership._servers_known)
        bot.clock.advance(timedelta(days=days) - timedelta(seconds=1))
        assert await bot.membership.erase_gone() == timedelta(days=1).total_seconds()
        assert (await place(store, gone)).state is State.GONE
        bot.clock.advance(timedelta(seconds=1))
        await bot.membership.erase_gone()
        assert await store.destinations.by_channel(gone) is None
        assert (await place(store, again)).state is State.ACTIVE


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
        await bot.membership.channel_deleted(1)  # events are stored in turn, so all before it are by now
        assert (await place(store, channel)).state is State.ACTIVE


async def test_what_went_while_it_was_asked_for_is_not_resumed(store: Store) -> None:
    await subscribe(store)
    destination = await place(store, CHANNEL)
    await store.destinations.pause(destination.id, Reason(ReasonCode.NOT_ALLOWED), NOW)
    await store.destinations.leave(destination.guild_id, Reason(ReasonCode.BOT_REMOVED), NOW)
    await store.destinations.resume(destination.id, NOW)
    found = await place(store, CHANNEL)
    assert (found.state, found.kicked) == (State.GONE, True)
