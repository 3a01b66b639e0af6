"""Who may run on a database of PostgreSQL, who makes its tables, and how a restored dump is noticed."""

from __future__ import annotations

import asyncio
import os

import pytest

from bot.model.errors import StoreBusy, StoreCorrupt, StoreLost, StoreNewer
from bot.store import Store, leases
from tests.postgres import Databases
from tests.store.postgres_cases import beside, new, url
from tests.store.store_cases import NEWS, NOW, queued, record, subscribe
from tests.store.upgrade_cases import REVISIONS

__all__ = ["new", "url"]


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
    for place in (elsewhere, new):
        async with await Store.open(place, hold=True) as restored:
            [gap] = await restored.gaps()
            assert gap.since == NOW
            assert restored.installation != installation
            assert len(await queued(restored)) == 1
