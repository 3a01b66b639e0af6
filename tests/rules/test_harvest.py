from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.model.papers import Paper
from bot.rules.harvest import KnownPaper, sort_records
from tests.fakes.papers import make_paper

SINCE = datetime(2026, 7, 27, tzinfo=UTC)
DAY = timedelta(days=1)
NEW = make_paper(1, published=SINCE - 2 * DAY)
OLD = make_paper(2, published=SINCE - 60 * DAY, journal_ref="Phys. 1", comment="9 pages")
ANCIENT = make_paper(3, published=SINCE - 900 * DAY)


def sorted_as(paper: Paper, stored: Paper | None = None, *, read: int = 0, provisional: bool = False) -> str:
    known = {paper.id: KnownPaper(stored, provisional)} if stored else {}
    records = sort_records([paper], known=known, read={paper.id: read} if read else {}, since=SINCE)
    for name in ("wanted", "edited", "told"):
        if getattr(records, name):
            return name + (", provisional" if records.provisional else "")
    return "passed over"


def revised(paper: Paper) -> Paper:
    return replace(paper, version=2, updated=SINCE - DAY)


@pytest.mark.parametrize(
    ("paper", "stored", "options", "expected"),
    [
        pytest.param(NEW, None, {}, "wanted", id="new"),
        pytest.param(NEW, None, {"read": 1}, "told, provisional", id="read before, and nobody wanted it"),
        pytest.param(revised(NEW), None, {"read": 1}, "wanted", id="a new version of one that nobody wanted"),
        pytest.param(revised(OLD), OLD, {}, "wanted", id="a new version of a stored one"),
        pytest.param(revised(ANCIENT), None, {}, "wanted", id="a new version of an old one"),
        pytest.param(OLD, OLD, {}, "told", id="an edit that nobody sees"),
        pytest.param(OLD, OLD, {"provisional": True}, "told, provisional", id="… whose text is provisional"),
        pytest.param(OLD, None, {}, "told, provisional", id="an edit of a paper that is not stored"),
        pytest.param(ANCIENT, None, {}, "passed over", id="… and that is old"),
        pytest.param(ANCIENT, ANCIENT, {}, "told", id="an edit of an old paper that is stored"),
        pytest.param(OLD, revised(OLD), {}, "passed over", id="an older version than the stored one"),
        pytest.param(
            replace(OLD, version=2, updated=SINCE - 30 * DAY),
            OLD,
            {},
            "told, provisional",
            id="held for long",
        ),
        *(
            pytest.param(replace(OLD, **change), OLD, {}, "edited, provisional", id=f"another {name}")
            for change in (
                {"journal_ref": "Phys. 2"},
                {"doi": "10.1000/2"},
                {"comment": None},
                {"withdrawn": True},
                {"categories": ("cs.LG",)},
                {"title": "Another title"},
                {"abstract": "Another abstract"},
            )
            for name in change
        ),
        pytest.param(
            replace(OLD, categories=OLD.categories[::-1]), OLD, {}, "told", id="categories in another order"
        ),
    ],
)
def test_records_are_sorted(paper: Paper, stored: Paper | None, options: dict[str, Any], expected: str):
    assert sorted_as(paper, stored, **options) == expected


def test_a_stored_paper_keeps_its_text_and_takes_what_an_edit_says():
    edit = replace(OLD, title="As TeX has it", journal_ref="Phys. 2", doi="10.1000/2")
    records = sort_records([edit], known={OLD.id: KnownPaper(OLD)}, read={}, since=SINCE)
    assert records.edited == [replace(OLD, journal_ref="Phys. 2", doi="10.1000/2")]
