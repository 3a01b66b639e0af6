"""Backups taken while the bot works, and restores that replace nothing before everything is verified."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.errors import FileError, StoreBusy, StoreCorrupt, StoreError, UserError
from bot.papers import Gap
from bot.store import Store, backup
from bot.store.backup import Backup, Restored
from tests.commands import clean_process, ran
from tests.fakes.papers import make_papers
from tests.store_cases import CHANNEL, NEWS, NOW, OTHER_CHANNEL, TTS, queued, record, subscribe, url_of

__all__ = ["clean_process"]

LATER = NOW + timedelta(hours=5)


def back_up(folder: Path, file: Path) -> Backup:
    return backup.back_up(url_of(folder), file, NOW, progress=lambda *_: None)


def restore(folder: Path, file: Path) -> Restored:
    return backup.restore(url_of(folder), file, LATER, progress=lambda *_: None)


async def filled(folder: Path, *, papers: int = 30) -> None:
    async with await Store.open(url_of(folder)) as store:
        await subscribe(store)
        await record(store, *make_papers(papers, first=2000), asked=[TTS])


@pytest.fixture
async def copy(tmp_path: Path) -> Path:
    """A backup, and a database that went on since."""
    await filled(tmp_path)
    back_up(tmp_path, tmp_path / "backup.db")
    async with await Store.open(url_of(tmp_path)) as store:
        await record(store, *make_papers(5, first=3000))
    return tmp_path / "backup.db"


async def depth(folder: Path) -> int:
    async with await Store.open(url_of(folder), hold=True) as store:
        await store.verify()
        return await store.outbox.depth()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def content_of(file: Path) -> bytes:
    return file.read_bytes()


# Taking


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
    with pytest.raises(FileError, match="no ordinary file"):
        back_up(tmp_path, Path(os.devnull))


# Going back


async def test_a_restore_brings_back_what_was_and_keeps_what_is(tmp_path: Path, copy: Path) -> None:
    done = restore(tmp_path, copy)
    assert done.gap == Gap(NOW, LATER)
    assert await depth(tmp_path) == 30
    assert done.before == tmp_path / "papers.db.before-restore-20260721T130000Z"
    again = restore(tmp_path, done.before)
    assert await depth(tmp_path) == 35
    assert again.before is not None
    assert again.before != done.before


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
    return "damaged .rows refer to others"


def missing(file: Path) -> str:
    file.unlink()
    return "cannot be read .no such file"


def folder(file: Path) -> str:
    file.unlink()
    file.mkdir()
    return "cannot be read .is a directory"


@pytest.mark.parametrize(
    "spoil",
    [damaged, cut_off, garbage, header_only, empty, foreign, newer, inconsistent, missing, folder],
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


async def test_a_backup_that_was_put_into_place_by_hand_is_recognised_by_the_next_run(
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


# On the command line


async def test_commands_say_what_they_did(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    await filled(tmp_path / "data")
    taken = ran("backup", "weekly.db")
    assert (taken.code, taken.err.splitlines()[-1][:8]) == (0, "Copying:")
    assert "weekly.db holds everything as of 20" in taken.out
    assert "UTC: 31 papers, 1 subscription (" in taken.out
    async with await Store.open(url_of(tmp_path / "data"), hold=True):
        assert ran("backup", "weekly.db").code == 0
        refused = ran("restore", "weekly.db")
        assert refused.code == 1
        assert refused.says("The bot already runs on the database", "stop that one first")
    done = ran("restore", "weekly.db")
    assert done.code == 0
    assert "was kept: " in done.out
    assert await depth(tmp_path / "data") == 30


async def test_a_backup_of_nothing_says_that_it_holds_nothing(tmp_path: Path) -> None:
    async with await Store.open(url_of(tmp_path / "data")):
        pass
    taken = ran("backup", "weekly.db")
    assert taken.code == 0
    assert "UTC: 0 papers, 0 subscriptions (" in taken.out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["backup"], 2, "FILE"),
        (["restore"], 2, "FILE"),
        (["backup", "weekly.db"], 1, "There is no database"),
        (["restore", "weekly.db"], 1, "weekly.db cannot be read (no such file or directory)"),
        (["backup", "data/papers.db"], 2, "is the database itself"),
        (["restore", "data/papers.db"], 2, "is the database itself"),
    ],
)
def test_mistakes_end_with_the_documented_exit_code(arguments: list[str], code: int, said: str) -> None:
    ended = ran(*arguments)
    assert ended.code == code
    assert said in ended.err
    assert "Traceback" not in ended.err
