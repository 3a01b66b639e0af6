"""Stores what a poll found, together with everything that follows from it, in one transaction.

`bot.rules` decides: `matches` compares the matches with those stored, `newness` says who gets which paper,
`pace` how many at once, and `writes` which rows that takes. This module loads the facts, lets SQL leave out
papers that a destination has seen, and writes the decisions. It works on sets and in pieces, because a round
of a large installation has thousands of papers and ten thousands of matches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.outbox import Kind, Sending
from bot.model.papers import Match, Paper, PaperId, StoredMatch
from bot.model.subscriptions import State
from bot.rules.baseline import after_poll, began, margin_is_open
from bot.rules.matches import MatchChanges, MatchKey, compare
from bot.rules.newness import Candidate, Intent, Interest, decide
from bot.rules.pace import Allowance, Pace, apply_limits
from bot.rules.writes import Writes, writes_of
from bot.store import baselines, edits, harvests
from bot.store import papers as stored_papers
from bot.store import queries as stored_queries
from bot.store.capacity import load_allowances
from bot.store.chunks import chunks, execute_many
from bot.store.dialect import insert
from bot.store.outbox import new_row
from bot.store.rows import from_mark, to_options
from bot.store.tables import destinations, matches, outbox, papers, queries, seen, subscriptions

_PAPERS_AT_ONCE = 50  # hundreds of subscriptions may want each


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many posts were queued, papers added to digests, papers held back, and edits queued."""

    queued: int = 0
    for_digest: int = 0
    held: int = 0
    edited: int = 0


@dataclass(frozen=True)
class _Round:
    """The matched papers of a round, in their current version, and what their matches change."""

    papers: dict[PaperId, Paper]
    changes: MatchChanges

    @cached_property
    def first_matched(self) -> set[PaperId]:
        return {paper for _, paper in self.changes.first}

    @cached_property
    def perhaps_revised(self) -> set[PaperId]:
        """Those with a new version, and those whose earlier versions, if any, nobody knows."""
        later = {paper for paper in self.first_matched if self.papers[paper].version > 1}
        return later | {paper for _, paper in self.changes.revised}


async def record(
    connection: AsyncConnection,
    new: Sequence[Paper],
    matched: Sequence[Match],
    now: datetime,
    *,
    asked: Collection[str] = (),
    announce: bool = True,
    pace: Pace | None = None,
    provisional: Collection[PaperId] = (),
    harvested: Mapping[PaperId, int] | None = None,
) -> Recorded:
    """Store papers and matches, and queue the papers that are new; see `Store.record`."""
    newest: dict[PaperId, Paper] = {}
    for paper in new:
        if paper.id not in newest or newest[paper.id].version < paper.version:
            newest[paper.id] = paper
    before, edited = await edits.store(connection, list(newest.values()), now, provisional=provisional)
    # A query may have been forgotten while it was polled, perhaps because a person wanted that.
    query_ids = await stored_queries.ids_of(connection, {match.query for match in matched} | set(asked))
    matched = [match for match in matched if match.query in query_ids]
    round_ = await _store_matches(connection, matched, query_ids, before)
    announced = Recorded()
    if announce:
        announced = await _announce(connection, round_, now, pace or Pace())
    if asked:
        await _complete(connection, [query_ids[each] for each in asked if each in query_ids], now)
    if harvested:
        await harvests.note(connection, harvested, now)
    return replace(announced, edited=edited)


async def _store_matches(
    connection: AsyncConnection,
    matched: Sequence[Match],
    query_ids: dict[str, int],
    versions_before: dict[PaperId, int],
) -> _Round:
    current = await stored_papers.load(connection, [match.paper for match in matched])
    stored: dict[MatchKey, StoredMatch] = {}
    for piece in chunks(current):
        for row in await connection.execute(sa.select(matches).where(matches.c.paper_id.in_(piece))):
            stored[row.query_id, row.paper_id] = StoredMatch(row.version, tuple(row.words))
    changes = compare(
        (((query_ids[match.query], match.paper), match.words) for match in matched),
        stored=stored,
        versions={paper.id: paper.version for paper in current.values()},
        versions_before=versions_before,
    )
    statement = insert(matches)
    statement = statement.on_conflict_do_update(
        index_elements=[matches.c.query_id, matches.c.paper_id],
        set_={"version": statement.excluded.version, "words": statement.excluded.words},
    )
    rows = (
        {"query_id": query_id, "paper_id": paper, "version": match.version, "words": list(match.words)}
        for (query_id, paper), match in changes.stored.items()
    )
    await execute_many(connection, statement, rows)
    return _Round(current, changes)


