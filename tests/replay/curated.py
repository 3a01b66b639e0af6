"""Real papers with their days, and the curators who listed some of them, beside the checkout."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model.papers import Paper, PaperId
from tests.replay.month import Reader
from tests.shared import SHARED

SOURCE = SHARED / "ranking" / "ranking_dev.jsonl.gz"
_NOON = timedelta(hours=12)
_SAVED_BEFORE = 10


@dataclass(frozen=True)
class Curator:
    """Somebody who reads what *keywords* match, and listed the papers *earlier* and *later*, oldest first."""

    name: str
    keywords: tuple[str, ...]
    earlier: tuple[PaperId, ...]
    later: tuple[PaperId, ...]

    @property
    def month(self) -> str:
        """The month, as in identifiers (`2506`), of which the curator listed most later papers."""
        counts = Counter(paper.text[:4] for paper in self.later)
        return min(counts, key=lambda month: (-counts[month], month))

    def reader(self, papers: dict[PaperId, Paper]) -> Reader:
        """Return the reader that this curator is in `month`, who begins with ten papers of the list."""
        before = [papers[paper] for paper in self.earlier if paper.text[:4] < self.month]
        # In title or abstract, as the lists were matched; a bare word would have to be in both.
        queries = tuple(f'ti:"{keyword}" OR abs:"{keyword}"' for keyword in self.keywords)
        return Reader(self.name, queries, tuple(before[-_SAVED_BEFORE:]), frozenset(self.later))


def read_curators() -> tuple[dict[PaperId, Paper], list[Curator]]:
    """Return the papers in the order of their identifiers, and the curators."""
    rows: list[dict[str, Any]] = []
    with gzip.open(SOURCE, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    curators = [
        Curator(
            row["name"],
            tuple(row["keywords"]),
            tuple(map(PaperId, row["ids_old"])),
            tuple(map(PaperId, row["ids_later"])),
        )
        for row in rows
        if row["type"] == "list"
    ]
    found = _with_days([row for row in rows if row["type"] == "paper"])
    return {paper.id: paper for paper in found}, curators


def _with_days(rows: Iterable[dict[str, Any]]) -> list[Paper]:
    """Return papers with the days of their first versions.

    Only the day of the last version is known. Numbers are given in the order of submission, so a paper with
    several versions has the day of the one before it.
    """
    papers, day = [], datetime(1991, 8, 1, tzinfo=UTC)
    for row in sorted(rows, key=lambda row: PaperId(row["id"])):
        if row["version"] == 1:
            day = max(day, datetime.fromisoformat(row["updated"]))
        month = PaperId(row["id"]).text[:4]
        day = max(day, datetime.strptime(month, "%y%m").replace(tzinfo=UTC))
        noon = day + _NOON
        papers.append(
            Paper(
                PaperId(row["id"]),
                version=1,
                title=row["title"],
                abstract=row["abstract"],
                authors=("An Author",),
                categories=("cs.LG",),
                primary_category="cs.LG",
                published=noon,
                updated=noon,
            )
        )
    return papers
