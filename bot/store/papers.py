"""The papers: each once, in its newest known version."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.papers import NUMBERS_A_MONTH, Paper, PaperId
from bot.model.subscriptions import Options
from bot.rules.harvest import KnownPaper
from bot.rules.newness import Facts, wants
from bot.store.chunks import chunks, execute_many
from bot.store.dialect import insert
from bot.store.engine import Database
from bot.store.rows import CHANGING_FIELDS, PAPER_FIELDS, to_paper
from bot.store.tables import matches, papers, queries

# Papers of the same moment have no fixed order at arXiv; here the higher identifier is the newer one.
_NEWEST_FIRST = (papers.c.updated.desc(), papers.c.serial.desc(), papers.c.id.desc())

_LOOK = 500  # papers loaded at a time, from which a subscription's categories admit some
_THESE = sa.select(*PAPER_FIELDS).where(papers.c.id.in_(sa.bindparam("ids", expanding=True)))

_TEXTS = sa.select(papers.c.title, papers.c.abstract).where(
    papers.c.id.in_(sa.bindparam("ids", expanding=True))
)


class Papers:
    """The known papers; `Store.record` adds to them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, paper: PaperId) -> Paper | None:
        async with self._database.read() as connection:
            return (await load(connection, [paper])).get(paper)

    async def get_many(self, ids: Iterable[PaperId]) -> list[Paper]:
        """Return the known papers of *ids*, in that order, each once."""
        async with self._database.read() as connection:
            return list((await load(connection, ids)).values())

    async def texts(self, ids: Iterable[PaperId]) -> list[str]:
        """Return title and abstract of each known paper of *ids*, as one text, in any order."""
        found: list[str] = []
        async with self._database.read() as connection:
            for piece in chunks(ids):
                rows = await connection.execute(_TEXTS, {"ids": piece})
                found += [f"{row.title}\n{row.abstract}" for row in rows]
        return found

    async def as_stored(self, ids: Iterable[PaperId]) -> dict[PaperId, KnownPaper]:
        """Return the known papers of *ids*, and whether their text is provisional."""
        statement: sa.Select[Any] = sa.select(*PAPER_FIELDS, papers.c.provisional)
        found: dict[PaperId, KnownPaper] = {}
        async with self._database.read() as connection:
            for piece in chunks(ids):
                for row in await connection.execute(statement.where(papers.c.id.in_(piece))):
                    found[row.id] = KnownPaper(to_paper(row), row.provisional)
        return found

    async def newest(self, canonical: str, limit: int, *, options: Options | None = None) -> list[Paper]:
        """Return up to *limit* papers that match the query *canonical*, the last updated first.

        With the *options* of a subscription, only papers that its categories admit.
        """
        admitted: list[Paper] = []
        for offset in itertools.count(0, _LOOK):
            page = await self._newest(canonical, _LOOK if options else limit, offset)
            admitted += [
                paper
                for paper in page
                if options is None or wants(options, paper.categories, paper.primary_category)
            ]
            if options is None or len(admitted) >= limit or len(page) < _LOOK:
                break
        return admitted[:limit]

    async def _newest(self, canonical: str, limit: int, offset: int) -> list[Paper]:
        statement = (
            sa.select(*PAPER_FIELDS)
            .join_from(papers, matches)
            .join(queries)
            .where(queries.c.canonical == canonical)
            .order_by(*_NEWEST_FIRST)
            .limit(limit)
            .offset(offset)
        )
        async with self._database.read() as connection:
            return [to_paper(row) for row in await connection.execute(statement)]

    async def matched_between(self, canonical: str, since: datetime, until: datetime) -> int:
        """Count the papers of a query that were submitted from *since* until before *until*."""
        statement = (
            sa.select(sa.func.count())
            .select_from(papers)
            .join(matches)
            .join(queries)
            .where(queries.c.canonical == canonical, papers.c.published >= since, papers.c.published < until)
        )
        async with self._database.read() as connection:
            return int(await connection.scalar(statement) or 0)

    async def highest(self) -> PaperId | None:
        """Return the highest known identifier, which arXiv announced last; None if no paper is known."""
        async with self._database.read() as connection:
            return await highest(connection)

    async def provisional(self, most: int) -> list[PaperId]:
        """Return up to *most* papers whose text is not the query API's yet, the highest numbers first."""
        statement = (
            sa.select(papers.c.id)
            .where(papers.c.provisional)
            .order_by(papers.c.serial.desc(), papers.c.id.desc())
            .limit(most)
        )
        async with self._database.read() as connection:
            return list(await connection.scalars(statement))

    async def count(self) -> int:
        async with self._database.read() as connection:
            return int(await connection.scalar(sa.select(sa.func.count()).select_from(papers)) or 0)


