"""Long lists in pieces: below SQLite's limit of variables, and short enough not to hold the event loop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
    connection: AsyncConnection, statement: sa.Insert | sa.Update, rows: Sequence[dict[str, Any]]
) -> None:
    """Execute *statement* once for each row; other tasks have their turn in between."""
    for piece in chunks(rows):
        await connection.execute(statement, piece)
