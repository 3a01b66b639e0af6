"""Long lists in pieces: below SQLite's limit of variables, and short enough not to hold the event loop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")

ROWS = 250


def chunks(items: Iterable[T], size: int = ROWS) -> Iterator[list[T]]:
    """Cut *items* into lists of at most *size*."""
    iterator = iter(items)
    while piece := list(islice(iterator, size)):
        yield piece


async def execute_many(
    connection: AsyncConnection, statement: sa.Insert | sa.Update, rows: Iterable[dict[str, Any]]
) -> None:
    """Execute *statement* once for each row, which is made only then: other tasks have their turn between."""
    for piece in chunks(rows):
        await connection.execute(statement, piece)
