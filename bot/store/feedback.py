"""What interests are learnt from: saves, papers that were added, and those of which fewer are wanted.

A save is a row of the reading list, which knows the channel where it was made; it counts for that channel if
the channel got the paper, and goes when the person removes the paper or erases their data. *Less like this*
is the person's, too. What is added to a channel belongs to the channel and names nobody.

An interest that forgets leaves these rows alone, since what was saved most is counted from them: the channel
remembers what no longer counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.interests import Evidence, Verdict
from bot.model.papers import Addition, Paper, PaperId
from bot.store import edits
from bot.store.chunks import execute_many
from bot.store.dialect import insert
from bot.store.engine import Database
from bot.store.rows import PAPER_FIELDS, to_paper
from bot.store.tables import (
    destinations,
    dislikes,
    feedback,
    forgotten,
    library,
    outbox,
    papers,
    seen,
    uncounted,
)

MOST_GIVEN = 1_000
"""How many papers can be given to a channel with each verdict, and how many a person can want fewer of."""
_LEARNT_FROM = 300  # of each kind, the newest
_LEFT = 300
_SAMPLE = 10_000


def _counts_here(table: sa.Table) -> sa.ColumnElement[bool]:
    """Select what people said in a channel, without those whose saves do not count."""
    return sa.and_(
        table.c.channel_id == destinations.c.channel_id,
        table.c.user_id.not_in(sa.select(uncounted.c.user_id)),
    )


def _not_forgotten(table: sa.Table, said_at: sa.Column[datetime]) -> sa.ColumnElement[bool]:
    """Select what was said after the interest of the channel began, and after it last forgot the paper."""
    later = sa.exists().where(
        forgotten.c.destination_id == destinations.c.id,
        forgotten.c.paper_id == table.c.paper_id,
        forgotten.c.forgotten_at >= said_at,
    )
    since = destinations.c.interest_since
    return sa.and_(sa.or_(since.is_(None), since < said_at), ~later)


# A person's saves in a channel, of what the channel got.
_SAVED_HERE = sa.and_(
    _counts_here(library),
    sa.exists().where(seen.c.destination_id == destinations.c.id, seen.c.paper_id == library.c.paper_id),
)
_LEARNT_HERE = sa.and_(_SAVED_HERE, _not_forgotten(library, library.c.saved_at))
_DISLIKED_HERE = sa.and_(_counts_here(dislikes), _not_forgotten(dislikes, dislikes.c.given_at))


class Feedback:
    """What people said about papers, as evidence for the interests of channels and of people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_channel(self, destination_id: int) -> Evidence:
        """Return what the interest of a channel is learnt from; in direct messages, the person's own."""
        person = sa.select(destinations.c.user_id).where(destinations.c.id == destination_id)
        async with self._database.read(snapshot=True) as connection:
            if user_id := await connection.scalar(person):
                evidence = await _of_person(connection, user_id)
            else:
                evidence = await _of_channel(connection, destination_id)
            got = await connection.scalars(_got(destination_id))
            given = {*evidence.given, *evidence.less}
            left = [paper for paper in got if paper not in given]
        return replace(evidence, left=tuple(left[:_LEFT]))

    async def of_person(self, user_id: int) -> Evidence:
        """Return what a person's own interest is learnt from."""
        async with self._database.read(snapshot=True) as connection:
            return await _of_person(connection, user_id)

    async def give(
        self, destination_id: int, given: Sequence[Paper], verdict: Verdict, now: datetime
    ) -> Addition:
        """Give papers to a channel, which are stored if necessary; return what became of each.

        A paper that it had with the other verdict changes sides. A channel keeps at most `MOST_GIVEN` with
        each verdict; those that do not fit are left out.
        """
        async with self._database.write() as connection:
            there = sa.select(feedback.c.paper_id, feedback.c.verdict).where(
                feedback.c.destination_id == destination_id
            )
            known = {row.paper_id: Verdict(row.verdict) for row in await connection.execute(there)}
            wanted = {paper.id: paper for paper in given}
            new = [paper for paper in wanted.values() if known.get(paper.id) is not verdict]
            room = max(MOST_GIVEN - sum(one is verdict for one in known.values()), 0)
            added = new[:room]
            await edits.store(connection, [paper for paper in added if paper.id not in known], now)
            statement = insert(feedback).on_conflict_do_update(
                index_elements=[feedback.c.destination_id, feedback.c.paper_id],
                set_={"verdict": verdict, "given_at": now},
            )
            values = {"destination_id": destination_id, "verdict": verdict, "given_at": now}
            await execute_many(connection, statement, ({**values, "paper_id": one.id} for one in added))
            return Addition(
                added=tuple(one.id for one in added),
                known=tuple(one for one in wanted if known.get(one) is verdict),
                left=tuple(one.id for one in new[room:]),
            )

    async def dislike(self, user_id: int, paper: Paper, now: datetime, *, channel_id: int = 0) -> bool:
        """Store that a person wants fewer papers like *paper*; return False if there is no room.

        *channel_id* is the channel where they said so, 0 elsewhere. It counts where it was said last.
        """
        async with self._database.write() as connection:
            mine = dislikes.c.user_id == user_id
            others = sa.select(sa.func.count()).where(mine, dislikes.c.paper_id != paper.id)
            if int(await connection.scalar(others) or 0) >= MOST_GIVEN:
                return False
            await edits.store(connection, [paper], now)
            said = {"given_at": now, "channel_id": channel_id}
            row = insert(dislikes).values(user_id=user_id, paper_id=paper.id, **said)
            key = [dislikes.c.user_id, dislikes.c.paper_id]
            again = (
                row.on_conflict_do_update(index_elements=key, set_=said)
                if channel_id
                else row.on_conflict_do_nothing()
            )
            await connection.execute(again)
            return True

    async def take_back(self, destination_id: int, paper: PaperId, now: datetime) -> bool:
        """Let a channel's interest forget a paper, by whatever it got it; return False if it had none.

        It stays on the reading lists of those who saved it. What is said of it from *now* on counts again.
        """
        async with self._database.write() as connection:
            given = await connection.execute(
                feedback.delete().where(
                    feedback.c.destination_id == destination_id, feedback.c.paper_id == paper
                )
            )
            here = destinations.c.id == destination_id
            said = [
                sa.exists().where(here, library.c.paper_id == paper, _LEARNT_HERE),
                sa.exists().where(here, dislikes.c.paper_id == paper, _DISLIKED_HERE),
            ]
            if not await connection.scalar(sa.select(sa.or_(*said))):
                return bool(given.rowcount)
            row = insert(forgotten).values(destination_id=destination_id, paper_id=paper, forgotten_at=now)
            key = [forgotten.c.destination_id, forgotten.c.paper_id]
            await connection.execute(
                row.on_conflict_do_update(index_elements=key, set_={"forgotten_at": now})
            )
            return True

    async def undislike(self, user_id: int, paper: PaperId | None = None) -> int:
        """Forget that a person wants fewer papers like one, or (None) like any; return how many that were."""
        which = [dislikes.c.user_id == user_id]
        if paper is not None:
            which.append(dislikes.c.paper_id == paper)
        async with self._database.write(single=True) as connection:
            return int((await connection.execute(dislikes.delete().where(*which))).rowcount)

    async def reset(self, destination_id: int, now: datetime) -> None:
        """Let a channel's interest begin anew *now*; reading lists, and what was saved most, stay."""
        async with self._database.write() as connection:
            for table in (feedback, forgotten):
                await connection.execute(table.delete().where(table.c.destination_id == destination_id))
            here = destinations.c.id == destination_id
            await connection.execute(destinations.update().where(here).values(interest_since=now))

    async def count_saves(self, user_id: int, *, count: bool) -> None:
        """Store whether a person's saves count for channels: for interests, and for what was saved most."""
        async with self._database.write(single=True) as connection:
            if count:
                await connection.execute(uncounted.delete().where(uncounted.c.user_id == user_id))
            else:
                row = insert(uncounted).values(user_id=user_id)
                await connection.execute(row.on_conflict_do_nothing())

    async def saves_count(self, user_id: int) -> bool:
        async with self._database.read() as connection:
            hidden = sa.select(uncounted.c.user_id).where(uncounted.c.user_id == user_id)
            return await connection.scalar(hidden) is None

    async def most_saved(
        self, channels: Collection[int], *, since: datetime, until: datetime | None = None, most: int
    ) -> list[tuple[Paper, int]]:
        """Return up to *most* papers that were saved in *channels* from *since* on, and by how many people.

        Saves at *until* and later do not count, nor do those of people who do not want it. The most saved
        come first, of the same count the newest papers.
        """
        people = sa.func.count().label("people")
        counted = (
            sa.select(library.c.paper_id, people)
            .where(
                library.c.channel_id.in_(sa.bindparam("channels", expanding=True)),
                library.c.saved_at >= since,
                *([] if until is None else [library.c.saved_at < until]),
                library.c.user_id.not_in(sa.select(uncounted.c.user_id)),
            )
            .group_by(library.c.paper_id)
            .subquery()
        )
        statement = (
            sa.select(*PAPER_FIELDS, counted.c.people)
            .join_from(counted, papers, papers.c.id == counted.c.paper_id)
            .order_by(counted.c.people.desc(), papers.c.serial.desc(), papers.c.id.desc())
            .limit(most)
        )
        async with self._database.read() as connection:
            rows: Iterable[sa.Row[Any]] = await connection.execute(statement, {"channels": list(channels)})
            return [(to_paper(row), int(row.people)) for row in rows]

    async def lately(self, destination_id: int, *, since: datetime) -> tuple[int, int]:
        """Return how many papers a channel got from *since* on, and how many of these people saved there.

        In direct messages these are the person's own saves.
        """
        got = _got(destination_id).where(seen.c.seen_at >= since).order_by(None).limit(None).subquery()
        own = sa.and_(destinations.c.user_id != 0, library.c.user_id == destinations.c.user_id)
        saved = (
            sa.select(sa.func.count(library.c.paper_id.distinct()))
            .join_from(library, destinations, sa.or_(_SAVED_HERE, own))
            .where(destinations.c.id == destination_id, library.c.paper_id.in_(sa.select(got.c.paper_id)))
        )
        async with self._database.read(snapshot=True) as connection:
            papers = await connection.scalar(sa.select(sa.func.count()).select_from(got))
            return int(papers or 0), int(await connection.scalar(saved) or 0)

    async def sample(self) -> list[PaperId]:
        """Return the newest stored papers, at most ten thousand: enough to know which terms are rare."""
        newest = sa.select(papers.c.id).order_by(papers.c.serial.desc(), papers.c.id.desc()).limit(_SAMPLE)
        async with self._database.read() as connection:
            return list(await connection.scalars(newest))


