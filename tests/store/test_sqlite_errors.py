"""A full disk or a process that dies leaves all of a round or nothing, and what is closed nothing behind."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.model.errors import StoreBusy, StoreFull
from bot.store import Store
from bot.store.types import PaperIdText, UtcDateTime
from tests.fakes.papers import make_papers
from tests.store.store_cases import GUILD, NEWS, NOW, TTS, queued, record, store, subscribe, url_of

__all__ = ["store"]


@pytest.mark.parametrize("readers", [1, 12], ids=["reading", "waiting to read"])
async def test_closing_waits_for_who_still_reads_and_leaves_no_connection_behind(
    tmp_path: Path, readers: int
) -> None:
    store = await Store.open(url_of(tmp_path))
    reading, go_on = asyncio.Event(), asyncio.Event()

    async def read() -> object:
        async with store.database.read() as connection:
            reading.set()
            await go_on.wait()
            return (await connection.execute(sa.text("SELECT 1"))).scalar()

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        tasks = [asyncio.create_task(read()) for _ in range(readers)]
        await reading.wait()
        ending = asyncio.create_task(store.close())
        go_on.set()
        await ending
        assert [task.done() and task.result() for task in tasks] == [1] * readers
        del tasks
        gc.collect()
    assert [str(each.message) for each in warned] == []


async def test_a_full_disk_stores_nothing_of_the_round_and_keeps_what_was_there(store: Store) -> None:
    await subscribe(store)
    await record(store, NEWS)
    async with store.database.write() as connection:
        pages = await connection.scalar(sa.text("PRAGMA page_count"))
        await connection.execute(sa.text(f"PRAGMA max_page_count = {pages + 5}"))
    with pytest.raises(StoreFull, match="No space is left"):
        await record(store, *make_papers(500, first=2000))
    assert (await store.papers.count(), await queued(store)) == (2, [NEWS.versioned])
    async with store.database.write() as connection:
        await connection.execute(sa.text("PRAGMA max_page_count = 1000000"))
    assert (await record(store, *make_papers(500, first=2000))).queued == 500


async def test_every_connection_waits_for_the_disk(store: Store) -> None:
    """FULL is 2: what is committed is on the disk before anything follows from it."""
    connections = (store.database.write(), store.database.write(single=True), store.database.read())
    for connecting in connections:
        async with connecting as connection:
            assert await connection.scalar(sa.text("PRAGMA synchronous")) == 2
            assert await connection.scalar(sa.text("PRAGMA journal_mode")) == "wal"


async def test_a_disk_that_is_really_full_is_a_full_disk(tmp_path: Path) -> None:
    with _small_disk(tmp_path / "disk") as disk:
        async with await Store.open(f"sqlite:///{disk}/papers.db") as store:
            await subscribe(store)
            (disk / "filler").write_bytes(b"x" * _free(disk))
            with pytest.raises(StoreFull, match="No space is left"):
                await record(store, *make_papers(2000, first=2000))
            (disk / "filler").unlink()
            assert (await record(store, NEWS)).queued == 1
        (disk / "filler").write_bytes(b"x" * _free(disk))
        with pytest.raises(StoreFull, match="No space is left"):
            await Store.open(f"sqlite:///{disk}/other.db")


CHILD = """
import asyncio, sys
from bot.model.papers import Match
from bot.store import Store
from tests.fakes.papers import make_papers
from tests.store.store_cases import NOW, TTS, subscribe

async def main(url, papers):
    store = await Store.open(url, hold=True)
    await subscribe(store)
    print("ready", flush=True)
    papers = make_papers(papers, first=2000)
    await store.record(papers, [Match(TTS, paper.id) for paper in papers], NOW, asked=[TTS])
    print("recorded", flush=True)
    await asyncio.sleep(60)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


@pytest.mark.parametrize("moment", [0.0, 0.05, 0.15, 0.3])
async def test_a_process_killed_while_it_records_leaves_all_of_the_round_or_nothing(
    tmp_path: Path, moment: float
) -> None:
    with _child(tmp_path, papers=1000) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        try:
            child.wait(moment)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
    async with await Store.open(url_of(tmp_path), hold=True) as store:
        await store.verify()
        found = (await store.papers.count(), len(await queued(store)))
        assert found in {(1, 0), (1001, 1000)}
        if found == (1, 0):
            assert (await record(store, *make_papers(1000, first=2000), asked=[TTS])).queued == 1000


async def test_another_process_holds_the_database_until_it_is_killed(tmp_path: Path) -> None:
    with _child(tmp_path, papers=5) as child:
        assert child.stdout is not None
        assert [child.stdout.readline() for _ in range(2)] == ["ready\n", "recorded\n"]
        with pytest.raises(StoreBusy, match=f"process {child.pid}"):
            await Store.open(url_of(tmp_path), hold=True)
        async with await Store.open(url_of(tmp_path)) as beside:
            assert len(await queued(beside)) == 5
    async with await Store.open(url_of(tmp_path), hold=True) as store:
        assert len(await queued(store)) == 5


async def test_readers_are_not_held_up_by_a_round(store: Store) -> None:
    await subscribe(store)
    async with store.database.write():
        assert await asyncio.wait_for(store.subscriptions.count_guild(GUILD), 5) == 1


async def test_a_mistake_of_ours_stays_what_it_is(store: Store) -> None:
    with pytest.raises(sa.exc.StatementError, match="naive datetime"):
        await store.outbox.heads(datetime(2026, 7, 21), 5)  # noqa: DTZ001 - the naive one is the case
    with pytest.raises(sa.exc.IntegrityError):
        await store.digests.run(99, date(2026, 7, 21), [], NOW)
    with pytest.raises(sa.exc.OperationalError):
        async with store.database.read() as connection:
            await connection.execute(sa.text("SELECT * FROM nowhere"))


def test_types_refuse_what_would_not_come_back_as_it_was() -> None:
    moments, ids = UtcDateTime(), PaperIdText()
    dialect = sa.create_engine("sqlite://").dialect
    berlin = datetime.fromisoformat("2026-07-21T10:00:00+02:00")
    stored = moments.process_bind_param(berlin, dialect)
    assert stored == datetime(2026, 7, 21, 8)  # noqa: DTZ001 - SQLite's own form
    assert moments.process_result_value(stored, dialect) == NOW
    assert moments.process_bind_param(None, dialect) is None
    assert ids.process_result_value(ids.process_bind_param(NEWS.id, dialect), dialect) == NEWS.id


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small disk can only be mounted by root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


@contextmanager
def _child(folder: Path, *, papers: int) -> Iterator[subprocess.Popen[str]]:
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, url_of(folder), str(papers)],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            yield child
        finally:
            child.kill()
