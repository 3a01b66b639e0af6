"""What ends the bot: a stop, its own end, or a database that can no longer be used."""

from __future__ import annotations

import asyncio

import pytest

from bot.model.errors import BotError, StoreError
from bot.runtime import app
from bot.store import Store
from tests.store.store_cases import store

__all__ = ["store"]


async def fail() -> None:
    raise BotError("Discord closed the connection permanently.")


async def test_the_bot_ends_by_a_stop_by_itself_or_with_its_error(store: Store) -> None:
    stop = asyncio.Event()
    working = asyncio.create_task(asyncio.sleep(60))
    stop.set()
    await app._wait(working, stop, store)
    assert not working.done()
    working.cancel()
    stop.clear()
    await app._wait(asyncio.create_task(asyncio.sleep(0)), stop, store)
    with pytest.raises(BotError, match="permanently"):
        await app._wait(asyncio.create_task(fail()), stop, store)


async def test_a_database_that_can_no_longer_be_used_ends_the_bot_with_its_error(store: Store) -> None:
    working = asyncio.create_task(asyncio.sleep(60))
    lost = StoreError("The disk is full.")
    store.database._failure = lost
    store.database._failed.set()
    with pytest.raises(StoreError) as ended:
        await app._wait(working, asyncio.Event(), store)
    assert ended.value is lost
    working.cancel()