async def _of_channel(connection: AsyncConnection, destination_id: int) -> Evidence:
    here = destinations.c.id == destination_id
    saved = (
        sa.select(library.c.paper_id, sa.func.count())
        .join_from(library, destinations, _LEARNT_HERE)
        .where(here)
        .group_by(library.c.paper_id)
        .order_by(sa.func.max(library.c.saved_at).desc(), library.c.paper_id)
        .limit(_LEARNT_FROM)
    )
    savers = sa.select(sa.func.count(library.c.user_id.distinct())).join_from(
        library, destinations, _LEARNT_HERE
    )
    kept = tuple((row[0], int(row[1])) for row in await connection.execute(saved))
    more, told = [tuple(await connection.scalars(_given(destination_id, verdict))) for verdict in Verdict]
    less = dict.fromkeys([*await connection.scalars(_disliked(destination_id)), *told])
    people = int(await connection.scalar(savers.where(here)) or 0)
    return Evidence(saved=kept, added=more, less=tuple(less)[:_LEARNT_FROM], savers=people)


def _disliked(destination_id: int) -> sa.Select[Any]:
    """Select what people in a channel want fewer of, most people first, without what it was given.

    Anybody may say so, but adding takes a manager: so it does not outweigh what one added.
    """
    added = sa.select(feedback.c.paper_id).where(
        feedback.c.destination_id == destination_id, feedback.c.verdict == Verdict.MORE
    )
    return (
        sa.select(dislikes.c.paper_id)
        .join_from(dislikes, destinations, _DISLIKED_HERE)
        .where(destinations.c.id == destination_id, dislikes.c.paper_id.not_in(added))
        .group_by(dislikes.c.paper_id)
        .order_by(sa.func.count().desc(), sa.func.max(dislikes.c.given_at).desc(), dislikes.c.paper_id)
        .limit(_LEARNT_FROM)
    )


