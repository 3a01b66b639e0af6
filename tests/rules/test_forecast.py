from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.model.papers import Paper
from bot.rules.forecast import Complete, Partial, daily, first_look_of, is_a_lot, papers_per_day
from tests.fakes.papers import make_paper, make_papers

NOW = datetime(2026, 7, 21, 8, 0, tzinfo=UTC)


def submitted(*days_ago: float) -> list[Paper]:
    return [
        make_paper(number, published=NOW - timedelta(days=days))
        for number, days in enumerate(days_ago, start=1)
    ]


@pytest.mark.parametrize(("per_day", "whole"), [(0.2, 0), (0.96, 1), (2.6, 3), (3.0, 3), (3.4, 3), (3.6, 4)])
def test_a_pace_is_compared_as_people_are_told_it(per_day: float, whole: int) -> None:
    assert daily(per_day) == whole


@pytest.mark.parametrize(("per_day", "much"), [(10.0, False), (10.5, False), (10.6, True), (34, True)])
def test_more_than_ten_papers_a_day_are_a_lot(per_day: float, much: bool) -> None:
    assert is_a_lot(per_day) is much


@pytest.mark.parametrize(
    ("papers", "complete", "expected"),
    [
        pytest.param([], False, 0, id="no paper ever"),
        pytest.param(submitted(400, 900), True, 0, id="none for a year"),
        pytest.param(submitted(1, 100, 900), True, 2 / 365, id="two in the last year, and nothing hidden"),
        pytest.param(submitted(1, 100, 900), False, 2 / 365, id="the page reaches back more than a year"),
        pytest.param(submitted(0, 1, 2, 3, 4), False, 1, id="one every day"),
        pytest.param(submitted(*(n / 2 for n in range(42))), True, 1.5, id="42 in three weeks"),
        pytest.param(submitted(1, 2, 3, 300, 900), True, 4 / 365, id="three in four weeks are no pace yet"),
        pytest.param(submitted(*range(0, 90, 2)), False, 15 / 28, id="every other day for a quarter"),
        pytest.param(submitted(*(n / 10 for n in range(100))), False, 10, id="ten a day, a full page"),
        pytest.param(submitted(1, 2, 3, 28, 900), True, 4 / 28, id="four in exactly four weeks"),
        pytest.param(submitted(365, 900), True, 1 / 365, id="one exactly a year ago"),
        pytest.param(submitted(1, 3), False, 0.5, id="two tell the time between them"),
        pytest.param(submitted(1), False, 0, id="one paper says nothing of the pace"),
        pytest.param(submitted(1, 1, 1), False, 48, id="three at the same moment are no infinity"),
    ],
)
def test_the_pace_comes_from_the_dates_of_submission(
    papers: list[Paper], complete: bool, expected: float
) -> None:
    look = Complete(tuple(papers)) if complete else Partial(tuple(papers), total=1_000)
    assert papers_per_day(look, NOW) == pytest.approx(expected)


def test_a_look_is_complete_if_arxiv_counts_no_more_papers_than_it_shows() -> None:
    papers = tuple(make_papers(3))
    assert first_look_of(papers, 3) == Complete(papers)
    assert first_look_of(papers, 4) == Partial(papers, 4)


def test_an_empty_answer_does_not_prove_that_there_is_no_paper() -> None:
    assert first_look_of((), 0) == Partial((), 0)
