"""At most one process on a database."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.model.errors import StoreBusy
from bot.store.lock import ProcessLock


def test_a_database_is_for_one_at_a_time_and_the_next_learns_which_process_has_it(tmp_path: Path) -> None:
    database = tmp_path / "papers.db"
    with ProcessLock(database), pytest.raises(StoreBusy, match=r"papers\.db \(process \d+\)"):
        ProcessLock(database).acquire()
    with ProcessLock(database):
        pass


def test_a_lock_that_is_given_back_twice_or_was_never_taken_does_no_harm(tmp_path: Path) -> None:
    lock = ProcessLock(tmp_path / "papers.db")
    lock.release()
    lock.acquire()
    lock.release()
    lock.release()
    with ProcessLock(tmp_path / "papers.db"):
        pass


def test_only_the_bots_own_user_reads_the_lock(tmp_path: Path) -> None:
    with ProcessLock(tmp_path / "papers.db"):
        assert (tmp_path / "papers.db.lock").stat().st_mode & 0o777 == 0o600
