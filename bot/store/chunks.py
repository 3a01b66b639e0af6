"""Cuts long lists: below SQLite's limit of variables, and short enough not to block the event loop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")

ROWS = 250


def chunks(items: Iterable[T], size: int = ROWS) -> Iterator[list[T]]:
    """Yield *items* in lists of at most *size*."""
    iterator = iter(items)
    while piece := list(islice(iterator, size)):
        yield piece


async def execute_many(
    connection: AsyncConnection, statement: sa.Insert | sa.Update, rows: Iterable[dict[str, Any]]
) -> None:
    """Execute *statement* for each of *rows*, made piece by piece so that other tasks get their turns."""
    for piece in chunks(rows):
        await connection.execute(statement, piece)
