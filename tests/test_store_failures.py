"""A database that cannot be used ends in a sentence; a process that dies leaves all of a round or nothing."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import signal
import sqlite3
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.errors import StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreReadOnly
from bot.papers import Crosspost, Destination, DigestPage, Kind, Notice, Options, OutboxRow, Section, State
from bot.store import Store
from bot.store.moving import Entry, Room
from bot.store.types import PaperIdText, UtcDateTime
from bot.tries import Pause, Sent
from tests.fakes.papers import make_papers
from tests.store_cases import (
    CHANNEL,
    GUILD,
    NEWS,
    NOW,
    OLD,
    OTHER_CHANNEL,
    PERSON,
    TTS,
    queued,
    record,
    store,
    subscribe,
    url_of,
)

__all__ = ["store"]

ROW = OutboxRow(1, Destination(1, GUILD, CHANNEL), Kind.PAPER, NEWS.versioned, NOW)
PAGE = DigestPage(date(2026, 7, 21), 1, 1, 1, (Section("TTS", (NEWS.id,)),))
CROSSPOST = Crosspost(1, CHANNEL, 5, attempts=0)
ROOM = Room(GUILD, OTHER_CHANNEL, entries=(Entry("TTS", TTS, Options()),))
NOTICE = Notice(1, ROW.destination, "why", "", NOW, NOW, PERSON, 0)
READS: dict[str, Callable[[Store], Awaitable[object]]] = {
    "papers.get": lambda store: store.papers.get(NEWS.id),
    "papers.get_many": lambda store: store.papers.get_many([NEWS.id]),
    "papers.newest": lambda store: store.papers.newest(TTS, 5),
    "papers.matched_between": lambda store: store.papers.matched_between(TTS, NOW, NOW),
    "papers.highest": lambda store: store.papers.highest(),
    "papers.highest_by_month": lambda store: store.papers.highest_by_month(),
    "papers.count": lambda store: store.papers.count(),
    "queries.active": lambda store: store.queries.active(),
    "destinations.get": lambda store: store.destinations.get(1),
    "destinations.by_channel": lambda store: store.destinations.by_channel(CHANNEL),
    "destinations.scheduled": lambda store: store.destinations.scheduled(),
    "destinations.paused": lambda store: store.destinations.paused(),
    "destinations.of_guild": lambda store: store.destinations.of_guild(GUILD),
    "destinations.gone": lambda store: store.destinations.gone(),
    "destinations.guilds": lambda store: store.destinations.guilds(),
    "destinations.counts": lambda store: store.destinations.counts(),
    "subscriptions.get": lambda store: store.subscriptions.get(1),
    "subscriptions.of_channel": lambda store: store.subscriptions.of_channel(CHANNEL),
    "subscriptions.of_guild": lambda store: store.subscriptions.of_guild(GUILD),
    "subscriptions.of_user": lambda store: store.subscriptions.of_user(PERSON),
    "subscriptions.all": lambda store: store.subscriptions.all(),
    "subscriptions.count_guild": lambda store: store.subscriptions.count_guild(GUILD),
    "subscriptions.count_user": lambda store: store.subscriptions.count_user(PERSON),
    "subscriptions.keywords": lambda store: store.subscriptions.keywords(GUILD, "", 5),
    "outbox.heads": lambda store: store.outbox.heads(NOW, 5),
    "outbox.next_due": lambda store: store.outbox.next_due(NOW),
    "outbox.posting": lambda store: store.outbox.posting(ROW),
    "outbox.depth": lambda store: store.outbox.depth(),
    "outbox.backlog": lambda store: store.outbox.backlog(),
    "outbox.failed": lambda store: store.outbox.failed([1], 5),
    "outbox.last_sent": lambda store: store.outbox.last_sent(CHANNEL),
    "outbox.first_post": lambda store: store.outbox.first_post(ROW),
    "outbox.last_message": lambda store: store.outbox.last_message(1),
    "crossposts.due": lambda store: store.crossposts.due(NOW, 5),
    "crossposts.waiting": lambda store: store.crossposts.waiting(1),
    "subscriptions.removed_from": lambda store: store.subscriptions.removed_from(1),
    "stories.tell": lambda store: store.stories.tell(NEWS.id, [ROW.destination]),
    "notices.waiting": lambda store: store.notices.waiting(),
    "digests.pending": lambda store: store.digests.pending(1),
    "overflow.among": lambda store: store.overflow.among(1, [NEWS.id]),
    "overflow.waiting": lambda store: store.overflow.waiting(date(2026, 7, 21)),
    "overflow.sections": lambda store: store.overflow.sections(1),
    "held.waiting": lambda store: store.held.waiting(),
    "library.get": lambda store: store.library.get(PERSON, NEWS.id),
    "library.page": lambda store: store.library.page(PERSON, 0, 5),
    "library.all": lambda store: store.library.all(PERSON),
    "library.find": lambda store: store.library.find(PERSON, "", 5),
    "library.count": lambda store: store.library.count(PERSON),
    "people.export": lambda store: store.people.export(PERSON),
    # These two write only where there is something to decide on.
    "overflow.fold": lambda store: store.overflow.fold(NOW),
    "held.review": lambda store: store.held.review(returned=[], asked={}, over=[], now=NOW),
    "digests.last_run": lambda store: store.digests.last_run(1),
    "digests.runs": lambda store: store.digests.runs(1),
    "digests.issue": lambda store: store.digests.issue(CHANNEL, Kind.DIGEST, PAGE.day),
    "meta.get": lambda store: store.meta.get("key"),
    "gaps": lambda store: store.gaps(),
    "verify": lambda store: store.verify(),
}
WRITES: dict[str, Callable[[Store], Awaitable[object]]] = {
    "record": lambda store: record(store, NEWS, asked=[TTS]),
    "settle": lambda store: store.settle(ROW, Sent(1), NOW),
    "settle ": lambda store: store.settle(ROW, Pause("no permission"), NOW),
    "responds": lambda store: store.responds(),
    "prune": lambda store: store.prune(NOW),
    "queries.mark_failed": lambda store: store.queries.mark_failed([TTS], "why", NOW),
    "destinations.ensure": lambda store: store.destinations.ensure(GUILD, CHANNEL, 0, NOW),
    "destinations.schedule": lambda store: store.destinations.schedule(1, None),
    "destinations.set_crosspost": lambda store: store.destinations.set_crosspost(1, wanted=False),
    "destinations.pause": lambda store: store.destinations.pause(1, "why"),
    "destinations.resume": lambda store: store.destinations.resume(1),
    "destinations.end": lambda store: store.destinations.end(1, "why"),
    "destinations.leave": lambda store: store.destinations.leave(GUILD, "why", NOW),
    "destinations.rejoin": lambda store: store.destinations.rejoin(GUILD, NOW),
    "notices.claim": lambda store: store.notices.claim([NOTICE], NOW, channel_id=5),
    "notices.settle": lambda store: store.notices.settle([NOTICE], Sent(1), NOW),
    "erase_gone": lambda store: store.erase_gone(NOW, timedelta(days=30)),
    "library.save": lambda store: store.library.save(PERSON, [NEWS], NOW, most=5),
    "library.note": lambda store: store.library.note(PERSON, NEWS.id, "a note"),
    "library.remove": lambda store: store.library.remove(PERSON, NEWS.id),
    "people.erase": lambda store: store.people.erase(PERSON),
    "destinations.set_cap": lambda store: store.destinations.set_cap(1, 5),
    "subscriptions.subscribe": subscribe,
    "subscriptions.backfill": lambda store: store.subscriptions.backfill(1, [OLD.id], NOW),
    "subscriptions.remove": lambda store: store.subscriptions.remove(1),
    "subscriptions.restore": lambda store: store.subscriptions.restore(1, NOW),
    "moving.bring_in": lambda store: store.moving.bring_in([ROOM], NOW),
    "crossposts.settle": lambda store: store.crossposts.settle(CROSSPOST, Sent(5), NOW),
    "subscriptions.edit": lambda store: store.subscriptions.edit(1, Options()),
    "subscriptions.set_state": lambda store: store.subscriptions.set_state(1, State.PAUSED),
    "outbox.claim": lambda store: store.outbox.claim(ROW, NOW),
    "outbox.release": lambda store: store.outbox.release(ROW),
    "digests.recut": lambda store: store.digests.recut(replace(ROW, page=PAGE)),
    "digests.run": lambda store: store.digests.run(1, date(2026, 7, 21), [], NOW),
    "overflow.run": lambda store: store.overflow.run(1, date(2026, 7, 21), [PAGE], NOW),
    "held.post": lambda store: store.held.post(1, NOW),
    "held.to_digest": lambda store: store.held.to_digest(1, NOW),
    "held.drop": lambda store: store.held.drop(1),
    "meta.set": lambda store: store.meta.set("key", "value"),
}
SHORT = timedelta(milliseconds=50)


def test_every_method_of_the_store_is_among_these_cases() -> None:
    store = Store.__new__(Store)
    Store.__init__(store, None)  # type: ignore[arg-type]
    methods = {name for name, _ in inspect.getmembers(Store, inspect.iscoroutinefunction) if name[0] != "_"}
    for name, part in vars(store).items():
        methods |= {
            f"{name}.{method}"
            for method, _ in inspect.getmembers(type(part), inspect.iscoroutinefunction)
            if method[0] != "_"
        }
    assert methods - {"open", "close"} == {name.strip() for name in READS | WRITES}


async def test_a_closed_store_says_so_whatever_is_asked_of_it(store: Store) -> None:
    await store.close()
    for method in (READS | WRITES).values():
        with pytest.raises(StoreError, match="is closed"):
            await method(store)


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


@pytest.mark.parametrize("method", WRITES)
async def test_a_write_beside_another_process_that_writes_is_busy(tmp_path: Path, method: str) -> None:
    async with await Store.open(url_of(tmp_path), busy_timeout=SHORT) as store:
        await subscribe(store)
        busy = pytest.raises(StoreBusy, match="Another process keeps writing")
        with _locked(store.database.path), busy:
            await WRITES[method](store)
        await WRITES[method](store)  # and nothing is stuck afterwards


async def test_reads_beside_another_process_that_writes_just_read(tmp_path: Path) -> None:
    async with await Store.open(url_of(tmp_path), busy_timeout=SHORT) as store:
        with _locked(store.database.path):
            for method in READS.values():
                await method(store)


@pytest.mark.parametrize("method", [*READS, *WRITES])
async def test_a_database_that_is_damaged_under_way_says_so(tmp_path: Path, method: str) -> None:
    async with _filled(tmp_path) as store:
        path = store.database.path
    async with await Store.open(url_of(tmp_path)) as store:
        for engine in (store.database._writer, store.database._single, store.database._readers):
            await engine.dispose()  # their next connections meet the file as it then is
        _damage(path, keep=100)
        with pytest.raises(StoreCorrupt, match=r"papers\.db is damaged"):
            await (READS | WRITES)[method](store)


@pytest.mark.parametrize("hold", [True, False])
@pytest.mark.parametrize("keep", [0, 100, 4096, 8192])
async def test_a_damaged_file_is_refused_at_the_start(tmp_path: Path, keep: int, hold: bool) -> None:
    async with _filled(tmp_path) as store:
        path = store.database.path
    _damage(path, keep=keep)
    with pytest.raises(StoreCorrupt, match="put a backup in its place") as caught:
        await Store.open(url_of(tmp_path), hold=hold)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", [b"x", b"# my notes\n" * 2000, b"SQLite format 3\x00" + b"y" * 5000])
async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "papers.db"
    path.write_bytes(content)
    with pytest.raises(StoreCorrupt):
        await Store.open(url_of(tmp_path))
    assert path.read_bytes() == content


async def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "papers.db").mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        await Store.open(url_of(tmp_path))
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be opened"):
        await Store.open(f"sqlite:///{tmp_path}/file/papers.db")


@pytest.mark.parametrize("hold", [True, False])
@pytest.mark.parametrize("what", ["file", "folder", "new"])
async def test_a_file_or_folder_that_may_not_be_written_is_refused(
    tmp_path: Path, what: str, hold: bool
) -> None:
    if what != "new":
        async with _filled(tmp_path):
            pass
    refused = pytest.raises(StoreReadOnly, match="give this user the right to write")
    with _unprivileged(tmp_path, folder_too=what != "file"), refused:
        await Store.open(url_of(tmp_path), hold=hold)


async def test_a_full_disk_stores_nothing_of_the_round_and_keeps_what_was_there(tmp_path: Path) -> None:
    async with await Store.open(url_of(tmp_path)) as store:
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


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://bot:hunter2@db/papers", "not built yet"),
        ("postgresql+asyncpg://bot:hunter2@db/papers", "not built yet"),
        ("mysql://bot:hunter2@db/papers", "cannot be used"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("hunter2", "not an address"),
    ],
)
async def test_another_kind_of_database_is_refused_without_its_password(url: str, sentence: str) -> None:
    with pytest.raises(StoreError, match=sentence) as caught:
        await Store.open(url)
    assert "hunter2" not in str(caught.value)


async def test_a_second_holder_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    async with await Store.open(url_of(tmp_path), hold=True) as first:
        for folder in (tmp_path, link):
            with pytest.raises(StoreBusy, match=rf"already runs.*process {os.getpid()}"):
                await Store.open(url_of(folder), hold=True)
        async with await Store.open(url_of(tmp_path)) as beside:  # a backup, an export
            assert await beside.papers.count() == await first.papers.count()
    async with await Store.open(url_of(tmp_path), hold=True):
        pass


async def test_a_store_that_could_not_be_opened_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "papers.db").write_bytes(b"no database")
    with pytest.raises(StoreCorrupt):
        await Store.open(url_of(tmp_path), hold=True)
    (tmp_path / "papers.db").unlink()
    async with await Store.open(url_of(tmp_path), hold=True):
        pass


CHILD = """
import asyncio, sys
from bot.papers import Match
from bot.store import Store
from tests.fakes.papers import make_papers
from tests.store_cases import NOW, TTS, subscribe

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
def _locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@asynccontextmanager
async def _filled(folder: Path) -> AsyncIterator[Store]:
    async with await Store.open(url_of(folder)) as store:
        await subscribe(store, revisions=True)
        await record(store, *make_papers(200, first=2000), asked=[TTS])
        yield store


def _damage(path: Path, *, keep: int) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(keep)
        file.write(b"\xa5" * (size - keep))


@contextmanager
def _unprivileged(folder: Path, *, folder_too: bool) -> Iterator[None]:
    """Take the right to write what is in *folder*. Root has it anyway, so root becomes somebody else."""
    for one in folder.iterdir():
        one.chmod(0o444)
    for one in (folder, *folder.parents[:2]):
        one.chmod(0o555)
    if not folder_too:
        folder.chmod(0o777)
    if os.geteuid() == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        for one in (*folder.parents[:2], folder):
            one.chmod(0o755)


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
    root = Path(__file__).parents[1]
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
