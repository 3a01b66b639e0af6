"""The gaps of a restored database: the time after the backup, whose messages it does not know.

A backup is marked with the moment when it was taken. When it is put to use, by `restore` or by copying the
file into place, the mark becomes a gap. Delivery then looks for the missing messages in the channels.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime

import sqlalchemy as sa

from bot.config.values import LONGEST_LOOK_BACK
from bot.model.outbox import Gap
from bot.store.dialect import insert, let_numbers_begin
from bot.store.schema import INSTALLATION
from bot.store.tables import destinations, meta, outbox, papers, queries, subscriptions

TAKEN = "backup.taken"
"""The key of `meta` under which a backup has the moment when it was taken, in ISO 8601."""
GAPS = "restored"

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def adopt(connection: sa.Connection, now: datetime) -> Gap | None:
    """Turn a marked backup into the database in use from *now* on; return its gap, None if it is unmarked."""
    taken = connection.scalar(sa.select(meta.c.value).where(meta.c.key == TAKEN))
    if taken is None:
        return None
    gap = Gap(datetime.fromisoformat(taken), now)
    kept = [one for one in gaps(connection) if now - one.until < LONGEST_LOOK_BACK]
    _put(
        connection, GAPS, json.dumps([[one.since.isoformat(), one.until.isoformat()] for one in (*kept, gap)])
    )
    connection.execute(meta.delete().where(meta.c.key == TAKEN))
    # New rows would get ids that other rows had after the backup. With the nonce of such a row, Discord would
    # take a new message for the old one, and buttons under old messages would act on new subscriptions.
    _put(connection, INSTALLATION, secrets.token_hex(6))
    let_numbers_begin(connection, int((now - _EPOCH).total_seconds()))
    return gap


def gaps(connection: sa.Connection) -> list[Gap]:
    """Return the gaps, the oldest first."""
    stored = connection.scalar(sa.select(meta.c.value).where(meta.c.key == GAPS))
    return [Gap(*map(datetime.fromisoformat, pair)) for pair in json.loads(stored or "[]")]


def mark(connection: sa.Connection, taken: datetime) -> None:
    """Mark a copy with the moment when it was taken, unless it is a copy of a marked one."""
    statement = insert(meta).values(key=TAKEN, value=taken.isoformat())
    connection.execute(statement.on_conflict_do_nothing())


def last_trace(connection: sa.Connection) -> datetime | None:
    """Return the latest moment in the database, None if it is empty. Missing messages are newer."""
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
