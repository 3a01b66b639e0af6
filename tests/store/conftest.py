"""The tests of the store run on both engines, except for those with the mark `sqlite`."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio

from tests.database import lay_out
from tests.postgres import Databases


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        alone = any(mark.name == "sqlite" for mark in metafunc.definition.iter_markers())
        metafunc.parametrize("engine", ["sqlite"] if alone else ["sqlite", "postgresql"])


@pytest_asyncio.fixture
async def database_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if engine == "sqlite":
        lay_out(tmp_path / "papers.db")
        return f"sqlite:///{tmp_path}/papers.db"
    databases: Databases = request.getfixturevalue("databases")
    return await databases.empty()
