"""How the bot's tables and statements look on PostgreSQL, so that they mean what they mean on SQLite.

Whole numbers have 64 bits, text is sorted by its bytes and may be of any length, and JSON can be compared.
Only `postgres` imports this, since the driver's part of the dialect takes memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg, PGDialect_asyncpg
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler, PGTypeCompiler
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

from bot.store.tables import metadata

for _table in metadata.tables.values():
    for _index in _table.indexes:  # the tables do not name PostgreSQL, or they would load it
        _index.dialect_options["postgresql"]["where"] = _index.dialect_options["sqlite"]["where"]


class _Types(PGTypeCompiler):
    def visit_INTEGER(self, type_: sa.Integer, **_kw: Any) -> str:  # noqa: N802 - SQLAlchemy's
        return "BIGINT"

    def visit_JSON(self, type_: sa.JSON, **_kw: Any) -> str:  # noqa: N802
        return "JSONB"

    def visit_TEXT(self, type_: sa.String, **kw: Any) -> str:  # noqa: N802
        return 'TEXT COLLATE "C"' if "type_expression" in kw else "TEXT"

    def visit_VARCHAR(self, type_: sa.String, **kw: Any) -> str:  # noqa: N802
        return self.visit_TEXT(type_, **kw)


class _Tables(PGDDLCompiler):
    def get_column_specification(self, column: sa.Column[Any], **kwargs: Any) -> str:
        text: str = super().get_column_specification(column, **kwargs)  # type: ignore[no-untyped-call]
        return text.replace(" SERIAL", " BIGSERIAL")


class _Statements(PGCompiler_asyncpg):
    # The bot's inserts name the columns of a conflict, as SQLite's do, and never a constraint.
    _on_conflict_target = SQLiteCompiler._on_conflict_target  # noqa: SLF001


class PostgresDialect(PGDialect_asyncpg):
    """The dialect of the bot's engines on PostgreSQL."""

    supports_statement_cache = True
    supports_native_json_deserialization = False  # or every new connection would ask for the types of JSON
    type_compiler_cls = _Types
    ddl_compiler = _Tables
    statement_compiler = _Statements

    def on_connect(self) -> Callable[[Any], None] | None:
        return None


def storable(value: Any) -> Any:
    """Return *value* without what PostgreSQL does not store in text: NUL, and halves of surrogate pairs."""
    if isinstance(value, str):
        return value.replace("\x00", "") if "\x00" in value else value
    return value


def to_json(value: Any) -> str:
    """Return *value* as JSON that PostgreSQL takes."""
    text = json.dumps(value)
    if "\\u0000" in text or "\\ud" in text:
        text = json.dumps(_cleaned(value))
    return text


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner) for inner in value]
    return value
