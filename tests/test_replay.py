"""Digests of days of arXiv begin with what readers will save: the short form of `python -m tests.replay`."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.model.papers import Paper, PaperId
from tests.fakes.papers import make_paper
from tests.replay.curated import read_curators
from tests.replay.month import ReadDigest, Reader, Share, replay, worth_ordering
from tests.shared import needs_shared

MONDAY = datetime(2026, 6, 1, 12, tzinfo=UTC)
SUBJECTS = ("Gaussian splatting of radiance fields", "policies of legged robots", "prosody of speech")


def submitted(number: int, *, subject: str, day: int = 0) -> Paper:
    at = MONDAY + timedelta(days=day)
    abstract = f"We model {subject} number {number}."
    return make_paper(id=f"2606.{number:05d}", title=f"Models {number}", abstract=abstract, published=at)


def days_of(count: int, *, papers: int) -> list[Paper]:
    """Return the papers of *count* days, whose subjects take turns; the last of a day is not on the first."""
    return [
        submitted(1 + day * papers + at, subject=SUBJECTS[at % len(SUBJECTS)], day=day)
        for day in range(count)
        for at in range(papers)
    ]


def reader(papers: list[Paper]) -> Reader:
    known = tuple(
        replace(submitted(number, subject=SUBJECTS[0]), id=PaperId(f"2605.{number:05d}"))
        for number in (1, 2, 3)
    )
    wanted = frozenset(paper.id for paper in papers if SUBJECTS[0] in paper.abstract)
    return Reader("splatting", ("abs:model",), known, wanted)


def by_interest(digests: list[ReadDigest]) -> Share:
    return Share.of((one.papers, one.saved) for one in digests)


def newest_first(digests: list[ReadDigest]) -> Share:
    return Share.of((one.newest_first, one.saved) for one in digests)


def each_once(digests: list[ReadDigest]) -> bool:
    counts = Counter((one.reader, paper) for one in digests for paper in one.papers)
    return set(counts.values()) == {1}


@pytest.mark.parametrize("days", [frozenset(range(7)), frozenset({0})], ids=["daily", "weekly"])
async def test_digests_begin_with_what_the_reader_saves(tmp_path: Path, days: frozenset[int]) -> None:
    papers = days_of(4, papers=9)
    digests = await replay(papers, [reader(papers)], tmp_path, days=days)
    assert each_once(digests)
    assert {paper for one in digests for paper in one.papers} == {paper.id for paper in papers}
    assert by_interest(digests).per_cent == 100
    assert newest_first(digests).per_cent < 50


@needs_shared
async def test_half_a_month_of_a_curator_who_lists_robots_that_remember(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    papers, curators = read_curators()
    [curator] = [one for one in curators if one.name.startswith("list-d18:")]
    announced = [paper for paper in papers.values() if paper.id.text.startswith(curator.month)]
    digests = await replay(announced[: len(announced) // 2], [curator.reader(papers)], tmp_path)
    assert each_once(digests)
    worth = worth_ordering(digests)
    before, after = newest_first(worth), by_interest(worth)
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{len(worth)} digests of {curator.month}, saved papers among the first five: "
            f"{before.per_cent:.0f} % newest first, {after.per_cent:.0f} % by interest"
        )
    assert after.per_cent > before.per_cent + 10


def test_a_share_counts_at_most_five_of_a_digest() -> None:
    ids = tuple(PaperId(f"2606.{number:05d}") for number in range(1, 9))
    assert Share.of([(ids, frozenset(ids[3:]))]) == Share(2, 5)
    assert Share.of([(ids, frozenset(ids)), (ids[::-1], frozenset(ids[:1]))]) == Share(5, 6)
    digests = [ReadDigest("r", MONDAY.date(), ids, ids, frozenset(ids[:1]))]
    assert worth_ordering(digests) == digests
    assert worth_ordering([replace(digests[0], papers=ids[:5]), replace(digests[0], saved=frozenset())]) == []
