"""From whatever lies at the path to a database of this version: made, checked, migrated, or refused.

The structure is checked at every start only while that is cheap (64 MB take about a tenth of a second);
`Store.verify` does it for any size. SQLite itself notices a damaged page when it reads it.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.model.errors import StoreNewer
from bot.store.sqlite_errors import corrupt
from bot.store.tables import meta

APPLICATION_ID = 0x61725869  # "arXi": tells this bot's files from other programs' (and `file` knows it)
INSTALLATION = "installation"
MIGRATIONS = Path(__file__).with_name("migrations")
_HEADER = b"SQLite format 3\x00"
_CHEAP_TO_CHECK = 64 << 20


def prepare(path: Path, *, timeout: float) -> None:
    """Make the file ready for `migrate`: ours or new, sound, in WAL mode. Blocks; *timeout* in seconds.

    Raises:
        StoreCorrupt: it is damaged, another program's, or no database at all.
    """
    require_header(path)
    if not path.exists():
        with suppress(OSError):  # which SQLite is about to meet, too, and has words for
            path.touch(mode=0o600)  # what people save and read is nobody else's; -wal and -shm take after it
    with closing(sqlite3.connect(path, timeout=timeout, isolation_level=None)) as connection:
        require_ours(connection, path)
        if path.stat().st_size <= _CHEAP_TO_CHECK:
            verify(connection, path)
        _use_wal(connection, patience=timeout)
        # Also where it is set already: SQLite opens a file that it may not write without a word, and takes
        # even BEGIN IMMEDIATE on it for a reading one.
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _use_wal(connection: sqlite3.Connection, *, patience: float) -> None:
    """Turn WAL on, which stays on; where others have the file open, try again for *patience* seconds.

    SQLite does not wait for them here by itself: its time-out holds for transactions, not for this change.
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
    """See that the file, where there is one with something in it, begins as SQLite's do.

    SQLite itself takes a short enough text file for an empty database, and overwrites it.

    Raises:
        StoreCorrupt: it does not.
    """
    if path.exists() and path.stat().st_size:
        with path.open("rb") as file:
            if file.read(len(_HEADER)) != _HEADER:
                raise corrupt(path, "not a database file")


def require_ours(connection: sqlite3.Connection, path: Path) -> None:
    """See that the database is this bot's, or empty.

    Raises:
        StoreCorrupt: another program made it.
    """
    found = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if found != APPLICATION_ID and (found or tables):
        raise corrupt(path, "another program's")


def verify(connection: sqlite3.Connection, path: Path, *, thoroughly: bool = False) -> None:
    """Read the whole structure; *thoroughly* compares every index with its table as well.

    Raises:
        StoreCorrupt: it is damaged.
    """
    check = "integrity_check" if thoroughly else "quick_check"
    if connection.execute(f"PRAGMA {check}(1)").fetchone()[0] != "ok":
        raise corrupt(path, "damaged")
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise corrupt(path, "damaged (rows refer to others that are not there)")


def migrate(connection: sa.Connection, path: Path) -> str:
    """Bring the schema to this version in the transaction of *connection*; return the installation's id.

    Raises:
        StoreNewer: a later version of the bot wrote it.
    """
    config = _config()
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    current = set(MigrationContext.configure(connection).get_current_heads())
    if current - known:
        raise StoreNewer(
            f"The database {path} was written by a later version of the bot; run that one, or set "
            "database.url to another file."
        )
    if current != set(scripts.get_heads()):
        command.upgrade(config, "head")
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise corrupt(path, "damaged (rows refer to others that are not there)")
    return installation(connection)


def outdated(connection: sa.Connection) -> bool:
    """Tell whether a version of the bot made the database after which `migrate` has something to do."""
    current = MigrationContext.configure(connection).get_current_heads()
    scripts = ScriptDirectory.from_config(_config())
    later = (script.revision for script in scripts.walk_revisions() if not script.is_head)
    return bool(set(current) & set(later))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def installation(connection: sa.Connection) -> str:
    """Return what tells this database from every other, made at its first opening."""
    stored = connection.scalar(sa.select(meta.c.value).where(meta.c.key == INSTALLATION))
    if stored is None:
        stored = secrets.token_hex(6)
        connection.execute(meta.insert().values(key=INSTALLATION, value=stored))
    return str(stored)
