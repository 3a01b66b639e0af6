"""Column types: they translate between what the database holds and the bot's own values."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from bot.model.papers import PaperId
from bot.model.reasons import Reason

E = TypeVar("E", bound=enum.StrEnum)


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An aware datetime, stored and returned in UTC; a naive one raises a ValueError.

    SQLite has no time zones. There the text is in UTC without saying so, in a form that sorts by time.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"a naive datetime has no zone: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class PaperIdText(sa.TypeDecorator[PaperId]):
    """A paper's identifier without its version, as text. To sort by identifier, use the serial."""

    impl = sa.String(32)
    cache_ok = True

    def process_bind_param(self, value: PaperId | None, dialect: Dialect) -> str | None:
        return None if value is None else value.text

    def process_result_value(self, value: str | None, dialect: Dialect) -> PaperId | None:
        return None if value is None else PaperId(value)


class ReasonText(sa.TypeDecorator[Reason]):
    """A reason as JSON; no reason is the empty text, never NULL."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Reason | None, dialect: Dialect) -> str:
        return "" if value is None else value.to_json()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Reason | None:
        return Reason.from_json(value) if value else None


def choice(values: type[E]) -> sa.Enum:
    """Return a short text column for the values (not the names) of an enumeration."""
    return sa.Enum(values, native_enum=False, length=16, values_callable=_values)


def _values(values: Any) -> list[str]:
    return [member.value for member in values]
