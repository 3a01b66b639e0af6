"""Backs up the database while it is in use, and restores a backup.

A backup is one file, complete as of one moment. A reading transaction holds that moment, so that later writes
neither get into the copy nor make it start over. If anything fails, the named file (or, in a restore, the
database) stays as it was.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from bot.model.errors import FileError, StoreCorrupt, StoreNewer, UserError
from bot.model.outbox import Gap
from bot.store import restore_gaps, schema
from bot.store.address import database_file, database_name
from bot.store.engine import BUSY_TIMEOUT
from bot.store.files import Replacement
from bot.store.lock import ProcessLock
from bot.store.sqlite_errors import busy, corrupt, store_errors

Progress = Callable[[int, int], None]
"""Called with the number of pages copied so far and the number of all pages."""

_PAGES = 1024  # copied in one step
_BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps next to a database


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup in *file*, of *size* bytes, with everything committed at *taken*, and how many rows it has."""

    file: Path
    size: int
    taken: datetime
    papers: int
    subscriptions: int


@dataclass(frozen=True, slots=True)
class Restored:
    """The restored database at *path*. The previous one, if any, is kept as *before*."""

    path: Path
    before: Path | None
    gap: Gap


def back_up(url: str, file: Path, now: datetime, *, progress: Progress) -> Backup:
    """Copy the database to *file*, replacing *file* once the copy is complete, verified and on the disk.

    The bot may be running on the database; neither waits for the other. Blocks.

    Raises:
        UserError: *file* is the database itself, or the database is on a server.
        FileError: *file* cannot be written, or there is no database.
        StoreError: the database cannot be used.
    """
    path = _file_of(url, f"pg_dump -Fc -f {shlex.quote(str(file))}")
    if any(_same_file(file, Path(f"{path}{end}")) for end in ("", *_BESIDE, ".lock")):
        raise UserError(f"{file} is the database itself; name another file for the backup.")
    if not path.exists():
        raise FileError(f"There is no database {path} to back up; check database.url.")
    with Replacement(file, private=True) as replacement:
        copy = replacement.fill()
        with store_errors(path), closing(_open(path, "rw")) as source:
            schema.require_header(path)
            schema.require_ours(source, path)
            source.execute("BEGIN")
            if not source.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise corrupt(path, "empty")
            with _blaming(file):
                _copy(source, copy, progress)
                with _engine(copy).begin() as connection:
                    restore_gaps.mark(connection, now)
            _verify(copy, path)
        papers, subscriptions = _count(copy)
        size = copy.stat().st_size
    return Backup(file, size, now, papers, subscriptions)


def restore(url: str, file: Path, now: datetime, *, progress: Progress) -> Restored:
    """Replace the database by the backup *file*, and keep the old database beside it under another name.

    First, a copy of *file* is verified and migrated to this version's schema. Blocks.

    Raises:
        UserError: *file* is the database itself, or the database is on a server.
        FileError: *file* cannot be read, or is not a backup that this version can use.
        StoreBusy: a bot runs on the database, or another process uses it.
        StoreError: the database's folder cannot be used; the subclass says why.
    """
    path = _file_of(url, f"pg_restore --clean --if-exists --single-transaction {shlex.quote(str(file))}")
    if any(_same_file(file, Path(f"{path}{end}")) for end in ("", *_BESIDE)):
        raise UserError(f"{file} is the database itself; name the backup that should replace it.")
    _require_readable(file)
    with store_errors(path), _folder_of(path), contextlib.ExitStack() as stack:
        # A lock without a database means that the database was lost, so where there was neither, a failure
        # must leave none behind.
        fresh = not any(Path(f"{path}{end}").exists() for end in ("", ".lock"))
        if not fresh:
            stack.enter_context(ProcessLock(path))
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.restore-", dir=path.parent)
        os.close(descriptor)
        copy = Path(name)
        stack.callback(_remove, copy)
        gap = _prepare(file, copy, path, now, progress)
        if fresh:
            stack.enter_context(ProcessLock(path))
        before = _replace_database(copy, path, now)
    return Restored(path, before, gap)


def _file_of(url: str, command: str) -> Path:
    """Return the file of the database; if it is on a server, refuse, and name the server's own *command*."""
    path = database_file(url)
    if path is None:
        raise UserError(
            f"The database {database_name(url)} is on a PostgreSQL server, which has its own tool for that. "
            f'With the address of database.url in the variable DATABASE: {command} -d "$DATABASE"'
        )
    return path


@contextmanager
def _folder_of(path: Path) -> Iterator[None]:
    """Make the folder of *path*; if the block fails, remove what was made and is still empty."""
    made = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            for folder in made:
                folder.rmdir()
        raise


def _remove(copy: Path) -> None:
    for end in ("", *_BESIDE):
        Path(f"{copy}{end}").unlink(missing_ok=True)


