"""Channels as the cache knows them."""

from __future__ import annotations

from typing import Any, cast

import discord
import pytest

from bot.delivery.channels import open_channel, open_post, takes_nonces
from bot.delivery.unreadable import UnreadableAnswer
from bot.model.subscriptions import Destination


class Cache:
    """A client that knows one channel."""

    def __init__(self, channel: object) -> None:
        self.channel = channel

    def get_channel(self, _channel_id: int) -> object:
        return self.channel


@pytest.mark.parametrize(
    ("guild", "known", "takes"),
    [
        (10, discord.TextChannel, True),
        (10, discord.Thread, True),
        (10, discord.ForumChannel, False),
        (10, None, False),  # it may be a forum
        (0, discord.DMChannel, True),
        (0, None, True),
    ],
)
def test_all_but_forums_take_a_nonce(guild: int, known: type | None, takes: bool) -> None:
    cache = Cache(known and object.__new__(known))
    destination = Destination(id=1, guild_id=guild, channel_id=20, user_id=0 if guild else 40)
    assert takes_nonces(cast("discord.Client", cache), destination) is takes


FORUM, POST = 20, 30


@pytest.mark.parametrize(
    ("known", "parent", "opens"),
    [
        (discord.Thread, FORUM, True),
        (discord.Thread, FORUM + 1, False),  # moved, or the thread of another channel with the same number
        (discord.TextChannel, FORUM, False),
    ],
)
async def test_only_a_post_of_the_forum_itself_is_opened(known: type, parent: int, opens: bool) -> None:
    found: Any = object.__new__(known)
    forum = object.__new__(discord.ForumChannel)
    forum.id = FORUM
    if known is discord.Thread:
        found.parent_id = parent
    opened = await open_post(cast("discord.Client", Cache(found)), forum, POST)
    assert opened is (found if opens else None)


class Fetching(Cache):
    """A client that fetches another channel than it knows, or fails to."""

    def __init__(self, channel: object, fetched: object) -> None:
        super().__init__(channel)
        self.fetched = fetched

    async def fetch_channel(self, _channel_id: int) -> object:
        if isinstance(self.fetched, Exception):
            raise self.fetched
        return self.fetched

    def get_partial_messageable(self, _channel_id: int) -> object:
        return PARTIAL


PARTIAL = object.__new__(discord.PartialMessageable)
TEXT, OLD, NEW = (
    object.__new__(kind) for kind in (discord.TextChannel, discord.ForumChannel, discord.ForumChannel)
)
UNREADABLE = KeyError("id")


@pytest.mark.parametrize(
    ("guild", "known", "fetched", "afresh", "opened"),
    [
        (10, TEXT, NEW, False, TEXT),
        (10, TEXT, NEW, True, TEXT),
        (10, OLD, NEW, False, OLD),
        (10, OLD, NEW, True, NEW),
        (10, None, NEW, False, NEW),
        (10, OLD, UNREADABLE, True, OLD),
        (10, None, discord.InvalidData("unknown type"), False, PARTIAL),
        (0, None, NEW, True, PARTIAL),
    ],
)
async def test_a_channel_is_fetched_if_it_is_not_known_and_a_forum_for_its_present_tags(
    guild: int, known: object, fetched: object, afresh: bool, opened: object
) -> None:
    client = cast("discord.Client", Fetching(known, fetched))
    place = Destination(id=1, guild_id=guild, channel_id=20, user_id=0 if guild else 40)
    assert await open_channel(client, place, afresh=afresh) is opened


async def test_a_channel_that_cannot_be_read_is_no_channel_at_all() -> None:
    client = cast("discord.Client", Fetching(None, UNREADABLE))
    with pytest.raises(UnreadableAnswer):
        await open_channel(client, Destination(id=1, guild_id=10, channel_id=20))
