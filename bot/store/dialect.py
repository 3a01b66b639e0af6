"""Where SQLite and PostgreSQL differ in what a statement says. Everything else is one statement for both.

How columns look on PostgreSQL is in `postgres_types`; what connections need is in `sqlite` and `postgres`.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from bot.store.tables import metadata

__all__ = [
    "any_of",
    "greatest",
    "has_number",
    "insert",
    "let_numbers_begin",
    "overwrite_deleted",
    "references_are_broken",
    "truncate_log",
    "utc_day",
]
# `insert` is SQLite's. Both engines write `ON CONFLICT` alike, and `postgres_types` makes PostgreSQL's
# compiler take it. PostgreSQL's own would load its whole dialect, which on SQLite only Alembic does.


class greatest(FunctionElement[int]):  # noqa: N801 - named like a function of SQL
    """The larger of two numbers."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(greatest)
def _greatest(element: greatest, compiler: SQLCompiler, **kw: Any) -> str:
    return f"max({compiler.process(element.clauses, **kw)})"


@compiles(greatest, "postgresql")
def _greatest_on_postgresql(element: greatest, compiler: SQLCompiler, **kw: Any) -> str:
    return f"greatest({compiler.process(element.clauses, **kw)})"


class any_of(FunctionElement[bool]):  # noqa: N801 - named like a function of SQL
    """Whether a condition is true in any row of a group."""

    type = sa.Boolean()
    inherit_cache = True


@compiles(any_of)
def _any_of(element: any_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"max({compiler.process(element.clauses, **kw)})"


@compiles(any_of, "postgresql")
def _any_of_on_postgresql(element: any_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"bool_or({compiler.process(element.clauses, **kw)})"


class utc_day(FunctionElement[str]):  # noqa: N801 - named like a function of SQL
    """The day of a moment in UTC, as text."""

    type = sa.Text()
    inherit_cache = True


@compiles(utc_day)
def _utc_day(element: utc_day, compiler: SQLCompiler, **kw: Any) -> str:
    return f"date({compiler.process(element.clauses, **kw)})"


@compiles(utc_day, "postgresql")
def _utc_day_on_postgresql(element: utc_day, compiler: SQLCompiler, **kw: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **kw)} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"


class has_number(FunctionElement[bool]):  # noqa: N801 - named like a function of SQL
    """Whether a JSON list has a number among its elements."""

    type = sa.Boolean()
    inherit_cache = True

    def __init__(self, column: sa.ColumnElement[Any], number: int) -> None:
        super().__init__(column, sa.literal(number, sa.BigInteger))


@compiles(has_number)
def _has_number(element: has_number, compiler: SQLCompiler, **kw: Any) -> str:
    column, number = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{number} IN (SELECT value FROM json_each({column}))"  # noqa: S608 - bound parameters


@compiles(has_number, "postgresql")
def _has_number_on_postgresql(element: has_number, compiler: SQLCompiler, **kw: Any) -> str:
    column, number = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({column} @> to_jsonb({number}))"


async def overwrite_deleted(connection: AsyncConnection) -> None:
    """Let what this transaction deletes be overwritten in the file; PostgreSQL does so later, in a vacuum."""
    if connection.dialect.name == "sqlite":  # whatever its build does by default
        await connection.execute(sa.text("PRAGMA secure_delete = ON"))


async def truncate_log(connection: AsyncConnection) -> None:
    """Empty the write-ahead log, which holds what was there before; PostgreSQL does so at checkpoints."""
    if connection.dialect.name == "sqlite":
        await connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))


def references_are_broken(connection: sa.Connection) -> bool:
    """Tell whether rows refer to missing rows, which SQLite lets pass while tables change."""
    if connection.dialect.name != "sqlite":
        return False
    return connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None


def let_numbers_begin(connection: sa.Connection, number: int) -> None:
    """Let the ids of new rows begin above *number*, unless they are higher already."""
    for table in metadata.sorted_tables:
        if table.dialect_options["sqlite"]["autoincrement"]:
            (_let_begin if connection.dialect.name == "sqlite" else _let_sequence_begin)(
                connection, table.name, number
            )


def _let_begin(connection: sa.Connection, table: str, number: int) -> None:
    connection.exec_driver_sql(
        "INSERT INTO sqlite_sequence (name, seq) SELECT ?, 0 "
        "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)",
        (table, table),
    )
    connection.exec_driver_sql("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (number, table))


def _let_sequence_begin(connection: sa.Connection, table: str, number: int) -> None:
    sequence = f"{table}_id_seq"
    connection.execute(
        sa.text(f"SELECT setval('{sequence}', greatest(last_value, :number)) FROM {sequence}"),  # noqa: S608 - our own names
        {"number": number},
    )
