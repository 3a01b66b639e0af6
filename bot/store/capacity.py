"""Loads how many papers a channel may still get, from what was queued for it before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.outbox import Kind, Sending
from bot.model.subscriptions import Destination, Live
from bot.rules.choice import best_of_day, places_left
from bot.rules.newness import Intent
from bot.rules.pace import (
    USUAL,
    Allowance,
    Pace,
    most_at_once,
    new_papers_by_destination,
    start_of_day,
    surging,
)
from bot.store.chunks import chunks
from bot.store.dialect import utc_day
from bot.store.rows import DESTINATION_FIELDS, to_destination
from bot.store.tables import destinations, outbox, seen


async def load_allowances(
    connection: AsyncConnection,
    allowances: dict[int, Allowance],
    intents: Sequence[Intent],
    now: datetime,
    pace: Pace,
) -> None:
    """Add the missing allowances of the destinations of *intents* to *allowances*."""
    new = new_papers_by_destination(intents)
    catching_up = {intent.destination for intent in intents if intent.behind}
    missing = [destination for destination in new if destination not in allowances]
    for piece in chunks(missing):
        rows = await connection.execute(sa.select(*DESTINATION_FIELDS).where(destinations.c.id.in_(piece)))
        loaded = [to_destination(row) for row in rows]
        for one in loaded:
            cap = pace.cap if one.cap is None else one.cap
            allowances[one.id] = Allowance(cap=cap, best_only=one.live is Live.BEST)
        marked = await marked_since(connection, [one.id for one in loaded], pace.choice.since)
        for one in loaded:
            allowance = allowances[one.id]
            left = places_left(one.best, allowance.cap, marked=marked[one.id], posted=0)
            allowance.best, allowance.best_of_day = left.best, best_of_day(one.best, allowance.cap)
        counting = [one for one in loaded if allowances[one.id].cap is not None or one.id in catching_up]
        for destination, count in (await queued_today(connection, counting, now)).items():
            allowances[destination].today = count
    for destination in surging(new, allowances, pace):
        busiest = await _busiest_day(connection, destination, now)
        allowances[destination].most = most_at_once(pace, busiest)


async def queued_today(
    connection: AsyncConnection, counting: Iterable[Destination], now: datetime
) -> Counter[int]:
    """Count the posts queued for each destination since its own day began."""
    by_start: dict[datetime, list[int]] = {}
    for one in counting:
        by_start.setdefault(start_of_day(one.schedule, now), []).append(one.id)
    counted: Counter[int] = Counter()
    for start, ids in by_start.items():
        rows = await connection.execute(
            sa.select(outbox.c.destination_id, sa.func.count())
            .where(
                outbox.c.destination_id.in_(ids), outbox.c.created_at >= start, outbox.c.kind == Kind.PAPER
            )
            .group_by(outbox.c.destination_id)
        )
        counted.update({row[0]: row[1] for row in rows})
    return counted


async def marked_since(
    connection: AsyncConnection, destination_ids: Iterable[int], announced: datetime
) -> Counter[int]:
    """Count the best papers of each destination that were chosen since *announced*."""
    counted: Counter[int] = Counter()
    for piece in chunks(destination_ids):
        rows = await connection.execute(
            sa.select(seen.c.destination_id, sa.func.count())
            .where(seen.c.destination_id.in_(piece), seen.c.mark.is_not(None), seen.c.seen_at >= announced)
            .group_by(seen.c.destination_id)
        )
        counted.update({row[0]: row[1] for row in rows})
    return counted


async def _busiest_day(connection: AsyncConnection, destination_id: int, now: datetime) -> int:
    """Return the most papers that a destination got on one day lately.

    This reads many rows, so it is meant for the rare poll that brings very many papers. Papers that are held
    back, or were dropped, do not count, since they are not usual.
    """
    since = now - USUAL
    posted = sa.select(utc_day(outbox.c.created_at), sa.func.count()).where(
        outbox.c.destination_id == destination_id,
        outbox.c.created_at >= since,
        outbox.c.created_at < now,
        outbox.c.kind == Kind.PAPER,
        outbox.c.state != Sending.HELD,
    )
    listed = sa.select(utc_day(seen.c.seen_at), sa.func.count()).where(
        seen.c.destination_id == destination_id,
        seen.c.seen_at >= since,
        seen.c.seen_at < now,
        seen.c.in_digest,
    )
    papers: Counter[str] = Counter()
    for statement in (posted.group_by(sa.text("1")), listed.group_by(sa.text("1"))):
        for day, count in await connection.execute(statement):
            papers[day] += count
    return max(papers.values(), default=0)
