"""What is forgotten, and when: papers with their matches, and sent messages, after `database.keep_days`.

The data of a channel that is gone is erased earlier, after the grace period (`delivery.grace_days`).

`seen` is kept for as long as its destination has subscriptions, however old it is: a revision can bring a
paper back years later, and then only `seen` tells it from a new one. A waiting post or digest and a reading
list keep their papers; the store always keeps its newest paper, from which new subscriptions count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.outbox import Sending
from bot.model.subscriptions import State
from bot.store.tables import (
    crossposts,
    destinations,
    digest_runs,
    dislikes,
    feedback,
    library,
    notices,
    outbox,
    papers,
    queries,
    removed,
    seen,
    subscriptions,
)

_UNSETTLED = (Sending.QUEUED, Sending.HELD)


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows were deleted."""

    papers: int
    queries: int
    outbox: int
    seen: int


async def prune(connection: AsyncConnection, before: datetime, *, removed_before: datetime) -> Pruned:
    """See `Store.prune`; subscriptions removed until *removed_before* can no longer be restored."""
    settled = await connection.execute(
        outbox.delete().where(outbox.c.state.not_in(_UNSETTLED), outbox.c.settled_at < before)
    )
    await connection.execute(digest_runs.delete().where(digest_runs.c.ran_at < before))
    await connection.execute(notices.delete().where(notices.c.settled_at < before))
    await connection.execute(crossposts.delete().where(crossposts.c.settled_at < before))
    await connection.execute(removed.delete().where(removed.c.removed_at <= removed_before))
    subscribed = sa.select(subscriptions.c.destination_id)
    remembered = await connection.execute(
        seen.delete().where(seen.c.seen_at < before, seen.c.destination_id.not_in(subscribed))
    )
    unasked = await connection.execute(
        queries.delete().where(
            queries.c.id.not_in(sa.select(subscriptions.c.query_id)),
            sa.func.coalesce(queries.c.last_polled, queries.c.backfilled, before) <= before,
        )
    )
    forgotten = await connection.execute(papers.delete().where(*_forgettable(before)))
    return Pruned(
        papers=forgotten.rowcount,
        queries=unasked.rowcount,
        outbox=settled.rowcount,
        seen=remembered.rowcount,
    )


async def erase_gone(connection: AsyncConnection, before: datetime) -> int:
    """See `Store.erase_gone`; *before* is the end of the grace period."""
    erased = await connection.execute(
        destinations.delete().where(destinations.c.state == State.GONE, destinations.c.state_since <= before)
    )
    return int(erased.rowcount)


def _forgettable(before: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    newest = sa.select(sa.func.max(papers.c.serial)).scalar_subquery()
    needed = sa.union_all(
        sa.select(library.c.paper_id),
        sa.select(feedback.c.paper_id),
        sa.select(dislikes.c.paper_id),
        sa.select(outbox.c.paper_id).where(outbox.c.state.in_(_UNSETTLED), outbox.c.paper_id.is_not(None)),
        sa.select(seen.c.paper_id).where(seen.c.in_digest, seen.c.digested_on.is_(None)),
    )
    return (
        papers.c.first_seen < before,
        papers.c.updated < before,
        papers.c.serial < newest,
        papers.c.id.not_in(needed),
    )
