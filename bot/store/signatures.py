"""The signatures of the stored papers, by which those that are alike are found (`bot.ranking.signatures`).

They are made after the papers are stored, so that a poll does not wait for them.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from bot.model.papers import Paper, PaperId
from bot.store.chunks import execute_many
from bot.store.dialect import insert
from bot.store.engine import Database
from bot.store.rows import PAPER_FIELDS, to_paper
from bot.store.tables import papers, signatures


class PaperSignatures:
    """One signature a paper, made from one of its versions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def missing(self, most: int) -> list[Paper]:
        """Return up to *most* papers without a signature of their stored version, the newest first."""
        statement = (
            sa.select(*PAPER_FIELDS)
            .outerjoin_from(papers, signatures, signatures.c.paper_id == papers.c.id)
            .where(sa.or_(signatures.c.version.is_(None), signatures.c.version != papers.c.version))
            .order_by(papers.c.serial.desc(), papers.c.id.desc())
            .limit(most)
        )
        async with self._database.read() as connection:
            return [to_paper(row) for row in await connection.execute(statement)]

    async def put(self, made: Iterable[tuple[Paper, bytes]]) -> None:
        """Store the signatures *made* of papers; of a paper that was pruned meanwhile, none."""
        stored = sa.select(
            sa.bindparam("paper_id", type_=papers.c.id.type),
            sa.bindparam("version", type_=sa.Integer),
            sa.bindparam("signature", type_=sa.LargeBinary),
        ).where(sa.exists().where(papers.c.id == sa.bindparam("paper_id", type_=papers.c.id.type)))
        statement = insert(signatures).from_select(["paper_id", "version", "signature"], stored)
        excluded = statement.excluded
        statement = statement.on_conflict_do_update(
            index_elements=[signatures.c.paper_id],
            set_={"version": excluded.version, "signature": excluded.signature},
        )
        rows = (
            {"paper_id": paper.id, "version": paper.version, "signature": signature}
            for paper, signature in made
        )
        async with self._database.write() as connection:
            await execute_many(connection, statement, rows)

    async def all(self) -> list[tuple[PaperId, bytes]]:
        """Return the signature of every paper that has one."""
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(signatures.c.paper_id, signatures.c.signature))
            return [(row[0], row[1]) for row in rows]
