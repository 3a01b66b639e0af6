"""How long the store takes to record a large round, and to find what to send next.

The naive way to record is that of small bots: a transaction for each paper. The naive way to find the heads
of the queues is to read everything that is queued. Run it alone with `python -m
tests.benchmarks.bench_store`.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from bot.model.outbox import Kind, PaperSubject
from bot.model.outcomes import Sent
from bot.model.papers import Match, Paper, PaperId
from bot.model.subscriptions import Options, State
from bot.store import Store
from bot.store.chunks import execute_many
from bot.store.outbox import new_row
from bot.store.rows import OUTBOX_FIELDS, from_options, to_outbox_row
from bot.store.tables import destinations, outbox, queries, subscriptions
from tests.fakes.papers import make_papers

NOW = datetime(2026, 7, 21, 8, tzinfo=UTC)
PAPERS = 2_000
QUERIES = 1_000
MATCHES_A_PAPER = 5
DESTINATIONS = 5_000
QUEUED = 100_000
Row = tuple[str, str, str, str]


def run() -> list[Row]:
    """Return the rows of the table: what, ours, naive, ratio."""
    return asyncio.run(_run())


async def _run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        rows = [await _recording(Path(folder))]
        async with await Store.open(f"sqlite:///{folder}/queue.db") as store:
            await _fill_queues(store)
            rows.append(await _heads(store))
            rows.append(await _settling(store))
    return rows


async def _recording(folder: Path) -> Row:
    papers = make_papers(PAPERS)
    matches = [
        Match(f"q{(index * MATCHES_A_PAPER + step) % QUERIES}", paper.id, ("speech", "synthesis"))
        for index, paper in enumerate(papers)
        for step in range(MATCHES_A_PAPER)
    ]
    async with await Store.open(f"sqlite:///{folder}/ours.db") as store:
        await _subscribe(store)
        ticker = asyncio.create_task(_longest_hold())
        ours = await _timed(lambda: store.record(papers, matches, NOW))
        ticker.cancel()
        hold = await ticker
        again = await _timed(lambda: store.record(papers, matches, NOW))
    sample = papers[:100]
    async with await Store.open(f"sqlite:///{folder}/naive.db") as store:
        await _subscribe(store)
        naive = await _timed(lambda: _one_by_one(store, sample, matches)) * PAPERS / len(sample)
    what = (
        f"record {PAPERS:,} papers × {len(matches):,} matches"
        f" (again: {again:.2f} s; event loop held {hold * 1000:.0f} ms at most)"
    )
    return what, f"{ours:.2f} s", f"{naive:.2f} s", f"{naive / ours:.0f}×"


async def _one_by_one(store: Store, papers: list[Paper], matches: list[Match]) -> None:
    for paper in papers:
        await store.record([paper], [match for match in matches if match.paper == paper.id], NOW)


async def _heads(store: Store) -> Row:
    ours = await _timed(lambda: store.outbox.heads(NOW, 100), times=5)
    naive = await _timed(lambda: _heads_of_everything(store))
    what = f"the next 100 of {QUEUED:,} queued rows, {DESTINATIONS:,} channels"
    return what, f"{ours * 1000:.1f} ms", f"{naive * 1000:.0f} ms", f"{naive / ours:.0f}×"


async def _heads_of_everything(store: Store) -> None:
    statement = (
        sa.select(*OUTBOX_FIELDS)
        .join_from(outbox, destinations)
        .where(outbox.c.state == "queued", outbox.c.due <= NOW)
        .order_by(outbox.c.id)
    )
    async with store.database.read() as connection:
        rows = [to_outbox_row(row) for row in await connection.execute(statement)]
    heads: dict[int, object] = {}
    for row in rows:
        heads.setdefault(row.destination.id, row)


async def _settling(store: Store) -> Row:
    """Measure two durable commits for each message: before it is sent, and after."""
    rows = await store.outbox.heads(NOW, 100)

    async def send_all() -> None:
        for row in rows:
            claimed = await store.outbox.claim(row, NOW)
            assert claimed is not None
            await store.outbox.prepare(claimed)
            await store.settle(claimed, Sent(1), NOW)

    before = time.process_time()
    wall = await _timed(send_all)
    cpu = time.process_time() - before
    what = "claim, compose and settle a message"
    return what, f"{cpu / len(rows) * 1000:.1f} ms CPU", f"{wall / len(rows) * 1000:.1f} ms in all", "–"


async def _subscribe(store: Store) -> None:
    """Add ten subscriptions to each query, distributed over a thousand channels."""
    async with store.database.write() as connection:
        await execute_many(connection, destinations.insert(), [_destination(n) for n in range(1, 1_001)])
        await execute_many(
            connection,
            queries.insert(),
            [{"id": n + 1, "canonical": f"q{n}", "last_error": ""} for n in range(QUERIES)],
        )
        since = PaperId("2606.20000")
        row = {
            "keyword": "k",
            "since": since,
            "since_serial": since.serial,
            "margin_until": NOW + timedelta(days=90),
            "created_at": NOW,
            "created_by": 1,
            "state": State.ACTIVE,
            "reason": "",
            **from_options(Options()),
        }
        await execute_many(
            connection,
            subscriptions.insert(),
            [
                row | {"query_id": n + 1, "destination_id": (n * 7 + step * 100) % 1_000 + 1}
                for n in range(QUERIES)
                for step in range(10)
            ],
        )


async def _fill_queues(store: Store) -> None:
    async with store.database.write() as connection:
        await execute_many(
            connection, destinations.insert(), [_destination(n) for n in range(1, DESTINATIONS + 1)]
        )
        await execute_many(
            connection,
            outbox.insert(),
            [
                new_row(
                    destination=n % DESTINATIONS + 1,
                    kind=Kind.PAPER,
                    subject=PaperSubject(PaperId(f"2607.{n // DESTINATIONS:05d}"), 1),
                    now=NOW,
                )
                for n in range(QUEUED)
            ],
        )


def _destination(number: int) -> dict[str, object]:
    return {
        "id": number,
        "guild_id": number,
        "channel_id": number,
        "user_id": 0,
        "days": [],
        "quiet": False,
        "state": State.ACTIVE,
        "reason": "",
        "created_at": NOW,
    }


async def _longest_hold() -> float:
    """Return, when cancelled, the longest time for which this task could not run."""
    longest = 0.0
    try:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - before - 0.001)
    except asyncio.CancelledError:
        return longest


async def _timed(work: Callable[[], Awaitable[object]], *, times: int = 1) -> float:
    before = time.perf_counter()
    for _ in range(times):
        await work()
    return (time.perf_counter() - before) / times


if __name__ == "__main__":
    for line in run():
        print(" | ".join(line))
