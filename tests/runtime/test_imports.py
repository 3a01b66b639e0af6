"""What the bot loads: libraries that are large and seldom needed stay out of memory until then."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from bot.store import Store

ROOT = Path(__file__).parents[2]
LATER = ("alembic", "mako", "pygments", "rapidfuzz", "rich", "asyncpg", "sqlalchemy.dialects.postgresql")
_START = """
import asyncio, sys
import bot.runtime.app
from bot.store import Store

async def start():
    async with await Store.open(sys.argv[1], hold=True):
        pass

asyncio.run(start())
print(*[name for name in sys.argv[2:] if name in sys.modules])
"""


@pytest.mark.slow
async def test_a_start_on_a_current_database_loads_nothing_that_few_need(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/papers.db"
    async with await Store.open(url):
        pass
    command = [sys.executable, "-c", _START, url, *LATER]
    run = partial(subprocess.run, command, cwd=ROOT, capture_output=True, text=True, check=True)
    done = await asyncio.to_thread(run)
    assert done.stdout.split() == []