async def _of_person(connection: AsyncConnection, user_id: int) -> Evidence:
    mine = (
        sa.select(library.c.paper_id)
        .where(library.c.user_id == user_id)
        .order_by(library.c.saved_at.desc(), library.c.paper_id)
        .limit(_LEARNT_FROM)
    )
    disliked = (
        sa.select(dislikes.c.paper_id)
        .where(dislikes.c.user_id == user_id)
        .order_by(dislikes.c.given_at.desc(), dislikes.c.paper_id)
        .limit(_LEARNT_FROM)
    )
    saved = tuple((paper, 1) for paper in await connection.scalars(mine))
    less = tuple(await connection.scalars(disliked))
    return Evidence(saved=saved, less=less, savers=min(len(saved), 1))


def _given(destination_id: int, verdict: Verdict) -> sa.Select[Any]:
    return (
        sa.select(feedback.c.paper_id)
        .where(feedback.c.destination_id == destination_id, feedback.c.verdict == verdict)
        .order_by(feedback.c.given_at.desc(), feedback.c.paper_id)
        .limit(_LEARNT_FROM)
    )


def _got(destination_id: int) -> sa.Select[Any]:
    """Select what a channel was shown lately, the newest first: posted, or in a digest."""
    posted = sa.exists().where(
        outbox.c.destination_id == destination_id, outbox.c.paper_id == seen.c.paper_id
    )
    return (
        sa.select(seen.c.paper_id)
        .join(papers, papers.c.id == seen.c.paper_id)
        .where(seen.c.destination_id == destination_id, sa.or_(seen.c.in_digest, posted))
        .order_by(papers.c.serial.desc(), papers.c.id.desc())
        .limit(2 * _LEFT)
    )
