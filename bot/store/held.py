"""What a poll brought far beyond the usual: it stays here until a manager or a later poll decides on it.

A held paper is an outbox row that is not queued, and `seen`, so that the next poll does not bring it again
as something new. How it would have arrived is not stored: the subscriptions say so when it is released.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.outbox import Sending
from bot.model.papers import PaperId
from bot.model.subscriptions import Deliver, Destination, State
from bot.rules.newness import wants
from bot.rules.pace import Verdict, judge
from bot.store.chunks import chunks
from bot.store.engine import Database
from bot.store.overflow import keep
from bot.store.rows import DESTINATION_FIELDS, to_destination, to_options
from bot.store.tables import destinations, matches, outbox, papers, queries, seen, subscriptions


@dataclass(frozen=True, slots=True)
class HeldBack:
    """How many papers are held back from a destination, and since when."""

    destination: Destination
    papers: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How many held papers a poll released to the digests and lists, and how many it no longer found."""

    listed: int = 0
    dropped: int = 0


@dataclass(slots=True)
class _Row:
    """A held paper: its outbox row, who wants it and how, when it was held and submitted."""

    id: int
    since: datetime
    published: datetime
    queries: set[str] = field(default_factory=set)
    deliver: set[Deliver] = field(default_factory=set)


class Held:
    """The papers that wait for somebody to say that they are wanted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, among: Collection[int] | None = None) -> list[HeldBack]:
        """Return from which destinations papers are held back: of all, or *among* those named."""
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
        """Queue what is held as it would have been, whatever the cap; return how many papers that are."""
        async with self._database.write() as connection:
            rows = await _rows(connection, destination_id)
            live = [row.id for row in rows.values() if row.deliver - {Deliver.DIGEST}]
            for piece in chunks(live):
                await connection.execute(
                    outbox.update()
                    .where(outbox.c.id.in_(piece))
                    .values(state=Sending.QUEUED, due=now, created_at=now)
                )
            listed = [paper for paper, row in rows.items() if row.deliver - {Deliver.LIVE}]
            for some in chunks(listed):
                await connection.execute(
                    seen.update()
                    .where(seen.c.destination_id == destination_id, seen.c.paper_id.in_(some))
                    .values(in_digest=True)
                )
            await _forget(connection, [row.id for row in rows.values()])
            return len(rows)

    async def to_digest(self, destination_id: int, now: datetime) -> int:
        """Let what is held wait for the digest or the list of the day; return how many papers that are."""
        async with self._database.write() as connection:
            rows = await _rows(connection, destination_id)
            await _list(connection, destination_id, rows, now)
            return len(rows)

    async def drop(self, destination_id: int) -> int:
        """Give up what is held, for good; return how many papers that were."""
        async with self._database.write() as connection:
            rows = await _rows(connection, destination_id)
            await _forget(connection, [row.id for row in rows.values()])
            return len(rows)

    async def review(
        self,
        *,
        returned: Collection[PaperId],
        asked: Mapping[str, datetime],
        over: Collection[int],
        now: datetime,
    ) -> Reviewed:
        """Decide on what is held after a poll (see `bot.rules.pace.judge`); none if it brought too much.

        *returned* are the papers that the poll brought, *asked* the queries (canonical text) it asked, with
        the submission from which on it asked for all papers; *over* the destinations it brought too much for.
        What is dropped was never there: should it come after all, it is new.
        """
        async with self._database.read() as connection:
            found = await connection.scalars(_holding())
            holding = [one for one in found if one not in over]
        total = Reviewed()
        for destination_id in holding:
            async with self._database.write() as connection:
                rows = await _rows(connection, destination_id)
                verdicts = {
                    paper: judge(
                        held_since=row.since,
                        published=row.published,
                        returned=paper in returned,
                        asked_from=[asked.get(query) for query in row.queries],
                        now=now,
                    )
                    for paper, row in rows.items()
                }
                listed = {paper: rows[paper] for paper, each in verdicts.items() if each is Verdict.LIST}
                await _list(connection, destination_id, listed, now)
                dropped = [paper for paper, each in verdicts.items() if each is Verdict.DROP]
                await _forget(connection, [rows[paper].id for paper in dropped])
                for piece in chunks(dropped):
                    await connection.execute(
                        seen.delete().where(
                            seen.c.destination_id == destination_id, seen.c.paper_id.in_(piece)
                        )
                    )
            total = Reviewed(total.listed + len(listed), total.dropped + len(dropped))
        return total


def _holding(*chosen: sa.ColumnElement[bool]) -> sa.Select[int]:
    """Select the destinations that hold something: one look-up of an index for each."""
    held = sa.exists().where(outbox.c.destination_id == destinations.c.id, outbox.c.state == Sending.HELD)
    return sa.select(destinations.c.id).where(held, *chosen)


async def _rows(connection: AsyncConnection, destination_id: int) -> dict[PaperId, _Row]:
    """Return the held papers of a destination, with the active subscriptions that want each."""
    found: dict[PaperId, _Row] = {}
    held = (
        sa.select(
            subscriptions,
            outbox.c.id.label("row_id"),
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
    for row in await connection.execute(held):
        one = found.setdefault(row.paper, _Row(row.row_id, row.held_since, row.published))
        if row.id is not None and wants(to_options(row), row.listed, row.primary_category):
            one.queries.add(row.canonical)
            one.deliver.add(Deliver(row.deliver))
    return found


async def _list(
    connection: AsyncConnection, destination_id: int, rows: Mapping[PaperId, _Row], now: datetime
) -> None:
    await keep(connection, destination_id, rows, now)
    await _forget(connection, [row.id for row in rows.values()])


async def _forget(connection: AsyncConnection, row_ids: Collection[int]) -> None:
    """Delete those of the rows that are still held."""
    for piece in chunks(row_ids):
        await connection.execute(
            outbox.delete().where(outbox.c.id.in_(piece), outbox.c.state == Sending.HELD)
        )
