"""Reads the stored subscriptions, for the commands that only read."""

from __future__ import annotations

from bot.model.errors import StoreReadOnly
from bot.model.subscriptions import Subscription
from bot.store import Store


async def stored_subscriptions(url: str) -> list[Subscription]:
    """Return all subscriptions of the database at *url*, which exists.

    Raises:
        StoreError: the database cannot be used. If it cannot be written, the message says why that matters.
    """
    try:
        async with await Store.open(url) as store:
            return list(await store.subscriptions.all())
    except StoreReadOnly as error:
        raise StoreReadOnly(
            f"{error} Even reading needs that right; without it, name a copy in database.url."
        ) from error
