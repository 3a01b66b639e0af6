"""What discord.py cannot parse at the gateway costs a connection and one line, never the process."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from bot.model.errors import ConfigError, DiscordUnreachable
from bot.store import Store
from tests.fakes.discord import MANAGER, FakeDiscord
from tests.fakes.papers import make_paper
from tests.runtime.client_cases import Start, StartedBot, channel, fake, guild, start
from tests.store.store_cases import record, store

__all__ = ["channel", "fake", "guild", "start", "store"]

LOGGER = "bot.runtime.gateway"
EVENTS: dict[str, Any] = {
    "CHANNEL_CREATE": {"id": "12", "type": 0, "guild_id": "GUILD"},
    "CHANNEL_UPDATE": {"name": "no id"},
    "CHANNEL_DELETE": {"guild_id": "x"},
    "CHANNEL_PINS_UPDATE": {"last_pin_timestamp": "yesterday"},
    "GUILD_CREATE": {"id": "first"},
    "GUILD_UPDATE": {"id": None},
    "GUILD_DELETE": {},
    "GUILD_ROLE_CREATE": {"guild_id": "GUILD", "role": {"id": "5"}},
    "GUILD_ROLE_UPDATE": {"guild_id": "GUILD", "role": None},
    "GUILD_ROLE_DELETE": {"guild_id": "GUILD"},
    "GUILD_MEMBER_UPDATE": {"guild_id": "GUILD", "user": []},
    "GUILD_EMOJIS_UPDATE": {"guild_id": "GUILD", "emojis": [None]},
    "GUILD_STICKERS_UPDATE": {"guild_id": "GUILD", "stickers": 7},
    "GUILD_MEMBERS_CHUNK": {"members": []},
    "GUILD_INTEGRATIONS_UPDATE": {},
    "INTERACTION_CREATE": {"id": "5", "type": 2},
    "MESSAGE_CREATE": {"id": "5"},
    "MESSAGE_UPDATE": {"channel_id": None},
    "MESSAGE_DELETE": {"id": "x"},
    "MESSAGE_REACTION_ADD": [],
    "STAGE_INSTANCE_CREATE": {"guild_id": "x"},
    "THREAD_CREATE": {"guild_id": "GUILD"},
    "THREAD_UPDATE": {"id": 1},
    "THREAD_DELETE": {"guild_id": "GUILD"},
    "THREAD_LIST_SYNC": {"guild_id": "GUILD", "threads": 7},
    "USER_UPDATE": {},
    "VOICE_STATE_UPDATE": {"guild_id": "GUILD", "channel_id": "x"},
    "WEBHOOKS_UPDATE": {"guild_id": "GUILD"},
}
FRAMES = [
    "not JSON",
    "null",
    "[]",
    "7",
    '"a text"',
    '{"op": 10}',
    '{"op": 10, "d": {"heartbeat_interval": "soon"}}',
    "[" * 200_000,
    json.dumps({"op": 0, "t": "RESUMED", "s": None, "d": None}),
]


def without(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in keys}


READY: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no session": lambda data: without(data, "session_id"),
    "no address": lambda data: without(data, "resume_gateway_url"),
    "no user": lambda data: without(data, "user"),
    "a user that is none": lambda data: data | {"user": 7},
    "a user without id": lambda data: data | {"user": without(data["user"], "id")},
    "no shard": lambda data: without(data, "shard"),
    "no servers": lambda data: without(data, "guilds"),
    "servers that are none": lambda data: data | {"guilds": [None]},
    "a server without id": lambda data: data | {"guilds": [{"unavailable": True}]},
    "nothing": lambda _: None,
    "a list": lambda _: [],
}


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]


async def posts_go_on(bot: StartedBot, fake: FakeDiscord, store: Store, channel: int) -> None:
    before = len(fake.posts(channel))
    await record(store, make_paper(1001 + before))
    bot.wake_delivery()
    await fake.until(lambda: len(fake.posts(channel)) > before)


@pytest.mark.parametrize("event", EVENTS)
async def test_an_event_that_cannot_be_parsed_costs_a_connection_and_one_line(
    fake: FakeDiscord,
    store: Store,
    start: Start,
    channel: int,
    caplog: pytest.LogCaptureFixture,
    *,
    event: str,
) -> None:
    guild = fake.channels[channel]["guild_id"]
    data = json.loads(json.dumps(EVENTS[event]).replace('"GUILD"', f'"{guild}"'))
    async with start() as bot:
        await fake.until(bot.is_ready)
        caplog.clear()
        await fake.gateway.dispatch(event, data, guild_id=int(guild))
        await fake.until(lambda: fake.gateway.resumes or bot.running.done())
        await fake.gateway.connected()
        await posts_go_on(bot, fake, store, channel)
        assert (await fake.interaction(channel, MANAGER, "help")).embeds
        assert not bot.running.done()
        assert len(fake.gateway.identifies) == 1, "the session was resumed"
    [line] = lines(caplog)
    assert f"sent {event}, which cannot be read" in line
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame[:20])
async def test_so_does_a_frame_that_is_no_event(
    fake: FakeDiscord,
    store: Store,
    start: Start,
    channel: int,
    caplog: pytest.LogCaptureFixture,
    *,
    frame: str,
) -> None:
    async with start() as bot:
        await fake.until(bot.is_ready)
        caplog.clear()
        await fake.gateway.send_text(frame)
        await fake.until(lambda: fake.gateway.resumes or bot.running.done())
        await fake.gateway.connected()
        await posts_go_on(bot, fake, store, channel)
        assert (await fake.interaction(channel, MANAGER, "help")).embeds
    assert len(lines(caplog)) == 1


@pytest.mark.parametrize("garble", READY.values(), ids=READY)
async def test_a_ready_that_cannot_be_parsed_is_asked_for_again(
    fake: FakeDiscord,
    store: Store,
    start: Start,
    channel: int,
    caplog: pytest.LogCaptureFixture,
    *,
    garble: Callable[[dict[str, Any]], Any],
) -> None:
    fake.gateway.garble = lambda event, data: garble(data) if event == "READY" else data
    async with start() as bot:
        await posts_go_on(bot, fake, store, channel)
        await fake.until(lambda: len(fake.gateway.identifies) >= 2)
        assert not bot.is_ready()
        fake.gateway.garble = lambda _, data: data
        await fake.until(bot.is_ready)
        await posts_go_on(bot, fake, store, channel)
        assert (await fake.interaction(channel, MANAGER, "help")).embeds
    [line] = lines(caplog)
    assert "sent READY" in line


async def test_a_server_that_cannot_be_parsed_hides_no_other(
    fake: FakeDiscord, store: Store, start: Start, channel: int
) -> None:
    good, bad = int(fake.channels[channel]["guild_id"]), fake.add_guild()
    broken = {"id": str(bad), "channels": [7]}

    def garble(event: str, data: Any) -> Any:
        return broken if event == "GUILD_CREATE" and data["id"] == str(bad) else data

    fake.gateway.garble = garble
    async with start() as bot:
        await fake.until(lambda: bot.is_ready() and fake.gateway.live and fake.gateway.resumes)
        await fake.until(lambda: (found := bot.get_guild(good)) is not None and not found.unavailable)
        await posts_go_on(bot, fake, store, channel)


async def test_an_event_that_discord_repeats_makes_a_new_session(
    fake: FakeDiscord, store: Store, start: Start, channel: int
) -> None:
    async with start() as bot:
        await fake.until(bot.is_ready)
        for session in fake.gateway.live:
            session.events.append({"op": 0, "t": "CHANNEL_CREATE", "s": None, "d": None})
        await fake.gateway.send_text(json.dumps({"op": 0, "t": "CHANNEL_CREATE", "s": None, "d": None}))
        await fake.until(lambda: len(fake.gateway.identifies) == 2)
        await fake.until(lambda: fake.gateway.live)
        await posts_go_on(bot, fake, store, channel)


async def test_so_it_does_for_each_of_two_shards_that_are_in_trouble_at_once(
    fake: FakeDiscord, start: Start, channel: int
) -> None:
    fake.shards = 2
    async with start() as bot:
        await fake.until(bot.is_ready)
        for session in fake.gateway.live:
            session.events.append({"op": 0, "t": "CHANNEL_CREATE", "s": None, "d": None})
        await fake.gateway.send_text(json.dumps({"op": 0, "t": "CHANNEL_CREATE", "s": None, "d": None}))
        await fake.until(lambda: len(fake.gateway.identifies) == 4)
        assert sorted(data["shard"] for data in fake.gateway.identifies) == [[0, 2], [0, 2], [1, 2], [1, 2]]
        await fake.gateway.connected(sessions=2)


async def test_many_unreadable_events_of_one_kind_are_one_line(
    fake: FakeDiscord, start: Start, channel: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with start() as bot:
        await fake.until(bot.is_ready)
        caplog.clear()
        for _ in range(2):
            seen = len(fake.gateway.resumes)
            await fake.gateway.dispatch("CHANNEL_CREATE", None, guild_id=0)
            await fake.until(partial(_more_than, fake.gateway.resumes, seen))
            await fake.gateway.connected()
        assert not bot.running.done()
    assert len(lines(caplog)) == 1


def _more_than(found: list[Any], count: int) -> bool:
    return len(found) > count


async def test_closing_does_not_wait_for_the_next_connection(
    fake: FakeDiscord, start: Start, channel: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with start() as bot:
        await fake.until(bot.is_ready)
        await fake.gateway.dispatch("CHANNEL_CREATE", None, guild_id=0)
        await fake.until(lambda: "cannot be read" in caplog.text)
        await asyncio.wait_for(bot.close(), 10)


# --- logging in --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/users/@me", "/oauth2/applications/@me", "/gateway/bot"])
@pytest.mark.parametrize("garbled", [None, 7, [], {}, b"<html>", {"id": None}], ids=repr)
async def test_a_login_whose_answer_cannot_be_parsed_can_be_tried_again(
    fake: FakeDiscord, start: Start, path: str, garbled: Any
) -> None:
    fake.fault("GET", path, garble=lambda _: garbled)
    async with start(connected=False) as bot:
        with pytest.raises(DiscordUnreachable, match="Discord cannot be reached at http"):
            await bot.running
        bot.running = asyncio.create_task(bot.start(fake.token))
        await fake.gateway.connected()


async def test_so_can_one_after_a_login_that_failed_later(fake: FakeDiscord, start: Start) -> None:
    fake.fault("GET", "/gateway/bot", garble=lambda _: 7)
    async with start(connected=False) as bot:
        with pytest.raises(DiscordUnreachable):
            await bot.running
        fake.fault("GET", "/users/@me", garble=lambda _: 7)
        bot.running = asyncio.create_task(bot.start(fake.token))
        with pytest.raises(DiscordUnreachable, match="Discord cannot be reached at http"):
            await bot.running
        bot.running = asyncio.create_task(bot.start(fake.token))
        await fake.gateway.connected()


@pytest.mark.parametrize("path", ["/users/@me", "/oauth2/applications/@me", "/gateway/bot"])
@pytest.mark.parametrize(("status", "code"), [(401, 0), (400, 40001)])
async def test_a_login_with_a_refused_token_ends_the_bot(
    fake: FakeDiscord, start: Start, path: str, status: int, code: int
) -> None:
    fake.fault("GET", path, status=status, code=code, times=None)
    async with start(connected=False) as bot:
        with pytest.raises(ConfigError, match="Discord refused the token"):
            await bot.running


async def test_a_token_refused_with_40001_while_posting_ends_the_bot(
    fake: FakeDiscord, store: Store, start: Start, channel: int
) -> None:
    async with start() as bot:
        fake.fault("POST", "/channels/{}/messages", status=400, code=40001, times=None)
        await record(store, make_paper(1001))
        bot.wake_delivery()
        with pytest.raises(ConfigError, match="Discord refused the token"):
            await asyncio.wait_for(bot.running, 10)
    assert await store.outbox.depth() == 1
