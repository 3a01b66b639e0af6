"""The outbox: a queue of messages for each destination, and what became of the messages.

A queue is in the order of paper identifiers, whichever poll brought the papers. A list takes the place of its
first paper. A digest is due at an hour that people chose, so it goes before waiting papers. A row that was
attempted stays at the head until it is settled, so that no message overtakes one that Discord may have.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.outbox import FirstPost, Kind, OutboxRow, PageSubject, Posting, PreparedRow, Sending, Subject
from bot.model.outcomes import FURTHEST_DUE, Fail, Later, Outcome, Pause, Plainly, Sent
from bot.model.papers import PaperId
from bot.model.subscriptions import State
from bot.rules.digest import papers_shown
from bot.rules.posting import MatchingSubscription, posting
from bot.store import crossposts
from bot.store import destinations as stored_destinations
from bot.store import papers as stored_papers
from bot.store.dialect import greatest
from bot.store.engine import Database
from bot.store.rows import OUTBOX_FIELDS, PAPER_FIELDS, to_mark, to_options, to_outbox_row, to_paper
from bot.store.subjects import about_paper
from bot.store.tables import crossposts as stored_crossposts
from bot.store.tables import destinations, matches, notices, outbox, papers, seen, subscriptions

DIGEST_PLACE = -(1 << 50)
EDIT_PLACE = 1 << 50
"""Edits go last: they can be repeated, and Discord allows few edits of old messages at once."""
_TRIED_PLACE = -(1 << 51)

# Statements that every message needs are built once, since building one takes longer than running it.
_CLAIM = (
    outbox.update()
    .where(outbox.c.id == sa.bindparam("row"), outbox.c.state == Sending.QUEUED)
    .values(
        attempts=outbox.c.attempts + 1,
        first_tried=sa.func.coalesce(
            outbox.c.first_tried, sa.bindparam("moment", type_=outbox.c.due.type), type_=outbox.c.due.type
        ),
        ambiguous=True,
        place=sa.case((outbox.c.place == EDIT_PLACE, EDIT_PLACE), else_=_TRIED_PLACE),
    )
    .returning(outbox.c.attempts, outbox.c.first_tried, outbox.c.ambiguous, outbox.c.plain)
)
_SENT = (
    outbox.update()
    .where(outbox.c.id == sa.bindparam("row"), outbox.c.state == Sending.QUEUED)
    .values(
        state=Sending.SENT,
        message_id=sa.bindparam("message"),
        error=None,
        settled_at=sa.bindparam("moment"),
    )
)
_PAPER = [field.label(f"paper_{field.name}") for field in PAPER_FIELDS]
_others = subscriptions.alias("others")
_WANTING = (
    sa.select(
        subscriptions,
        matches.c.words,
        sa.select(sa.func.count())
        .where(_others.c.destination_id == sa.bindparam("destination"))
        .scalar_subquery()
        .label("subscribed"),
        sa.select(seen.c.mark)
        .where(seen.c.destination_id == sa.bindparam("destination"), seen.c.paper_id == sa.bindparam("paper"))
        .scalar_subquery()
        .label("mark"),
        *_PAPER,
    )
    .join_from(subscriptions, matches, matches.c.query_id == subscriptions.c.query_id)
    .join(papers, papers.c.id == matches.c.paper_id)
    .where(
        subscriptions.c.destination_id == sa.bindparam("destination"),
        matches.c.paper_id == sa.bindparam("paper"),
    )
    .order_by(subscriptions.c.id)
)


class Outbox:
    """The rows that delivery works through. `Store.settle` stores what became of one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def heads(self, now: datetime, limit: int) -> list[OutboxRow]:
        """Return the due rows at the heads of active destinations' queues, the longest overdue first."""
        statement = (
            sa.select(*OUTBOX_FIELDS)
            .join_from(outbox, destinations)
            .where(_is_head(), _due(now) <= now)
            .order_by(outbox.c.due, outbox.c.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [to_outbox_row(row) for row in await connection.execute(statement)]

    async def next_due(self, now: datetime) -> datetime | None:
        """Return when the next head is due: *now* if one is due already, None if every queue is empty."""
        statement = sa.select(sa.func.min(_due(now), type_=outbox.c.due.type))
        statement = statement.join_from(outbox, destinations).where(_is_head())
        async with self._database.read() as connection:
            due: datetime | None = await connection.scalar(statement)
        return max(due, now) if due else None

    async def claim(self, row: OutboxRow, now: datetime) -> OutboxRow | None:
        """Store durably that *row* is about to be sent, and return it as it now is.

        Return None if the row is gone, because its subscription was removed a moment ago.
        """
        async with self._database.write(single=True) as connection:
            claimed = (await connection.execute(_CLAIM, {"row": row.id, "moment": now})).first()
        return replace(row, **claimed._asdict()) if claimed else None

    async def release(self, row: OutboxRow) -> None:
        """Undo a claim whose message certainly was not sent."""
        await self._amend(
            row,
            attempts=greatest(outbox.c.attempts - 1, 0),
            first_tried=sa.case((outbox.c.attempts > 1, outbox.c.first_tried), else_=None),
            ambiguous=sa.case((outbox.c.attempts > 1, outbox.c.ambiguous), else_=False),
        )

    async def prepare(self, row: OutboxRow, *, look_back: bool = False) -> PreparedRow | None:
        """Load everything that sending *row* needs.

        Return None if the paper is gone, or every subscription that wants it. `PreparedRow.last_message` is
        0 without *look_back*.
        """
        async with self._database.read() as connection:
            post = await _posting(connection, row)
            if post is None and row.page is None:
                return None
            shown = {post.paper.id: post.paper} if post else {}
            if row.page is not None:
                shown = await stored_papers.load(connection, papers_shown(row.page))
            first = None
            if post is not None and row.kind in {Kind.REVISION, Kind.EDIT}:
                first = await _first_post(connection, row.destination.id, post.paper.id)
            last = await _last_message(connection, row.destination.id) if look_back else 0
        return PreparedRow(row, post, shown, first_post=first, last_message=last)

    async def depth(self, destination_ids: Collection[int] | None = None) -> int:
        """Count the queued rows of some destinations or (None) of all, including paused ones."""
        statement = sa.select(sa.func.count()).where(outbox.c.state == Sending.QUEUED)
        if destination_ids is not None:
            statement = statement.where(outbox.c.destination_id.in_(destination_ids))
        async with self._database.read() as connection:
            return int(await connection.scalar(statement) or 0)

    async def backlog(self) -> tuple[int, datetime | None]:
        """Return how many rows are queued, and since when the oldest one waits (None if there is none)."""
        waiting = (outbox.c.destination_id == destinations.c.id, outbox.c.state == Sending.QUEUED)
        count, oldest = (
            sa.select(value).where(*waiting).correlate(destinations).scalar_subquery()
            for value in (sa.func.count(), sa.func.min(outbox.c.created_at))
        )
        # This looks up the index for each destination. Otherwise SQLite would read every row ever sent.
        statement = sa.select(sa.func.sum(count), sa.func.min(oldest, type_=outbox.c.created_at.type))
        async with self._database.read() as connection:
            row = (await connection.execute(statement.select_from(destinations))).one()
        return int(row[0] or 0), row[1]

    async def failed(self, destination_ids: Collection[int], limit: int) -> list[OutboxRow]:
        """Return the rows of these destinations that failed for good, the newest first."""
        statement = (
            sa.select(*OUTBOX_FIELDS)
            .join_from(outbox, destinations)
            .where(outbox.c.destination_id.in_(destination_ids), outbox.c.state == Sending.FAILED)
            .order_by(outbox.c.id.desc())
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [to_outbox_row(row) for row in await connection.execute(statement)]

    async def _amend(self, row: OutboxRow, **values: Any) -> None:
        async with self._database.write(single=True) as connection:
            await connection.execute(
                outbox.update()
                .where(outbox.c.id == row.id, outbox.c.state == Sending.QUEUED)
                .values(**values)
            )


async def _posting(connection: AsyncConnection, row: OutboxRow) -> Posting | None:
    """Return what *row* posts: the current version of the paper, and the channel's keywords that match it."""
    if isinstance(row.subject, PageSubject):
        return None
    which = {"destination": row.destination.id, "paper": row.subject.paper}
    wanting = (await connection.execute(_WANTING, which)).all()
    if not wanting:
        return None
    return posting(
        to_paper(wanting[0], prefix="paper_"),
        [
            MatchingSubscription(one.keyword, to_options(one), State(one.state), tuple(one.words))
            for one in wanting
        ],
        wanting[0].subscribed,
        to_mark(wanting[0].mark) if wanting[0].mark else None,
    )


async def _first_post(connection: AsyncConnection, destination_id: int, paper: PaperId) -> FirstPost | None:
    """Return the oldest message about *paper* in a destination; None if none is known."""
    statement = (
        sa.select(outbox.c.message_id, outbox.c.plain)
        .where(
            outbox.c.destination_id == destination_id,
            outbox.c.kind.in_([Kind.PAPER, Kind.REVISION]),
            about_paper(paper),
            outbox.c.state == Sending.SENT,
            outbox.c.message_id > 0,
        )
        .order_by(outbox.c.id)
        .limit(1)
    )
    oldest = (await connection.execute(statement)).first()
    return FirstPost(oldest.message_id, plain=oldest.plain) if oldest else None


async def _last_message(connection: AsyncConnection, destination_id: int) -> int:
    """Return the id of the newest message known to have been sent there, 0 if none is known."""
    statement = sa.select(sa.func.max(outbox.c.message_id)).where(
        outbox.c.destination_id == destination_id, outbox.c.state == Sending.SENT
    )
    return int(await connection.scalar(statement) or 0)


async def settle(connection: AsyncConnection, row: OutboxRow, outcome: Outcome, now: datetime) -> None:
    """Store the outcome of one attempt; a row that is settled already stays as it is.

    A refusal says nothing about earlier attempts, so `ambiguous` stays set after `Plainly` and `Pause`.
    """
    values: dict[str, Any]
    match outcome:
        case Sent(message_id):
            if outcome.announced:
                await crossposts.queue(connection, row.destination.id, message_id, now)
            await connection.execute(_SENT, {"row": row.id, "message": message_id, "moment": now})
            return
        case Later(after, error, ambiguous):
            values = {"due": now + after, "error": error, "ambiguous": ambiguous}
        case Plainly(error):
            values = {"plain": True, "due": now, "error": error}
        case Fail(error):
            values = {"state": Sending.FAILED, "error": error, "settled_at": now}
        case Pause(reason, gone):
            values = {"due": now, "error": reason}
            state = State.GONE if gone else State.PAUSED
            await stored_destinations.stop(connection, row.destination.id, state, reason, now)
    await connection.execute(
        outbox.update().where(outbox.c.id == row.id, outbox.c.state == Sending.QUEUED).values(**values)
    )


async def make_due(connection: AsyncConnection, now: datetime) -> None:
    """See `Store.make_due`."""
    for table in (outbox, notices, stored_crossposts):
        waiting = (table.c.state == Sending.QUEUED, table.c.due > now)
        await connection.execute(table.update().where(*waiting).values(due=now))


def new_row(
    *,
    destination: int,
    kind: Kind,
    subject: Subject,
    now: datetime,
    held: bool = False,
    place: int | None = None,
) -> dict[str, Any]:
    """Return the columns of a row that is due at once, unless it is *held* back.

    *place* is the position in the queue. By default it is the paper's serial, or before all papers.
    """
    paper = None if isinstance(subject, PageSubject) else subject.paper
    if place is None:
        place = paper.serial if paper else DIGEST_PLACE
    return {
        "destination_id": destination,
        "kind": kind,
        "subject": str(subject),
        "paper_id": paper,
        "place": place,
        "state": Sending.HELD if held else Sending.QUEUED,
        "due": now,
        "attempts": 0,
        "ambiguous": False,
        "message_id": 0,
        "error": None,
        "page": None,
        "plain": False,
        "created_at": now,
    }


def _due(now: datetime) -> sa.ColumnElement[datetime]:
    """Return when a row is due. Rows that were queued or postponed while the clock was ahead are due now."""
    never_tried, from_the_future = outbox.c.attempts == 0, outbox.c.due > now + FURTHEST_DUE
    return sa.case(
        (sa.or_(never_tried, from_the_future), sa.literal(now, outbox.c.due.type)), else_=outbox.c.due
    )


def _is_head() -> sa.ColumnElement[bool]:
    """Select rows that are the first of their destination's queue, where the destination is active.

    The subquery starts from the destinations, so that it costs one index lookup for each of them, however
    many rows wait.
    """
    waiting = outbox.alias("waiting")
    first = (
        sa.select(waiting.c.id)
        .where(waiting.c.destination_id == destinations.c.id, waiting.c.state == Sending.QUEUED)
        .order_by(waiting.c.place, waiting.c.id)
        .limit(1)
        .correlate(destinations)
        .scalar_subquery()
    )
    return outbox.c.id.in_(sa.select(first).where(destinations.c.state == State.ACTIVE).correlate(None))
