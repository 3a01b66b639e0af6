"""Whether an open database's files are still the ones that were opened.

A process goes on reading and writing a file that was deleted or replaced, and SQLite notices nothing. All of
it is gone when the process ends. The same is true of `-wal`, which holds what was committed last.
"""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

from bot.model.errors import StoreLost

_log = logging.getLogger(__name__)


def warn_if_missing(path: Path) -> None:
    """Log a warning if there is no database at *path*, or an empty file, although there was one before.

    The files beside it tell: `-wal`, and the lock, which stays when a process ends.
    """
    if path.exists() and path.stat().st_size:
        return
    beside = [path.with_name(path.name + end) for end in (".lock", "-wal")]
    if left := [file.name for file in beside if file.exists()]:
        _log.warning(
            "there is no database %s any more, though %s is there: creating an empty one, without any "
            "subscriptions",
            path,
            left[0],
        )


class Presence:
    """Knows the files of the database at *path*, which is open in WAL mode; `close` when it is not any more.

    It keeps a connection, so that `-wal` exists whenever the database is open: the last connection that is
    closed removes it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._wal = path.with_name(path.name + "-wal")
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        self._known = _identity(path), _identity(self._wal)

    def lost(self) -> StoreLost | None:
        """Return the error if one of the files is another one than before, or none; else None.

        While the file system does not tell, as when a network drive is away, nothing is known to be lost:
        the next look may tell.
        """
        try:
            return self._lost()
        except OSError:
            return None

    def _lost(self) -> StoreLost | None:
        database, wal = self._known
        now = _identity(self._path)
        if now is None:
            return StoreLost(
                f"The database {self._path} was deleted or moved while the bot was running; put it back, or "
                "restore a backup. What was stored since is lost."
            )
        if now != database:
            return StoreLost(
                f"The database {self._path} was replaced while the bot was running; start the bot again to "
                "use the new one. Stop the bot before you restore a backup."
            )
        if _identity(self._wal) != wal:
            return StoreLost(
                f"The file {self._wal} was deleted or replaced while the bot was running, and with it what "
                "was stored last; restore a backup, or start the bot again with what is left."
            )
        return None

    def close(self) -> None:
        self._connection.close()


def _identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode of the file, None if there is none.

    Raises:
        OSError: the file system does not tell.
    """
    try:
        facts = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return facts.st_dev, facts.st_ino
