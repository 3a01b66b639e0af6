"""Channels as the cache knows them."""

from __future__ import annotations

from typing import Any, cast

import discord
import pytest

from bot.delivery.channels import open_post, takes_nonces
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
