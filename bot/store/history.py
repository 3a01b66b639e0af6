"""Everything stored about one paper in some channels: what `/why` explains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.history import Arrival, ChannelHistory, History, KeywordHistory, MessageRecord
from bot.model.outbox import Kind, Sending, parse_subject
from bot.model.papers import PaperId, StoredMatch
from bot.model.subscriptions import Destination
from bot.store import papers as stored_papers
from bot.store.chunks import chunks
from bot.store.engine import Database
from bot.store.rows import SUBSCRIPTION_FIELDS, to_page, to_subscription
from bot.store.subjects import about_day, about_paper
from bot.store.tables import destinations, digest_runs, matches, outbox, papers, queries, seen, subscriptions

_OF_A_PAPER = (Kind.PAPER, Kind.REVISION, Kind.EDIT)
_PAGES = (Kind.DIGEST, Kind.LIST)


class PaperHistory:
    """Reads the histories of papers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, paper: PaperId, places: Sequence[Destination]) -> History:
        """Return the history of *paper* in *places*, in their order, as of one moment."""
        ids = [place.id for place in places]
        async with self._database.read(snapshot=True) as connection:
            stored = (await stored_papers.load(connection, [paper])).get(paper)
            first_seen = await connection.scalar(sa.select(papers.c.first_seen).where(papers.c.id == paper))
            highest = await stored_papers.highest_by_month(connection)
            keywords = await _keywords(connection, paper, ids)
            arrivals = await _arrivals(connection, paper, ids)
            messages = await _messages(connection, paper, ids)
            for destination_id, arrival in arrivals.items():
                messages[destination_id] += await _pages(connection, paper, destination_id, arrival)
            last = await _last_digests(connection, ids)
        channels = [
            ChannelHistory(
                destination=place,
                keywords=tuple(keywords[place.id]),
                arrival=arrivals.get(place.id),
                messages=tuple(messages[place.id]),
                last_digest=last.get(place.id),
            )
            for place in places
        ]
        return History(stored, first_seen, highest, tuple(channels))


async def _keywords(
    connection: AsyncConnection, paper: PaperId, ids: Sequence[int]
) -> defaultdict[int, list[KeywordHistory]]:
    keywords: defaultdict[int, list[KeywordHistory]] = defaultdict(list)
    this = sa.and_(matches.c.query_id == subscriptions.c.query_id, matches.c.paper_id == paper)
    statement: sa.Select[Any] = (
        sa.select(
            *SUBSCRIPTION_FIELDS,
            matches.c.version.label("match_version"),
            matches.c.words.label("match_words"),
            queries.c.last_polled,
            queries.c.last_error,
        )
        .join_from(subscriptions, destinations)
        .join(queries, queries.c.id == subscriptions.c.query_id)
        .outerjoin(matches, this)
        .order_by(subscriptions.c.id)
    )
    for piece in chunks(ids):
        for row in await connection.execute(statement.where(subscriptions.c.destination_id.in_(piece))):
            known = None
            if row.match_version is not None:
                known = StoredMatch(row.match_version, tuple(row.match_words))
            one = KeywordHistory(
                to_subscription(row), known, row.margin_until, row.last_polled, row.last_error
            )
            keywords[row.destination_id].append(one)
    return keywords


async def _arrivals(connection: AsyncConnection, paper: PaperId, ids: Sequence[int]) -> dict[int, Arrival]:
    arrivals: dict[int, Arrival] = {}
    for piece in chunks(ids):
        rows = await connection.execute(
            seen.select().where(seen.c.destination_id.in_(piece), seen.c.paper_id == paper)
        )
        for row in rows:
            arrivals[row.destination_id] = Arrival(
                row.seen_at, row.in_digest, row.digested_on, row.overflow, row.beyond_best
            )
    return arrivals


async def _messages(
    connection: AsyncConnection, paper: PaperId, ids: Sequence[int]
) -> defaultdict[int, list[MessageRecord]]:
    """Return the rows of the paper's posts, revisions and edits, by destination."""
    messages: defaultdict[int, list[MessageRecord]] = defaultdict(list)
    for piece in chunks(ids):
        statement = outbox.select().where(
            outbox.c.destination_id.in_(piece),
            outbox.c.kind.in_(_OF_A_PAPER),
            about_paper(paper),
        )
        for row in await connection.execute(statement.order_by(outbox.c.id)):
            messages[row.destination_id].append(_row(row))
    return messages


async def _pages(
    connection: AsyncConnection, paper: PaperId, destination_id: int, arrival: Arrival
) -> list[MessageRecord]:
    """Return the rows of the digest or list that shows the paper."""
    if arrival.digested_on is None:
        return []
    statement = outbox.select().where(
        outbox.c.destination_id == destination_id,
        outbox.c.kind.in_(_PAGES),
        about_day(arrival.digested_on),
    )
    return [
        _row(row)
        for row in await connection.execute(statement.order_by(outbox.c.id))
        if row.page and any(paper in section.papers for section in to_page(row.page).sections)
    ]


async def _last_digests(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, Any]:
    last: dict[int, Any] = {}
    for piece in chunks(ids):
        statement = (
            sa.select(digest_runs.c.destination_id, sa.func.max(digest_runs.c.day))
            .where(digest_runs.c.destination_id.in_(piece))
            .group_by(digest_runs.c.destination_id)
        )
        last.update((row[0], row[1]) for row in await connection.execute(statement))
    return last


def _row(row: sa.Row[Any]) -> MessageRecord:
    return MessageRecord(
        kind=Kind(row.kind),
        subject=parse_subject(row.subject),
        state=Sending(row.state),
        due=row.due,
        created_at=row.created_at,
        settled_at=row.settled_at,
        attempts=row.attempts,
        message_id=row.message_id,
        error=row.error,
    )
