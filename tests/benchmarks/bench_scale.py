"""The whole bot as a separate process: memory, start, and the time to a command's first answer.

This process runs a Discord and an arXiv on loopback. A large installation has 5,000 servers with five
channels each, and 100,000 subscriptions to 10,000 queries. First answers are timed in this process, from the
gateway event to the callback. There is no naive way to compare with, so its column has the targets.

    python -m tests.benchmarks.bench_scale
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.model.papers import PaperId
from bot.model.subscriptions import Options, State
from bot.store import Store
from bot.store.chunks import execute_many
from bot.store.rows import from_options
from bot.store.tables import destinations, queries, subscriptions
from tests.benchmarks.bench_matching import all_papers, some_queries
from tests.benchmarks.linux import megabytes, processor_seconds
from tests.fakes.arxiv import FakeArxiv, Fault
from tests.fakes.atom import atom
from tests.fakes.discord import MANAGER, FakeDiscord
from tests.fakes.discord_requests import Request
from tests.fakes.interactions import AUTOCOMPLETE, COMMAND, Answer, command_data, interaction
from tests.fakes.papers import make_papers

ROOT = Path(__file__).parents[2]
SERVERS, CHANNELS, SUBSCRIPTIONS, QUERIES = 5_000, 5, 100_000, 10_000
SHARDS = 5
ASKED = 200
QUERIES_DUE = 1_500  # for several requests of one poll
_PATIENCE = 120
_ARXIV_TAKES = 2.0
_BETWEEN_SHARDS = (
    5  # seconds that Discord requires: https://docs.discord.com/developers/events/gateway#sharding
)
Row = tuple[str, str, str, str]


class _Discord(FakeDiscord):
    """Does not check bodies against Discord's description, which would be timed, too."""

    def check(self, request: Request) -> None:
        self.requests.clear()


class _Arxiv(FakeArxiv):
    """Answers slowly, as arXiv does."""

    def answer(self, parameters: Mapping[str, str], fault: Fault | None = None) -> tuple[int, bytes]:
        if "submittedDate" in parameters.get("search_query", ""):
            return 200, atom([])  # a poll asks for more at once than this process has time to search for
        return super().answer(parameters, fault)

    async def _respond(self, *arguments: Any) -> web.StreamResponse:
        await asyncio.sleep(_ARXIV_TAKES)
        return await super()._respond(*arguments)


def run() -> list[Row]:
    """Return the rows of the table; takes about a minute."""
    return asyncio.run(_run())


async def _run() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [*await _small(folder), *await _large(folder)]


async def _small(folder: Path) -> list[Row]:
    """Measure one server: idle memory, and a search while a poll holds the gate."""
    async with _Arxiv(make_papers(30)) as arxiv, _Discord() as fake:
        [channel] = _servers(fake, 1, 1)
        url = f"sqlite:///{folder}/small.db"
        async with _bot(fake, arxiv, url, channel) as pid:
            await asyncio.sleep(5)
            idle = megabytes("VmRSS", pid)
        await _fill(url, [(1, channel)], QUERIES_DUE, QUERIES_DUE, last_polled=None)
        async with _bot(fake, arxiv, url, channel):
            await arxiv.asked(len(arxiv.requests) + 1)
            polls = len(arxiv.requests)
            first, whole = await _answered(fake, channel, "search", {"query": "ti:speech"})
            later = [request.search_query for request in arxiv.requests[polls:]]
            before = next(number for number, query in enumerate(later) if "submittedDate" not in query)
            _, again = await _answered(fake, channel, "search", {"query": "ti:speech"})
    return [
        ("memory, idle, one server", f"{idle:.0f} MB", "< 120 MB", ""),
        (
            f"/search while a poll waits for arXiv ({_ARXIV_TAKES:g} s an answer), first answer",
            f"{first * 1000:.0f} ms",
            "≤ 3 s",
            "",
        ),
        (
            "… the papers; requests of the poll that went before; again, from cache",
            f"{whole:.1f} s; {before}; {again * 1000:.0f} ms",
            "0",
            "",
        ),
    ]