async def _announce(connection: AsyncConnection, round_: _Round, now: datetime, pace: Pace) -> Recorded:
    """Queue the papers that are new; return how many posts, papers for digests and held papers that makes.

    The papers are handled in pieces. The decision on one does not depend on the others, and a large round
    neither blocks the event loop nor has to fit into memory.
    """
    total = Recorded()
    gone = sa.select(destinations.c.id).where(destinations.c.state == State.GONE)
    pace.away |= set(await connection.scalars(gone))
    highest = await stored_papers.highest_by_month(connection)
    interests: dict[int, Interest] = {}
    allowances: dict[int, Allowance] = {}
    # By identifier, so that a cap hits the latest papers.
    for piece in chunks(sorted(round_.papers, key=lambda paper: paper.serial), _PAPERS_AT_ONCE):
        candidates = await _candidates(connection, round_, piece, interests, now=now, pace=pace)
        intents = decide(candidates, highest)
        await load_allowances(connection, allowances, intents, now, pace)
        writes = await _write(connection, apply_limits(intents, allowances, pace), now)
        total = Recorded(
            queued=total.queued + writes.queued,
            for_digest=total.for_digest + writes.for_digest,
            held=total.held + writes.held,
        )
    return total


async def _candidates(
    connection: AsyncConnection,
    round_: _Round,
    piece: Sequence[PaperId],
    interests: dict[int, Interest],
    *,
    now: datetime,
    pace: Pace,
) -> list[Candidate]:
    """Return the candidates among the papers of *piece*; add missing interests to *interests*."""
    rows = (await connection.execute(_concerned(round_, piece))).all()
    missing = dict.fromkeys(row.id for row in rows if row.id not in interests)
    interests |= await _interests(connection, missing, now, pace)
    by_text = {paper.text: round_.papers[paper] for paper in piece}
    candidates = []
    for row in rows:
        paper = by_text[row.paper]
        key = (row.query_id, paper.id)
        candidates.append(
            Candidate(
                interest=interests[row.id],
                paper=paper.id,
                version=paper.version,
                categories=paper.categories,
                primary_category=paper.primary_category,
                first=key in round_.changes.first,
                revised=key in round_.changes.revised,
                seen=row.seen_by is not None,
                updated=paper.updated,
            )
        )
    return candidates


async def _interests(
    connection: AsyncConnection, subscription_ids: Iterable[int], now: datetime, pace: Pace
) -> dict[int, Interest]:
    interests: dict[int, Interest] = {}
    statement = sa.select(subscriptions, queries.c.last_polled).join_from(subscriptions, queries)
    for piece in chunks(subscription_ids):
        for row in await connection.execute(statement.where(subscriptions.c.id.in_(piece))):
            interests[row.id] = Interest(
                destination=row.destination_id,
                options=to_options(row),
                since=row.since,
                margin=margin_is_open(row.margin_until, now),
                behind=pace.is_behind(row.last_polled),
                away=row.destination_id in pace.away,
                began=(start := began(row.margin_until)),
                deadline=pace.deadline(start) if start else None,
                polled=start is not None and row.last_polled is not None and row.last_polled >= start,
            )
    return interests


