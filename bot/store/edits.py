"""Stores papers, and queues edits of posts that their new facts make outdated.

A journal reference, a DOI or a withdrawal often comes without a new version. The change is noticed when the
paper is stored, wherever it comes from, and its edits are queued in the same transaction. A fact that is
stored already is not a change, so they could not be queued later.

A post whose text was provisional is edited in every channel when the query API's text is stored, whether
revisions are wanted there or not: it corrects what the bot itself had incomplete.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.outbox import Kind, Sending
from bot.model.papers import Paper, PaperId
from bot.model.subscriptions import State
from bot.rules.edits import Post, to_edit
from bot.rules.newness import Facts, amended, completes, edit_subject
from bot.store import papers as stored_papers
from bot.store.chunks import chunks, execute_many
from bot.store.dialect import insert
from bot.store.outbox import EDIT_PLACE, new_row
from bot.store.rows import to_options
from bot.store.subjects import about_paper
from bot.store.tables import destinations, matches, outbox, subscriptions


async def store(
    connection: AsyncConnection,
    new: Sequence[Paper],
    now: datetime,
    *,
    provisional: Collection[PaperId] = (),
) -> tuple[dict[PaperId, int], int]:
    """Store papers; return which versions were stored before, by paper, and how many edits were queued.

    The text of those in *provisional* is not the query API's.
    """
    ids = [paper.id for paper in new]
    before = await stored_papers.known(connection, ids)
    unfilled = await stored_papers.provisional(connection, ids)
    await stored_papers.upsert(connection, new, now, provisional=provisional)
    changed = {
        paper.id: paper for paper in new if paper.id in before and amended(before[paper.id], Facts.of(paper))
    }
    filled = {
        paper.id: paper
        for paper in new
        if paper.id in unfilled and paper.id not in provisional and completes(unfilled[paper.id], paper)
    }
    queued = await _queue(connection, filled, now, everywhere=True) if filled else 0
    changed = {paper: each for paper, each in changed.items() if paper not in filled}
    queued += await _queue(connection, changed, now) if changed else 0
    return {paper: facts.version for paper, facts in before.items()}, queued


async def _queue(
    connection: AsyncConnection, changed: dict[PaperId, Paper], now: datetime, *, everywhere: bool = False
) -> int:
    """Queue the edits that `bot.rules.edits` decides on; return how many.

    They are for subscriptions that want revisions, or *everywhere*.
    """
    posts: list[Post] = []
    for piece in chunks(changed):
        posts += [
            Post(
                destination=row.destination_id,
                paper=row.paper,
                state=Sending(row.sending),
                attempts=row.attempts,
                plain=row.plain,
                options=to_options(row),
            )
            for row in await connection.execute(_posts(piece, everywhere=everywhere))
        ]
    rows = [
        new_row(
            destination=destination,
            kind=Kind.EDIT,
            subject=edit_subject(changed[paper]),
            now=now,
            place=EDIT_PLACE,
        )
        for destination, paper in to_edit(posts, changed)
    ]
    again = insert(outbox)
    # Facts may change back, which is an edit again; a queued edit shows the latest facts in any case.
    again = again.on_conflict_do_update(
        index_elements=[outbox.c.destination_id, outbox.c.kind, outbox.c.subject],
        set_={
            name: again.excluded[name]
            for name in ("state", "due", "attempts", "ambiguous", "message_id", "error", "created_at")
        }
        | {"settled_at": None, "first_tried": None},
        where=outbox.c.state != Sending.QUEUED,
    )
    await execute_many(connection, again, rows)
    return len(rows)


def _posts(piece: Sequence[PaperId], *, everywhere: bool) -> sa.Select[Any]:
    """Select the posts of papers, each with every subscription that asks for revisions of the paper.

    With *everywhere*, revisions need not be asked for.
    """
    of_the_paper = sa.and_(
        outbox.c.destination_id == subscriptions.c.destination_id,
        outbox.c.kind.in_([Kind.PAPER, Kind.REVISION]),
        about_paper(matches.c.paper_id),
    )
    return (
        sa.select(
            subscriptions,
            matches.c.paper_id.label("paper"),
            outbox.c.state.label("sending"),
            outbox.c.attempts,
            outbox.c.plain,
        )
        .join_from(matches, subscriptions, subscriptions.c.query_id == matches.c.query_id)
        .join(destinations, destinations.c.id == subscriptions.c.destination_id)
        .join(outbox, of_the_paper)
        .where(
            matches.c.paper_id.in_(piece),
            sa.true() if everywhere else subscriptions.c.revisions,
            subscriptions.c.state == State.ACTIVE,
            destinations.c.state != State.GONE,
        )
    )