def _prepare(file: Path, copy: Path, path: Path, now: datetime, progress: Progress) -> Gap:
    """Fill *copy* with the content of *file*, verify it and migrate it; return its gap."""
    try:
        _read(file, copy, path, progress)
        _verify(copy, file)
        with _engine(copy).begin() as connection:
            schema.migrate(connection, file)
            restore_gaps.mark(connection, restore_gaps.last_trace(connection) or now)  # unless it is marked
            gap = restore_gaps.adopt(connection, now)
    except StoreCorrupt as error:
        raise FileError(f"{file} cannot be restored: it is {error.why}.") from error
    except StoreNewer as error:
        raise FileError(
            f"{file} was written by a later version of the bot; restore it with that version."
        ) from error
    if gap is None:
        raise AssertionError("a database that was just marked as a copy has a gap")
    return gap


def _read(file: Path, copy: Path, path: Path, progress: Progress) -> None:
    schema.require_header(file)
    try:
        with closing(_open(file, "ro")) as source:
            schema.require_ours(source, file)
            if not source.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise corrupt(file, "empty")
            with store_errors(path):
                _copy(source, copy, progress)
    except sqlite3.Error as error:
        if _primary(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            raise corrupt(file, "damaged") from error
        raise FileError(f"{file} cannot be read ({error}); name a backup.") from error


def _replace_database(copy: Path, path: Path, now: datetime) -> Path | None:
    """Replace the database by *copy*; return the name under which the old one is kept, None without one."""
    with copy.open("r+b") as written:
        os.fsync(written.fileno())
    if not path.exists():
        before = None  # only the bot's own account may read the copy, as `mkstemp` made it
    else:
        _checkpoint(path)
        _copy_rights(path, copy)
        before = _unused_name(path, now)
        for end in ("", *_BESIDE):
            if (part := Path(f"{path}{end}")).exists():
                _link_or_copy(part, Path(f"{before}{end}"))
        _sync_folder(path.parent)
    for end in _BESIDE:
        # SQLite would take leftovers of the old database for the newest changes of the restored one.
        Path(f"{path}{end}").unlink(missing_ok=True)
    copy.replace(path)
    _sync_folder(path.parent)
    return before


def _checkpoint(path: Path) -> None:
    """Move all committed changes into the one file, and check that nobody else has it open.

    A damaged database is left as it is.

    Raises:
        StoreBusy: another process has it open.
        StoreCorrupt: it is another program's.
    """
    try:
        schema.require_header(path)
        with closing(_open(path, "rw")) as connection:
            schema.require_ours(connection, path)
            connection.execute("PRAGMA journal_mode = DELETE")
    except StoreCorrupt as error:
        if error.why == "another program's":
            raise
    except sqlite3.Error as error:
        if _primary(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise busy(path) from error


def _copy(source: sqlite3.Connection, copy: Path, progress: Progress) -> None:
    with closing(sqlite3.connect(copy, isolation_level=None)) as target:
        source.backup(target, pages=_PAGES, progress=lambda _, left, total: progress(total - left, total))
        target.execute("PRAGMA journal_mode = DELETE")  # a single file, which can also be opened read-only


def _verify(copy: Path, origin: Path) -> None:
    with closing(_open(copy, "rw")) as connection:
        try:
            schema.verify(connection, origin, thoroughly=True)
        except sqlite3.DatabaseError as error:
            raise corrupt(origin, "damaged") from error


def _count(copy: Path) -> tuple[int, int]:
    """Return how many papers and subscriptions the copy has, for the person to check."""
    with closing(_open(copy, "ro")) as connection:
        papers, subscriptions = connection.execute(
            "SELECT (SELECT count(*) FROM papers), (SELECT count(*) FROM subscriptions)"
        ).fetchone()
    return papers, subscriptions


def _open(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT.total_seconds(), isolation_level=None)


def _engine(path: Path) -> sa.Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        poolclass=sa.NullPool,
        connect_args={"isolation_level": None},
    )
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


@contextmanager
def _blaming(file: Path) -> Iterator[None]:
    """Blame *file*, not the database, for errors while the copy is written."""
    try:
        yield
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        if _primary(cause) not in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}:
            raise
        raise FileError(f"{file} cannot be written (the disk is full or failing).") from error


def _primary(error: BaseException | None) -> int:
    """Return SQLite's error code without the part that says where the error happened."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _require_readable(file: Path) -> None:
    try:
        with file.open("rb") as readable:
            if not stat.S_ISREG(os.fstat(readable.fileno()).st_mode):
                raise FileError(f"{file} is not a regular file; name a backup.")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileError(f"{file} cannot be read ({reason}); name a backup.") from error


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one.resolve() == other.resolve()


def _unused_name(path: Path, now: datetime) -> Path:
    wanted = path.with_name(f"{path.name}.before-restore-{now:%Y%m%dT%H%M%SZ}")
    name, number = wanted, 1
    while name.exists():
        number += 1
        name = wanted.with_name(f"{wanted.name}-{number}")
    return name


def _link_or_copy(part: Path, name: Path) -> None:
    try:
        os.link(part, name)  # at every moment both names exist
    except OSError:  # a file system without links
        shutil.copy2(part, name)
        with name.open("r+b") as copied:
            os.fsync(copied.fileno())


def _copy_rights(old: Path, new: Path) -> None:
    """Give the new file the owner and permissions of the old one, even if another user restores it."""
    rights = old.stat()
    new.chmod(stat.S_IMODE(rights.st_mode))
    with contextlib.suppress(PermissionError):
        os.chown(new, rights.st_uid, rights.st_gid)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
