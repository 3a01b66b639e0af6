"""A full disk or a process that dies leaves all of a round or nothing, and what is closed nothing behind."""

from __future__ import annotations

import asyncio
import errno
import gc
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from bot.model.errors import StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreReadOnly
from bot.store import Store
from bot.store.sqlite_errors import store_errors
from bot.store.types import PaperIdText, UtcDateTime
from tests.database import lay_out
from tests.fakes.papers import make_papers
from tests.store.disk_cases import free, small_disk
from tests.store.store_cases import GUILD, NEWS, NOW, TTS, queued, record, store, subscribe, url_of

__all__ = ["store"]

pytestmark = pytest.mark.sqlite


async def test_a_database_closes_although_its_reader_was_cancelled_twice(tmp_path: Path) -> None:
    """As when a job is stopped and the process ends meanwhile; the statement takes its time all the same."""
    store = await Store.open(url_of(tmp_path))
    reading, go_on = threading.Event(), threading.Event()

    def take_your_time() -> None:
        reading.set()
        go_on.wait()

    async def read() -> None:
        async with store.database.read() as connection:
            raw: Any = await connection.get_raw_connection()
            await raw.driver_connection.create_function("take_your_time", 0, take_your_time)
            await connection.execute(sa.text("SELECT take_your_time()"))

    task = asyncio.create_task(read())
    await asyncio.to_thread(reading.wait)
    for _ in range(2):
        task.cancel()
        for _ in range(5):  # until SQLAlchemy waits for the connection to end
            await asyncio.sleep(0)
    await asyncio.wait({task})
    assert task.cancelled()
    go_on.set()
    await store.close()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    if left:
        await asyncio.wait(left, timeout=5)
    assert [each for each in left if not each.done()] == []
    assert [
        thread.name for thread in threading.enumerate() if "_connection_worker_thread" in thread.name
    ] == []


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
    with small_disk(tmp_path / "disk") as disk:
        async with await Store.open(f"sqlite:///{disk}/papers.db") as store:
            await subscribe(store)
            (disk / "filler").write_bytes(b"x" * free(disk))
            with pytest.raises(StoreFull, match="No space is left"):
                await record(store, *make_papers(2000, first=2000))
            (disk / "filler").unlink()
            assert (await record(store, NEWS)).queued == 1
        (disk / "filler").write_bytes(b"x" * free(disk))
        with pytest.raises(StoreFull, match="No space is left"):
            await Store.open(f"sqlite:///{disk}/other.db")


CHILD = """
import asyncio, os, signal, sys
import sqlalchemy as sa
from bot.model.papers import Match
from bot.store import Store
from tests.fakes.papers import make_papers
from tests.store.disk_cases import free, small_disk
from tests.store.store_cases import NOW, TTS, subscribe

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

async def main(url, papers, moment):
    store = await Store.open(url, hold=True)
    await subscribe(store)
    engine = store.database._writer.sync_engine
    if moment == "commit":
        sa.event.listen(engine, "commit", die)
    elif moment:
        seen = iter(range(1, int(moment)))
        sa.event.listen(engine, "before_cursor_execute", lambda *_: next(seen, None) or die())
    papers = make_papers(papers, first=2000)
    await store.record(papers, [Match(TTS, paper.id) for paper in papers], NOW, asked=[TTS])
    print("recorded", flush=True)
    await asyncio.sleep(60)

asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
"""


@pytest.mark.parametrize("moment", ["1", "5", "20", "commit"])
async def test_a_process_killed_while_it_records_leaves_nothing_of_the_round(
    tmp_path: Path, moment: str
) -> None:
    """At a statement of its transaction, or when all is written and about to be committed."""
    with _child(tmp_path, papers=1000, moment=moment) as child:
        assert child.communicate(timeout=60)[0] == ""
        assert child.returncode == -signal.SIGKILL
    async with await Store.open(url_of(tmp_path), hold=True) as store:
        await store.verify()
        assert (await store.papers.count(), await queued(store)) == (1, [])
        assert (await record(store, *make_papers(1000, first=2000), asked=[TTS])).queued == 1000


async def test_a_process_killed_when_it_has_recorded_leaves_all_of_the_round(tmp_path: Path) -> None:
    with _child(tmp_path, papers=1000) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "recorded\n"
        child.send_signal(signal.SIGKILL)
    async with await Store.open(url_of(tmp_path), hold=True) as store:
        await store.verify()
        assert (await store.papers.count(), len(await queued(store))) == (1001, 1000)


async def test_another_process_holds_the_database_until_it_is_killed(tmp_path: Path) -> None:
    with _child(tmp_path, papers=5) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "recorded\n"
        with pytest.raises(StoreBusy, match=f"process {child.pid}"):
            await Store.open(url_of(tmp_path), hold=True)
        async with await Store.open(url_of(tmp_path)) as beside:
            assert len(await queued(beside)) == 5
    async with await Store.open(url_of(tmp_path), hold=True) as store:
        assert len(await queued(store)) == 5


IOERR_WRITE = sqlite3.SQLITE_IOERR | 3 << 8  # an extended code, as SQLite gives them
MEGABYTE = 1 << 20


