"""What the tests of lost and regained channels share."""

from __future__ import annotations

import asyncio

from bot.model.subscriptions import Destination, State
from bot.runtime.client import PaperBot
from bot.store import Store
from tests.fakes.papers import make_paper
from tests.store.store_cases import record


async def place(store: Store, channel: int) -> Destination:
    found = await store.destinations.by_channel(channel)
    assert found is not None
    return found


async def becomes(store: Store, channel: int, state: State) -> None:
    """Wait until the channel's destination is in *state*."""
    async with asyncio.timeout(15):
        while (await place(store, channel)).state is not state:  # noqa: ASYNC110 - nobody signals it
            await asyncio.sleep(0.01)


async def deliver(bot: PaperBot, store: Store, *numbers: int) -> None:
    """Queue papers, and let them be sent."""
    await record(store, *(make_paper(number) for number in numbers))
    await bot.delivery.run()
