"""The settings: read from a file and the environment, checked, with every problem reported at once.

It applies none of them: a part that needs a setting gets it as an argument.
"""

from __future__ import annotations

from bot.config.loading import load, unmet
from bot.config.settings import (
    ArxivSettings,
    DatabaseSettings,
    DeliverySettings,
    DigestSettings,
    DiscordSettings,
    HttpSettings,
    LimitsSettings,
    LoggingSettings,
    PollSettings,
    Settings,
    SettingsSection,
)

__all__ = [
    "ArxivSettings",
    "DatabaseSettings",
    "DeliverySettings",
    "DigestSettings",
    "DiscordSettings",
    "HttpSettings",
    "LimitsSettings",
    "LoggingSettings",
    "PollSettings",
    "Settings",
    "SettingsSection",
    "load",
    "unmet",
]
