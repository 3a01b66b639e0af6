"""Channels as the cache knows them."""

from __future__ import annotations

from typing import cast

import discord
import pytest

from bot.delivery.channels import takes_nonces
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
