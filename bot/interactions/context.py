"""What commands, buttons and forms may use of the running bot.

`Interaction` is Discord's interaction whose `client` is our `Bot`, so that mypy checks what is used of it.
`bot.runtime.client.PaperBot` is built above this layer and supplies what `Bot` only declares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeAlias

import discord
from discord.ext import commands

from bot.arxiv.client import ArxivClient
from bot.config import Settings
from bot.delivery.threads import Discussions
from bot.interactions.quota import Quota
from bot.polling.poller import Poller
from bot.relevance.interests import Interests
from bot.relevance.similar import SimilarPapers
from bot.relevance.vocabulary import Vocabulary
from bot.store import Store


class BackgroundJob(Protocol):
    """A job that runs on its own; `last_error` is empty while it works."""

    @property
    def name(self) -> str: ...
    @property
    def last_error(self) -> str: ...
    def wake(self) -> None:
        """Run it now rather than when it is next due."""


class Bot(commands.AutoShardedBot):
    """The bot as commands see it. `poller` is None where nothing polls; `jobs` are keyed by name."""

    settings: Settings
    store: Store
    arxiv: ArxivClient
    poller: Poller | None
    quota: Quota
    interests: Interests
    similar: SimilarPapers
    discussions: Discussions
    vocabulary: Vocabulary
    clock: Callable[[], datetime]
    started_at: datetime
    jobs: Mapping[str, BackgroundJob]

    def wake_delivery(self) -> None:
        """Send what has just been queued, now."""
        raise NotImplementedError


Interaction: TypeAlias = discord.Interaction[Bot]

FromDiscord: TypeAlias = discord.Interaction[Any]
"""An interaction where discord.py calls us: it declares those methods for any client. It is always ours."""
