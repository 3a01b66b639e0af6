"""For which channel a save counts, and which one the answer can name as one that gets papers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.interactions.reading_list import channel_with_papers, counting_channel
from bot.store import Store
from tests.store.store_cases import CHANNEL, GUILD, store, subscribe

__all__ = ["store"]

OTHER = CHANNEL + 50


@pytest.mark.parametrize(
    ("guild_id", "channel_id", "parent_id", "found"),
    [
        (GUILD, CHANNEL, None, CHANNEL),
        (GUILD, OTHER, None, 0),
        (GUILD, OTHER, CHANNEL, CHANNEL),  # a thread, or a post of a forum
        (GUILD, None, None, 0),
        (None, CHANNEL, None, 0),
    ],
)
async def test_it_is_the_channel_where_the_person_is_or_its_parent(
    store: Store, guild_id: int | None, channel_id: int | None, parent_id: int | None, found: int
) -> None:
    await subscribe(store)
    here: Any = SimpleNamespace(
        guild_id=guild_id,
        channel_id=channel_id,
        channel=SimpleNamespace(parent_id=parent_id),
        client=SimpleNamespace(store=store),
    )
    assert await channel_with_papers(here) == found


@pytest.mark.parametrize(
    ("thread", "channel_id", "found"),
    [
        (discord.ChannelType.public_thread, OTHER, CHANNEL),
        (discord.ChannelType.private_thread, OTHER, 0),
        (discord.ChannelType.private_thread, CHANNEL, CHANNEL),  # one that gets papers itself
    ],
)
async def test_a_save_in_a_private_thread_does_not_count_in_its_parent_channel(
    store: Store, thread: discord.ChannelType, channel_id: int, found: int
) -> None:
    await subscribe(store)
    here: Any = SimpleNamespace(
        guild_id=GUILD,
        channel_id=channel_id,
        channel=SimpleNamespace(parent_id=CHANNEL, type=thread),
        client=SimpleNamespace(store=store),
    )
    assert await counting_channel(here) == found
