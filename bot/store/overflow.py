"""Papers that were too many to be posted: they wait for the channel's digest or, without one, for a list.

In `seen` they have `in_digest` and `overflow`, and no `digested_on` yet. The row of a list, unique for its
day, is also the ledger, so that there is one list a day however often the bot restarts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.outbox import DigestPage, Kind, PageSubject, Section, Sending
from bot.model.papers import PaperId
from bot.model.subscriptions import Destination, State
from bot.rules.choice import BACKLOG
from bot.rules.digest import papers_on
from bot.rules.pace import STALE, backlog
from bot.store.chunks import chunks, execute_many
from bot.store.dialect import insert
from bot.store.digests import Digests, mark, page_row
from bot.store.engine import Database
from bot.store.rows import DESTINATION_FIELDS, to_destination
from bot.store.tables import destinations, outbox, seen

# Exactly as in the partial index, or SQLite would read the whole table.
_WAITING = sa.text("seen.overflow AND seen.digested_on IS NULL")
_UNTRIED = (outbox.c.kind == Kind.PAPER, outbox.c.state == Sending.QUEUED, outbox.c.attempts == 0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many papers wait in a destination for its digest or list.

    `first` and `last` are when the first and the latest of them came. `listed` means that the list of the
    given day is queued or posted already.
    """

    destination: Destination
    papers: int
    first: datetime
    last: datetime
    listed: bool


class Overflow:
    """The papers above the caps, and those of backlogs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def defer_backlogs(self, now: datetime) -> int:
        """Move the posts of every backlog to the next digest or list, and return how many papers that are.

        Attempted posts stay queued, since Discord may have them already. They are moved in one transaction.
        """
        if not (backlogged := await self._backlogged(now)):
            return 0
        folded = 0
        async with self._database.write() as connection:
            for destination_id in backlogged:
                rows = await connection.execute(
                    sa.select(outbox.c.id, outbox.c.paper_id, outbox.c.created_at).where(
                        outbox.c.destination_id == destination_id, *_UNTRIED
                    )
                )
                waiting = {row.id: (row.paper_id, row.created_at) for row in rows}
                stale = backlog({key: queued for key, (_, queued) in waiting.items()}, now)
                for piece in chunks(stale):
                    await connection.execute(outbox.delete().where(outbox.c.id.in_(piece)))
                await defer(connection, destination_id, [waiting[key][0] for key in stale], now)
                folded += len(stale)
        return folded

    async def waiting(self, day: date) -> list[Waiting]:
        """Return what waits, ordered by destination; *day* is the day for `Waiting.listed`."""
        list_of_day = outbox.alias("list_of_day")
        listed = sa.exists().where(
            list_of_day.c.destination_id == destinations.c.id,
            list_of_day.c.kind == Kind.LIST,
            list_of_day.c.subject == str(PageSubject(day)),
        )
        # A subquery, since in a join SQLite would start from the destinations and ignore the partial index.
        counted = (
            sa.select(
                seen.c.destination_id,
                sa.func.count().label("papers"),
                sa.func.min(seen.c.seen_at).label("first"),
                sa.func.max(seen.c.seen_at).label("last"),
            )
            .where(_WAITING)
            .group_by(seen.c.destination_id)
            .subquery()
        )
        statement: sa.Select[Any] = (
            sa.select(
                *DESTINATION_FIELDS, counted.c.papers, counted.c.first, counted.c.last, listed.label("listed")
            )
            .join_from(counted, destinations, destinations.c.id == counted.c.destination_id)
            .where(destinations.c.state != State.GONE)
            .order_by(destinations.c.id)
        )
        async with self._database.read() as connection:
            return [
                Waiting(to_destination(row), row.papers, row.first, row.last, bool(row.listed))
                for row in await connection.execute(statement)
            ]

    async def sections(self, destination_id: int) -> list[Section]:
        """Return the sections of a destination's next list; see `Digests.pending`."""
        return await Digests(self._database).pending(destination_id, overflow=True)

    async def run(self, destination_id: int, page: DigestPage, now: datetime) -> bool:
        """Queue the list of a day; return False, and do nothing, if that day has one already."""
        listed = papers_on(page)
        row = page_row(destination_id, Kind.LIST, page.day, page, now)
        # Lists are in the order of identifiers, like posts: after earlier papers, before later ones.
        row["place"] = min(paper.serial for paper in listed)
        async with self._database.write() as connection:
            queued = await connection.execute(insert(outbox).values(row).on_conflict_do_nothing())
            if not queued.rowcount:
                return False
            await mark(connection, destination_id, listed, page.day)
            return True

    async def overflowed(self, destination_id: int, ids: Iterable[PaperId]) -> set[PaperId]:
        """Return those of *ids* that are in a digest or list because there were too many to post."""
        in_overflow = sa.select(seen.c.paper_id).where(
            seen.c.destination_id == destination_id, seen.c.overflow
        )
        papers: set[PaperId] = set()
        async with self._database.read() as connection:
            for piece in chunks(ids):
                papers |= set(await connection.scalars(in_overflow.where(seen.c.paper_id.in_(piece))))
        return papers

    async def _backlogged(self, now: datetime) -> list[int]:
        """Return the destinations with so many stale posts that they may be a backlog."""
        stale = (
            sa.select(sa.func.count())
            # An untried row has been due since it was queued; with `due`, SQLite uses the queue's index.
            .where(outbox.c.destination_id == destinations.c.id, *_UNTRIED, outbox.c.due <= now - STALE)
            .correlate(destinations)
            .scalar_subquery()
        )
        async with self._database.read() as connection:
            return list(await connection.scalars(sa.select(destinations.c.id).where(stale > BACKLOG)))


async def defer(
    connection: AsyncConnection, destination_id: int, ids: Iterable[PaperId], now: datetime
) -> None:
    """Leave the papers *ids*, which will not be posted, to the digest or list of their destination.

    Those that a digest had already stay as they are: they would be in a second one.
    """
    values: dict[str, Any] = {"in_digest": True, "overflow": True, "digested_on": None}
    statement = insert(seen).on_conflict_do_update(
        index_elements=[seen.c.destination_id, seen.c.paper_id],
        set_=values,
        where=seen.c.digested_on.is_(None),
    )
    rows = ({"destination_id": destination_id, "paper_id": paper, "seen_at": now} | values for paper in ids)
    await execute_many(connection, statement, rows)
