"""Runs commands of the command line in this process, with a configuration for each test."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.config import Settings
from bot.model.subscriptions import Options, Place
from bot.query.query import parse
from bot.rules.forecast import NotAsked
from bot.store import Store
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.papers import make_papers

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 7, 21, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Ended:
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str

    def says(self, *parts: str) -> bool:
        """Tell whether stderr, except for progress, is a single line that contains all *parts*."""
        (line,) = [line for line in self.err.splitlines() if not re.match(r"\d+ of \d+: ", line)]
        return all(part in line for part in parts)


@pytest.fixture(autouse=True)
def clean_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the developer's configuration from commands in this process."""
    for name in [name for name in os.environ if name.startswith("PAPERS_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
async def arxiv(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeArxiv]:
    """A fake arXiv, configured through the environment."""
    async with FakeArxiv(make_papers(5)) as fake:
        monkeypatch.setenv("PAPERS_ARXIV__API_URL", fake.url)
        monkeypatch.setenv("PAPERS_ARXIV__MIN_INTERVAL", "0")
        monkeypatch.setenv("PAPERS_ARXIV__TIMEOUT", "5")
        yield fake


def ran(*arguments: str) -> Ended:
    """Run a command in this process."""
    out, err = io.BytesIO(), io.BytesIO()
    with (
        io.TextIOWrapper(out, write_through=True) as stdout,
        io.TextIOWrapper(err, write_through=True) as stderr,
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        texts = [stream.getvalue().decode() for stream in (out, err)]
    return Ended(int(ended.value.code or 0), *texts)


async def asked(*arguments: str) -> Ended:
    """Run a command in this process, in a thread, so that the fakes can answer."""
    return await asyncio.to_thread(ran, *arguments)


async def subscribed(tmp_path: Path, *keywords: str) -> None:
    """Store subscriptions in the default database."""
    (tmp_path / "data").mkdir()
    async with await Store.open(Settings().database.url) as store:
        for number, keyword in enumerate(keywords):
            await store.subscriptions.subscribe(
                place=Place(1, number + 1),
                keyword=keyword,
                query=parse(keyword).canonical,
                options=Options(),
                created_by=7,
                now=NOW,
                look=NotAsked(),
            )


def started(*arguments: str, **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT,
        env=os.environ | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
