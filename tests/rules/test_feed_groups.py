from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.taxonomy import ARCHIVES, CATEGORIES
from bot.rules.feed_groups import count_papers, halves, plan_groups

NAMES = [*ARCHIVES, *CATEGORIES]


def covers(name: str, category: str) -> bool:
    return name == category or category.partition(".")[0] == name


@given(st.dictionaries(st.sampled_from(NAMES), st.integers(0, 2_500)))
def test_every_category_is_in_exactly_one_feed(counts: dict[str, int]):
    named = [name for group in plan_groups(counts) for name in group]
    for category in CATEGORIES:
        assert sum(covers(name, category) for name in named) == 1


@given(st.dictionaries(st.sampled_from(NAMES), st.integers(0, 600)))
def test_no_feed_comes_near_the_limit_where_yesterdays_counts_hold(counts: dict[str, int]):
    for group in plan_groups(counts):
        assert sum(counts.get(name, 0) for name in group) <= 1_250 or len(group) == 1


def test_a_day_takes_about_five_feeds():
    assert len(plan_groups({})) == 5
    quiet = dict.fromkeys(ARCHIVES, 20)
    assert len(plan_groups(quiet)) == 1


@pytest.mark.parametrize(
    ("group", "parts"),
    [
        (("cs.AI", "cs.CL", "math"), [("cs.AI",), ("cs.CL", "math")]),
        (("econ",), [("econ.EM",), ("econ.GN", "econ.TH")]),
        (("cs.LG",), []),
        (("hep-th",), []),
    ],
)
def test_a_feed_that_is_cut_off_is_divided(group: tuple[str, ...], parts: list[tuple[str, ...]]):
    assert halves(group) == parts


def test_papers_are_counted_by_archive_and_by_category():
    papers = [("cs.LG", "stat.ML"), ("cs.LG", "cs.CL"), ("hep-th",)]
    assert count_papers(papers) == {"cs": 2, "cs.LG": 2, "cs.CL": 1, "stat": 1, "stat.ML": 1, "hep-th": 1}
