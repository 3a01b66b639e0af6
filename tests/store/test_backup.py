"""Backups are taken while the bot works, whole and as of one moment, or not at all."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.model.errors import FileError, StoreCorrupt, StoreError, UserError
from bot.store import Store, backup
from bot.store.backup import Backup
from tests.fakes.papers import make_papers
from tests.store.backup_cases import back_up, filled, names
from tests.store.disk_cases import free, no_file_above, small_disk
from tests.store.store_cases import NOW, TTS, record, subscribe, url_of


async def test_a_backup_is_one_whole_file_that_holds_everything(tmp_path: Path) -> None:
    await filled(tmp_path)
    made = back_up(tmp_path, tmp_path / "backup.db")
    assert (made.taken, made.size) == (NOW, (tmp_path / "backup.db").stat().st_size)
    assert names(tmp_path) == {"backup.db", "papers.db"}
    async with await Store.open(f"sqlite:///{tmp_path}/backup.db") as store:
        assert await store.outbox.depth() == 30
        assert len(await store.subscriptions.all()) == 1


async def test_a_backup_beside_a_bot_that_writes_is_as_of_one_moment(tmp_path: Path) -> None:
    """Neither waits for the other, and no round is in it by half."""
    async with await Store.open(url_of(tmp_path), hold=True) as store:
        await subscribe(store)
        await record(store, *make_papers(2000, first=2000), asked=[TTS])
        steps: list[int] = []

        def take() -> Backup:
            return backup.back_up(
                url_of(tmp_path), tmp_path / "backup.db", NOW, progress=lambda done, _: steps.append(done)
            )

        taking = asyncio.create_task(asyncio.to_thread(take))
        rounds = 0
        while not taking.done():
            await record(store, *make_papers(10, first=10_000 + 10 * rounds))
            rounds += 1
        await taking
    assert rounds
    async with await Store.open(f"sqlite:///{tmp_path}/backup.db") as copied:
        await copied.verify()
        assert (await copied.outbox.depth() - 2000) % 10 == 0
        assert await copied.papers.count() == await copied.outbox.depth() + 1


async def test_the_steps_of_a_long_copy_hold_one_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "_PAGES", 2)
    await filled(tmp_path)
    written = iter(range(10))
    with closing(sqlite3.connect(tmp_path / "papers.db", isolation_level=None)) as other:

        def disturb(done: int, total: int) -> None:
            if (number := next(written, None)) is not None:
                other.execute("INSERT INTO meta VALUES (?, 'later')", (f"disturbed {number}",))

        backup.back_up(url_of(tmp_path), tmp_path / "backup.db", NOW, progress=disturb)
        assert other.execute("SELECT count(*) FROM meta WHERE value = 'later'").fetchone() == (10,)
    with closing(sqlite3.connect(tmp_path / "backup.db")) as copied:
        assert copied.execute("SELECT count(*) FROM meta WHERE value = 'later'").fetchone() == (0,)


async def test_an_existing_backup_is_replaced_and_keeps_its_rights(tmp_path: Path) -> None:
    await filled(tmp_path)
    file = tmp_path / "backup.db"
    file.write_text("an older one")
    file.chmod(0o600)
    back_up(tmp_path, file)
    assert file.read_bytes().startswith(b"SQLite format 3")
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("end", ["", "-wal", "-shm", ".lock"])
async def test_the_database_is_not_its_own_backup(tmp_path: Path, end: str) -> None:
    async with await Store.open(url_of(tmp_path), hold=True) as store:
        await subscribe(store)
        (tmp_path / "link").symlink_to(tmp_path)
        with pytest.raises(UserError, match="is the database itself"):
            back_up(tmp_path, tmp_path / "link" / f"papers.db{end}")
        await store.verify()


async def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="There is no database"):
        back_up(tmp_path, tmp_path / "backup.db")
    assert names(tmp_path) == set()


async def test_a_damaged_database_gives_no_backup_and_the_old_one_stays(tmp_path: Path) -> None:
    await filled(tmp_path, papers=200)
    file = tmp_path / "backup.db"
    back_up(tmp_path, file)
    before = file.read_bytes()
    with (tmp_path / "papers.db").open("r+b") as damaged:
        damaged.seek(8192)
        damaged.write(b"\xa5" * 20_000)
    with pytest.raises(StoreCorrupt, match=r"papers\.db is damaged"):
        back_up(tmp_path, file)
    assert file.read_bytes() == before
    assert names(tmp_path) == {"backup.db", "papers.db"}


@pytest.mark.parametrize("content", [b"", b"# my notes\n" * 1000])
async def test_what_is_no_database_gives_no_backup(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "papers.db").write_bytes(content)
    with pytest.raises(StoreCorrupt):
        back_up(tmp_path, tmp_path / "backup.db")
    assert (tmp_path / "papers.db").read_bytes() == content
    assert not (tmp_path / "backup.db").exists()


async def test_a_folder_that_is_not_there_is_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    await filled(tmp_path)
    with pytest.raises(FileError, match="cannot be written"):
        back_up(tmp_path, tmp_path / "nowhere" / "backup.db")
    with pytest.raises(FileError, match="not a regular file"):
        back_up(tmp_path, Path(os.devnull))


async def test_progress_counts_the_pages_that_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "_PAGES", 10)
    await filled(tmp_path)
    steps: list[tuple[int, int]] = []
    backup.back_up(
        url_of(tmp_path), tmp_path / "backup.db", NOW, progress=lambda done, of: steps.append((done, of))
    )
    with closing(sqlite3.connect(tmp_path / "papers.db")) as database:
        (pages,) = database.execute("PRAGMA page_count").fetchone()
    assert [of for _, of in steps] == [pages] * len(steps)
    assert [done for done, _ in steps] == [*range(10, pages, 10), pages]


async def test_a_backup_that_cannot_be_written_blames_its_own_file_and_leaves_the_one_before(
    tmp_path: Path,
) -> None:
    await filled(tmp_path, papers=200)
    file = tmp_path / "backup.db"
    file.write_text("an older one")
    refused = pytest.raises(FileError, match=r"backup\.db cannot be written .the disk is full or failing")
    with no_file_above(65_536), refused:
        back_up(tmp_path, file)
    assert file.read_text() == "an older one"
    assert names(tmp_path) == {"backup.db", "papers.db"}


async def test_a_backup_onto_a_full_disk_blames_that_disk(tmp_path: Path) -> None:
    await filled(tmp_path, papers=200)
    with small_disk(tmp_path / "disk") as disk:
        (disk / "filler").write_bytes(b"x" * (free(disk) - 20_000))
        with pytest.raises(
            FileError, match=r"disk/backup\.db cannot be written .the disk is full or failing"
        ):
            back_up(tmp_path, disk / "backup.db")
        assert names(disk) == {"filler"}
    async with await Store.open(url_of(tmp_path)) as store:
        await store.verify()


async def test_a_restore_that_cannot_be_written_leaves_the_database(tmp_path: Path) -> None:
    await filled(tmp_path, papers=200)
    back_up(tmp_path, tmp_path / "backup.db")
    before = (tmp_path / "papers.db").read_bytes()
    with no_file_above(65_536), pytest.raises(StoreError, match=r"papers\.db cannot be read or written"):
        backup.restore(url_of(tmp_path), tmp_path / "backup.db", NOW, progress=lambda *_: None)
    assert (tmp_path / "papers.db").read_bytes() == before
    assert names(tmp_path) == {"backup.db", "papers.db", "papers.db.lock"}