def _concerned(round_: _Round, piece: Sequence[PaperId]) -> sa.Select[Any]:
    """Select pairs of subscriptions and papers that may be announced, without papers that were seen.

    A paper above `since` may have matched in an earlier round without being announced. A paper below can only
    be new at its first match, or have a new version. The columns are few and of plain types, since a large
    round has very many of these rows.
    """
    first, revised = round_.first_matched, round_.perhaps_revised
    unseen = seen.c.paper_id.is_(None)
    return (
        sa.select(
            subscriptions.c.id,
            subscriptions.c.query_id,
            sa.type_coerce(matches.c.paper_id, sa.String).label("paper"),
            sa.type_coerce(seen.c.paper_id, sa.String).label("seen_by"),
        )
        .join_from(matches, papers)
        .join(subscriptions, subscriptions.c.query_id == matches.c.query_id)
        .join(destinations)
        .outerjoin(seen, sa.and_(seen.c.destination_id == destinations.c.id, seen.c.paper_id == papers.c.id))
        .where(
            matches.c.paper_id.in_(piece),
            subscriptions.c.state == State.ACTIVE,
            destinations.c.state != State.GONE,
            sa.or_(
                sa.and_(unseen, papers.c.serial >= subscriptions.c.since_serial),
                sa.and_(unseen, papers.c.id.in_([paper for paper in piece if paper in first])),
                sa.and_(
                    subscriptions.c.revisions, papers.c.id.in_([paper for paper in piece if paper in revised])
                ),
            ),
        )
        .order_by(subscriptions.c.id)
    )


async def _write(connection: AsyncConnection, intents: Sequence[Intent], now: datetime) -> Writes:
    """Write the rows that *intents* need, and return what they are."""
    writes = writes_of(intents, await _waiting(connection, intents))
    await execute_many(connection, insert(seen), (_seen(intent, now) for intent in writes.seen))
    again = insert(seen).on_conflict_do_update(
        index_elements=[seen.c.destination_id, seen.c.paper_id], set_={"in_digest": True, "digested_on": None}
    )
    await execute_many(connection, again, (_seen(intent, now) for intent in writes.digest_again))
    rows = (
        new_row(
            destination=intent.destination,
            kind=intent.kind,
            subject=intent.subject,
            now=now,
            held=intent.held,
        )
        for intent in writes.rows
    )
    await execute_many(connection, insert(outbox).on_conflict_do_nothing(), rows)
    return writes


async def _waiting(connection: AsyncConnection, intents: Iterable[Intent]) -> set[tuple[int, PaperId]]:
    """Return the revised papers, by destination, that still wait to be posted or listed."""
    revised = {intent.paper for intent in intents if intent.kind is Kind.REVISION}
    waiting: set[tuple[int, PaperId]] = set()
    for piece in chunks(revised):
        rows = await connection.execute(
            sa.select(outbox.c.destination_id, outbox.c.paper_id).where(
                outbox.c.paper_id.in_(piece),
                outbox.c.kind != Kind.EDIT,
                outbox.c.state.in_([Sending.QUEUED, Sending.HELD]),
                outbox.c.attempts == 0,
            )
        )
        waiting.update((row.destination_id, row.paper_id) for row in rows)
        rows = await connection.execute(
            sa.select(seen.c.destination_id, seen.c.paper_id).where(
                seen.c.paper_id.in_(piece), seen.c.overflow, seen.c.digested_on.is_(None)
            )
        )
        waiting.update((row.destination_id, row.paper_id) for row in rows)
    return waiting


def _seen(intent: Intent, now: datetime) -> dict[str, Any]:
    return {
        "destination_id": intent.destination,
        "paper_id": intent.paper,
        "seen_at": now,
        "in_digest": intent.digest and not intent.held,
        "overflow": intent.overflow,
        "mark": from_mark(intent.mark) if intent.mark else None,
        "beyond_best": intent.beyond_best,
        "score": intent.score,
    }


async def _complete(connection: AsyncConnection, query_ids: Sequence[int], now: datetime) -> None:
    """Store that these queries were polled, and give subscriptions without a baseline one."""
    highest = await stored_papers.highest(connection)
    for piece in chunks(query_ids):
        await connection.execute(
            queries.update().where(queries.c.id.in_(piece)).values(last_polled=now, last_error="")
        )
        await baselines.move(
            connection,
            lambda before, _: after_poll(before, highest, now),
            subscriptions.c.query_id.in_(piece),
            subscriptions.c.margin_until.is_(None),
        )
