"""Where a channel discusses its papers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from bot.model.outbox import Kind, Sending
from bot.model.papers import Paper, PaperId
from bot.store import edits
from bot.store import papers as stored_papers
from bot.store.chunks import chunks
from bot.store.dialect import insert
from bot.store.engine import Database
from bot.store.subjects import about_paper
from bot.store.tables import discussions, outbox


class DiscussionThreads:
    """The threads of papers that have no message of their own, and the posts of those that have one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, destination_id: int, paper: PaperId) -> int:
        """Return the thread in which a channel discusses *paper*, 0 if it is not known."""
        statement = sa.select(discussions.c.thread_id).where(
            discussions.c.destination_id == destination_id, discussions.c.paper_id == paper
        )
        async with self._database.read() as connection:
            return int(await connection.scalar(statement) or 0)

    async def keep(self, destination_id: int, paper: Paper, thread_id: int, now: datetime) -> None:
        """Store the thread in which a channel discusses *paper*, in the place of an earlier one.

        The paper is stored, too, if it is not: a digest may be older than what is kept.
        """
        row = {"destination_id": destination_id, "paper_id": paper.id, "thread_id": thread_id}
        statement = insert(discussions).values(row)
        key = [discussions.c.destination_id, discussions.c.paper_id]
        async with self._database.write() as connection:
            if not await stored_papers.known(connection, [paper.id]):
                await edits.store(connection, [paper], now)
            await connection.execute(
                statement.on_conflict_do_update(index_elements=key, set_={"thread_id": thread_id})
            )

    async def taken(self, destination_id: int, thread_ids: Collection[int]) -> set[int]:
        """Return those of *thread_ids* that are known in a channel: stored for a paper, or on a post."""
        kept, posted = discussions.c, outbox.c
        known: set[int] = set()
        async with self._database.read() as connection:
            for piece in chunks(thread_ids):
                for channel, thread in (
                    (kept.destination_id, kept.thread_id),
                    (posted.destination_id, posted.message_id),
                ):
                    these = sa.select(thread).where(channel == destination_id, thread.in_(piece))
                    known.update(await connection.scalars(these))
        return known

    async def post(self, destination_id: int, paper: PaperId) -> int:
        """Return the first post of *paper* in a channel, 0 if it has none."""
        statement = (
            sa.select(outbox.c.message_id)
            .where(
                outbox.c.destination_id == destination_id,
                outbox.c.kind == Kind.PAPER,
                about_paper(paper),
                outbox.c.state == Sending.SENT,
                outbox.c.message_id > 0,
            )
            .order_by(outbox.c.id)
            .limit(1)
        )
        async with self._database.read() as connection:
            return int(await connection.scalar(statement) or 0)
