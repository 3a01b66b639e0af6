"""Which channel the answer to a reading list can name as one that gets papers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bot.interactions.reading_list import channel_with_papers
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
