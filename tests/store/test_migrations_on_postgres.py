"""Every migration runs on PostgreSQL, too: a store at any revision becomes what a fresh one is."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from bot.config.server_url import server_address
from bot.store import Store
from bot.store.postgres import _engine
from bot.store.schema import MIGRATIONS
from bot.store.tables import metadata
from tests.postgres import Databases
from tests.store.upgrade_cases import REVISIONS, sample

_COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY table_name, ordinal_position
"""


async def schema_of(databases: Databases, url: str) -> set[str]:
    """Return the statements that make the database's schema, each with its words sorted."""
    dumped = await asyncio.to_thread(
        databases.server.run, "pg_dump", "-d", url, "-s", "-O", "-x", "-T", "alembic_version"
    )
    lines = (line for line in dumped.splitlines() if not line.startswith(("--", "\\", "SET ", "SELECT ")))
    return {
        " ".join(sorted(words))
        for statement in "\n".join(lines).split(";")
        if (words := statement.replace(",", " ").split())
    }


async def migrate_to(url: str, revision: str) -> None:
    engine = _engine(server_address(url), size=1)

    def upgrade(connection: sa.Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
    await engine.dispose()


async def fill(url: str) -> dict[str, list[dict[str, Any]]]:
    """Put a row into each table; return them as text, by table."""
    connection = await asyncpg.connect(url)
    columns: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in await connection.fetch(_COLUMNS):
        columns.setdefault(table, []).append((column, kind))
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")  # no order among the tables
        for table, described in columns.items():
            values = ", ".join(value_of(table, column, kind) for column, kind in described)
            await connection.execute(f"INSERT INTO {table} VALUES ({values})")  # noqa: S608 - our own names
    await connection.close()
    return await rows_of(url)


def value_of(table: str, column: str, kind: str) -> str:
    """Return a value for a column as SQL, such that rows of different tables belong together."""
    names = {"jsonb": "JSON", "timestamp with time zone": "DATETIME", "date": "DATE", "text": "TEXT"}
    value = sample(table, column, names.get(kind, kind))
    if kind == "boolean":
        return "true"
    if kind == "bytea":
        return "'\\x00'"
    if kind == "timestamp with time zone":
        return f"'{value}+00'"
    return str(value) if isinstance(value, int) else f"'{value}'"


async def rows_of(url: str) -> dict[str, list[dict[str, Any]]]:
    connection = await asyncpg.connect(url)
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    rows = {
        name: [dict(row) for row in await connection.fetch(f"SELECT * FROM {name}")]  # noqa: S608 - our own names
        for (name,) in tables
        if name != "alembic_version"
    }
    await connection.close()
    return rows


async def test_the_migrations_make_the_same_statements_as_the_tables(databases: Databases) -> None:
    migrated, plain = await databases.new(), await databases.new()
    async with await Store.open(migrated):
        pass
    engine = _engine(server_address(plain), size=1)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    assert await schema_of(databases, migrated) == await schema_of(databases, plain)


_ALWAYS = {REVISIONS[0], "0007", REVISIONS[-2]}


@pytest.mark.parametrize(
    "revision",
    [pytest.param(each, marks=[] if each in _ALWAYS else pytest.mark.thorough) for each in REVISIONS],
)
async def test_every_revision_becomes_what_a_fresh_database_is_and_keeps_its_rows(
    databases: Databases, revision: str
) -> None:
    old = await databases.new()
    await migrate_to(old, revision)
    before = await fill(old)
    async with await Store.open(old, hold=True) as store:
        assert len(await store.subscriptions.all()) == 1
    after = await rows_of(old)
    for table, rows in before.items():
        for row in rows if table != "writers" else []:  # of a process that has long ended
            kept = {
                name: value for name, value in row.items() if name not in {"reason", "error", "citation_key"}
            }
            assert any(kept.items() <= found.items() for found in after[table]), (table, kept, after[table])
    assert await schema_of(databases, old) == await schema_of(databases, await databases.empty())
