"""Creates a database of an earlier version of the bot, so that an upgrade can be interrupted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from bot.store.schema import APPLICATION_ID, MIGRATIONS


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def revisions() -> list[str]:
    """Return all versions of the schema, oldest first."""
    walked = ScriptDirectory.from_config(_config()).walk_revisions()
    return [script.revision for script in walked][::-1]


def at_revision(present: Path, revision: str, old: Path) -> None:
    """Create *old*, a database of *revision* with the content of *present*, as far as it fits."""
    engine = sa.create_engine(f"sqlite:///{old}")
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS present", (str(present),))
        connection.execute("BEGIN")
        tables = connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if table.startswith(("sqlite_", "alembic_")):
                continue
            had, has = [
                [row[1] for row in connection.execute(f"PRAGMA {each}.table_info({table})")]
                for each in ("main", "present")
            ]
            columns = ", ".join(name for name in had if name in has)
            copy = f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM present.{table}"  # noqa: S608 - our own names
            connection.execute(copy)
        connection.execute("COMMIT")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA journal_mode = WAL")