async def load(connection: AsyncConnection, ids: Iterable[PaperId]) -> dict[PaperId, Paper]:
    """Return the known papers of *ids*, in that order."""
    wanted = list(dict.fromkeys(ids))
    loaded: dict[PaperId, Paper] = {}
    for piece in chunks(wanted):
        for row in await connection.execute(_THESE, {"ids": piece}):
            loaded[row.id] = to_paper(row)
    return {paper: loaded[paper] for paper in wanted if paper in loaded}


async def known(connection: AsyncConnection, ids: Iterable[PaperId]) -> dict[PaperId, Facts]:
    """Return the facts of the known papers of *ids*."""
    statement = sa.select(
        papers.c.id, papers.c.version, papers.c.journal_ref, papers.c.doi, papers.c.withdrawn
    )
    facts: dict[PaperId, Facts] = {}
    for piece in chunks(ids):
        rows = await connection.execute(statement.where(papers.c.id.in_(piece)))
        facts.update((row[0], Facts(*row[1:])) for row in rows)
    return facts


async def provisional(connection: AsyncConnection, ids: Iterable[PaperId]) -> dict[PaperId, Paper]:
    """Return those of the papers *ids* whose text is not the query API's yet."""
    statement: sa.Select[Any] = sa.select(*PAPER_FIELDS).where(papers.c.provisional)
    found: dict[PaperId, Paper] = {}
    for piece in chunks(ids):
        rows = await connection.execute(statement.where(papers.c.id.in_(piece)))
        found.update((row.id, to_paper(row)) for row in rows)
    return found


async def highest(connection: AsyncConnection) -> PaperId | None:
    """Return the highest known identifier; see `Papers.highest`."""
    statement = sa.select(papers.c.id).order_by(papers.c.serial.desc(), papers.c.id.desc()).limit(1)
    last: PaperId | None = await connection.scalar(statement)
    return last


async def highest_by_month(connection: AsyncConnection) -> dict[int, int]:
    """Return the highest known number of each month (`PaperId.month`), without old-style identifiers."""
    month = (papers.c.serial // NUMBERS_A_MONTH).label("month")
    statement = sa.select(month, sa.func.max(papers.c.serial)).where(papers.c.serial > 0).group_by(month)
    return {row[0]: row[1] % NUMBERS_A_MONTH for row in await connection.execute(statement)}


async def upsert(
    connection: AsyncConnection,
    new: Sequence[Paper],
    now: datetime,
    *,
    provisional: Collection[PaperId] = (),
) -> None:
    """Store papers. A higher or equal version replaces the stored one; a lower one is ignored.

    The text of those in *provisional* is not the query API's.
    """
    statement = insert(papers)
    excluded = statement.excluded
    changing = (*CHANGING_FIELDS, "provisional")
    statement = statement.on_conflict_do_update(
        index_elements=[papers.c.id],
        set_={name: excluded[name] for name in ("version", *changing)},
        where=sa.or_(
            excluded.version > papers.c.version,
            sa.and_(
                excluded.version == papers.c.version,
                sa.or_(*(excluded[name].is_distinct_from(papers.c[name]) for name in changing)),
            ),
        ),
    )
    for piece in chunks(new):
        rows = [_values(paper, now, provisional=paper.id in provisional) for paper in piece]
        await execute_many(connection, statement, rows)


def _values(paper: Paper, now: datetime, *, provisional: bool) -> dict[str, Any]:
    values = {name: getattr(paper, name) for name in ("id", "version", *CHANGING_FIELDS)}
    return values | {"serial": paper.id.serial, "first_seen": now, "provisional": provisional}
