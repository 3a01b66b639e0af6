"""The cost of the outbox for each message: the real delivery and discord.py with a Discord on loopback.

The fake Discord is a separate process, so that only the bot's processor time counts. The naive way is
discord.py alone, which composes and sends the same message and stores nothing. The difference is the outbox:
finding the row, claiming it durably, reading the paper and its keywords, settling it durably.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import discord
from discord.http import Route

from bot.delivery.loop import Delivery
from bot.delivery.messages import paper_message
from bot.model.papers import Match
from bot.present.buttons import under_paper
from bot.store import Store
from tests.fakes.discord import TOKEN, FakeDiscord
from tests.fakes.papers import make_papers
from tests.store.store_cases import NOW, subscribe

CHANNELS = 50
PAPERS = 20
Row = tuple[str, str, str, str]


def run() -> list[Row]:
    """Return the rows of the table: what, ours, naive, ratio."""
    ours_end, theirs_end = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_serve, args=(theirs_end,), daemon=True)
    process.start()
    try:
        return asyncio.run(_run(*ours_end.recv()))
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection) -> None:
    async def serve() -> None:
        async with FakeDiscord() as fake:
            fake.rate_limit = (1_000_000, 1.0)
            guild = fake.add_guild()
            pipe.send((fake.api_base, [fake.add_channel(guild, f"papers-{n}") for n in range(2 * CHANNELS)]))
            await asyncio.Event().wait()

    asyncio.run(serve())


async def _run(api_base: str, channels: list[int]) -> list[Row]:
    Route.BASE = api_base
    papers = make_papers(PAPERS, first=1001)
    with tempfile.TemporaryDirectory() as folder:
        async with (
            await Store.open(f"sqlite:///{folder}/papers.db") as store,
            discord.AutoShardedClient(intents=discord.Intents(guilds=True)) as client,
        ):
            await client.login(TOKEN)
            for channel in channels[:CHANNELS]:
                # A direct message: without a gateway, any other channel would have to be fetched first.
                await subscribe(store, channel=channel, guild=0, user=channel)
            await store.record(papers, [Match("tts", paper.id, ("speech",)) for paper in papers], NOW)
            [row, *_] = await store.outbox.heads(NOW, 1)
            prepared = await store.outbox.prepare(row)
            assert prepared is not None
            posting = prepared.posting
            assert posting is not None

            async def naive() -> None:
                await asyncio.gather(*(send_all(channel) for channel in channels[CHANNELS:][:4]))

            async def send_all(channel: int) -> None:
                place = client.get_partial_messageable(channel)
                for _ in range(CHANNELS * PAPERS // 4):
                    outgoing = paper_message(row, posting)
                    await place.send(
                        embeds=list(outgoing.embeds),
                        allowed_mentions=outgoing.mentions,
                        view=under_paper(posting.paper),
                    )

            delivery = Delivery(client, store, concurrency=4, send_timeout=20, clock=lambda: NOW)
            cpu, wall = await _measured(delivery.run)
            bare_cpu, bare_wall = await _measured(naive)
            assert await store.outbox.depth() == 0
    count = CHANNELS * PAPERS
    return [
        (
            f"post {count:,} messages, {CHANNELS} channels: processor time each",
            f"{cpu / count * 1000:.2f} ms",
            f"{bare_cpu / count * 1000:.2f} ms",
            f"{bare_cpu / cpu:.2f}×",
        ),
        (
            "of which the outbox (the goal is at most 3 ms)",
            f"{(cpu - bare_cpu) / count * 1000:.2f} ms",
            "–",
            "–",
        ),
        (
            "messages a second (Discord takes 50)",
            f"{count / wall:,.0f}/s",
            f"{count / bare_wall:,.0f}/s",
            f"{bare_wall / wall:.2f}×",
        ),
    ]


async def _measured(work: Callable[[], object]) -> tuple[float, float]:
    """Return processor time, including threads, and elapsed time, in seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    await work()  # type: ignore[misc]
    return time.process_time() - cpu, time.perf_counter() - wall


if __name__ == "__main__":
    for line in run():
        print(" | ".join(line))
