"""Turns SQLite's error codes into sentences for the operator.

An error becomes a `StoreError` only if someone can do something about it. Any other error (a wrong statement,
a broken constraint) is a bug of ours and stays as it is, with its traceback.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from bot.model.errors import StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreReadOnly

_HARDLY_ANY = 1 << 20  # bytes: with less free space than this, an I/O error means a full disk


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn errors of the database at *path* that the block raises into sentences.

    Raises:
        StoreError: the database cannot be used; the subclass says why, where that is known.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        if (failure := _failure(path, error.orig)) is None:
            raise
        raise failure from error
    except sa.exc.TimeoutError as error:
        raise StoreBusy(f"The database {path} is overloaded; try again in a moment.") from error
    except sqlite3.Error as error:
        if (failure := _failure(path, error)) is None:
            raise
        raise failure from error
    except OSError as error:
        raise unusable(path, error) from error


def busy(path: Path) -> StoreBusy:
    """Return the error for a database that another process keeps locked."""
    return StoreBusy(f"Another process keeps the database {path} locked; stop it, or try again in a moment.")


def corrupt(path: Path, why: str) -> StoreCorrupt:
    """Return the error for a file that is *why*, such as `damaged` or `another program's`."""
    return StoreCorrupt(
        f"The database {path} is {why}; restore a backup, or set database.url to another file.",
        why=why,
    )


def read_only(path: Path) -> StoreReadOnly:
    """Return the error for a file or folder that cannot be written."""
    return StoreReadOnly(
        f"The database {path} cannot be written; give this user the right to write the file and its folder."
    )


def full(path: Path) -> StoreFull:
    """Return the error for a full disk."""
    return StoreFull(
        f"No space is left on the disk of the database {path}; free some. Nothing stored before is lost."
    )


def unusable(path: Path, error: OSError) -> StoreError:
    """Return the error for what the file system answered."""
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return read_only(path)
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return full(path)
    reason = (error.strerror or str(error)).lower()
    return StoreError(f"The database {path} cannot be opened ({reason}); check database.url.")


def _failure(path: Path, error: BaseException | None) -> StoreError | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    primary = code & 0xFF  # the rest of an extended code says where the error happened
    if primary in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}:
        return _disk_failure(path, primary)
    sentence = _SENTENCES.get(primary)
    return sentence(path) if sentence else None


def _disk_failure(path: Path, primary: int) -> StoreError:
    """Distinguish a full disk and a read-only folder from other trouble, since SQLite reports all alike."""
    try:
        if shutil.disk_usage(path.parent).free < _HARDLY_ANY:
            return full(path)
    except OSError as error:
        return unusable(path, error)
    if primary == sqlite3.SQLITE_CANTOPEN:
        return read_only(path)
    return StoreError(f"The database {path} cannot be read or written; check the disk it is on.")


_SENTENCES: Mapping[int, Callable[[Path], StoreError]] = {
    sqlite3.SQLITE_BUSY: busy,
    sqlite3.SQLITE_LOCKED: busy,
    sqlite3.SQLITE_READONLY: read_only,
    sqlite3.SQLITE_PERM: read_only,
    sqlite3.SQLITE_AUTH: read_only,
    sqlite3.SQLITE_FULL: full,
    sqlite3.SQLITE_CORRUPT: partial(corrupt, why="damaged"),
    sqlite3.SQLITE_NOTADB: partial(corrupt, why="not a database file"),
}