async def _large(folder: Path) -> list[Row]:
    """Measure thousands of servers: start, memory, and the time to the first answer."""
    async with _Arxiv(make_papers(30)) as arxiv, _Discord(shards=SHARDS) as fake:
        channels = _servers(fake, SERVERS, CHANNELS)
        places = [(number // CHANNELS + 1, channel) for number, channel in enumerate(channels)]
        url = f"sqlite:///{folder}/large.db"
        await _fill(url, places, SUBSCRIPTIONS, QUERIES, last_polled=datetime.now(UTC))
        began = time.perf_counter()
        async with _bot(fake, arxiv, url, channels[-1]) as pid:
            ready, worked = time.perf_counter() - began, processor_seconds(pid)
            rows = [await _first_answers(fake, channels, *command) for command in _COMMANDS]
            now, most = megabytes("VmRSS", pid), megabytes("VmHWM", pid)
    size = f"{SERVERS:,} servers, {SUBSCRIPTIONS:,} subscriptions"
    waits = (SHARDS - 1) * _BETWEEN_SHARDS
    what = f"start until the first answer, {size}, without {waits} s between {SHARDS} shards; its own work"
    return [
        (what, f"{ready - waits:.1f} s; {worked:.1f} s", "≤ 15 s", ""),
        ("memory after that, and at most", f"{now:.0f}, {most:.0f} MB", "< 300 MB", ""),
        *rows,
    ]


_COMMANDS: tuple[tuple[str, dict[str, Any], str | None], ...] = (
    ("subscriptions", {}, None),
    ("status", {}, None),
    ("digest show", {}, None),
    ("unsubscribe", {"subscription": "a"}, "subscription"),
    ("subscribe", {"keyword": "a"}, "keyword"),
)


async def _first_answers(
    fake: _Discord, channels: Sequence[int], name: str, options: dict[str, Any], focused: str | None
) -> Row:
    """Use commands in many channels, one after the other: this measures latency, not throughput."""
    some = channels[:: len(channels) // ASKED][:ASKED]
    taken = [(await _answered(fake, channel, name, options, focused))[0] * 1000 for channel in some]
    hundredths = statistics.quantiles(taken, n=100)
    what = f"first answer of /{name}{', autocomplete' if focused else ''}: median, p99 of {len(taken)}"
    return what, f"{hundredths[49]:.0f}, {hundredths[98]:.0f} ms", "≤ 100 ms", ""


async def _answered(
    fake: _Discord, channel: int, name: str, options: dict[str, Any], focused: str | None = None
) -> tuple[float, float]:
    """Return the seconds until the first answer and until the complete one."""
    data = command_data(fake, name, options, focused=focused)
    kind = AUTOCOMPLETE if focused else COMMAND
    payload = interaction(fake, kind, channel, MANAGER, data)
    answer = Answer(fake, int(payload["id"]), payload["token"], payload)
    fake.answers[answer.token] = answer
    guild = int(fake.channels[channel]["guild_id"])
    began = time.perf_counter()
    await fake.gateway.dispatch("INTERACTION_CREATE", payload, guild_id=guild)
    first = await _until(lambda: answer.callback is not None, began)
    return first, await _until(lambda: answer.settled, began)


async def _until(holds: Callable[[], bool], began: float) -> float:
    async with asyncio.timeout(_PATIENCE):
        while not holds():  # noqa: ASYNC110 - timed to the millisecond, without an event
            await asyncio.sleep(0.001)
    return time.perf_counter() - began


def _servers(fake: _Discord, servers: int, channels: int) -> list[int]:
    """Add servers with channels; return their channels, by server."""
    guilds = [fake.add_guild(f"Server {number}") for number in range(servers)]
    return [fake.add_channel(guild, f"papers-{n}") for guild in guilds for n in range(channels)]


async def _fill(
    url: str, places: Sequence[tuple[int, int]], count: int, distinct: int, *, last_polled: datetime | None
) -> None:
    """Give each of *places* (server, channel) its share of *count* subscriptions to *distinct* queries."""
    now = datetime.now(UTC)
    since = PaperId("2606.20000")
    alive = {"state": State.ACTIVE, "reason": "", "created_at": now}
    destination = {"user_id": 0, "days": [], "quiet": False, **alive}
    subscription = {
        "since": since,
        "since_serial": since.serial,
        "margin_until": None,
        "created_by": MANAGER.id,
        **alive,
        **from_options(Options()),
    }
    wanted = some_queries(all_papers(), distinct)
    async with await Store.open(url) as store, store.database.write() as connection:
        await execute_many(
            connection,
            destinations.insert(),
            [
                {"id": number, "guild_id": guild, "channel_id": channel} | destination
                for number, (guild, channel) in enumerate(places, 1)
            ],
        )
        await execute_many(
            connection,
            queries.insert(),
            [
                {"id": number, "canonical": query.canonical, "last_error": "", "last_polled": last_polled}
                for number, query in enumerate(wanted, 1)
            ],
        )
        await execute_many(
            connection,
            subscriptions.insert(),
            [
                {"destination_id": place + 1, "query_id": query + 1, "keyword": wanted[query].typed}
                | subscription
                for nth in range(count // len(places))
                for place in range(len(places))
                for query in [(place + nth) % distinct]
            ],
        )


@asynccontextmanager
async def _bot(fake: _Discord, arxiv: FakeArxiv, url: str, channel: int) -> AsyncIterator[int]:
    """Run the bot during the block, which starts once it has answered a command in *channel*."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PAPERS_")},
        "DISCORD_TOKEN": fake.token,
        "PAPERS_DISCORD__API_BASE": fake.api_base,
        "PAPERS_ARXIV__API_URL": arxiv.url,
        "PAPERS_POLL__EVERY": "6h",
        "PAPERS_DATABASE__URL": url,
        "PAPERS_HTTP__PORT": "0",
        "PAPERS_LOGGING__LEVEL": "ERROR",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=ROOT, env=environment
    )
    try:
        await fake.until(lambda: len(fake.gateway.live) == fake.shards and fake.commands, within=_PATIENCE)
        await _answered(fake, channel, "help", {})
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


if __name__ == "__main__":
    for line in run():
        print(" | ".join(line))
