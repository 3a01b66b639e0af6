"""From nothing, an older, a newer or a foreign file to a database of this version, or to a refusal."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.model.errors import StoreBusy, StoreCorrupt, StoreNewer
from bot.model.reasons import Reason
from bot.store import Store, backup
from bot.store.lock import ProcessLock
from bot.store.schema import APPLICATION_ID, MIGRATIONS
from bot.store.tables import metadata
from tests.database import file_of
from tests.store.store_cases import NEWS, NOW, record, store, subscribe, url_of
from tests.store.upgrade_cases import REVISIONS, migrate_to, sample

__all__ = ["store"]


def _differences(connection: sa.Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


@pytest.mark.sqlite
async def test_the_migrations_make_the_schema_that_the_code_expects(store: Store) -> None:
    async with store.database.write() as connection:
        assert await connection.run_sync(_differences) == []


@pytest.mark.sqlite
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

    assert schema(file_of(store)) == schema(tmp_path / "plain.db")


def test_the_migrations_that_are_known_are_those_that_alembic_finds() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    found = ScriptDirectory.from_config(config)
    assert sorted(script.revision for script in found.walk_revisions()) == REVISIONS
    assert found.get_heads() == [max(REVISIONS)]


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


async def test_a_new_database_and_a_new_backup_are_their_owners_alone(tmp_path: Path) -> None:
    """They hold what people read and save; SQLite gives the files beside it the same rights."""
    async with await Store.open(url_of(tmp_path)) as store:
        await subscribe(store)
        backup.back_up(url_of(tmp_path), tmp_path / "copy.db", NOW, progress=lambda *_: None)
        made = [tmp_path / name for name in ("papers.db", "papers.db-wal", "papers.db-shm", "copy.db")]
        assert [file.stat().st_mode & 0o777 for file in made] == [0o600] * 4


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


async def test_who_writes_to_a_database_in_the_older_journal_mode_is_waited_for(tmp_path: Path) -> None:
    """SQLite's own time-out does not hold for the change to WAL."""
    with closing(sqlite3.connect(tmp_path / "papers.db", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("BEGIN IMMEDIATE")
        asyncio.get_running_loop().call_later(0.3, connection.rollback)
        async with await Store.open(url_of(tmp_path)) as store:
            assert not connection.in_transaction
            await record(store, NEWS)
            assert await store.papers.get(NEWS.id) == NEWS


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
        await record(store, NEWS)
        assert await store.papers.get(NEWS.id) == NEWS


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


def make_old(file: Path, revision: str) -> dict[str, list[dict[str, object]]]:
    """Make a database as the version of *revision* left it, a row in every table; return the rows."""
    migrate_to(file, revision)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for table in tables_of(connection):
            columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
            values = [sample(table, name, kind) for _, name, kind, *_ in columns]
            places = ", ".join("?" * len(values))
            connection.execute(f"INSERT INTO {table} VALUES ({places})", values)  # noqa: S608 - our own names
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return rows_of(connection)


def tables_of(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return [name for (name,) in found if name not in {"sqlite_sequence", "alembic_version"}]


def rows_of(connection: sqlite3.Connection) -> dict[str, list[dict[str, object]]]:
    connection.row_factory = sqlite3.Row
    return {
        table: [as_text(dict(row)) for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608 - our own names
        for table in tables_of(connection)
    }


def as_text(row: dict[str, object]) -> dict[str, object]:
    """Return a row with the reasons as they were written: a text that no version wrote is kept in them."""
    reasons = {name: value for name, value in row.items() if name in {"reason", "error"}}
    return row | {name: Reason.from_json(str(value)).detail for name, value in reasons.items()}


def schema_of(file: Path) -> dict[str, str]:
    with closing(sqlite3.connect(file)) as connection:
        return dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


def survives(before: dict[str, list[dict[str, object]]], file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        after = rows_of(connection)
    for row in before.get("library", []):
        if key := row.pop("citation_key", None):  # in a table of its own, which keeps it after a removal
            kept = {"user_id": row["user_id"], "paper_id": row["paper_id"], "key": key}
            assert kept in after.get("citation_keys", []) or row | {"citation_key": key} in after["library"]
    for table, rows in before.items():
        for row in rows:
            assert any(row.items() <= found.items() for found in after[table]), (table, row, after[table])


@pytest.mark.parametrize("revision", REVISIONS)
async def test_every_old_version_becomes_what_a_fresh_database_is_and_keeps_its_rows(
    tmp_path: Path, revision: str
) -> None:
    before = make_old(tmp_path / "papers.db", revision)
    async with await Store.open(url_of(tmp_path), hold=True) as store:
        await store.verify()
        assert len(await store.subscriptions.all()) == 1
        [row] = await store.outbox.heads(NOW, 10)
        assert str(row.subject) == "2607.01001v1"
        async with store.database.write() as connection:
            assert await connection.run_sync(_differences) == []
    async with await Store.open(f"sqlite:///{tmp_path}/fresh.db"):
        pass
    assert schema_of(tmp_path / "papers.db") == schema_of(tmp_path / "fresh.db")
    survives(before, tmp_path / "papers.db")


async def test_an_old_database_on_which_a_bot_runs_is_not_upgraded_by_another_command(tmp_path: Path) -> None:
    make_old(tmp_path / "papers.db", REVISIONS[0])
    before = schema_of(tmp_path / "papers.db")
    with ProcessLock(tmp_path / "papers.db"), pytest.raises(StoreBusy, match="stop that one first"):
        await Store.open(url_of(tmp_path))
    assert schema_of(tmp_path / "papers.db") == before
    async with await Store.open(url_of(tmp_path)), await Store.open(url_of(tmp_path)) as store:
        await store.verify()
    assert schema_of(tmp_path / "papers.db") != before


@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_backup_of_every_old_version_can_be_restored(tmp_path: Path, revision: str) -> None:
    before = make_old(tmp_path / "old.db", revision)
    content = content_of(tmp_path / "old.db")
    backup.restore(url_of(tmp_path), tmp_path / "old.db", NOW, progress=lambda *_: None)
    survives(before, tmp_path / "papers.db")
    async with await Store.open(url_of(tmp_path), hold=True) as store:
        assert len(await store.subscriptions.all()) == 1
    assert content_of(tmp_path / "old.db") == content


@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_database_of_every_old_version_can_be_backed_up_as_it_is(
    tmp_path: Path, revision: str
) -> None:
    """Before the new version is tried, and without having it changed by that."""
    before = make_old(tmp_path / "papers.db", revision)
    backup.back_up(url_of(tmp_path), tmp_path / "backup.db", NOW, progress=lambda *_: None)
    survives(before, tmp_path / "backup.db")
    assert schema_of(tmp_path / "backup.db") == schema_of(tmp_path / "papers.db")


def content_of(file: Path) -> bytes:
    return file.read_bytes()
