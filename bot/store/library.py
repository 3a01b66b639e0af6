"""Reading lists, which are the papers that people saved with their notes, and people's citation keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.papers import Addition, Paper, PaperId, SavedPaper
from bot.rules.citation_keys import MOST_KEPT, assign_keys
from bot.store import edits
from bot.store.chunks import chunks, execute_many
from bot.store.dialect import insert
from bot.store.engine import Database
from bot.store.rows import PAPER_FIELDS, to_paper
from bot.store.tables import citation_keys, library, papers, uncounted


class Library:
    """The reading list of each person. A paper is kept as long as it is on any list."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(
        self, user_id: int, new: Sequence[Paper], now: datetime, *, most: int, channel_id: int = 0
    ) -> Addition:
        """Add papers to a list, and return what became of each.

        A list holds at most *most* papers; those that do not fit are left out. *channel_id* is the channel
        where they were saved, 0 elsewhere; a paper that was saved elsewhere before counts as saved there now.
        """
        async with self._database.write() as connection:
            there = set(await connection.scalars(sa.select(library.c.paper_id).where(_of(user_id))))
            room = max(most - len(there), 0)
            wanted = {paper.id: paper for paper in new}
            missing = [paper for paper in wanted.values() if paper.id not in there]
            kept = missing[:room]
            # They are stored without matches, so that the poll that finds them still takes them for new.
            await edits.store(connection, kept, now)
            if kept:
                rows = [
                    {
                        "user_id": user_id,
                        "paper_id": paper.id,
                        "note": "",
                        "saved_at": now,
                        "channel_id": channel_id,
                    }
                    for paper in kept
                ]
                await connection.execute(insert(library), rows)
            if channel_id:
                for piece in chunks([paper for paper in wanted if paper in there]):
                    elsewhere = (library.c.paper_id.in_(piece), library.c.channel_id == 0)
                    await connection.execute(
                        library.update().where(_of(user_id), *elsewhere).values(channel_id=channel_id)
                    )
            return Addition(
                added=tuple(paper.id for paper in kept),
                known=tuple(paper for paper in wanted if paper in there),
                left=tuple(paper.id for paper in missing[room:]),
            )

    async def remove(self, user_id: int, paper: PaperId) -> SavedPaper | None:
        """Remove a paper from a list; return it as it was saved, None if it was not there."""
        async with self._database.write() as connection:
            this = library.c.paper_id == paper
            removed = await _select(connection, _newest(user_id).where(this))
            await connection.execute(library.delete().where(_of(user_id), this))
            return removed[0] if removed else None

    async def note(self, user_id: int, paper: PaperId, note: str) -> bool:
        """Set the note on a paper, or remove it (""); return False if the paper is not on the list."""
        async with self._database.write(single=True) as connection:
            changed = await connection.execute(
                library.update().where(_of(user_id), library.c.paper_id == paper).values(note=note)
            )
            return bool(changed.rowcount)

    async def give_keys(
        self, user_id: int, plain: Mapping[PaperId, str], *, most: int = MOST_KEPT
    ) -> dict[PaperId, str]:
        """Return the citation key of each paper in *plain* for a person, and keep it.

        *plain* are the keys that the papers would have alone. A key that was given out before is returned
        again, also that of a paper that is on no list. At most *most* keys are kept for a person; see
        `bot.rules.citation_keys`.
        """
        theirs = citation_keys.c.user_id == user_id
        number, key = citation_keys.c.paper_id, citation_keys.c.key
        given: dict[PaperId, str] = {}
        taken: set[str] = set()
        async with self._database.write() as connection:
            for piece in chunks(plain):
                known = await connection.execute(sa.select(number, key).where(theirs, number.in_(piece)))
                given |= {row.paper_id: row.key for row in known}
            for names in chunks(set(plain.values())):
                taken |= set(await connection.scalars(sa.select(key).where(theirs, key.in_(names))))
            count = await connection.scalar(sa.select(sa.func.count()).where(theirs))
            room = max(most - int(count or 0), 0)
            keys = assign_keys(plain, given, taken=taken, room=room)
            new = [paper for paper in plain if paper not in given][:room]
            rows = ({"user_id": user_id, "paper_id": paper, "key": keys[paper]} for paper in new)
            await execute_many(connection, insert(citation_keys), rows)
        return keys

    async def get(self, user_id: int, paper: PaperId) -> SavedPaper | None:
        saved = await self._many(_newest(user_id).where(library.c.paper_id == paper))
        return saved[0] if saved else None

    async def page(self, user_id: int, offset: int, limit: int, *, words: str = "") -> list[SavedPaper]:
        """Return *limit* papers of a list from *offset* on, the last saved first; see `count` for *words*."""
        return await self._many(_newest(user_id).where(*_with(words)).offset(offset).limit(limit))

    async def all(self, user_id: int) -> list[SavedPaper]:
        """Return a whole list, the last saved first."""
        return await self._many(_newest(user_id))

    async def find(self, user_id: int, typed: str, limit: int) -> list[SavedPaper]:
        """Return papers whose identifier, title or note contains *typed*, the last saved first."""
        columns = (library.c.note, papers.c.title, sa.type_coerce(papers.c.id, sa.String))
        wanted = sa.or_(*(column.icontains(typed, autoescape=True) for column in columns))
        return await self._many(_newest(user_id).where(wanted).limit(limit))

    async def savers(self, channel_id: int, paper: PaperId) -> int:
        """Return how many people saved a paper in a channel, without those whose saves do not count."""
        uncounting = sa.select(uncounted.c.user_id)
        statement = sa.select(sa.func.count()).where(
            library.c.paper_id == paper,
            library.c.channel_id == channel_id,
            library.c.user_id.not_in(uncounting),
        )
        async with self._database.read() as connection:
            return int(await connection.scalar(statement) or 0)

    async def count(self, user_id: int, *, words: str = "") -> int:
        """Return how many papers of a list have all *words* in title, abstract and note together."""
        async with self._database.read() as connection:
            statement = (
                sa.select(sa.func.count()).join_from(library, papers).where(_of(user_id), *_with(words))
            )
            return int(await connection.scalar(statement) or 0)

    async def _many(self, statement: sa.Select[Any]) -> list[SavedPaper]:
        async with self._database.read() as connection:
            return await _select(connection, statement)


_FIELDS = (
    *PAPER_FIELDS,
    library.c.note.label("saved_note"),
    library.c.saved_at.label("saved_at"),
)


def _of(user_id: int) -> sa.ColumnElement[bool]:
    return library.c.user_id == user_id


def _with(words: str) -> list[sa.ColumnElement[bool]]:
    """Return conditions for papers whose title, abstract or note contains each of *words*."""
    columns = (papers.c.title, papers.c.abstract, library.c.note)
    return [
        sa.or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in words.split()
    ]


def _newest(user_id: int) -> sa.Select[Any]:
    return (
        sa.select(*_FIELDS)
        .join_from(library, papers)
        .where(_of(user_id))
        .order_by(library.c.saved_at.desc(), papers.c.serial.desc(), papers.c.id.desc())
    )


async def _select(connection: AsyncConnection, statement: sa.Select[Any]) -> list[SavedPaper]:
    return [_to_saved(row) for row in await connection.execute(statement)]


def _to_saved(row: sa.Row[Any]) -> SavedPaper:
    return SavedPaper(to_paper(row), row.saved_note, row.saved_at)
