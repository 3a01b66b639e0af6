"""What cannot be the bot's database, or is another process's, is refused in a sentence and left as it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.model.errors import StoreBusy, StoreCorrupt, StoreError, StoreReadOnly
from bot.store import Store, lock
from bot.store.lock import ProcessLock
from tests.database import file_of
from tests.store.store_cases import damage, filled, url_of
from tests.unprivileged import unprivileged


@pytest.mark.parametrize("hold", [True, False])
@pytest.mark.parametrize("keep", [0, 100, 4096, 8192])
async def test_a_damaged_file_is_refused_at_the_start(tmp_path: Path, keep: int, hold: bool) -> None:
    async with filled(tmp_path) as store:
        path = file_of(store)
    damage(path, keep=keep)
    with pytest.raises(StoreCorrupt, match="restore a backup") as caught:
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
        async with filled(tmp_path):
            pass
    refused = pytest.raises(StoreReadOnly, match="give this user the right to write")
    with unprivileged(tmp_path, folder_too=what != "file"), refused:
        await Store.open(url_of(tmp_path), hold=hold)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://bot:hunter2@db", "names no database"),
        ("postgresql://bot:hun/ter2@db/papers", "not a valid URL"),
        ("postgresql+psycopg://bot:hunter2@db/papers", "not a valid URL"),
        ("mysql://bot:hunter2@db/papers", "databases are not supported"),
        ("sqlite://", "does not name a file"),
        ("sqlite:///:memory:", "does not name a file"),
        ("hunter2", "not a valid URL"),
    ],
)
async def test_another_kind_of_database_is_refused_without_its_password(url: str, sentence: str) -> None:
    with pytest.raises(StoreError, match=sentence) as caught:
        await Store.open(url)
    assert "hunter2" not in str(caught.value)
    assert "ter2" not in str(caught.value)


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


def test_the_holder_is_named_where_the_locked_byte_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where a lock keeps others from reading what it covers."""
    monkeypatch.setattr(lock, "_FIRST_READABLE", 1)
    with ProcessLock(tmp_path / "papers.db"):
        for _ in range(2):
            with pytest.raises(StoreBusy, match=rf"\(process {os.getpid()}\)"):
                ProcessLock(tmp_path / "papers.db").acquire()


def test_a_lock_file_that_cannot_be_written_is_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "papers.db.lock").mkdir()
    with pytest.raises(StoreError, match=r"papers\.db cannot be opened"):
        ProcessLock(tmp_path / "papers.db").acquire()


async def test_a_store_that_could_not_be_opened_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "papers.db").write_bytes(b"no database")
    with pytest.raises(StoreCorrupt):
        await Store.open(url_of(tmp_path), hold=True)
    (tmp_path / "papers.db").unlink()
    async with await Store.open(url_of(tmp_path), hold=True):
        pass
