"""The subscriptions: which destination wants the papers of which query, and how they should arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.outbox import Kind, PaperSubject
from bot.model.papers import Match, PaperId
from bot.model.reasons import Reason
from bot.model.subscriptions import Destination, Options, Place, State, Subscription
from bot.rules.baseline import Baseline, after_pause, at_subscription
from bot.rules.forecast import Complete, FirstLook, NotAsked
from bot.rules.pace import Pace
from bot.store import baselines, undo, withdraw
from bot.store import destinations as stored_destinations
from bot.store import papers as stored_papers
from bot.store import queries as stored_queries
from bot.store.dialect import insert
from bot.store.engine import Database
from bot.store.outbox import new_row
from bot.store.recording import record
from bot.store.rows import SUBSCRIPTION_FIELDS, from_options, to_subscription
from bot.store.tables import destinations, outbox, queries, seen, subscriptions


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The subscription as stored; `created` is False if it existed already and was edited."""

    subscription: Subscription
    created: bool


class Subscriptions:
    """The subscriptions of all channels and people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def subscribe(
        self,
        *,
        place: Place,
        keyword: str,
        query: str,
        options: Options,
        created_by: int,
        now: datetime,
        look: FirstLook,
        pace: Pace | None = None,
    ) -> Subscribed:
        """Subscribe *place* to *query* (canonical text), or edit the subscription that it has.

        *look* is what arXiv has just returned for the query. If it was not asked, the first poll is the
        baseline and posts nothing. None of the papers seen is posted here: papers are new above the highest
        identifier that the store now knows, or knew when the subscription was created. If the look is partial
        and does not reach below the margin, the first poll finds out which papers of the margin are old.
        *pace* applies to other channels that get the papers seen; see `Store.record`.
        """
        async with self._database.write() as connection:
            query_id = (await stored_queries.ensure(connection, [query]))[query]
            if not isinstance(look, NotAsked):
                # These papers are old for this subscription, but may be new for others.
                matched = [Match(query=query, paper=paper.id) for paper in look.papers]
                await record(connection, look.papers, matched, now, pace=pace)
            destination = await stored_destinations.ensure(connection, place, now)
            existing = await select(
                connection,
                subscriptions.c.destination_id == destination.id,
                subscriptions.c.query_id == query_id,
            )
            if not isinstance(look, NotAsked):
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
                look=look,
            )
            return Subscribed(made, created=True)

    async def backfill(self, subscription_id: int, papers: Sequence[PaperId], now: datetime) -> int:
        """Queue stored papers as posts, although they are not new; return how many were queued.

        Papers that the channel got before, or that are queued already, are left out.
        """
        async with self._database.write() as connection:
            subscription = await select_one(connection, subscriptions.c.id == subscription_id)
            if subscription is None:
                return 0
            destination = subscription.destination.id
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
        async with self._database.read() as connection:
            return await select_one(connection, subscriptions.c.id == subscription_id)

    async def of_channel(self, channel_id: int) -> list[Subscription]:
        return await self._many(destinations.c.channel_id == channel_id)

    async def of_guild(self, guild_id: int) -> list[Subscription]:
        return await self._many(destinations.c.guild_id == guild_id, destinations.c.user_id == 0)

    async def of_user(self, user_id: int) -> list[Subscription]:
        """Return the subscriptions in a person's direct messages."""
        return await self._many(destinations.c.user_id == user_id)

    async def all(self) -> list[Subscription]:
        """Return every subscription, in the order of creation."""
        return await self._many()

    async def remove(self, subscription_id: int, now: datetime) -> Subscription | None:
        """Remove a subscription and withdraw the papers that wait for it alone; return it, None if missing.

        *now* is when the time for `restore` begins.
        """
        async with self._database.write() as connection:
            subscription = await select_one(connection, subscriptions.c.id == subscription_id)
            if subscription is None:
                return None
            await withdraw.withdraw(connection, subscription)
            await undo.keep(connection, subscription_id, now)
            await connection.execute(subscriptions.delete().where(subscriptions.c.id == subscription_id))
            return subscription

    async def restore(self, subscription_id: int, now: datetime, within: timedelta) -> Subscription | None:
        """Undo a `remove` less than *within* ago; return the subscription.

        Return None if it was removed earlier, or if the channel has subscribed to the query again.
        """
        async with self._database.write() as connection:
            restored = await undo.restore(connection, subscription_id, now - within)
            return await _one(connection, subscription_id) if restored else None

    async def removed_from(self, subscription_id: int) -> Destination | None:
        """Return the destination of a removed subscription, as long as the subscription is remembered."""
        async with self._database.read() as connection:
            return await stored_destinations.select_one(connection, undo.was_in(subscription_id))

    async def removed_role(self, subscription_id: int) -> int:
        """Return the role that a removed subscription mentioned, 0 for none or if it is not remembered."""
        async with self._database.read() as connection:
            return await undo.role_of(connection, subscription_id)

    async def edit(
        self, subscription_id: int, options: Options, *, keyword: str | None = None
    ) -> Subscription | None:
        """Change how papers arrive; return the subscription, None if missing.

        If only a digest is asked for now, waiting posts move to the digest. *keyword* is another spelling of
        the same query.
        """
        async with self._database.write() as connection:
            before = await select_one(connection, subscriptions.c.id == subscription_id)
            if before is None:
                return None
            return await edit_row(connection, before, options, keyword or before.keyword)

    async def set_state(
        self, subscription_id: int, state: State, reason: Reason | None = None
    ) -> Subscription | None:
        """Pause or resume a subscription. Papers announced while it is paused are never posted."""
        async with self._database.write() as connection:
            before = await select_one(connection, subscriptions.c.id == subscription_id)
            if before is None:
                return None
            return await set_state_of(connection, before, state, reason)

    async def count_guild(self, guild_id: int) -> int:
        return await self._count(destinations.c.guild_id == guild_id, destinations.c.user_id == 0)

    async def count_user(self, user_id: int) -> int:
        """Count the subscriptions in a person's direct messages."""
        return await self._count(destinations.c.user_id == user_id)

    async def keywords(self, guild_id: int, prefix: str, limit: int, *, user_id: int = 0) -> list[str]:
        """Return up to *limit* keywords that begin with *prefix*, sorted.

        They are those of a server or, with *guild_id* 0, of a person.
        """
        statement = (
            sa.select(subscriptions.c.keyword)
            .join_from(subscriptions, destinations)
            .where(
                destinations.c.guild_id == guild_id,
                destinations.c.user_id == user_id,
                subscriptions.c.keyword.istartswith(prefix, autoescape=True),
            )
            .group_by(subscriptions.c.keyword)
            .order_by(sa.func.lower(subscriptions.c.keyword), subscriptions.c.keyword)
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


async def select_one(connection: AsyncConnection, *conditions: sa.ColumnElement[bool]) -> Subscription | None:
    """Return the first subscription that meets *conditions*, None if there is none."""
    return next(iter(await select(connection, *conditions)), None)


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
    look: FirstLook,
) -> Subscription:
    """Create a subscription; see `Subscriptions.subscribe`."""
    baseline = await _baseline(connection, look, now)
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


async def _baseline(connection: AsyncConnection, look: FirstLook, now: datetime) -> Baseline:
    highest = await stored_papers.highest(connection)
    if isinstance(look, NotAsked):
        return Baseline(highest)
    return at_subscription(
        [paper.id for paper in look.papers],
        highest=highest,
        highest_by_month=await stored_papers.highest_by_month(connection),
        complete=isinstance(look, Complete),
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
