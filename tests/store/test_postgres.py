"""PostgreSQL's errors as sentences, and what text and numbers are there."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa

from bot.config import Settings
from bot.model.errors import StoreAway, StoreBusy, StoreCorrupt, StoreError, UserError
from bot.runtime.check import _database
from bot.store import Store, backup, restore_gaps
from bot.store.postgres import LOCK
from bot.store.tables import outbox
from tests.postgres import Databases, Server
from tests.store.postgres_cases import END_OTHERS, beside, new, url
from tests.store.store_cases import MORE, NEWS, NOW, queued, record, subscribe

__all__ = ["new", "url"]


SHORT = timedelta(seconds=0.2)


# The server's errors

_RAISE = """
    CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON meta FOR EACH ROW EXECUTE FUNCTION refuse();
"""


@pytest.mark.parametrize(
    ("code", "kind", "sentence"),
    [
        ("53100", StoreAway, "No space is left on the disk"),
        ("53200", StoreAway, "has no connection left"),
        ("25006", StoreAway, "cannot be written; its server is a standby"),
        ("57P01", StoreAway, "is starting or stopping"),
        ("57P02", StoreAway, "is starting or stopping"),
        ("57P03", StoreAway, "is starting or stopping"),
        ("08006", StoreAway, "does not answer"),
        ("57014", StoreAway, "does not answer"),
        ("58030", StoreAway, "does not answer"),
        ("40001", StoreBusy, "keeps the database"),
        ("40P01", StoreBusy, "keeps the database"),
        ("XX001", StoreCorrupt, "is damaged; restore a backup"),
        ("42501", StoreError, "may not use or make tables"),
    ],
)
async def test_what_the_server_answers_is_a_sentence_and_stores_nothing(
    url: str, code: str, kind: type[StoreError], sentence: str
) -> None:
    async with beside(url) as other, await Store.open(url) as store:
        await other.execute(_RAISE.format(code=code))
        try:
            with pytest.raises(kind, match=sentence) as caught:
                await store.meta.set("a", "b")
        finally:
            await other.execute("DROP FUNCTION refuse CASCADE")
        assert type(caught.value) is kind
        assert caught.value.final == (kind is StoreCorrupt)
        assert await store.meta.get("a") is None
        await store.meta.set("a", "c")
        assert await store.meta.get("a") == "c"


async def test_a_mistake_of_ours_stays_what_it_is(url: str) -> None:
    async with await Store.open(url) as store:
        with pytest.raises(sa.exc.ProgrammingError):
            async with store.database.read() as connection:
                await connection.execute(sa.text("SELECT * FROM nowhere"))


async def test_connections_that_the_server_ends_are_replaced(url: str) -> None:
    async with beside(url) as other, await Store.open(url) as store:
        await subscribe(store)
        for _ in range(2):
            await other.execute(END_OTHERS)
            await record(store, NEWS)
            assert len(await queued(store)) == 1


async def test_a_transaction_that_the_server_ends_stores_nothing(url: str) -> None:
    async with beside(url) as other, await Store.open(url) as store:
        with pytest.raises(StoreAway):  # noqa: PT012 - a transaction has a beginning
            async with store.database.write() as connection:
                await connection.execute(sa.text("INSERT INTO meta VALUES ('a', 'b')"))
                pid = await connection.scalar(sa.text("SELECT pg_backend_pid()"))
                await other.execute("SELECT pg_terminate_backend($1)", pid)
                await connection.execute(sa.text("INSERT INTO meta VALUES ('c', 'd')"))
        assert await store.meta.get("a") is None
        await store.meta.set("a", "e")


async def test_a_database_that_turned_read_only_is_written_once_it_is_not(url: str) -> None:
    async with beside(url) as other, await Store.open(url) as store:
        name = await other.fetchval("SELECT current_database()")
        await store.meta.set("a", "b")
        await other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        await other.execute(END_OTHERS)
        try:
            with pytest.raises(StoreAway, match="cannot be written"):
                await store.meta.set("a", "c")
            assert await store.meta.get("a") == "b"
        finally:
            await other.execute("SET default_transaction_read_only = off")
            await other.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        await store.meta.set("a", "d")  # a new connection, which may lead to another server


async def test_the_lock_of_another_process_is_waited_for_and_named(url: str) -> None:
    async with beside(url) as other, await Store.open(url, busy_timeout=SHORT) as store:
        async with other.transaction():
            await other.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
            with pytest.raises(StoreBusy, match=r"Another process keeps the database .* locked"):
                await record(store, NEWS)
            with pytest.raises(StoreBusy):
                await Store.open(url, busy_timeout=SHORT)
            await store.meta.set("a", "b")  # one statement needs no lock
        await record(store, NEWS)


@pytest.mark.parametrize(
    ("address", "kind", "sentence"),
    [
        (
            "postgresql://papers:hunter2@127.0.0.1:1/papers",
            StoreAway,
            "“papers” on 127.0.0.1:1 does not answer",
        ),
        (
            "postgresql://nobody:hunter2@/postgres?host={folder}",
            StoreError,
            "refuses the user or the password",
        ),
        ("postgresql://papers:hunter2@/nowhere?host={folder}", StoreError, "There is no database “nowhere”"),
        ("postgresql://crowd:hunter2@/postgres?host={folder}", StoreAway, "has no connection left"),
        ("postgresql://guest:hunter2@/template1?host={folder}", StoreError, "may not use or make tables"),
        ("postgresql://papers:hunter2@/ascii?host={folder}", StoreError, "cannot hold every character"),
    ],
)
async def test_what_cannot_be_opened_is_a_sentence_without_the_password(
    databases: Databases, address: str, kind: type[StoreError], sentence: str
) -> None:
    server: Server = databases.server
    async with beside(server.url("postgres")) as admin:
        for statement in (
            "CREATE ROLE crowd LOGIN CONNECTION LIMIT 0",
            "CREATE ROLE guest LOGIN",
            "CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C' LOCALE_PROVIDER libc",
        ):
            with suppress(  # it is another worker's, or an earlier row's
                asyncpg.DuplicateObjectError, asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError
            ):
                await admin.execute(statement)
    with pytest.raises(kind, match=sentence) as caught:
        await Store.open(address.format(folder=server.folder))
    assert type(caught.value) is kind
    assert "hunter2" not in str(caught.value)


async def test_without_its_driver_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    for name in ("postgres", "postgres_errors"):
        monkeypatch.delitem(sys.modules, f"bot.store.{name}", raising=False)
    with pytest.raises(StoreError, match=r"pip install 'arxiv-discord-notifier\[postgres\]'"):
        await Store.open("postgresql://h/papers")


async def test_check_says_that_the_server_responds_and_not_how_to_log_in(url: str) -> None:
    finding = await _database(Settings(database={"url": url.replace("papers@", "papers:hunter2@")}))
    assert finding.exit_code == 0
    assert "responds: papers 0, subscriptions 0" in finding.text
    assert "hunter2" not in finding.text


# What text and numbers are


async def test_what_postgresql_cannot_hold_is_left_out(url: str) -> None:
    async with await Store.open(url) as store:
        await store.meta.set("a", "b\x00c")
        assert await store.meta.get("a") == "bc"
        made = await subscribe(store, categories=("cs.\x00CL", "\ud83d", "\\u0000"))
        [subscription] = await store.subscriptions.all()
        assert subscription.id == made.subscription.id
        assert subscription.options.categories == ("cs.CL", "\N{REPLACEMENT CHARACTER}", "\\u0000")


async def test_text_is_sorted_by_its_bytes_whatever_the_server_s_order_is(url: str) -> None:
    async with beside(url) as other, await Store.open(url) as store:
        unsorted = await other.fetch(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
        )
        assert unsorted == []
        for key in ("B", "a", "Z", "_"):
            await store.meta.set(key, "")
        async with store.database.read() as connection:
            keys = await connection.scalars(
                sa.text("SELECT key FROM meta WHERE length(key) = 1 ORDER BY key")
            )
            assert list(keys) == ["B", "Z", "_", "a"]


async def test_numbers_have_64_bits_and_go_on_above_those_of_a_lost_time(url: str) -> None:
    async with await Store.open(url) as store:
        async with store.database.write() as connection:
            await connection.run_sync(restore_gaps.mark, NOW)
            assert await connection.run_sync(restore_gaps.adopt, NOW + timedelta(days=1)) is not None
        await subscribe(store)
        await record(store, NEWS)
        async with store.database.write() as connection:
            assert await connection.scalar(sa.select(outbox.c.id)) > 2e8
            await connection.execute(sa.text("SELECT setval('outbox_id_seq', 5000000000)"))
        await record(store, MORE)
        async with store.database.read() as connection:
            assert max(await connection.scalars(sa.select(outbox.c.id))) > 5e9


def test_a_backup_is_the_servers_own(tmp_path: Path) -> None:
    address = "postgresql://bot:hunter2@db/papers"
    for copy, command in ((backup.back_up, "pg_dump -Fc -f"), (backup.restore, "pg_restore --clean")):
        with pytest.raises(UserError, match=command) as caught:
            copy(address, tmp_path / "file", datetime.now(UTC), progress=lambda *_: None)
        assert "hunter2" not in str(caught.value)
