"""`backup` and `restore` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli import backup
from bot.store import Store
from tests.commands import clean_process, ran
from tests.store.backup_cases import depth, filled
from tests.store.store_cases import url_of

__all__ = ["clean_process"]


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


async def test_a_restore_where_there_was_no_database_names_none_that_was_kept(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    await filled(tmp_path / "data")
    assert ran("backup", "weekly.db").code == 0
    (tmp_path / "data" / "papers.db").unlink()
    done = ran("restore", "weekly.db")
    assert done.code == 0
    assert len(done.out.splitlines()) == 2
    assert "was kept" not in done.out
    assert await depth(tmp_path / "data") == 30


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", b"SQLite format 3\0" + b"x" * 5000, b"x" * 100_000, b"\0" * 4096],
    ids=["empty", "short", "damaged", "long", "zeros"],
)
@pytest.mark.parametrize(
    "url", ["sqlite:///data/papers.db", "sqlite:///a/b/c/papers.db", "sqlite:///papers.db"]
)
def test_a_restore_that_fails_in_a_fresh_folder_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, url: str
) -> None:
    """Else the next `run` would warn that there is no database any more."""
    monkeypatch.setenv("PAPERS_DATABASE__URL", url)
    (tmp_path / "bad.db").write_bytes(content)
    ended = ran("restore", "bad.db")
    assert ended.code == 1
    assert "bad.db cannot be restored" in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["bad.db"]


def test_a_restore_that_fails_leaves_a_folder_and_a_lock_that_were_there(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "papers.db.lock").touch()
    (tmp_path / "bad.db").write_bytes(b"nonsense")
    assert ran("restore", "bad.db").code == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["papers.db.lock"]


def test_a_long_copy_reports_progress_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with backup._copying("Copying") as progress:
        for done in range(0, 150_001, 1_000):
            progress(done, 150_000)
    assert capsys.readouterr().err.splitlines() == [
        "Copying: 66,000 of 150,000 pages",
        "Copying: 132,000 of 150,000 pages",
        "Copying: 150,000 of 150,000 pages",
    ]


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
