"""Withdraws or moves the papers that wait for a subscription, when it is removed or asks for digests.

A row that was attempted always stays, since Discord may have its message already.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.outbox import Kind, Sending
from bot.model.papers import PaperId
from bot.model.subscriptions import Options, Subscription
from bot.rules.withdrawal import Claim, claimed, turns_to_digest
from bot.store.chunks import chunks
from bot.store.dialect import insert
from bot.store.rows import to_options
from bot.store.tables import matches, outbox, papers, queries, seen, subscriptions

_WAITING_POSTS = (
    outbox.c.state.in_([Sending.QUEUED, Sending.HELD]),
    outbox.c.attempts == 0,
    outbox.c.kind.not_in([Kind.DIGEST, Kind.LIST]),
)


async def withdraw(connection: AsyncConnection, subscription: Subscription) -> None:
    """Withdraw the papers that wait for *subscription* alone in its channel, as if they had never matched.

    They are removed from `seen`, too, since another keyword may still bring them.
    """
    destination = subscription.destination.id
    posts = await _waiting_posts(connection, subscription)
    digests = await _waiting_for_digest(connection, subscription)
    kept = claimed(await _claims(connection, subscription, posts | digests))
    for piece in chunks((posts | digests) - kept):
        await connection.execute(
            outbox.delete().where(
                outbox.c.destination_id == destination, outbox.c.paper_id.in_(piece), *_WAITING_POSTS
            )
        )
        sent = sa.select(outbox.c.paper_id).where(
            outbox.c.destination_id == destination, outbox.c.paper_id.in_(piece)
        )
        await connection.execute(
            seen.delete().where(
                seen.c.destination_id == destination,
                seen.c.paper_id.in_(piece),
                seen.c.paper_id.not_in(sent),
                seen.c.digested_on.is_(None),
            )
        )


async def rearrange(connection: AsyncConnection, before: Subscription, options: Options) -> None:
    """Move waiting posts to the next digest, if *options* now ask for digests only."""
    if not turns_to_digest(before.options, options):
        return
    destination = before.destination.id
    posts = await _waiting_posts(connection, before)
    kept = claimed(await _claims(connection, before, posts), as_post=True)
    for piece in chunks(posts - kept):
        rows = (
            outbox.c.destination_id == destination,
            outbox.c.paper_id.in_(piece),
            outbox.c.state
            == Sending.QUEUED,  # what is held back stays so: arXiv may have returned it by mistake
            outbox.c.kind != Kind.EDIT,
            *_WAITING_POSTS,
        )
        moved = list(await connection.execute(sa.select(outbox.c.paper_id, outbox.c.created_at).where(*rows)))
        await connection.execute(outbox.delete().where(*rows))
        statement = insert(seen).on_conflict_do_update(
            index_elements=[seen.c.destination_id, seen.c.paper_id],
            set_={"in_digest": True, "digested_on": None},
        )
        values = [
            {
                "destination_id": destination,
                "paper_id": row.paper_id,
                "seen_at": row.created_at,
                "in_digest": True,
            }
            for row in moved
        ]
        if values:
            await connection.execute(statement, values)


async def _waiting_posts(connection: AsyncConnection, subscription: Subscription) -> set[PaperId]:
    statement = (
        sa.select(outbox.c.paper_id)
        .join_from(outbox, matches, matches.c.paper_id == outbox.c.paper_id)
        .join(queries)
        .where(
            outbox.c.destination_id == subscription.destination.id,
            queries.c.canonical == subscription.query,
            *_WAITING_POSTS,
        )
    )
    return set(await connection.scalars(statement))


async def _waiting_for_digest(connection: AsyncConnection, subscription: Subscription) -> set[PaperId]:
    statement = (
        sa.select(seen.c.paper_id)
        .join_from(seen, matches, matches.c.paper_id == seen.c.paper_id)
        .join(queries)
        .where(
            seen.c.destination_id == subscription.destination.id,
            seen.c.in_digest,
            seen.c.digested_on.is_(None),
            queries.c.canonical == subscription.query,
        )
    )
    return set(await connection.scalars(statement))


async def _claims(
    connection: AsyncConnection, subscription: Subscription, ids: Iterable[PaperId]
) -> list[Claim]:
    """Return the claims of the channel's other subscriptions on the papers *ids*."""
    claims: list[Claim] = []
    for piece in chunks(ids):
        rows = await connection.execute(
            sa.select(
                subscriptions,
                papers.c.id.label("paper"),
                papers.c.categories.label("listed"),
                papers.c.primary_category,
            )
            .join_from(subscriptions, matches, matches.c.query_id == subscriptions.c.query_id)
            .join(papers, papers.c.id == matches.c.paper_id)
            .where(
                subscriptions.c.destination_id == subscription.destination.id,
                subscriptions.c.id != subscription.id,
                papers.c.id.in_(piece),
            )
        )
        claims += [Claim(row.paper, tuple(row.listed), row.primary_category, to_options(row)) for row in rows]
    return claims
