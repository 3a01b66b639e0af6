"""What the tests of the store on PostgreSQL share: somebody else's connection, and a network that breaks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest_asyncio

from bot.store import Store
from tests.fakes.postgres_proxy import PostgresProxy, proxy_to
from tests.postgres import Databases

END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest_asyncio.fixture
async def url(databases: Databases) -> str:
    return await databases.empty()


@pytest_asyncio.fixture
async def new(databases: Databases) -> str:
    return await databases.new()


@asynccontextmanager
async def beside(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of somebody else."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def behind_a_proxy(
    databases: Databases, url: str, *, hold: bool = False
) -> AsyncIterator[tuple[Store, PostgresProxy]]:
    name = url.partition("@/")[2].partition("?")[0]
    async with proxy_to(databases.server.folder / ".s.PGSQL.5432") as proxy:
        away = f"postgresql://papers:hunter2@127.0.0.1:{proxy.port}/{name}?sslmode=disable"
        async with await Store.open(away, hold=hold) as store:
            yield store, proxy
