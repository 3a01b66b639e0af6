"""What the bot remembers, in SQLite. `Store` is the way in; nothing else in the bot holds SQL."""

from __future__ import annotations

from bot.store.queries import PolledQuery
from bot.store.recording import Recorded
from bot.store.retention import Pruned
from bot.store.store import Store
from bot.store.subscriptions import Subscribed

__all__ = ["PolledQuery", "Pruned", "Recorded", "Store", "Subscribed"]
