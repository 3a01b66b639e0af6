"""Restores replace nothing before everything is verified, and what is restored knows what it lacks."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.model.errors import FileError, StoreBusy, StoreCorrupt, StoreError, UserError
from bot.model.outbox import Gap
from bot.store import Store, backup, restore_gaps
from bot.store.tables import metadata
from tests.fakes.papers import make_papers
from tests.store.backup_cases import LATER, back_up, copy, depth, filled, names, restore
from tests.store.store_cases import CHANNEL, NEWS, NOW, OTHER_CHANNEL, queued, record, subscribe, url_of

__all__ = ["copy"]


def content_of(file: Path) -> bytes:
    return file.read_bytes()


async def test_a_restore_brings_back_what_was_and_keeps_what_is(tmp_path: Path, copy: Path) -> None:
    (tmp_path / "papers.db").chmod(0o640)
    done = restore(tmp_path, copy)
    assert (tmp_path / "papers.db").stat().st_mode & 0o777 == 0o640
    assert done.gap == Gap(NOW, LATER)
    assert await depth(tmp_path) == 30
    assert done.before == tmp_path / "papers.db.before-restore-20260721T130000Z"
    again = restore(tmp_path, done.before)
    assert await depth(tmp_path) == 35
    third = restore(tmp_path, done.before)
    kept = [each.before.name for each in (done, again, third) if each.before]
    assert kept == [f"{done.before.name}{end}" for end in ("", "-2", "-3")]


async def test_the_backup_itself_is_not_touched(tmp_path: Path, copy: Path) -> None:
    before = content_of(copy)
    (tmp_path / "backup.db").chmod(0o400)
    restore(tmp_path, copy)
    async with await Store.open(url_of(tmp_path)) as store:
        await record(store, NEWS)
    assert content_of(copy) == before


async def test_nothing_is_restored_under_a_running_bot(tmp_path: Path, copy: Path) -> None:
    async with await Store.open(url_of(tmp_path), hold=True) as store:
        with pytest.raises(StoreBusy, match="already runs"):
            restore(tmp_path, copy)
        assert await store.outbox.depth() == 35
    assert await depth(tmp_path) == 35


async def test_nothing_is_restored_while_somebody_has_the_database_open(
    tmp_path: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "BUSY_TIMEOUT", timedelta(milliseconds=50))
    async with await Store.open(url_of(tmp_path)) as store:
        await record(store, NEWS)
        with pytest.raises(StoreBusy, match="Another process"):
            restore(tmp_path, copy)
        assert await store.outbox.depth() == 36
    assert await depth(tmp_path) == 36


def damaged(file: Path) -> str:
    with file.open("r+b") as content:
        content.seek(8192)
        content.write(b"\xa5" * 8192)
    return "damaged"


def cut_off(file: Path) -> str:
    os.truncate(file, file.stat().st_size // 2)
    return "damaged"


def garbage(file: Path) -> str:
    file.write_bytes(b"# my notes\n" * 1000)
    return "not a database file"


def header_only(file: Path) -> str:
    file.write_bytes(b"SQLite format 3\x00" + b"y" * 5000)
    return "cannot be read|damaged|not a database"


def empty(file: Path) -> str:
    file.write_bytes(b"")
    return "empty"


def foreign(file: Path) -> str:
    file.unlink()
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE theirs (a)")
    return "another program's"


def newer(file: Path) -> str:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    return "later version of the bot"


def inconsistent(file: Path) -> str:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("DELETE FROM destinations")
    return "damaged .rows refer to missing rows"


def missing(file: Path) -> str:
    file.unlink()
    return "cannot be read .no such file"


def folder(file: Path) -> str:
    file.unlink()
    file.mkdir()
    return "cannot be read .is a directory"


def device(file: Path) -> str:
    file.unlink()
    file.symlink_to("/dev/null")
    return "is not a regular file; name a backup"


@pytest.mark.parametrize(
    "spoil",
    [damaged, cut_off, garbage, header_only, empty, foreign, newer, inconsistent, missing, folder, device],
)
async def test_a_bad_backup_is_refused_and_the_database_stays(
    tmp_path: Path, copy: Path, spoil: Callable[[Path], str]
) -> None:
    sentence = spoil(copy)
    before = (tmp_path / "papers.db").read_bytes()
    with pytest.raises(FileError, match=sentence) as caught:
        restore(tmp_path, copy)
    assert str(copy) in str(caught.value)
    assert (tmp_path / "papers.db").read_bytes() == before
    assert names(tmp_path) <= {"backup.db", "papers.db", "papers.db.lock"}
    assert await depth(tmp_path) == 35


async def test_the_database_is_not_restored_from_itself(tmp_path: Path, copy: Path) -> None:
    with pytest.raises(UserError, match="is the database itself"):
        restore(tmp_path, tmp_path / "papers.db")


@pytest.mark.parametrize("spoil", [damaged, cut_off, garbage, header_only, empty])
async def test_a_database_that_is_beyond_use_is_replaced_and_kept(
    tmp_path: Path, copy: Path, spoil: Callable[[Path], str]
) -> None:
    spoil(tmp_path / "papers.db")
    content = (tmp_path / "papers.db").read_bytes()
    done = restore(tmp_path, copy)
    assert await depth(tmp_path) == 30
    assert done.before is not None
    assert done.before.read_bytes()[100:] == content[100:]  # the header says how it was last opened


async def test_another_programs_database_is_not_replaced(tmp_path: Path, copy: Path) -> None:
    foreign(tmp_path / "papers.db")
    before = (tmp_path / "papers.db").read_bytes()
    with pytest.raises(StoreCorrupt, match="another program's"):
        restore(tmp_path, copy)
    assert (tmp_path / "papers.db").read_bytes() == before


async def test_a_restore_where_there_was_no_database_makes_one(tmp_path: Path, copy: Path) -> None:
    done = restore(tmp_path / "new" / "machine", copy)
    assert done.before is None
    assert (tmp_path / "new" / "machine" / "papers.db").stat().st_mode & 0o777 == 0o600
    assert await depth(tmp_path / "new" / "machine") == 30


async def test_what_a_killed_bot_left_beside_the_database_neither_is_lost_nor_gets_into_the_restored_one(
    tmp_path: Path, copy: Path
) -> None:
    """A write-ahead log of the old database would be read as the newest changes of the new one."""
    async with await Store.open(url_of(tmp_path)) as store:
        await record(store, *make_papers(100, first=4000))
        for end in ("", "-wal", "-shm"):
            shutil.copy(tmp_path / f"papers.db{end}", tmp_path / f"killed.db{end}")
    (tmp_path / "papers.db").unlink()
    for end in ("", "-wal", "-shm"):
        (tmp_path / f"killed.db{end}").rename(tmp_path / f"papers.db{end}")
    assert (tmp_path / "papers.db-wal").stat().st_size
    done = restore(tmp_path, copy)
    assert await depth(tmp_path) == 30
    assert done.before is not None
    async with await Store.open(f"sqlite:///{done.before}") as kept:
        assert await kept.outbox.depth() == 135


async def test_a_restore_that_breaks_off_at_its_last_step_leaves_the_database(
    tmp_path: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: Path, _target: Path) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        with pytest.raises(StoreError, match="input/output error"):
            restore(tmp_path, copy)
    assert await depth(tmp_path) == 35
    assert not [name for name in names(tmp_path) if name.startswith(".")]


async def test_a_restore_without_links_copies(
    tmp_path: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    done = restore(tmp_path, copy)
    assert await depth(tmp_path) == 30
    assert done.before is not None
    restore(tmp_path, done.before)
    assert await depth(tmp_path) == 35


# What a restored database knows of itself


async def test_numbers_and_nonces_of_the_lost_time_are_not_given_again(tmp_path: Path) -> None:
    """Discord would take a message with the nonce of a lost one for that one, and not post it."""
    await filled(tmp_path)
    back_up(tmp_path, tmp_path / "backup.db")
    async with await Store.open(url_of(tmp_path)) as store:
        installation = store.installation
        lost = (await subscribe(store, channel=OTHER_CHANNEL)).subscription
    restore(tmp_path, tmp_path / "backup.db")
    async with await Store.open(url_of(tmp_path), hold=True) as store:
        made = (await subscribe(store, channel=OTHER_CHANNEL)).subscription
        assert made.id > lost.id
        assert made.destination.id > lost.destination.id
        assert store.installation != installation
        assert len(await queued(store, CHANNEL)) == 30


async def test_a_backup_that_was_put_into_place_by_hand_is_recognized_by_the_next_run(
    tmp_path: Path, copy: Path
) -> None:
    shutil.copy(copy, tmp_path / "papers.db")
    async with await Store.open(url_of(tmp_path)) as beside:
        assert await beside.gaps() == []
    async with await Store.open(url_of(tmp_path), hold=True) as store:
        [gap] = await store.gaps()
        assert gap.since == NOW
        installation = store.installation
    async with await Store.open(url_of(tmp_path), hold=True) as store:
        assert (await store.gaps(), store.installation) == ([gap], installation)


async def test_a_plain_copy_of_the_file_is_as_old_as_the_last_thing_it_knows(tmp_path: Path) -> None:
    await filled(tmp_path)
    shutil.copy(tmp_path / "papers.db", tmp_path / "copy.db")
    assert restore(tmp_path, tmp_path / "copy.db").gap == Gap(NOW, LATER)


async def test_a_backup_of_a_restored_database_remembers_the_earlier_gap(tmp_path: Path, copy: Path) -> None:
    restore(tmp_path, copy)
    back_up(tmp_path, tmp_path / "second.db")
    much_later = NOW + timedelta(days=3)
    backup.restore(url_of(tmp_path), tmp_path / "second.db", much_later, progress=lambda *_: None)
    async with await Store.open(url_of(tmp_path)) as store:
        assert await store.gaps() == [Gap(NOW, LATER), Gap(NOW, much_later)]


async def test_a_copy_without_a_mark_is_as_old_as_the_latest_moment_in_it(tmp_path: Path, copy: Path) -> None:
    moments = {
        "outbox": ("created_at", "first_tried", "settled_at"),
        "queries": ("last_polled", "backfilled"),
        "papers": ("first_seen",),
        "subscriptions": ("created_at",),
        "destinations": ("created_at",),
    }
    latest = NOW
    for table, columns in moments.items():
        for column in columns:
            latest += timedelta(minutes=1)
            async with await Store.open(url_of(tmp_path)) as store, store.database.write() as connection:
                change = metadata.tables[table].update().where(sa.text("rowid = 1")).values({column: latest})
                await connection.execute(change)
                found = await connection.run_sync(restore_gaps.last_trace)
            assert found == latest, (table, column)
