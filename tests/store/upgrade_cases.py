"""A database as an earlier version left it: its schema by the migrations up to there, its rows by raw SQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from bot.store.schema import APPLICATION_ID, MIGRATIONS

REVISIONS = [path.name[:4] for path in sorted((MIGRATIONS / "versions").glob("0*.py"))]
VERSION_0_1_0 = "0004"
THEN = "2026-07-21 08:00:00.000000"
_ROWS: dict[str, dict[str, Any]] = {
    "papers": {
        "version": 1, "title": "Speech synthesis", "abstract": "We synthesise speech.", "authors": "[]",
        "categories": '["cs.CL"]', "primary_category": "cs.CL", "published": THEN, "updated": THEN,
        "comment": None, "journal_ref": None, "doi": None, "withdrawn": 0, "first_seen": THEN,
    },
    "queries": {"last_polled": None, "last_failed": None, "last_error": "", "backfilled": None},
    "matches": {"version": 1, "words": '["speech"]'},
    "destinations": {
        "guild_id": 100, "user_id": 0, "hour": None, "zone": None, "days": "[]", "quiet": 0,
        "scheduled_at": None, "cap": None, "state": "active", "reason": "", "created_at": THEN,
        "state_since": None, "kicked_at": None, "crosspost": 1,
    },
    "subscriptions": {
        "keyword": "TTS", "deliver": "live", "role_id": 0, "categories": "[]", "cross_lists": 1,
        "revisions": 0, "since": "2607.00900", "since_serial": 31800900, "margin_until": None,
        "created_at": THEN, "created_by": 300, "state": "active", "reason": "",
    },
    "removed": {
        "canonical": "tts", "keyword": "TTS", "deliver": "live", "role_id": 0, "categories": "[]",
        "cross_lists": 1, "revisions": 0, "since": None, "since_serial": None, "margin_until": None,
        "created_at": THEN, "created_by": 300, "state": "active", "reason": "", "removed_at": THEN,
    },
    "seen": {"seen_at": THEN, "in_digest": 0, "digested_on": None, "overflow": 0},
    "outbox": {
        "kind": "paper", "paper_id": None, "place": 0, "state": "queued", "due": THEN, "attempts": 0,
        "ambiguous": 0, "first_tried": None, "message_id": 0, "error": "", "page": None, "plain": 0,
        "created_at": THEN, "settled_at": None,
    },
    "crossposts": {
        "state": "queued", "due": THEN, "attempts": 0, "error": "", "created_at": THEN, "settled_at": None,
    },
    "notices": {
        "name": "", "created_at": THEN, "state": "queued", "due": THEN, "attempts": 0, "ambiguous": 0,
        "first_tried": None, "batch": 0, "channel_id": 0, "user_id": 0, "refused": "[]", "error": "",
        "settled_at": None,
    },
    "digest_runs": {"papers": 2, "ran_at": THEN},
    "library": {"note": "", "saved_at": THEN},
    "meta": {},
}  # fmt: skip
"""What a row of each table holds when a test says nothing else."""


class OldDatabase:
    """Puts rows into the tables of an earlier version."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def insert(self, table: str, **values: Any) -> int:
        """Insert a row; return its number."""
        row = _ROWS[table] | values
        names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
        made = self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", row)  # noqa: S608 - our own names
        return made.lastrowid or 0

    def paper(self, number: int) -> str:
        """Insert a paper; return its identifier."""
        identifier = f"2607.{number:05}"
        self.insert("papers", id=identifier, serial=31_800_000 + number)
        return identifier

    def post(self, destination: int, paper: str, **values: Any) -> int:
        """Insert the post of a paper that a channel knows of."""
        self.insert("seen", destination_id=destination, paper_id=paper)
        serial = 31_800_000 + int(paper[-5:])
        subject = f"{paper}v1"
        return self.insert(
            "outbox", destination_id=destination, subject=subject, paper_id=paper, place=serial, **values
        )

    def digest(self, destination: int, page: int, papers: list[str], **values: Any) -> int:
        """Insert page *page* of the two of a digest."""
        content = {
            "day": "2026-07-21",
            "number": page,
            "pages": 2,
            "total": 2,
            "sections": [{"keyword": "TTS", "papers": papers, "more": 0, "also": {}}],
        }
        return self.insert(
            "outbox",
            destination_id=destination,
            kind="digest",
            subject=f"2026-07-21/{page}",
            place=-(1 << 50),
            page=json.dumps(content),
            **values,
        )


def migrate_to(file: Path, revision: str) -> None:
    """Make *file* an empty database with the schema of *revision*."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = sa.create_engine(f"sqlite:///{file}", poolclass=sa.NullPool)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@contextmanager
def database_of_0_1_0(file: Path) -> Iterator[OldDatabase]:
    """Make *file* a database of version 0.1.0, to be filled inside."""
    migrate_to(file, VERSION_0_1_0)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA foreign_keys = ON")
        yield OldDatabase(connection)
        connection.commit()
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def sample(table: str, name: str, kind: str) -> object:
    """Return a value for a column, such that rows of different tables belong together."""
    known = {
        "since": "2607.00900",
        "subject": "2607.01001v1",
        "kind": "paper",
        "deliver": "live",
        "page": "null",
        "style": "full",
        "live": "best",
        "notify": "best",
        "mark": '{"place": 1, "of": 2, "star": true, "terms": ["a"]}',
    }
    if name in known:
        return known[name]
    if name == "state":
        return "active" if table in {"destinations", "subscriptions"} else "queued"
    if name == "paper_id" or (table, name) == ("papers", "id"):
        return "2607.01001"
    by_kind = {"JSON": "[]", "DATETIME": "2026-07-20 12:00:00.000000", "DATE": "2026-07-20"}
    return by_kind.get(kind, f"some {name}" if kind.startswith(("VARCHAR", "TEXT")) else 1)
