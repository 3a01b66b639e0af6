"""Connections whose threads always end."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bot.store.driver import Connections


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "papers.db"
    sqlite3.connect(path).close()
    return path


async def test_a_connection_that_was_left_open_is_ended(file: Path) -> None:
    connections = Connections()
    left: Any = await connections.open(str(file))
    assert left.is_alive
    async with asyncio.timeout(10):
        await connections.ended()
    assert not left.is_alive


async def test_a_connection_is_told_to_end_only_once(file: Path) -> None:
    connections = Connections()
    connection = await connections.open(str(file))
    ending = connection.stop()
    assert ending is not None
    await ending
    assert connection.stop() is None
    await connections.ended()


async def test_a_database_that_is_not_there_is_not_created(tmp_path: Path) -> None:
    connections = Connections()
    with pytest.raises(sqlite3.OperationalError):
        await connections.open(str(tmp_path / "missing.db"))
    await connections.ended()
    assert not (tmp_path / "missing.db").exists()
