"""Sets up a world before its first paper: channels, a configuration, and subscriptions."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from bot.model.interests import Verdict
from bot.model.subscriptions import Live, Options, Place
from bot.query.query import parse
from bot.store import Store
from tests.drill.clock import WorldClock
from tests.drill.fakes import DrillArxiv, DrillDiscord
from tests.fakes import discord_payloads as payloads
from tests.fakes.papers import make_paper
from tests.looks import look_at

_PERSON = 9003


def furnish(discord: DrillDiscord, channels: int) -> dict[int, str]:
    """Create a server with so many channels of every kind; return their ids and names."""
    guild = discord.add_guild()
    names = {}
    for number in range(1, channels - 2):
        names[discord.add_channel(guild, f"papers-{number}")] = f"papers-{number}"
    names[discord.add_channel(guild, "news", payloads.NEWS)] = "news"
    names[discord.add_channel(guild, "forum", payloads.FORUM)] = "forum"
    names[int(discord.dm(_PERSON)["id"])] = "direct"
    return names


def configuration(
    *,
    api_base: str,
    arxiv: DrillArxiv,
    source: str,
    database: str,
    real: bool,
    capped: bool,
    scale: float,
) -> dict[str, Any]:
    """Return the configuration, for a bot in *real* time or *scale* times as fast."""
    return {
        "discord": {"api_base": api_base},
        "arxiv": {
            "api_url": arxiv.url,
            "oai_url": arxiv.oai_url,
            "rss_url": arxiv.rss_url,
            "source": source,
            "min_interval": 0,
            "timeout": 5 if real else 60,
            "page_size": 100,
        },
        "delivery": {} if capped else {"daily_cap": None},
        "poll": {"every": "1s" if real else f"{scale:.0f}s", "max_posts": 1_000_000},
        "database": {"url": database},
        "http": {"port": 0},
    }


async def subscribe(
    database: str,
    wanted: Mapping[int, Sequence[str]],
    discord: DrillDiscord,
    clock: WorldClock,
    migrating: asyncio.Lock,
    *,
    capped: bool = False,
) -> None:
    """Create a database in which each channel subscribes to its topics in *wanted*.

    Where posts are *capped*, every other channel gets only the best of the day live.
    """
    before = make_paper(id="2607.00050", published=clock.now())
    async with migrating:
        store = await Store.open(database)
    async with store:
        for number, (channel, topics) in enumerate(wanted.items()):
            direct = discord.channels[channel]["type"] == payloads.DM
            place = Place(0, channel, _PERSON) if direct else Place(next(iter(discord.guilds)), channel)
            if capped and number % 2:
                await store.destinations.change(place, clock.now(), live=Live.BEST, best=3)
                await _like(store, place, clock)
            for topic in topics:
                await store.subscriptions.subscribe(
                    place=place,
                    keyword=topic,
                    query=parse(topic).canonical,
                    options=Options(),
                    created_by=9001,
                    now=clock.now(),
                    look=look_at([before]),
                )


async def _like(store: Store, place: Place, clock: WorldClock) -> None:
    """Give a channel an interest, so that its best papers are marked."""
    channel = await store.destinations.ensure(place, clock.now())
    liked = [make_paper(id=f"2607.0000{number}", published=clock.now()) for number in range(1, 4)]
    await store.feedback.give(channel.id, liked, Verdict.MORE, clock.now())
