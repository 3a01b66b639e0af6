from __future__ import annotations

from bot.config.settings import (
    Arxiv,
    Database,
    Delivery,
    Digest,
    Discord,
    Http,
    Limits,
    Logging,
    Poll,
    Section,
    Settings,
    load,
    unmet,
)

__all__ = [
    "Arxiv",
    "Database",
    "Delivery",
    "Digest",
    "Discord",
    "Http",
    "Limits",
    "Logging",
    "Poll",
    "Section",
    "Settings",
    "load",
    "unmet",
]
