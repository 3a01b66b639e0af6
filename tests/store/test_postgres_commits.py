"""A connection to PostgreSQL that breaks at a commit: what was stored is known, and is not stored twice."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.model.errors import StoreAway
from bot.store import Store
from bot.store.tables import writers
from tests.postgres import Databases
from tests.store.postgres_cases import END_OTHERS, behind_a_proxy, beside, new, url
from tests.store.store_cases import NEWS, queued, record, subscribe

__all__ = ["new", "url"]


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


async def test_a_store_closes_without_its_server(databases: Databases, url: str) -> None:
    async with beside(url) as other, behind_a_proxy(databases, url, hold=True) as (store, proxy):
        await store.meta.set("a", "b")
        proxy.down = True
        await other.execute(END_OTHERS)
        with pytest.raises(StoreAway):
            await store.meta.set("a", "c")
        await store.close()
        assert await other.fetchval("SELECT value FROM meta WHERE key = 'a'") == "b"


async def test_a_process_leaves_no_number_behind(url: str) -> None:
    async with await Store.open(url) as store:
        await store.meta.set("a", "b")
        async with store.database.read() as connection:
            assert len((await connection.execute(writers.select())).all()) == 1
    async with beside(url) as connection:
        assert await connection.fetchval("SELECT count(*) FROM writers") == 0
