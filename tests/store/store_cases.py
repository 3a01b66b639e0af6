"""What the tests of the store share: a clock that stands still and short ways to subscribe and to record."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest_asyncio

from bot.config import DatabaseSettings, DeliverySettings
from bot.model.papers import Match, Paper, PaperId
from bot.model.subscriptions import Options, Place
from bot.store import Pruned, Recorded, Store, Subscribed
from bot.store.queries import ensure
from bot.store.tables import destinations, digest_runs, outbox
from tests.database import lay_out
from tests.fakes.papers import make_paper, make_papers
from tests.looks import look_at

NOW = datetime(2026, 7, 21, 8, tzinfo=UTC)
GUILD, CHANNEL, OTHER_CHANNEL, PERSON = 100, 200, 201, 300
TTS = "tts"
VOCODER = "vocoder"
OLD = make_paper(1000)
NEWS = make_paper(1001)
MORE = make_paper(1002)
KEEP, UNDO, GRACE = DatabaseSettings().keep, DeliverySettings().undo, DeliverySettings().grace


@pytest_asyncio.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with await Store.open(database_url) as opened:
        yield opened


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder}/papers.db"


async def subscribe(
    store: Store,
    query: str = TTS,
    *,
    channel: int = CHANNEL,
    known: Sequence[Paper] | None = (OLD,),
    now: datetime = NOW,
    complete: bool = True,
    guild: int = GUILD,
    user: int = 0,
    keyword: str = "",
    **options: Any,
) -> Subscribed:
    return await store.subscriptions.subscribe(
        place=Place(guild, channel, user),
        keyword=keyword or query.upper(),
        query=query,
        options=Options(**options),
        created_by=PERSON,
        now=now,
        look=look_at(known, complete=complete),
    )


async def record(
    store: Store,
    *papers: Paper,
    queries: Sequence[str] = (TTS,),
    now: datetime = NOW,
    asked: Sequence[str] = (),
    announce: bool = True,
    provisional: Collection[PaperId] = (),
) -> Recorded:
    """Record *papers* as matches of each of *queries*, which somebody has wanted at some time."""
    async with store.database.write() as connection:
        await ensure(connection, [*queries, *asked])
    matches = [Match(query, paper.id, ("speech",)) for query in queries for paper in papers]
    return await store.record(papers, matches, now, asked=asked, announce=announce, provisional=provisional)


async def prune(store: Store, now: datetime) -> Pruned:
    return await store.prune(now, keep=KEEP, undo=UNDO)


async def queued(store: Store, channel: int = CHANNEL) -> list[str]:
    """Return the subjects that wait in a channel, in the order in which they would be sent."""
    statement = (
        outbox.select()
        .join(destinations)
        .where(destinations.c.channel_id == channel, outbox.c.state == "queued")
        .order_by(outbox.c.place, outbox.c.id)
    )
    async with store.database.read() as connection:
        return [row.subject for row in await connection.execute(statement)]


async def days_of_digests(store: Store, destination: int) -> list[date]:
    """Return the local days of all digests of a destination, the last first."""
    statement = digest_runs.select().where(digest_runs.c.destination_id == destination)
    async with store.database.read() as connection:
        rows = await connection.execute(statement.order_by(digest_runs.c.day.desc()))
        return [row.day for row in rows]


@asynccontextmanager
async def filled(folder: Path) -> AsyncIterator[Store]:
    """Open a store that has many papers in its pages."""
    lay_out(folder / "papers.db")
    async with await Store.open(url_of(folder)) as store:
        await subscribe(store, revisions=True)
        await record(store, *make_papers(200, first=2000), asked=[TTS])
        yield store


def damage(path: Path, *, keep: int) -> None:
    """Write over all of a file but its first bytes."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(keep)
        file.write(b"\xa5" * (size - keep))
