"""Who wants what where: a destination, a query, and how its papers shall arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.outbox import Kind, PaperSubject
from bot.model.papers import Match, Paper, PaperId
from bot.model.reasons import Reason
from bot.model.subscriptions import Destination, Options, State, Subscription
from bot.rules.baseline import Baseline, after_pause, at_subscription
from bot.rules.pace import Pace
from bot.store import baselines, undo, withdraw
from bot.store import destinations as stored_destinations
from bot.store import papers as stored_papers
from bot.store import queries as stored_queries
from bot.store.engine import Database
from bot.store.outbox import new_row
from bot.store.recording import record
from bot.store.rows import SUBSCRIPTION_FIELDS, from_options, to_subscription
from bot.store.tables import destinations, outbox, queries, seen, subscriptions


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The subscription as it now is; `created` is False where there was one and it was edited."""

    subscription: Subscription
    created: bool


class Subscriptions:
    """The subscriptions of all channels and people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def subscribe(
        self,
        *,
        guild_id: int,
        channel_id: int,
        user_id: int,
        keyword: str,
        query: str,
        options: Options,
        created_by: int,
        now: datetime,
        known: Sequence[Paper] | None,
        complete: bool = True,
        pace: Pace | None = None,
    ) -> Subscribed:
        """Subscribe a channel to *query* (canonical text), or edit the subscription that it has.

        *known*: the newest papers of the query, as arXiv has just returned them; None if it could not be
        asked, and then the first poll is the baseline, and silent. Nothing of *known* is posted here: papers
        are new from the highest identifier on that the store now knows, or that it knew when the
        subscription was first made. *complete* says that arXiv has no other papers of this query; if it has,
        and *known* does not reach below the margin, the first poll tells what the margin held. *pace* is for
        the others, as in `Store.record`.
        """
        async with self._database.write() as connection:
            if known is not None:
                # What is known at this moment is no news for this subscription, but may be for the others.
                found = [Match(query=query, paper=paper.id) for paper in known]
                await record(connection, known, found, now, pace=pace)
            destination = await stored_destinations.ensure(
                connection, guild_id=guild_id, channel_id=channel_id, user_id=user_id, now=now
            )
            query_id = (await stored_queries.ensure(connection, [query]))[query]
            existing = await select(
                connection,
                subscriptions.c.destination_id == destination.id,
                subscriptions.c.query_id == query_id,
            )
            if known is not None:
                await connection.execute(
                    queries.update().where(queries.c.id == query_id).values(backfilled=now)
                )
            if existing:
                edited = await edit_row(connection, existing[0], options, keyword)
                if edited.state is not State.ACTIVE:
                    edited = await set_state_of(connection, edited, State.ACTIVE, None)
                return Subscribed(edited, created=False)
            made = await add(
                connection,
                destination.id,
                query_id,
                keyword=keyword,
                options=options,
                created_by=created_by,
                now=now,
                known=known,
                complete=complete,
            )
            return Subscribed(made, created=True)

    async def backfill(self, subscription_id: int, papers: Sequence[PaperId], now: datetime) -> int:
        """Queue these stored papers as posts, though they are not new; return how many were queued.

        What the channel was sent before, or has waiting, is left out.
        """
        async with self._database.write() as connection:
            found = await select(connection, subscriptions.c.id == subscription_id)
            if not found:
                return 0
            destination = found[0].destination.id
            posted = await connection.scalars(
                sa.select(outbox.c.paper_id).where(
                    outbox.c.destination_id == destination, outbox.c.paper_id.in_(papers)
                )
            )
            known = await stored_papers.load(connection, set(papers) - set(posted))
            rows = [
                new_row(
                    destination=destination,
                    kind=Kind.PAPER,
                    subject=PaperSubject(paper.id, paper.version),
                    now=now,
                )
                for paper in sorted(known.values(), key=lambda paper: paper.id)
            ]
            if rows:
                await connection.execute(insert(outbox), rows)
                await connection.execute(
                    insert(seen).on_conflict_do_nothing(),
                    [
                        {"destination_id": destination, "paper_id": paper, "seen_at": now, "in_digest": False}
                        for paper in known
                    ],
                )
            return len(rows)

    async def get(self, subscription_id: int) -> Subscription | None:
        found = await self._many(subscriptions.c.id == subscription_id)
        return found[0] if found else None

    async def of_channel(self, channel_id: int) -> list[Subscription]:
        return await self._many(destinations.c.channel_id == channel_id)

    async def of_guild(self, guild_id: int) -> list[Subscription]:
        return await self._many(destinations.c.guild_id == guild_id, destinations.c.user_id == 0)

    async def of_user(self, user_id: int) -> list[Subscription]:
        """Return what a person subscribed to in direct messages."""
        return await self._many(destinations.c.user_id == user_id)

    async def all(self) -> list[Subscription]:
        """Return every subscription, in the order of creation."""
        return await self._many()

    async def remove(self, subscription_id: int, now: datetime | None = None) -> Subscription | None:
        """End a subscription and take back what it alone has waiting; return what it was.

        It can be restored from *now* on (default: the clock); see `restore`.
        """
        async with self._database.write() as connection:
            found = await select(connection, subscriptions.c.id == subscription_id)
            if not found:
                return None
            await withdraw.withdraw(connection, found[0])
            await undo.keep(connection, subscription_id, now or datetime.now(UTC))
            await connection.execute(subscriptions.delete().where(subscriptions.c.id == subscription_id))
            return found[0]

    async def restore(self, subscription_id: int, now: datetime, within: timedelta) -> Subscription | None:
        """Take back a `remove` less than *within* ago.

        Return None if that was earlier, or the channel has subscribed to the query again.
        """
        async with self._database.write() as connection:
            restored = await undo.restore(connection, subscription_id, now - within)
            return await _one(connection, subscription_id) if restored else None

    async def removed_from(self, subscription_id: int) -> Destination | None:
        """Return the destination of a removed subscription, while that can be undone."""
        async with self._database.read() as connection:
            found = await stored_destinations.select(connection, undo.was_in(subscription_id))
            return found[0] if found else None

    async def edit(
        self, subscription_id: int, options: Options, *, keyword: str | None = None
    ) -> Subscription | None:
        """Change how papers arrive; what waits to be posted moves to the digest where that is asked for.

        *keyword* is another spelling of the same query.
        """
        async with self._database.write() as connection:
            found = await select(connection, subscriptions.c.id == subscription_id)
            return (
                await edit_row(connection, found[0], options, keyword or found[0].keyword) if found else None
            )

    async def set_state(
        self, subscription_id: int, state: State, reason: Reason | None = None
    ) -> Subscription | None:
        """Pause or resume a subscription; what came in between is not collected, and never posted."""
        async with self._database.write() as connection:
            found = await select(connection, subscriptions.c.id == subscription_id)
            if not found:
                return None
            return await set_state_of(connection, found[0], state, reason)

    async def count_guild(self, guild_id: int) -> int:
        return await self._count(destinations.c.guild_id == guild_id, destinations.c.user_id == 0)

    async def count_user(self, user_id: int) -> int:
        """Count what a person subscribed to in direct messages."""
        return await self._count(destinations.c.user_id == user_id)

    async def keywords(self, guild_id: int, prefix: str, limit: int, *, user_id: int = 0) -> list[str]:
        """Return a server's keywords (with guild 0, those of *user_id*) that begin with *prefix*, sorted."""
        statement = (
            sa.select(subscriptions.c.keyword)
            .distinct()
            .join_from(subscriptions, destinations)
            .where(
                destinations.c.guild_id == guild_id,
                destinations.c.user_id == user_id,
                subscriptions.c.keyword.istartswith(prefix, autoescape=True),
            )
            .order_by(sa.func.lower(subscriptions.c.keyword))
            .limit(limit)
        )
        async with self._database.read() as connection:
            return list(await connection.scalars(statement))

    async def _many(self, *conditions: sa.ColumnElement[bool]) -> list[Subscription]:
        async with self._database.read() as connection:
            return await select(connection, *conditions)

    async def _count(self, *conditions: sa.ColumnElement[bool]) -> int:
        statement = sa.select(sa.func.count()).select_from(subscriptions).join(destinations)
        async with self._database.read() as connection:
            return int(await connection.scalar(statement.where(*conditions)) or 0)


