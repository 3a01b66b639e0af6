"""From nothing, an older, a newer or a foreign file to a database of this version, or to a refusal."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.errors import StoreCorrupt, StoreNewer
from bot.store import Store
from bot.store.schema import APPLICATION_ID
from bot.store.tables import metadata
from tests.store_cases import NEWS, record, store, subscribe, url_of

__all__ = ["store"]


def _differences(connection: sa.Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_the_migrations_make_the_schema_that_the_code_expects(store: Store) -> None:
    async with store.database.write() as connection:
        assert await connection.run_sync(_differences) == []


async def test_the_migrations_make_the_same_statements_as_the_tables(store: Store, tmp_path: Path) -> None:
    """Alembic compares neither AUTOINCREMENT, nor WITHOUT ROWID, nor what is done on delete."""
    plain = sa.create_engine(f"sqlite:///{tmp_path}/plain.db")
    metadata.create_all(plain)
    plain.dispose()

    def schema(path: Path) -> dict[str, list[str]]:
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '%alembic%'"
            )
            return {name: sorted(sql.replace(",", " ").split()) for name, sql in rows}

    assert schema(store.database.path) == schema(tmp_path / "plain.db")


async def test_a_database_is_made_with_its_folders_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a/b/papers.db"
    async with await Store.open(url) as first:
        installation = first.installation
        await subscribe(first)
    async with await Store.open(url) as second:
        assert second.installation == installation
        assert len(bytes.fromhex(installation)) >= 4
        assert len(await second.subscriptions.all()) == 1
    with closing(sqlite3.connect(tmp_path / "a/b/papers.db")) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_two_installations_are_told_apart(tmp_path: Path) -> None:
    async with (
        await Store.open(f"sqlite:///{tmp_path}/one.db") as one,
        await Store.open(f"sqlite:///{tmp_path}/two.db") as two,
    ):
        assert one.installation != two.installation


async def test_two_openings_at_once_make_one_database(tmp_path: Path) -> None:
    stores = await asyncio.gather(*(Store.open(url_of(tmp_path)) for _ in range(4)))
    assert len({one.installation for one in stores}) == 1
    for one in stores:
        await one.close()


@pytest.mark.parametrize("relative", ["papers.db", "data/papers.db"])
async def test_a_relative_address_starts_where_the_bot_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, relative: str
) -> None:
    monkeypatch.chdir(tmp_path)
    async with await Store.open(f"sqlite:///{relative}"):
        assert (tmp_path / relative).exists()


async def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    async with await Store.open(url_of(tmp_path)) as store:
        await subscribe(store)
    with closing(sqlite3.connect(tmp_path / "papers.db", isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreNewer, match="later version of the bot"):
        await Store.open(url_of(tmp_path))
    with closing(sqlite3.connect(tmp_path / "papers.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
        assert connection.execute("SELECT count(*) FROM subscriptions").fetchone() == (1,)


async def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    (tmp_path / "papers.db").touch()
    async with await Store.open(url_of(tmp_path)) as store:
        assert (await record(store, NEWS)).papers_new == 1


@pytest.mark.parametrize("statement", ["CREATE TABLE theirs (a)", "PRAGMA application_id = 42"])
async def test_another_programs_database_is_refused(tmp_path: Path, statement: str) -> None:
    with closing(sqlite3.connect(tmp_path / "papers.db", isolation_level=None)) as connection:
        connection.execute(statement)
    before = (tmp_path / "papers.db").read_bytes()
    with pytest.raises(StoreCorrupt, match="another program's"):
        await Store.open(url_of(tmp_path))
    assert (tmp_path / "papers.db").read_bytes() == before


async def test_a_migration_that_was_interrupted_leaves_an_empty_database(tmp_path: Path) -> None:
    """The schema is made in one transaction: there is no half of it to be found at the next start."""
    url = url_of(tmp_path)
    async with await Store.open(url):
        pass
    with closing(sqlite3.connect(tmp_path / "papers.db", isolation_level=None)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN")
        for table in tables - {"sqlite_sequence"}:
            connection.execute(f"DROP TABLE {table}")
        connection.execute(
            "CREATE TABLE meta (unexpected INTEGER)"
        )  # makes the last step of the migration fail
        connection.execute("COMMIT")
    with pytest.raises(sa.exc.OperationalError, match="already exists"):
        await Store.open(url)
    with closing(sqlite3.connect(tmp_path / "papers.db")) as connection:
        left = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert left == {"meta", "sqlite_sequence"}
