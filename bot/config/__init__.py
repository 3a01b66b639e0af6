"""The settings: read from a file and the environment, checked, with every problem reported at once.

It applies none of them: a part that needs a setting gets it as an argument.
"""

from __future__ import annotations

from bot.config.loading import load, unmet
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
