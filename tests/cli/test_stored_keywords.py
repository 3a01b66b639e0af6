"""What an earlier version accepted stays a keyword, even if nobody could type it today."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli.subscriptions import export, import_file
from bot.config import LimitsSettings, Settings
from bot.model.errors import QueryError, UserError
from bot.model.subscriptions import Options
from bot.query.query import parse, read_query
from bot.store import Store
from bot.store.imports import ChannelEntry, SubscriptionEntry
from tests.commands import arxiv, asked, clean_process, subscribed
from tests.fakes.arxiv import FakeArxiv

__all__ = ["arxiv", "clean_process"]

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)
LONGEST = 40
KEYWORDS = [
    "2607.16206",
    "hep-th/9901001",
    "10.1000/xyz123",
    "see www.example.org",
    "arxiv.org/list/cs.CL/new",
    "www.nature.com",
    "cat:cs.XX",
    "cat:CS.lg",
    "ti:x AND cat:nlp",
    "ＴＴＳ",
    "speech OR cat:quant-PH",
    "speech synthesis " * 5 + "in noise",
]


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_nobody_could_type_it_today(keyword: str) -> None:
    try:
        read = read_query(keyword, LONGEST)
    except (QueryError, UserError):
        return
    assert read != parse(keyword)


async def test_a_digest_takes_it(arxiv: FakeArxiv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERS_LIMITS__QUERY_LENGTH", str(LONGEST))
    await subscribed(tmp_path, "model", *KEYWORDS)
    ended = await asked("digest")
    assert ended.code == 0
    assert ended.out.count("\n## ") == 1 + len(KEYWORDS)
    asked_for = dict.fromkeys(request.parameters["search_query"] for request in arxiv.requests)
    polled = [parse(keyword).canonical for keyword in ("model", *KEYWORDS)]
    assert list(asked_for) == [parse(canonical).arxiv for canonical in polled]


@pytest.mark.parametrize("keyword", KEYWORDS)
async def test_an_export_with_it_is_imported(tmp_path: Path, keyword: str) -> None:
    settings = Settings(
        database={"url": f"sqlite:///{tmp_path}/papers.db"}, limits=LimitsSettings(query_length=LONGEST)
    )
    query, file = parse(keyword), tmp_path / "out.yaml"
    entry = SubscriptionEntry(query.typed, query.canonical, Options())
    async with await Store.open(settings.database.url) as store:
        await store.imports.apply([ChannelEntry(100, 200, entries=(entry,))], NOW)
    await export(settings, file, as_opml=False)
    assert "  query: " in file.read_text(encoding="utf-8")
    assert await import_file(settings, file, dry_run=False) == "The database already matches the file.\n"
    (tmp_path / "papers.db").unlink()
    assert "+ channel 200" in await import_file(settings, file, dry_run=False)
    async with await Store.open(settings.database.url) as store:
        [moved] = await store.subscriptions.all()
    assert (moved.keyword, moved.query) == (query.typed, query.canonical)
