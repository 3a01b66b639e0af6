"""Channels that a person cannot see, should Discord ever let one be named in a command."""

from __future__ import annotations

import pytest

from bot.model.subscriptions import Deliver
from bot.store import Store
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import MEMBER, FakeDiscord
from tests.fakes.papers import make_paper
from tests.runtime.client_cases import Start, fake, start
from tests.store.store_cases import record, store, subscribe

__all__ = ["fake", "start", "store"]


@pytest.mark.parametrize(
    ("command", "options"), [("digest show", {}), ("digest markdown", {}), ("why", {"paper": "2607.01001"})]
)
async def test_a_channel_that_one_cannot_see_keeps_its_papers_to_itself(
    fake: FakeDiscord, store: Store, start: Start, command: str, options: dict[str, str]
) -> None:
    guild = fake.add_guild(permissions=payloads.EVERYTHING & ~8 & ~payloads.MANAGE_CHANNELS)
    here, board = fake.add_channel(guild), fake.add_channel(guild, "board")
    await fake.deny(board, payloads.VIEW_CHANNEL)
    fake.hidden.add(board)
    await subscribe(store, channel=board, guild=guild, keyword="secret plans", deliver=Deliver.DIGEST)
    await record(store, make_paper(1001))
    async with start() as bot:
        await fake.until(bot.is_ready)
        answer = await fake.interaction(here, MEMBER, command, options | {"channel": board})
        assert "You cannot see that channel" in str(answer.original)
        if command != "why":
            offered = await fake.autocomplete(here, MEMBER, command, "keyword", options={"channel": board})
            assert offered == []
