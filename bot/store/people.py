"""The data about a person: exports all of it, and erases it for good.

It consists of the reading list, the citation keys, the papers of which the person wants fewer, whether their
saves count, the subscriptions in direct messages with everything that came of them, the person's Discord id
beside subscriptions that they made in servers, and the notices that were sent to them or that they refused.
Those subscriptions and notices belong to the server, so erasing removes the id from them and leaves the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.papers import PaperId
from bot.store.dialect import has_number, overwrite_deleted, truncate_log
from bot.store.engine import Database
from bot.store.tables import (
    citation_keys,
    destinations,
    dislikes,
    library,
    metadata,
    notices,
    papers,
    queries,
    removed,
    subscriptions,
    uncounted,
)

_NOBODY = 0
# How rows refer to each other and are ordered says nothing about a person.
_OURS = frozenset({"id", "destination_id", "query_id", "since_serial", "place", "batch"})
_MADE = "_made_in_servers"


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased; `made` counts subscriptions of servers that no longer name the person."""

    papers: int
    subscriptions: int
    made: int


class People:
    """Exports and erases the data about a person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, user_id: int) -> dict[str, Any]:
        """Return what is held about a person at one moment, as values that JSON knows, but for reasons.

        Rows that name the person as their maker are under `<table>_made_in_servers`, by table. Discord's ids
        are strings, since they are too long for some JSON readers. Times are in ISO 8601.
        """
        async with self._database.read(snapshot=True) as connection:
            return {
                "person": str(user_id),
                "reading_list": await _rows(connection, _reading_list(user_id)),
                "citation_keys": await _rows(connection, _citation_keys(user_id)),
                "dislikes": await _rows(connection, _dislikes(user_id)),
                "uncounted": await _rows(connection, _uncounted(user_id)),
                "direct_messages": [
                    {**one, **await _conversation(connection, int(one.pop("destination")))}
                    for one in await _rows(connection, _conversations(user_id))
                ],
                **{
                    table.name + _MADE: await _rows(connection, _made(table, user_id))
                    for table in _naming_their_maker()
                },
                "notices": await _rows(connection, _notices_to(user_id)),
            }

    async def erase(self, user_id: int) -> Erased:
        """Erase all data about a person in one transaction, from the file, too; return how much."""
        own = destinations.c.user_id == user_id
        async with self._database.write() as connection:
            await overwrite_deleted(connection)
            theirs = sa.select(sa.func.count()).select_from(subscriptions.join(destinations)).where(own)
            count = await connection.scalar(theirs)
            saved = await connection.execute(library.delete().where(library.c.user_id == user_id))
            await connection.execute(citation_keys.delete().where(citation_keys.c.user_id == user_id))
            await connection.execute(dislikes.delete().where(dislikes.c.user_id == user_id))
            await connection.execute(uncounted.delete().where(uncounted.c.user_id == user_id))
            await connection.execute(destinations.delete().where(own))  # and, by cascade, all that is theirs
            made = await connection.scalar(_count_made(user_id))
            for table in _naming_their_maker():
                mine = table.c.created_by == user_id
                await connection.execute(table.update().where(mine).values(created_by=_NOBODY))
            await _forget_queries(connection)
            await _forget_notices(connection, user_id)
        # Until now the write-ahead log still holds what was there; readers may keep some of it for a moment.
        async with self._database.write(single=True) as connection:
            await truncate_log(connection)
        return Erased(papers=saved.rowcount, subscriptions=int(count or 0), made=int(made or 0))


async def _forget_queries(connection: AsyncConnection) -> None:
    """Forget the keywords that nobody asks for, for some are the person's own words.

    No row says whose they were. A subscription that is restored makes its keyword anew.
    """
    asked = sa.union_all(
        sa.select(queries.c.id).join(removed, removed.c.canonical == queries.c.canonical),
        sa.select(subscriptions.c.query_id),
    )
    await connection.execute(queries.delete().where(queries.c.id.not_in(asked)))


async def _forget_notices(connection: AsyncConnection, user_id: int) -> None:
    """Remove the person from the notices but keep these, or another person would get them again."""
    await connection.execute(notices.update().where(notices.c.user_id == user_id).values(user_id=_NOBODY))
    rows = await connection.execute(sa.select(notices.c.id, notices.c.refused))
    for row in rows.all():
        if user_id in row.refused:
            refused = [place for place in row.refused if place != user_id]
            await connection.execute(notices.update().where(notices.c.id == row.id).values(refused=refused))


def _reading_list(user_id: int) -> sa.Select[Any]:
    return (
        sa.select(
            library.c.paper_id.label("paper"),
            papers.c.title,
            library.c.note,
            library.c.saved_at,
            library.c.channel_id,
        )
        .join_from(library, papers)
        .where(library.c.user_id == user_id)
        .order_by(library.c.saved_at, papers.c.serial)
    )


def _citation_keys(user_id: int) -> sa.Select[Any]:
    return (
        sa.select(citation_keys.c.paper_id.label("paper"), citation_keys.c.key)
        .where(citation_keys.c.user_id == user_id)
        .order_by(citation_keys.c.paper_id)
    )


def _dislikes(user_id: int) -> sa.Select[Any]:
    return (
        sa.select(dislikes.c.paper_id.label("paper"), dislikes.c.given_at, dislikes.c.channel_id)
        .where(dislikes.c.user_id == user_id)
        .order_by(dislikes.c.given_at, dislikes.c.paper_id)
    )


def _uncounted(user_id: int) -> sa.Select[Any]:
    return sa.select(uncounted.c.user_id).where(uncounted.c.user_id == user_id)


def _conversations(user_id: int) -> sa.Select[Any]:
    columns = (column for column in destinations.c if column.name not in {"id", "guild_id", "user_id"})
    return (
        sa.select(destinations.c.id.label("destination"), *columns)
        .where(destinations.c.user_id == user_id)
        .order_by(destinations.c.id)
    )


async def _conversation(connection: AsyncConnection, destination_id: int) -> dict[str, Any]:
    """Return every row of one conversation, by table, so that no table added later is left out."""
    rows = {}
    for table in metadata.sorted_tables:
        if "destination_id" not in table.c:
            continue
        statement = _all_columns(table).where(table.c.destination_id == destination_id)
        rows[table.name] = await _rows(connection, statement)
    return rows


def _naming_their_maker() -> list[sa.Table]:
    """Return the tables with a column for who made the row, so that no table added later is left out."""
    return [table for table in metadata.sorted_tables if "created_by" in table.c]


def _made(table: sa.Table, user_id: int) -> sa.Select[Any]:
    return (
        _all_columns(table)
        .add_columns(destinations.c.guild_id.label("server_id"), destinations.c.channel_id)
        .join(destinations, destinations.c.id == table.c.destination_id)
        .where(table.c.created_by == user_id, destinations.c.user_id == _NOBODY)
    )


def _all_columns(table: sa.Table) -> sa.Select[Any]:
    """Select the rows of *table* in their order, with the text of the query that they refer to."""
    columns = (column for column in table.c if column.name not in _OURS)
    statement = sa.select(*columns).select_from(table).order_by(*table.primary_key)
    if "query_id" not in table.c:
        return statement
    asked = queries.c.id == table.c.query_id
    return statement.add_columns(queries.c.canonical.label("query")).join(queries, asked)


def _count_made(user_id: int) -> sa.Select[Any]:
    made = _made(subscriptions, user_id).order_by(None)
    return sa.select(sa.func.count()).select_from(made.subquery())


def _notices_to(user_id: int) -> sa.Select[Any]:
    """Select the notices that were sent to a person, or that they refused."""
    refused = has_number(notices.c.refused, user_id)
    return (
        sa.select(
            destinations.c.guild_id.label("server_id"),
            destinations.c.channel_id,
            notices.c.reason,
            notices.c.created_at,
            notices.c.state,
            refused.label("refused"),
        )
        .join_from(notices, destinations)
        .where(sa.or_(notices.c.user_id == user_id, refused))
        .order_by(notices.c.id)
    )


async def _rows(connection: AsyncConnection, statement: sa.Select[Any]) -> list[dict[str, Any]]:
    rows = await connection.execute(statement)
    return [{name: _plain(name, value) for name, value in row._asdict().items()} for row in rows]


def _plain(name: str, value: Any) -> Any:
    """Return a column's *value* in a form that every JSON reader can hold; a `Reason` stays as it is."""
    if isinstance(value, PaperId):
        return value.text
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, int) and (name.endswith("_id") or name == "created_by"):
        return str(value)
    return value
