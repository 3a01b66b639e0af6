"""How many refusals a thousand dead channels cause in a simulated day.

The real bot is connected to a real gateway; every channel gets a paper an hour, and the benchmark runs the
bot's jobs every ten minutes. There are four kinds of dead channels, 250 each: deleted while the bot was down,
without the permission to post, with direct messages closed, and archived and locked threads. Discord bans
clients that send 10,000 invalid requests (401, 403, 404, 429) in ten minutes. The naive way tries every paper
in every channel.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections import Counter
from datetime import timedelta

import aiohttp
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.arxiv.client import ArxivClient
from bot.arxiv.gate import Gate
from bot.config import ArxivSettings, DatabaseSettings, DiscordSettings, Settings
from bot.delivery.notices import NoticeSender
from bot.model.subscriptions import State
from bot.runtime.client import PaperBot
from bot.store import Store
from tests.fakes import discord_payloads as payloads
from tests.fakes.clock import Clock
from tests.fakes.discord import FakeDiscord
from tests.fakes.papers import make_paper
from tests.store.store_cases import NOW, record, subscribe

OF_EACH_KIND = 250
DAYS = 3
STEP = timedelta(minutes=10)
HOUR = 6  # steps
INVALID = (401, 403, 404, 429)
Row = tuple[str, str, str, str]


def run() -> list[Row]:
    """Return the rows of the table: what, ours, naive, ratio."""
    logging.disable(logging.CRITICAL)
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    try:
        return asyncio.run(_run())
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway
        logging.disable(logging.NOTSET)


async def _run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/papers.db"
        async with FakeDiscord() as fake, await Store.open(url) as store, aiohttp.ClientSession() as session:
            fake.rate_limit = (1_000_000, 1.0)
            fake.check = lambda _request: None  # type: ignore[assignment, method-assign]
            fake.skipped = NOW.timestamp() - fake.now()
            living, dead = await _channels(fake, store)
            settings = Settings(
                discord=DiscordSettings(api_base=fake.api_base),
                arxiv=ArxivSettings(api_url="http://127.0.0.1:9/api/query", min_interval=0),
                database=DatabaseSettings(url=url),
            )
            clock = Clock(NOW)
            arxiv = ArxivClient(session, Gate(0), settings.arxiv, clock=clock)
            bot = PaperBot(settings=settings, store=store, arxiv=arxiv, poller=None, clock=clock)
            async with bot:
                running = asyncio.create_task(bot.start(fake.token))
                await fake.until(bot.is_ready)
                await asyncio.gather(*(job.stop() for job in bot.jobs.values()))
                started = fake.now()
                for step in range(DAYS * 24 * HOUR):
                    await _ten_minutes(bot, fake, clock, step)
                counts = await store.destinations.counts()
            await asyncio.wait({running})
            return _rows(fake, started, living, dead, counts)


async def _channels(fake: FakeDiscord, store: Store) -> tuple[int, int]:
    """Create one working channel and a thousand dead ones; return the numbers of both."""
    guild = fake.add_guild(permissions=payloads.EVERYTHING & ~(8 | 1 << 34))  # without Manage Threads
    living = fake.add_channel(guild, "living")
    await subscribe(store, channel=living, guild=guild)
    for number in range(OF_EACH_KIND):
        deleted = fake.add_channel(guild, f"deleted-{number}")
        denied = fake.add_channel(guild, f"denied-{number}")
        locked = int(fake.add_thread(fake.channels[living], f"locked-{number}")["id"])
        closed = int(fake.dm(10_000 + number)["id"])
        for channel in (deleted, denied, locked):
            await subscribe(store, channel=channel, guild=guild)
        await subscribe(store, channel=closed, guild=0, user=10_000 + number)
        await fake.delete_channel(deleted)
        await fake.deny(denied, payloads.SEND_MESSAGES)
        fake.channels[locked]["thread_metadata"] |= {"archived": True, "locked": True}
        fake.fault("POST", f"/channels/{closed}/messages", status=403, code=50007, times=None)
    return 1, 4 * OF_EACH_KIND


async def _ten_minutes(bot: PaperBot, fake: FakeDiscord, clock: Clock, step: int) -> None:
    clock.advance(STEP)
    fake.skipped += STEP.total_seconds()
    if step % HOUR == 0:
        await record(bot.store, make_paper(2001 + step // HOUR), now=clock())
    await bot.membership.check_paused()
    await bot.delivery.run()
    await NoticeSender(bot, bot.store, send_timeout=20, clock=clock).run()


def _rows(fake: FakeDiscord, started: float, living: int, dead: int, counts: dict[State, int]) -> list[Row]:
    refused = [each for each in fake.requests if each.status in INVALID]
    posts = [each for each in fake.requests if each.method == "POST" and each.status == 200]
    window = STEP.total_seconds()
    by_window = Counter(int((each.at - started) // window) for each in refused)
    rows = []
    papers = 24
    for day in range(DAYS):
        count = sum(day * 86_400 <= each.at - started < (day + 1) * 86_400 for each in refused)
        naive = dead * papers
        rows.append(
            (
                f"day {day + 1}: invalid requests a minute, {dead:,} dead channels",
                f"{count / 1440:.2f}",
                f"{naive / 1440:.2f}",
                f"{naive / max(count, 1):.0f}×",
            )
        )
    worst = max(by_window.values(), default=0)
    later = max((count for at, count in by_window.items() if at > 1), default=0)
    rows += [
        (
            "most in ten minutes (Discord takes 10,000)",
            f"{worst:,}",
            f"{dead:,}",
            f"{dead / max(worst, 1):.1f}×",
        ),
        (
            "most in ten minutes after the first twenty",
            f"{later:,}",
            f"{dead:,}",
            f"{dead / max(later, 1):.0f}×",
        ),
        (
            f"messages in the {living} living channel, managers told included",
            f"{len(posts):,}",
            f"{DAYS * papers:,}",
            "–",
        ),
        ("channels then", ", ".join(f"{count:,} {state}" for state, count in counts.items()), "–", "–"),
    ]
    return rows


if __name__ == "__main__":
    for line in run():
        print(" | ".join(line))
