"""What is PostgreSQL's alone: its errors as sentences, lost commits, and processes that start at once."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
import sqlalchemy as sa

from bot.model.errors import StoreAway, StoreBusy, StoreCorrupt, StoreError, StoreLost, StoreNewer, UserError
from bot.store import Store, backup, leases, restore_gaps
from bot.store.postgres import LOCK
from bot.store.tables import outbox, writers
from tests.fakes.postgres_proxy import PostgresProxy, proxy_to
from tests.postgres import Databases, Server
from tests.store.store_cases import MORE, NEWS, NOW, queued, record, subscribe
from tests.store.upgrade_cases import REVISIONS

SHORT = timedelta(seconds=0.2)


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
async def behind_a_proxy(databases: Databases, url: str) -> AsyncIterator[tuple[Store, PostgresProxy]]:
    name = url.partition("@/")[2].partition("?")[0]
    async with proxy_to(databases.server.folder / ".s.PGSQL.5432") as proxy:
        away = f"postgresql://papers:hunter2@127.0.0.1:{proxy.port}/{name}?sslmode=disable"
        async with await Store.open(away) as store:
            yield store, proxy


# Lost commits


@pytest.mark.parametrize("single", [True, False])
async def test_a_commit_whose_answer_was_lost_is_looked_up_and_not_repeated(
    databases: Databases, url: str, single: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with behind_a_proxy(databases, url) as (store, proxy):
        await store.meta.set("count", "0")
        for at in range(1, 4):
            before, proxy.cut = proxy.commits, "after"
            async with store.database.write(single=single) as connection:
                await connection.execute(
                    sa.text("UPDATE meta SET value = (value::int + 1)::text WHERE key = 'count'")
                )
            assert proxy.cut is None
            assert proxy.commits == before + 1
            assert await store.meta.get("count") == str(at)
    assert (
        caplog.messages.count(
            "the connection to the database broke during a commit, which was stored all the same"
        )
        == 3
    )


@pytest.mark.parametrize("single", [True, False])
async def test_a_commit_that_never_reached_the_server_is_a_failure_and_stores_nothing(
    databases: Databases, url: str, single: bool
) -> None:
    async with behind_a_proxy(databases, url) as (store, proxy):
        await store.meta.set("count", "0")
        proxy.cut = "before"
        with pytest.raises(StoreAway, match="does not answer") as caught:
            async with store.database.write(single=single) as connection:
                await connection.execute(sa.text("UPDATE meta SET value = '1' WHERE key = 'count'"))
        assert "hunter2" not in str(caught.value)
        assert proxy.cut is None
        assert await store.meta.get("count") == "0"
        await store.meta.set("count", "2")  # nothing is stuck
        assert await store.meta.get("count") == "2"


async def test_a_round_whose_commit_was_lost_is_recorded_once(databases: Databases, url: str) -> None:
    async with behind_a_proxy(databases, url) as (store, proxy):
        await subscribe(store)
        proxy.cut = "before"
        with pytest.raises(StoreAway):
            await record(store, NEWS)
        assert await queued(store) == []
        proxy.cut = "after"
        assert (await record(store, NEWS)).queued == 1
        assert (await record(store, NEWS)).queued == 0
        assert len(await queued(store)) == 1


async def test_a_process_leaves_no_number_behind(url: str) -> None:
    async with await Store.open(url) as store:
        await store.meta.set("a", "b")
        async with store.database.read() as connection:
            assert len((await connection.execute(writers.select())).all()) == 1
    async with beside(url) as connection:
        assert await connection.fetchval("SELECT count(*) FROM writers") == 0


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
            await other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
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
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
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


async def test_another_programs_database_is_refused_and_left_alone(new: str) -> None:
    async with beside(new) as other:
        await other.execute("CREATE TABLE papers (mine int)")
        with pytest.raises(StoreCorrupt, match="is another program's"):
            await Store.open(new)
        tables = await other.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert [row[0] for row in tables] == ["papers"]


async def test_a_newer_database_is_refused_and_left_alone(new: str) -> None:
    async with await Store.open(new):
        pass
    async with beside(new) as other:
        await other.execute("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(StoreNewer, match="later version of the bot"):
            await Store.open(new)
        assert await other.fetchval("SELECT version_num FROM alembic_version") == "9999"


async def test_processes_that_start_at_once_make_one_schema(new: str) -> None:
    stores = await asyncio.gather(*(Store.open(new, hold=False) for _ in range(4)))
    try:
        assert len({store.installation for store in stores}) == 1
    finally:
        for store in stores:
            await store.close()


async def test_a_second_holder_is_refused_until_the_first_is_gone(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "_RENEWED_EVERY", 0.05)
    monkeypatch.setattr(leases, "_LOOK_EVERY", 0.2)
    async with await Store.open(url, hold=True) as first:
        with pytest.raises(StoreBusy, match=rf"already runs on the database .* \(process {os.getpid()} on "):
            await Store.open(url, hold=True)
        async with await Store.open(url) as beside_it:  # an export
            assert await beside_it.papers.count() == await first.papers.count()
    async with await Store.open(url, hold=True):
        pass


async def test_the_lease_of_a_dead_process_is_waited_for(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "_LOOK_EVERY", 0.05)
    async with beside(url) as other:
        await other.execute(
            "INSERT INTO leases VALUES ('run', 'dead', '1 on x', clock_timestamp() + interval '0.5 s')"
        )
        async with await Store.open(url, hold=True):
            assert await other.fetchval("SELECT owner FROM leases") != "dead"
        assert await other.fetchval("SELECT count(*) FROM leases") == 0


async def test_a_process_that_lost_its_lease_ends(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "_RENEWED_EVERY", 0.05)
    async with beside(url) as other, await Store.open(url, hold=True) as store:
        await other.execute("UPDATE leases SET owner = 'other'")
        failure = await store.database.failure()
        assert isinstance(failure, StoreLost)
        assert "Another process has taken over" in str(failure)


async def test_an_upgrade_beside_a_running_bot_is_refused(new: str) -> None:
    async with await Store.open(new, hold=True), beside(new) as other:
        await other.execute("UPDATE alembic_version SET version_num = '0018'")
        with pytest.raises(StoreBusy, match="already runs"):
            await Store.open(new)
        await other.execute("UPDATE alembic_version SET version_num = $1", REVISIONS[-1])


async def test_a_restored_dump_is_noticed_and_its_gap_is_known(databases: Databases, new: str) -> None:
    async with await Store.open(new, hold=True) as store:
        await subscribe(store)
        await record(store, NEWS)
        installation = store.installation
    async with await Store.open(new, hold=True) as again:
        assert await again.gaps() == []
        assert again.installation == installation
    dump = databases.server.folder / "papers.dump"
    run = databases.server.run
    await asyncio.to_thread(run, "pg_dump", "-Fc", "-f", str(dump), "-d", new)
    elsewhere = await databases.new()
    await asyncio.to_thread(run, "pg_restore", "-d", elsewhere, str(dump))
    in_place = ("--clean", "--if-exists", "--single-transaction", "-d", new, str(dump))
    await asyncio.to_thread(run, "pg_restore", *in_place)
    for url in (elsewhere, new):
        async with await Store.open(url, hold=True) as restored:
            [gap] = await restored.gaps()
            assert gap.since == NOW
            assert restored.installation != installation
            assert len(await queued(restored)) == 1


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
