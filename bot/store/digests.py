"""What waits for the next digest of a channel, and which digests were posted on which local day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.outbox import DigestPage, Kind, OutboxRow, PageSubject, Section
from bot.model.papers import PaperId
from bot.model.subscriptions import Deliver
from bot.rules.digest import PendingPaper, sections_of
from bot.store.chunks import chunks, execute_many
from bot.store.engine import Database
from bot.store.outbox import new_row
from bot.store.rows import from_page, to_options, to_page
from bot.store.tables import destinations, digest_runs, matches, outbox, papers, seen, subscriptions


class Digests:
    """The papers that were seen for a digest and stand in none yet, and the ledger of digests."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pending(self, destination_id: int, *, overflow: bool = False, first: int = 0) -> list[Section]:
        """Return what the next digest holds, grouped by keyword in the order of subscription.

        With *overflow* only what was to be posted by itself, and was too much: what a list holds.

        A paper stands once, under the first keyword that asks for a digest (or, where none does, under the
        first that matches), which knows the others; within a keyword the last updated come first. The
        subscription *first* goes before all others: every paper that matches it stands under it.
        """
        statement = (
            sa.select(
                subscriptions,
                papers.c.id.label("paper"),
                papers.c.categories.label("listed"),
                papers.c.primary_category,
            )
            .join_from(seen, papers, papers.c.id == seen.c.paper_id)
            .join(matches, matches.c.paper_id == papers.c.id)
            .join(
                subscriptions,
                sa.and_(
                    subscriptions.c.query_id == matches.c.query_id,
                    subscriptions.c.destination_id == seen.c.destination_id,
                ),
            )
            .where(
                seen.c.destination_id == destination_id,
                seen.c.in_digest,
                seen.c.digested_on.is_(None),
                *([seen.c.overflow] if overflow else []),
            )
            .order_by(
                sa.case((subscriptions.c.id == first, 0), else_=1),
                sa.case((subscriptions.c.deliver == Deliver.LIVE, 1), else_=0),
                subscriptions.c.id,
                papers.c.updated.desc(),
                papers.c.serial.desc(),
            )
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).all()
        return sections_of(
            PendingPaper(row.id, row.keyword, to_options(row), row.paper, row.listed, row.primary_category)
            for row in rows
        )

    async def last_run(self, destination_id: int) -> date | None:
        """Return the local day of the last digest."""
        statement = sa.select(sa.func.max(digest_runs.c.day)).where(
            digest_runs.c.destination_id == destination_id
        )
        async with self._database.read() as connection:
            found: date | None = await connection.scalar(statement)
            return found

    async def runs(self, destination_id: int) -> list[date]:
        """Return the local days on which a digest ran, the last first."""
        statement = (
            sa.select(digest_runs.c.day)
            .where(digest_runs.c.destination_id == destination_id)
            .order_by(digest_runs.c.day.desc())
        )
        async with self._database.read() as connection:
            return list(await connection.scalars(statement))

    async def issue(self, channel_id: int, kind: Kind, day: date) -> DigestPage | None:
        """Return the whole digest or list that was queued for a channel on *day*; None if it is forgotten."""
        statement = (
            sa.select(outbox.c.page)
            .join_from(outbox, destinations)
            .where(
                destinations.c.channel_id == channel_id,
                outbox.c.kind == kind,
                outbox.c.subject == str(PageSubject(day)),
            )
        )
        async with self._database.read() as connection:
            page = await connection.scalar(statement)
        return to_page(page) if page else None

    async def replace_page(self, row: OutboxRow) -> None:
        """Store what is left of a digest or list whose other papers turned out to be posted already."""
        if row.page is None:
            raise ValueError(f"outbox row {row.id} holds no digest")
        async with self._database.write() as connection:
            await connection.execute(
                outbox.update().where(outbox.c.id == row.id).values(page=from_page(row.page))
            )

    async def run(self, destination_id: int, day: date, pages: Sequence[DigestPage], now: datetime) -> bool:
        """Queue the digest of a local day, once: False, and nothing done, if that day has had its own.

        The papers on the pages are in this digest and in no later one; those that a page leaves out (`more`)
        wait for the next. No pages is a day on which there was nothing to say.
        """
        listed = {paper for page in pages for section in page.sections for paper in section.papers}
        rows = [page_row(destination_id, Kind.DIGEST, day, page, now) for page in pages]
        async with self._database.write() as connection:
            ledger = await connection.execute(
                insert(digest_runs)
                .values(destination_id=destination_id, day=day, papers=len(listed), ran_at=now)
                .on_conflict_do_nothing()
            )
            if not ledger.rowcount:
                return False
            await execute_many(connection, insert(outbox), rows)
            await mark(connection, destination_id, listed, day)
            return True


async def mark(
    connection: AsyncConnection, destination_id: int, listed: Collection[PaperId], day: date
) -> None:
    """Note that the papers are in the digest or list of *day*, and therefore in no later one."""
    for piece in chunks(listed):
        await connection.execute(
            seen.update()
            .where(
                seen.c.destination_id == destination_id,
                seen.c.paper_id.in_(piece),
                seen.c.digested_on.is_(None),
            )
            .values(digested_on=day)
        )


def page_row(destination_id: int, kind: Kind, day: date, page: DigestPage, now: datetime) -> dict[str, Any]:
    """Return the columns of the outbox row that posts a page of a digest or list."""
    subject = PageSubject(day, page.number)
    row = new_row(destination=destination_id, kind=kind, subject=subject, now=now)
    return row | {"page": from_page(page)}
