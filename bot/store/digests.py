"""The papers that wait for a channel's next digest, and the ledger of digests by local day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.outbox import DigestPage, Kind, OutboxRow, PageSubject, Section
from bot.model.papers import PaperId
from bot.model.subscriptions import Deliver
from bot.rules.digest import PendingPaper, sections_of
from bot.store.chunks import chunks, execute_many
from bot.store.dialect import insert
from bot.store.engine import Database
from bot.store.outbox import new_row
from bot.store.rows import from_page, to_options, to_page
from bot.store.tables import destinations, digest_runs, matches, outbox, papers, seen, subscriptions


class Digests:
    """The digests of all channels."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pending(self, destination_id: int, *, overflow: bool = False, first: int = 0) -> list[Section]:
        """Return the sections of the next digest, one for each keyword, in the order of subscription.

        With *overflow*, return those of the next list: only papers that were too many to be posted.

        A paper is listed once: under the first keyword that asks for a digest, or else under the first that
        matches. Its section names the other keywords. Within a section, the last updated papers come first.
        The subscription *first* precedes all others, so that every paper that matches it is listed there.
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
        """Return the local day of the last digest, None if there was none."""
        statement = sa.select(sa.func.max(digest_runs.c.day)).where(
            digest_runs.c.destination_id == destination_id
        )
        async with self._database.read() as connection:
            last: date | None = await connection.scalar(statement)
            return last

    async def last_with_papers(self, destination_id: int, *, before: date) -> date | None:
        """Return the local day of the last digest *before* a day that had papers, None if there was none."""
        statement = sa.select(sa.func.max(digest_runs.c.day)).where(
            digest_runs.c.destination_id == destination_id,
            digest_runs.c.papers > 0,
            digest_runs.c.day < before,
        )
        async with self._database.read() as connection:
            last: date | None = await connection.scalar(statement)
            return last

    async def issue(self, channel_id: int, kind: Kind, day: date) -> DigestPage | None:
        """Return the whole digest or list of *day* in a channel; None if it is no longer stored."""
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
        """Store the page of *row*, which has lost the papers that turned out to be posted already."""
        if row.page is None:
            raise ValueError(f"outbox row {row.id} holds no digest")
        async with self._database.write() as connection:
            await connection.execute(
                outbox.update().where(outbox.c.id == row.id).values(page=from_page(row.page))
            )

    async def run(self, destination_id: int, day: date, pages: Sequence[DigestPage], now: datetime) -> bool:
        """Queue the digest of a local day; return False, and do nothing, if that day has one already.

        The papers on the pages are in no later digest; those that a page leaves out (`more`) wait for the
        next one. A day without news has no pages.
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
    """Store that the papers are in the digest or list of *day*, and so in no later one."""
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
    """Return the columns of the outbox row that posts *page*."""
    subject = PageSubject(day, page.number)
    row = new_row(destination=destination_id, kind=kind, subject=subject, now=now)
    return row | {"page": from_page(page)}
