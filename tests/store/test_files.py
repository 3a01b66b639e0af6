from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

import pytest

from bot.model.errors import FileError
from bot.store.files import Replacement
from tests.unprivileged import unprivileged


def replace(path: Path, text: str) -> None:
    with Replacement(path) as file:
        file.write(text)


def test_a_new_file_has_the_rights_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        replace(tmp_path / "new.md", "Über\n")
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert (tmp_path / "new.md").read_bytes() == "Über\n".encode()
    assert stat.S_IMODE((tmp_path / "new.md").stat().st_mode) == 0o640


def test_a_replaced_file_keeps_its_rights(tmp_path: Path) -> None:
    file = tmp_path / "old.md"
    file.write_text("old")
    file.chmod(0o600)
    replace(file, "new")
    assert file.read_text() == "new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    target = tmp_path / "site" / "digest.md"
    link = tmp_path / "digest.md"
    link.symlink_to(target)
    replace(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


@pytest.mark.parametrize("existing", [None, "old"])
def test_a_failure_inside_leaves_everything_as_it_was(tmp_path: Path, existing: str | None) -> None:
    file = tmp_path / "digest.md"
    if existing is not None:
        file.write_text(existing)
    before = sorted(tmp_path.iterdir())
    with contextlib.suppress(RuntimeError), Replacement(file) as replacement:
        replacement.write("half of it")
        raise RuntimeError
    assert sorted(tmp_path.iterdir()) == before
    assert existing is None or file.read_text() == existing


def test_the_old_content_stands_until_the_block_is_left(tmp_path: Path) -> None:
    file = tmp_path / "digest.md"
    file.write_text("old")
    with Replacement(file) as replacement:
        replacement.write("new")
        assert file.read_text() == "old"
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


def test_a_device_is_written_to() -> None:
    replace(Path("/dev/null"), "anything")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing/digest.md", "no such file or directory"),
        (".", "is a directory"),
        ("file/x.md", "not a directory"),
    ],
)
def test_what_cannot_be_written_is_known_on_entering(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match=rf"cannot be written \({reason}\)"), Replacement(tmp_path / name):
        pytest.fail("the block was entered")


def test_a_read_only_file_is_not_replaced(tmp_path: Path) -> None:
    """Replacing it would need no right but the folder's."""
    file = tmp_path / "digest.md"
    file.write_text("old")
    with unprivileged(tmp_path, folder_too=False):
        with pytest.raises(FileError, match="permission denied"):
            replace(file, "new")
        replace(tmp_path / "other.md", "new")
    assert file.read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"digest.md", "other.md"}


def test_a_folder_that_may_not_be_written_is_known_on_entering(tmp_path: Path) -> None:
    refused = pytest.raises(FileError, match=r"cannot be written \(permission denied\)")
    with unprivileged(tmp_path), refused, Replacement(tmp_path / "digest.md"):
        pytest.fail("the block was entered")
