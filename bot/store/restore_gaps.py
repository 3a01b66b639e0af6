"""What a database that was a backup does not know: which messages were posted after it was taken.

A copy carries the moment at which it was taken. Whatever puts it to use, `restore` or a hand that copied the
file into place, turns that into a gap, which delivery then bridges by looking into the channels.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bot.model.outbox import Gap
from bot.store.schema import INSTALLATION
from bot.store.tables import destinations, meta, metadata, outbox, papers, queries, subscriptions

TAKEN = "backup.taken"
"""The key of `meta` under which a copy says, in ISO 8601, when it was taken."""
GAPS = "restored"

_KEPT = timedelta(days=365)  # arXiv is never asked for papers older than that
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def adopt(connection: sa.Connection, now: datetime) -> Gap | None:
    """Make of a copy the database that is used from *now* on; None, and nothing done, where it is no copy."""
    found = connection.scalar(sa.select(meta.c.value).where(meta.c.key == TAKEN))
    if found is None:
        return None
    gap = Gap(datetime.fromisoformat(found), now)
    kept = [one for one in gaps(connection) if now - one.until < _KEPT]
    _put(
        connection, GAPS, json.dumps([[one.since.isoformat(), one.until.isoformat()] for one in (*kept, gap)])
    )
    connection.execute(meta.delete().where(meta.c.key == TAKEN))
    # Rows made from now on have numbers that rows had in the meantime. With the nonce of such a row Discord
    # would take a new message for the old one, and buttons under old messages would mean new subscriptions.
    _put(connection, INSTALLATION, secrets.token_hex(6))
    _leave_numbers_out(connection, int((now - _EPOCH).total_seconds()))
    return gap


def gaps(connection: sa.Connection) -> list[Gap]:
    """Return the gaps, the oldest first."""
    found = connection.scalar(sa.select(meta.c.value).where(meta.c.key == GAPS))
    return [Gap(*map(datetime.fromisoformat, pair)) for pair in json.loads(found or "[]")]


def mark(connection: sa.Connection, taken: datetime) -> None:
    """Let a copy say when it was taken; a copy of one that says so already is no newer than that one."""
    statement = insert(meta).values(key=TAKEN, value=taken.isoformat())
    connection.execute(statement.on_conflict_do_nothing())


def last_trace(connection: sa.Connection) -> datetime | None:
    """Return the latest moment that the database knows of; what it lacks happened after that."""
    moments = (
        connection.scalar(sa.select(sa.func.max(column)))
        for column in (
            outbox.c.created_at,
            outbox.c.first_tried,
            outbox.c.settled_at,
            queries.c.last_polled,
            queries.c.backfilled,
            papers.c.first_seen,
            subscriptions.c.created_at,
            destinations.c.created_at,
        )
    )
    return max((moment for moment in moments if moment is not None), default=None)


def _put(connection: sa.Connection, key: str, value: str) -> None:
    statement = insert(meta).values(key=key, value=value)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[meta.c.key], set_={"value": statement.excluded.value})
    )


def _leave_numbers_out(connection: sa.Connection, number: int) -> None:
    """Continue the numbers of rows at *number*, where they have not come so far yet."""
    numbered = [
        table.name for table in metadata.sorted_tables if table.dialect_options["sqlite"]["autoincrement"]
    ]
    for name in numbered:
        connection.exec_driver_sql(
            "INSERT INTO sqlite_sequence (name, seq) SELECT ?, 0 "
            "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)",
            (name, name),
        )
        connection.exec_driver_sql(
            "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (number, name)
        )