@pytest.mark.parametrize(
    ("code", "free", "kind", "sentence"),
    [
        (IOERR_WRITE, MEGABYTE - 1, StoreFull, "No space is left"),
        (IOERR_WRITE, MEGABYTE, StoreError, "cannot be read or written; check the disk"),
        (sqlite3.SQLITE_CANTOPEN, MEGABYTE - 1, StoreFull, "No space is left"),
        (sqlite3.SQLITE_CANTOPEN, MEGABYTE, StoreReadOnly, "give this user the right to write"),
        (sqlite3.SQLITE_FULL, MEGABYTE, StoreFull, "No space is left"),
        (sqlite3.SQLITE_BUSY, MEGABYTE, StoreBusy, "Another process"),
        (sqlite3.SQLITE_LOCKED | 1 << 8, MEGABYTE, StoreBusy, "Another process"),
        (sqlite3.SQLITE_READONLY, MEGABYTE, StoreReadOnly, "give this user the right to write"),
        (sqlite3.SQLITE_PERM, MEGABYTE, StoreReadOnly, "give this user the right to write"),
        (sqlite3.SQLITE_AUTH, MEGABYTE, StoreReadOnly, "give this user the right to write"),
        (sqlite3.SQLITE_CORRUPT, MEGABYTE, StoreCorrupt, "is damaged"),
        (sqlite3.SQLITE_NOTADB, MEGABYTE, StoreCorrupt, "is not a database file"),
        (sqlite3.SQLITE_CONSTRAINT, MEGABYTE, None, ""),
        (None, MEGABYTE, None, ""),
    ],
)
@pytest.mark.parametrize("wrapped", [True, False])
def test_what_sqlite_answers_is_a_sentence_or_our_mistake(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    code: int | None,
    free: int,
    kind: type[StoreError] | None,
    sentence: str,
    wrapped: bool,
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    error: Exception = sqlite3.OperationalError("what SQLite says")
    if code is not None:
        error.sqlite_errorcode = code  # type: ignore[attr-defined]
    if wrapped:
        error = sa.exc.OperationalError("SELECT 1", {}, error)
    with (
        pytest.raises(kind or type(error), match=sentence or None) as caught,
        store_errors(tmp_path / "papers.db"),
    ):
        raise error
    assert type(caught.value) is (kind or type(error))


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), StoreFull, "No space is left"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), StoreFull, "No space is left"),
        (OSError(errno.EROFS, "Read-only file system"), StoreReadOnly, "give this user the right to write"),
        (PermissionError(errno.EACCES, "Permission denied"), StoreReadOnly, "give this user the right"),
        (OSError(errno.EIO, "Input/output error"), StoreError, r"cannot be opened \(input/output error\)"),
        (sa.exc.TimeoutError(), StoreBusy, "is overloaded"),
    ],
)
def test_what_the_file_system_answers_is_a_sentence(
    tmp_path: Path, error: Exception, kind: type[StoreError], sentence: str
) -> None:
    with pytest.raises(kind, match=sentence) as caught, store_errors(tmp_path / "papers.db"):
        raise error
    assert type(caught.value) is kind


def test_a_disk_that_cannot_even_be_asked_how_full_it_is_is_to_blame(tmp_path: Path) -> None:
    error = sqlite3.OperationalError("unable to open database file")
    error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
    with (
        pytest.raises(StoreError, match="no such file or directory"),
        store_errors(tmp_path / "gone" / "p.db"),
    ):
        raise error


async def test_readers_are_not_held_up_by_a_round(store: Store) -> None:
    await subscribe(store)
    async with store.database.write():
        assert await asyncio.wait_for(store.subscriptions.count_guild(GUILD), 5) == 1


COUNT = sa.text("SELECT count(*) FROM papers")


async def test_a_snapshot_is_one_moment_whatever_is_written_meanwhile(store: Store) -> None:
    async with store.database.read(snapshot=True) as connection, store.database.read() as beside:
        assert await connection.scalar(COUNT) == await beside.scalar(COUNT) == 0
        await record(store, NEWS)
        assert (await connection.scalar(COUNT), await beside.scalar(COUNT)) == (0, 1)
    async with store.database.read(snapshot=True) as connection:
        assert await connection.scalar(COUNT) == 1


async def test_a_snapshot_that_was_cancelled_holds_nothing_up(store: Store) -> None:
    reading = asyncio.Event()

    async def read() -> None:
        async with store.database.read(snapshot=True) as connection:
            await connection.scalar(COUNT)
            reading.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(read())
    await reading.wait()
    await record(store, NEWS)
    task.cancel()
    await asyncio.wait([task])
    async with store.database.read(snapshot=True) as connection:
        assert await connection.scalar(COUNT) == 1
    async with store.database.write(single=True) as connection:
        [(busy, *_)] = await connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
    assert not busy


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
def _child(folder: Path, *, papers: int, moment: str = "") -> Iterator[subprocess.Popen[str]]:
    """Record in another process; *moment* is when it kills itself: at the commit, or at which statement."""
    root = Path(__file__).parents[2]
    lay_out(folder / "papers.db")
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, url_of(folder), str(papers), moment],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            yield child
        finally:
            child.kill()
