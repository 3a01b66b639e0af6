"""Two names of one category are told as one."""

from __future__ import annotations

import pytest

from bot.model.taxonomy import ALIASES, CATEGORIES, named_once


@pytest.mark.parametrize(
    ("categories", "primary", "named"),
    [
        ("math-ph math.MP", "math-ph", "math-ph"),
        ("math-ph math.MP", "math.MP", "math.MP"),
        ("math.MP math-ph", "math-ph", "math-ph"),
        ("math.ST stat.TH stat.ME", "math.ST", "math.ST stat.ME"),
        ("cs.IT math.IT", "cs.IT", "cs.IT"),
        ("cs.IT math.IT", "math.IT", "math.IT"),
        ("math.NA cs.NA", "math.NA", "math.NA"),
        ("eess.SY cs.SY", "cs.SY", "cs.SY"),
        ("econ.GN q-fin.EC", "econ.GN", "econ.GN"),
        ("hep-th math-ph math.MP", "hep-th", "hep-th math-ph"),
        ("hep-th math.MP math-ph", "hep-th", "hep-th math.MP"),
        ("cs.IT cs.LG math.IT math.ST stat.ML stat.TH", "stat.ML", "cs.IT cs.LG math.ST stat.ML"),
        ("cs.SY eess.SY math.NA cs.NA", "math.OC", "cs.SY math.NA"),
        ("cs.LG stat.ML", "cs.LG", "cs.LG stat.ML"),
        ("cs.CL cs.CL", "cs.CL", "cs.CL"),
        ("math.MP", "", "math.MP"),
        ("math.MP", "math-ph", "math.MP"),
        ("68T50 unknown.XX", "68T50", "68T50 unknown.XX"),
        ("", "cs.CL", ""),
    ],
)
def test_two_names_of_one_category_are_one(categories: str, primary: str, named: str) -> None:
    assert " ".join(named_once(categories.split(), primary)) == named


def test_every_alias_is_a_category_with_another_name_for_it() -> None:
    assert {*ALIASES, *ALIASES.values()} <= {*CATEGORIES}
    assert not {*ALIASES} & {*ALIASES.values()}
