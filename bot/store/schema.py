"""Creates, checks and migrates the database file, or refuses it.

The structure is checked at every start only if the file is small (64 MB take about a tenth of a second);
`Store.verify` checks a file of any size. SQLite notices a damaged page when it reads it.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from bot.model.errors import StoreNewer
from bot.store.dialect import references_are_broken
from bot.store.sqlite_errors import corrupt
from bot.store.tables import meta

APPLICATION_ID = 0x61725869  # "arXi": marks the files of this bot, and the command `file` shows it
INSTALLATION = "installation"
MIGRATIONS = Path(__file__).with_name("migrations")
_VERSION = sa.table("alembic_version", sa.column("version_num", sa.String))  # Alembic's own table
_HEADER = b"SQLite format 3\x00"
_CHEAP_TO_CHECK = 64 << 20


def prepare(path: Path, *, timeout: float) -> None:
    """Make the file ready for `migrate`: check that it is this bot's and undamaged, and turn on WAL mode.

    A missing file is created. Blocks; *timeout* is in seconds.

    Raises:
        StoreCorrupt: the file is damaged, another program's, or not a database.
    """
    require_header(path)
    if not path.exists():
        with suppress(OSError):  # SQLite is about to meet the same error, and reports it better
            path.touch(mode=0o600)  # what people save is private; SQLite gives -wal and -shm the same mode
    with closing(sqlite3.connect(path, timeout=timeout, isolation_level=None)) as connection:
        require_ours(connection, path)
        if path.stat().st_size <= _CHEAP_TO_CHECK:
            verify(connection, path)
        _use_wal(connection, patience=timeout)
        # Written even if it is set already. SQLite opens a read-only file without an error, and even BEGIN
        # IMMEDIATE succeeds on it.
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _use_wal(connection: sqlite3.Connection, *, patience: float) -> None:
    """Turn on WAL mode, for good. If others have the file open, retry for *patience* seconds.

    SQLite's own timeout applies to transactions, not to this change.
    """
    until = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def require_header(path: Path) -> None:
    """Check that the file, unless it is missing or empty, begins with SQLite's header.

    SQLite takes a short text file for an empty database, and overwrites it.

    Raises:
        StoreCorrupt: it begins with something else.
    """
    if path.exists() and path.stat().st_size:
        with path.open("rb") as file:
            if file.read(len(_HEADER)) != _HEADER:
                raise corrupt(path, "not a database file")


def require_ours(connection: sqlite3.Connection, path: Path) -> None:
    """Check that the database is this bot's, or empty.

    Raises:
        StoreCorrupt: it is another program's.
    """
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application_id != APPLICATION_ID and (application_id or tables):
        raise corrupt(path, "another program's")


def verify(connection: sqlite3.Connection, path: Path, *, thoroughly: bool = False) -> None:
    """Check the structure of the file and all references; *thoroughly* also compares indexes with tables.

    Raises:
        StoreCorrupt: it is damaged.
    """
    check = "integrity_check" if thoroughly else "quick_check"
    if connection.execute(f"PRAGMA {check}(1)").fetchone()[0] != "ok":
        raise corrupt(path, "damaged")
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise corrupt(path, "damaged (rows refer to missing rows)")


def migrate(connection: sa.Connection, database: Path | str) -> str:
    """Migrate the schema to this version in the transaction of *connection*; return the installation's id.

    *database* is the file, or what sentences call the database of a server.

    Raises:
        StoreNewer: a later version of the bot wrote the database.
    """
    known, current = _revisions(), _current(connection)
    if current - known:
        raise StoreNewer(
            f"The database {database} was written by a later version of the bot; run that version, or set "
            "database.url to another one."
        )
    if current != {max(known)}:
        _upgrade(connection)
        if references_are_broken(connection):
            raise corrupt(Path(database), "damaged (rows refer to missing rows)")
    return installation(connection)


def outdated(connection: sa.Connection) -> bool:
    """Tell whether an earlier version of the bot wrote the database, so that `migrate` has work to do."""
    known = _revisions()
    return any(each in known and each != max(known) for each in _current(connection))


@cache
def _revisions() -> frozenset[str]:
    """Return the number of every migration: the first four characters of its file's name."""
    return frozenset(file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _current(connection: sa.Connection) -> set[str]:
    """Return the number of the migration that the database is at; nothing if it is new."""
    if not sa.inspect(connection).has_table(_VERSION.name):
        return set()
    return set(connection.scalars(sa.select(_VERSION.c.version_num)))


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - takes 11 MB, and few starts have anything to migrate
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def installation(connection: sa.Connection) -> str:
    """Return the identifier of this database, which is generated when it is first opened."""
    stored = connection.scalar(sa.select(meta.c.value).where(meta.c.key == INSTALLATION))
    if stored is None:
        stored = secrets.token_hex(6)
        connection.execute(meta.insert().values(key=INSTALLATION, value=stored))
    return str(stored)
