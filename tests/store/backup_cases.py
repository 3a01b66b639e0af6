"""What the tests of backups share: a database that is filled, copied, goes on, and goes back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.store import Store, backup
from bot.store.backup import Backup, Restored
from tests.database import lay_out
from tests.fakes.papers import make_papers
from tests.store.store_cases import NOW, TTS, record, subscribe, url_of

LATER = NOW + timedelta(hours=5)


def back_up(folder: Path, file: Path) -> Backup:
    return backup.back_up(url_of(folder), file, NOW, progress=lambda *_: None)


def restore(folder: Path, file: Path) -> Restored:
    return backup.restore(url_of(folder), file, LATER, progress=lambda *_: None)


async def filled(folder: Path, *, papers: int = 30) -> None:
    lay_out(folder / "papers.db")
    async with await Store.open(url_of(folder)) as store:
        await subscribe(store)
        await record(store, *make_papers(papers, first=2000), asked=[TTS])


@pytest.fixture
async def copy(tmp_path: Path) -> Path:
    """A backup, and a database that went on since."""
    await filled(tmp_path)
    back_up(tmp_path, tmp_path / "backup.db")
    async with await Store.open(url_of(tmp_path)) as store:
        await record(store, *make_papers(5, first=3000))
    return tmp_path / "backup.db"


async def depth(folder: Path) -> int:
    async with await Store.open(url_of(folder), hold=True) as store:
        await store.verify()
        return await store.outbox.depth()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
