"""What the tests of `subscriptions` share: a file of subscriptions, and what it means."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.config import Settings
from bot.model.subscriptions import Deliver, Options, Schedule, Style
from bot.query.query import parse
from bot.store.imports import ChannelEntry, SubscriptionEntry

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)
BEFORE = (
    "on Monday and Thursday at 09:00 Europe/Berlin, with a note on quiet days, with what was saved most, "
    "with a file"
)
FILE = """\
channels:
- server: '100'
  channel: '200'
  cap: 20
  crosspost: false
  style: full
  digest: {hour: 9, zone: Europe/Berlin, days: 'mon,thu', quiet: true, top: true, file: true}
  subscriptions:
  - keyword: speech synthesis
    deliver: both
    mention: '789'
    categories: [cs.CL, stat]
    cross_lists: false
    revisions: true
    paused: true
  - keyword: TTS
- person: '300'
  channel: '301'
  subscriptions:
  - keyword: ti:diffusion AND cat:cs.CV
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database={"url": f"sqlite:///{tmp_path}/papers.db"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "subscriptions.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def rewrite(file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")


def entry(keyword: str, options: Options | None = None, *, paused: bool = False) -> SubscriptionEntry:
    query = parse(keyword)
    return SubscriptionEntry(query.typed, query.canonical, options or Options(), paused)


CHANNELS = [
    ChannelEntry(
        100,
        200,
        cap=20,
        crosspost=False,
        style=Style.FULL,
        schedule=Schedule(9, "Europe/Berlin", frozenset({0, 3}), quiet=True, top=True, file=True),
        entries=(
            entry(
                "speech synthesis", Options(Deliver.BOTH, 789, ("cs.CL", "stat"), False, True), paused=True
            ),
            entry("TTS"),
        ),
    ),
    ChannelEntry(0, 301, 300, entries=(entry("ti:diffusion AND cat:cs.CV"),)),
]