async def select(connection: AsyncConnection, *conditions: sa.ColumnElement[bool]) -> list[Subscription]:
    """Return the subscriptions that meet *conditions*, in the order of creation."""
    statement = (
        sa.select(*SUBSCRIPTION_FIELDS)
        .join_from(subscriptions, destinations)
        .join(queries, queries.c.id == subscriptions.c.query_id)
        .where(*conditions)
        .order_by(subscriptions.c.id)
    )
    return [to_subscription(row) for row in await connection.execute(statement)]


async def _one(connection: AsyncConnection, subscription_id: int) -> Subscription:
    return (await select(connection, subscriptions.c.id == subscription_id))[0]


async def add(
    connection: AsyncConnection,
    destination_id: int,
    query_id: int,
    *,
    keyword: str,
    options: Options,
    created_by: int,
    now: datetime,
    known: Sequence[Paper] | None,
    complete: bool,
) -> Subscription:
    """Make a subscription where there is none; see `Subscriptions.subscribe`."""
    baseline = await _baseline(connection, known, now, complete=complete)
    made = await connection.execute(
        insert(subscriptions).values(
            destination_id=destination_id,
            query_id=query_id,
            keyword=keyword,
            created_at=now,
            created_by=created_by,
            state=State.ACTIVE,
            reason=None,
            **baselines.columns(baseline),
            **from_options(options),
        )
    )
    return await _one(connection, _key(made))


async def edit_row(
    connection: AsyncConnection, before: Subscription, options: Options, keyword: str
) -> Subscription:
    """See `Subscriptions.edit`."""
    await connection.execute(
        subscriptions.update()
        .where(subscriptions.c.id == before.id)
        .values(keyword=keyword, **from_options(options))
    )
    await withdraw.rearrange(connection, before, options)
    return await _one(connection, before.id)


async def _baseline(
    connection: AsyncConnection, known: Sequence[Paper] | None, now: datetime, *, complete: bool
) -> Baseline:
    highest = await stored_papers.highest(connection)
    if known is None:
        return Baseline(highest)
    return at_subscription(
        [paper.id for paper in known],
        highest=highest,
        highest_by_month=await stored_papers.highest_by_month(connection),
        complete=complete,
        now=now,
    )


async def set_state_of(
    connection: AsyncConnection, subscription: Subscription, state: State, reason: Reason | None
) -> Subscription:
    """See `Subscriptions.set_state`."""
    values: dict[str, Any] = {"state": state, "reason": reason}
    if state is State.ACTIVE and subscription.state is not State.ACTIVE:
        highest = await stored_papers.highest(connection)
        values |= baselines.columns(after_pause(Baseline(subscription.since), highest))
    await connection.execute(
        subscriptions.update().where(subscriptions.c.id == subscription.id).values(values)
    )
    return await _one(connection, subscription.id)


def _key(made: sa.CursorResult[Any]) -> int:
    key = made.inserted_primary_key
    assert key is not None  # noqa: S101 - SQLAlchemy gives one for every single-row insert
    return int(key[0])
