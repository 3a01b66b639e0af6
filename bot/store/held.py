"""Papers held back because a poll brought far more than usual, until a manager or a later poll decides.

A held paper is an outbox row that is not queued. It is also in `seen`, so that the next poll does not take it
for new. How it will arrive is not stored: its subscriptions decide that when it is released.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.outbox import Sending
from bot.model.papers import PaperId
from bot.model.subscriptions import Destination, Options, State
from bot.rules.held import Decision, HeldPaper, release, review
from bot.store.chunks import chunks
from bot.store.engine import Database
from bot.store.overflow import defer
from bot.store.rows import DESTINATION_FIELDS, to_destination, to_options
from bot.store.tables import destinations, matches, outbox, papers, queries, seen, subscriptions


@dataclass(frozen=True, slots=True)
class HeldBack:
    """How many papers are held back from a destination, and since when the first one is."""

    destination: Destination
    papers: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How many held papers a poll moved to digests and lists, and how many it dropped."""

    listed: int = 0
    dropped: int = 0


class Held:
    """The papers that wait for a decision."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, among: Collection[int] | None = None) -> list[HeldBack]:
        """Return the destinations with held papers, of all or *among* the given ids."""
        chosen = [] if among is None else [destinations.c.id.in_(among)]
        statement: sa.Select[Any] = (
            sa.select(
                *DESTINATION_FIELDS,
                sa.func.count().label("papers"),
                sa.func.min(outbox.c.created_at).label("since"),
            )
            .join_from(destinations, outbox)
            .where(outbox.c.state == Sending.HELD, destinations.c.id.in_(_holding(*chosen)))
            .group_by(destinations.c.id)
            .order_by(destinations.c.id)
        )
        async with self._database.read() as connection:
            return [
                HeldBack(to_destination(row), row.papers, row.since)
                for row in await connection.execute(statement)
            ]

    async def post(self, destination_id: int, now: datetime) -> int:
        """Release the held papers as their subscriptions want them, ignoring the cap; return how many."""
        async with self._database.write() as connection:
            held = await _load(connection, destination_id)
            decided = release(held)
            for piece in chunks(decided.posts):
                await connection.execute(
                    outbox.update()
                    .where(*_held(destination_id, piece))
                    .values(state=Sending.QUEUED, due=now, created_at=now)
                )
            for piece in chunks(decided.digest):
                await connection.execute(
                    seen.update()
                    .where(seen.c.destination_id == destination_id, seen.c.paper_id.in_(piece))
                    .values(in_digest=True)
                )
            await _delete(connection, destination_id, [paper.id for paper in held])
            return len(held)

    async def to_digest(self, destination_id: int, now: datetime) -> int:
        """Leave the held papers to the next digest or the list of the day; return how many."""
        async with self._database.write() as connection:
            held = [paper.id for paper in await _load(connection, destination_id)]
            await _list(connection, destination_id, held, now)
            return len(held)

    async def drop(self, destination_id: int) -> int:
        """Discard the held papers for good; return how many."""
        async with self._database.write() as connection:
            held = [paper.id for paper in await _load(connection, destination_id)]
            await _delete(connection, destination_id, held)
            return len(held)

    async def review(
        self,
        *,
        returned: Collection[PaperId],
        asked: Mapping[str, datetime],
        over: Collection[int],
        now: datetime,
    ) -> Reviewed:
        """Decide on the held papers after a poll, each channel in a transaction; see `bot.rules.held.review`.

        *over* are the destinations to which this poll brought too much itself; their papers wait on. A
        dropped paper is removed from `seen` too: if a later poll brings it, it is new.
        """
        async with self._database.read() as connection:
            holding = [key for key in await connection.scalars(_holding()) if key not in over]
        total = Reviewed()
        for destination_id in holding:
            async with self._database.write() as connection:
                held = await _load(connection, destination_id)
                decisions = review(held, returned=returned, asked=asked, now=now)
                listed = [paper for paper, decision in decisions.items() if decision is Decision.LIST]
                dropped = [paper for paper, decision in decisions.items() if decision is Decision.DROP]
                await _list(connection, destination_id, listed, now)
                await _delete(connection, destination_id, dropped)
                for piece in chunks(dropped):
                    await connection.execute(
                        seen.delete().where(
                            seen.c.destination_id == destination_id, seen.c.paper_id.in_(piece)
                        )
                    )
            total = Reviewed(total.listed + len(listed), total.dropped + len(dropped))
        return total


def _holding(*chosen: sa.ColumnElement[bool]) -> sa.Select[int]:
    """Select the destinations that have held papers; this costs one index lookup for each."""
    held = sa.exists().where(outbox.c.destination_id == destinations.c.id, outbox.c.state == Sending.HELD)
    return sa.select(destinations.c.id).where(held, *chosen)


def _held(destination_id: int, ids: Collection[PaperId]) -> tuple[sa.ColumnElement[bool], ...]:
    """Select the rows that hold back the papers *ids* from a destination."""
    return (
        outbox.c.destination_id == destination_id,
        outbox.c.paper_id.in_(ids),
        outbox.c.state == Sending.HELD,
    )


async def _load(connection: AsyncConnection, destination_id: int) -> list[HeldPaper]:
    """Return the held papers of a destination in the order of its queue."""
    statement = (
        sa.select(
            subscriptions,
            outbox.c.created_at.label("held_since"),
            papers.c.id.label("paper"),
            papers.c.categories.label("listed"),
            papers.c.primary_category,
            papers.c.published,
            queries.c.canonical,
        )
        .join_from(outbox, papers, papers.c.id == outbox.c.paper_id)
        .outerjoin(matches, matches.c.paper_id == papers.c.id)
        .outerjoin(
            subscriptions,
            sa.and_(
                subscriptions.c.query_id == matches.c.query_id,
                subscriptions.c.destination_id == destination_id,
                subscriptions.c.state == State.ACTIVE,
            ),
        )
        .outerjoin(queries, queries.c.id == subscriptions.c.query_id)
        .where(outbox.c.destination_id == destination_id, outbox.c.state == Sending.HELD)
        .order_by(outbox.c.place)
    )
    held: dict[PaperId, HeldPaper] = {}
    matched: defaultdict[PaperId, dict[str, Options]] = defaultdict(dict)
    for row in await connection.execute(statement):
        held[row.paper] = HeldPaper(
            id=row.paper,
            since=row.held_since,
            published=row.published,
            categories=tuple(row.listed),
            primary_category=row.primary_category,
            matched=matched[row.paper],
        )
        if row.id is not None:
            matched[row.paper][row.canonical] = to_options(row)
    return list(held.values())


async def _list(
    connection: AsyncConnection, destination_id: int, ids: Collection[PaperId], now: datetime
) -> None:
    await defer(connection, destination_id, ids, now)
    await _delete(connection, destination_id, ids)


async def _delete(connection: AsyncConnection, destination_id: int, ids: Collection[PaperId]) -> None:
    """Delete the rows of those papers that are still held back."""
    for piece in chunks(ids):
        await connection.execute(outbox.delete().where(*_held(destination_id, piece)))
