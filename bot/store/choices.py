"""What has to be known to choose the best papers of a round, and what was chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.history import Standing
from bot.model.outbox import PaperMark
from bot.model.papers import PaperId
from bot.model.subscriptions import Options, State
from bot.rules.baseline import margin_is_open
from bot.rules.choice import Key, Places, places_left
from bot.store.capacity import marked_since, queued_today
from bot.store.chunks import chunks
from bot.store.engine import Database
from bot.store.rows import DESTINATION_FIELDS, to_destination, to_mark, to_options
from bot.store.tables import destinations, matches, queries, seen, subscriptions


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A subscription to *query* (canonical text); what sorts after *since_serial* is new for it.

    With *margin*, so is what first matches now and sorts less than `bot.rules.newness.MARGIN` before it.
    *last_polled* is when the query was polled, None if never.
    """

    query: str
    destination: int
    options: Options
    since_serial: int
    margin: bool
    last_polled: datetime | None


@dataclass(frozen=True, slots=True)
class ChoiceFacts:
    """Who asks for the queries of a round, what they have *seen* of it, and what is left of their day.

    *matched* are the papers that matched a query (canonical text) before.
    """

    subscribers: tuple[Subscriber, ...] = ()
    seen: frozenset[Key] = frozenset()
    matched: frozenset[tuple[str, PaperId]] = frozenset()
    places: dict[int, Places] = field(default_factory=dict)


class Choices:
    """The marks of the best papers; `Store.record` stores them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def facts(
        self,
        asked: Collection[str],
        papers: Sequence[PaperId],
        *,
        announced: datetime,
        now: datetime,
        default_cap: int | None,
    ) -> ChoiceFacts:
        """Return what is known of the channels that subscribe to the queries *asked*.

        *announced* is when the day of the best began; *default_cap* is the cap where a channel has none.
        """
        async with self._database.read(snapshot=True) as connection:
            subscribers = await _subscribers(connection, asked, now)
            channels = {one.destination for one in subscribers}
            known = await _seen(connection, channels, papers)
            matched = await _matched(connection, asked, papers)
            places = await _places(connection, channels, announced, now, default_cap)
        return ChoiceFacts(tuple(subscribers), known, matched, places)

    async def marks(self, destination_id: int, papers: Iterable[PaperId]) -> dict[PaperId, PaperMark]:
        """Return the marks of those of *papers* that are among the best of their day in a destination."""
        marked = (seen.c.destination_id == destination_id, seen.c.mark.is_not(None))
        found: dict[PaperId, PaperMark] = {}
        async with self._database.read() as connection:
            for piece in chunks(papers):
                rows = await connection.execute(
                    sa.select(seen.c.paper_id, seen.c.mark).where(*marked, seen.c.paper_id.in_(piece))
                )
                found.update((row.paper_id, to_mark(row.mark)) for row in rows)
        return found

    async def standing(
        self, destination_id: int, paper: PaperId, since: datetime, until: datetime
    ) -> Standing | None:
        """Return the place of *paper* among what came to a destination from *since* to before *until*.

        None if it did not come in that time, or was not compared with others when it did.
        """
        compared = (
            seen.c.destination_id == destination_id,
            seen.c.seen_at >= since,
            seen.c.seen_at < until,
            seen.c.score.is_not(None),
        )
        async with self._database.read(snapshot=True) as connection:
            own = await connection.scalar(sa.select(seen.c.score).where(*compared, seen.c.paper_id == paper))
            if own is None:
                return None
            before = sa.or_(seen.c.score > own, sa.and_(seen.c.score == own, seen.c.paper_id > paper))
            count = sa.select(sa.func.count().filter(before), sa.func.count()).where(*compared)
            closer, papers = (await connection.execute(count)).one()
        return Standing(closer + 1, papers)


async def _subscribers(connection: AsyncConnection, asked: Iterable[str], now: datetime) -> list[Subscriber]:
    found = []
    for piece in chunks(asked):
        rows = await connection.execute(
            sa.select(subscriptions, queries.c.canonical, queries.c.last_polled)
            .join_from(subscriptions, queries)
            .join(destinations, destinations.c.id == subscriptions.c.destination_id)
            .where(
                queries.c.canonical.in_(piece),
                subscriptions.c.state == State.ACTIVE,
                subscriptions.c.since_serial.is_not(None),
                destinations.c.state != State.GONE,
            )
            .order_by(subscriptions.c.id)
        )
        found += [
            Subscriber(
                query=row.canonical,
                destination=row.destination_id,
                options=to_options(row),
                since_serial=row.since_serial,
                margin=margin_is_open(row.margin_until, now),
                last_polled=row.last_polled,
            )
            for row in rows
        ]
    return found


async def _seen(
    connection: AsyncConnection, destination_ids: Collection[int], papers: Collection[PaperId]
) -> frozenset[Key]:
    known: set[Key] = set()
    for channels in chunks(sorted(destination_ids)):
        for piece in chunks(papers):
            rows = await connection.execute(
                sa.select(seen.c.destination_id, seen.c.paper_id).where(
                    seen.c.destination_id.in_(channels), seen.c.paper_id.in_(piece)
                )
            )
            known.update((row.destination_id, row.paper_id) for row in rows)
    return frozenset(known)


async def _matched(
    connection: AsyncConnection, asked: Collection[str], papers: Collection[PaperId]
) -> frozenset[tuple[str, PaperId]]:
    found: set[tuple[str, PaperId]] = set()
    for texts in chunks(sorted(asked)):
        for piece in chunks(papers):
            rows = await connection.execute(
                sa.select(queries.c.canonical, matches.c.paper_id)
                .join_from(matches, queries)
                .where(queries.c.canonical.in_(texts), matches.c.paper_id.in_(piece))
            )
            found.update((row.canonical, row.paper_id) for row in rows)
    return frozenset(found)


async def _places(
    connection: AsyncConnection,
    destination_ids: Collection[int],
    announced: datetime,
    now: datetime,
    default_cap: int | None,
) -> dict[int, Places]:
    marked = await marked_since(connection, sorted(destination_ids), announced)
    places: dict[int, Places] = {}
    for piece in chunks(sorted(destination_ids)):
        rows = await connection.execute(sa.select(*DESTINATION_FIELDS).where(destinations.c.id.in_(piece)))
        loaded = [to_destination(row) for row in rows]
        posted = await queued_today(connection, loaded, now)
        for one in loaded:
            cap = default_cap if one.cap is None else one.cap
            places[one.id] = places_left(one.best, cap, marked=marked[one.id], posted=posted[one.id])
    return places
