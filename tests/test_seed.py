"""DailyArXiv's own digest, parsed into papers and written again."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from bot.model.papers import Paper, PaperId
from bot.present.digest_markdown import render
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared

_ROW = re.compile(
    r"\| \*\*\[(?P<title>.*)\]\(https://arxiv\.org/abs/(?P<id>\S+?)v(?P<version>\d+)\)\*\* \|  "
    r"\| <details><summary>Show</summary><p>(?P<abstract>.*?)</p></details> "
    r"\| (?P<date>\d{4}-\d\d-\d\d) "
    r"\| (?:<details><summary>(?P<first>.*?)\.\.\.</summary><p>(?P<long>.*)</p></details>|(?P<short>.*?)) \|"
)

SEEDS = sorted((SHARED / "seed").glob("*.txt"))


def read_row(line: str) -> Paper:
    row = _ROW.fullmatch(line)
    assert row, f"not a row: {line[:200]}"
    if row["first"] is not None:
        assert row["long"][:5] == row["first"]
    updated = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)
    return Paper(
        id=PaperId(row["id"]),
        version=int(row["version"]),
        title=row["title"],
        abstract=row["abstract"],
        authors=(),
        categories=(),
        primary_category="",
        published=updated,
        updated=updated,
        comment=row["long"] or row["short"] or None,
    )


def read(text: str) -> tuple[date, list[tuple[str, list[Paper]]]]:
    """Return the day of a digest, and the papers of each keyword."""
    today = date.min
    sections: list[tuple[str, list[Paper]]] = []
    for line in text.splitlines():
        if line.startswith("Last update: "):
            today = date.fromisoformat(line.removeprefix("Last update: "))
        elif line.startswith("## "):
            sections.append((line.removeprefix("## "), []))
        elif line.startswith("| **["):
            sections[-1][1].append(read_row(line))
    return today, sections


@pytest.mark.parametrize("path", SEEDS, ids=[path.stem for path in SEEDS])
def test_the_seed_is_rendered_byte_for_byte(path) -> None:
    original = path.read_bytes()
    today, sections = read(original.decode())
    counts = {keyword: len(papers) for keyword, papers in sections}
    print(f"{sum(counts.values())} rows: {counts}")  # noqa: T201 - the counts are what this test shows

    assert render(sections, today).encode() == original
    assert len(counts) == 4
    assert sum(counts.values()) == 353


def test_rows_of_the_seed_keep_their_order_when_their_dates_are_equal() -> None:
    _, sections = read(SEEDS[0].read_text(encoding="utf-8"))
    ties = sum(one.updated == other.updated for _, papers in sections for one, other in pairwise(papers))
    assert ties > 10
