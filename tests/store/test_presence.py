"""A database that is deleted or replaced while it is open is noticed, and nothing else is taken for that."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.model.errors import StoreLost, StoreReadOnly
from bot.store import Store, engine
from bot.store.presence import Presence
from tests.fakes.papers import make_papers

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)


def beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def delete(path: Path) -> None:
    path.unlink()


def delete_all(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        beside(path, end).unlink()


def move(path: Path) -> None:
    path.rename(path.with_name("elsewhere.db"))


def delete_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def replace(path: Path) -> None:
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    copy.replace(path)


def make_anew(path: Path) -> None:
    path.rename(path.with_name("before.db"))
    path.touch()


def delete_wal(path: Path) -> None:
    beside(path, "-wal").unlink()


def replace_wal(path: Path) -> None:
    beside(path, "-wal").rename(path.with_name("kept-wal"))
    beside(path, "-wal").touch()


def link_to_another(path: Path) -> None:
    path.rename(path.with_name("before.db"))
    shutil.copy(path.with_name("before.db"), path.with_name("another.db"))
    path.symlink_to(path.with_name("another.db"))


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (delete, "was deleted or moved while the bot was running"),
        (delete_all, "was deleted or moved while the bot was running"),
        (move, "was deleted or moved while the bot was running"),
        (delete_folder, "was deleted or moved while the bot was running"),
        (replace, "was replaced while the bot was running"),
        (make_anew, "was replaced while the bot was running"),
        (link_to_another, "was replaced while the bot was running"),
        (delete_wal, "papers.db-wal was deleted or replaced while the bot was running"),
        (replace_wal, "papers.db-wal was deleted or replaced while the bot was running"),
    ],
)
async def test_a_file_that_is_gone_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: Callable[[Path], None], sentence: str
) -> None:
    monkeypatch.setattr(engine, "_LOOK_EVERY", 0.01)
    path = tmp_path / "data" / "papers.db"
    async with await Store.open(f"sqlite:///{path}", hold=True) as store:
        await store.record(make_papers(2), [], NOW)
        harm(path)
        failure = await store.database.failure()
    assert isinstance(failure, StoreLost)
    assert failure.final
    assert sentence in str(failure)


def folder_becomes_a_file(path: Path) -> None:
    path.parent.rename(path.parent.with_name("before"))
    path.parent.touch()


async def test_a_folder_that_became_a_file_holds_no_database(tmp_path: Path) -> None:
    path = tmp_path / "data" / "papers.db"
    async with await Store.open(f"sqlite:///{path}", hold=True):
        presence = Presence(path)
        folder_becomes_a_file(path)
        assert "was deleted or moved" in str(presence.lost())
        presence.close()


async def test_what_the_file_system_does_not_tell_is_no_loss_yet(tmp_path: Path) -> None:
    path, aside = tmp_path / "papers.db", tmp_path / "aside.db"
    async with await Store.open(f"sqlite:///{path}", hold=True):
        presence = Presence(path)
        path.rename(aside)
        path.symlink_to(path)  # to follow it ends in an OSError that is none of the usual ones
        with pytest.raises(OSError, match="symbolic links"):
            path.stat()
        assert presence.lost() is None
        path.unlink()
        assert "was deleted or moved" in str(presence.lost())
        aside.rename(path)
        assert presence.lost() is None
        presence.close()


async def test_an_error_is_told_though_the_files_cannot_be_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "papers.db"
    async with await Store.open(f"sqlite:///{path}", hold=True) as store:
        database = store.database
        path.rename(tmp_path / "aside.db")
        path.symlink_to(path)
        with pytest.raises(StoreReadOnly) as told:
            await store.verify()
        async with asyncio.timeout(10):
            assert await database.failure() is told.value


def other_reads_and_closes(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("SELECT count(*) FROM papers").fetchone()


def empty_wal(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def vacuum(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("VACUUM")


def copy_away(path: Path) -> None:
    shutil.copy(path, path.with_name("copy.db"))


def online_backup(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, closing(sqlite3.connect(path.with_name("b.db"))) as copy:
        other.backup(copy)


@pytest.mark.parametrize("use", [other_reads_and_closes, empty_wal, vacuum, copy_away, online_backup])
async def test_ordinary_use_by_others_is_no_loss(tmp_path: Path, use: Callable[[Path], None]) -> None:
    path = tmp_path / "papers.db"
    async with await Store.open(f"sqlite:///{path}", hold=True) as store:
        presence = Presence(path)
        for first in (1, 10, 20):
            await store.record(make_papers(5, first=first), [], NOW)
            await asyncio.to_thread(use, path)
            assert presence.lost() is None
        presence.close()


async def test_the_wal_stays_while_no_other_connection_is_open(tmp_path: Path) -> None:
    path = tmp_path / "papers.db"
    async with await Store.open(f"sqlite:///{path}") as store:
        await store.record(make_papers(5), [], NOW)
    presence = Presence(path)
    for _ in range(3):
        other_reads_and_closes(path)
        assert presence.lost() is None
    presence.close()
    assert not beside(path, "-wal").exists()


async def test_an_empty_database_where_one_was_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "papers.db"
    async with await Store.open(f"sqlite:///{path}", hold=True):
        pass
    async with await Store.open(f"sqlite:///{path}", hold=True):
        pass
    assert caplog.records == []
    path.unlink()
    async with await Store.open(f"sqlite:///{path}", hold=True):
        pass
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage().startswith(
        f"there is no database {path} any more, though papers.db.lock is there"
    )
    path.write_bytes(b"")
    async with await Store.open(f"sqlite:///{path}", hold=True):
        pass
    assert len(caplog.records) == 2
