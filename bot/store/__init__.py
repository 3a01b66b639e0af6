"""Everything the bot remembers, in SQLite or PostgreSQL, behind `Store`.

What a method writes is stored whole or not at all. No other package holds SQL; which papers
are new and what is due is decided in `bot.rules`.
"""

from __future__ import annotations

from bot.store.queries import PolledQuery
from bot.store.recording import Recorded
from bot.store.retention import Pruned
from bot.store.store import Store
from bot.store.subscriptions import Subscribed

__all__ = ["PolledQuery", "Pruned", "Recorded", "Store", "Subscribed"]
