"""Two names of one category are told as one."""

from __future__ import annotations

import re

import pytest

from bot.model.taxonomy import ALIASES, CATEGORIES, named_once
from tests.shared import SHARED, needs_shared


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


@needs_shared
def test_the_pairs_stand_together_in_what_arxiv_sent() -> None:
    """Among the records of a harvest and of the feeds by category, which list all names."""
    lists = [
        set(listed.split())
        for file in sorted((SHARED / "arxiv" / "oai").glob("official_*.xml"))
        for listed in re.findall(r"<categories>([^<]+)</categories>", file.read_text(encoding="utf-8"))
    ]
    for file in sorted((SHARED / "arxiv" / "rss").glob("official_*.xml")):
        entries = re.split(r"<(?:item|entry)>", file.read_text(encoding="utf-8"))[1:]
        pattern = r'<category>([^<]+)</category>|<category term="([^"]+)"'
        lists += [{one or other for one, other in re.findall(pattern, entry)} for entry in entries]
    both = [name for listed in lists for name in ALIASES if {name, ALIASES[name]} <= listed]
    alone = [name for listed in lists for name in ALIASES if name in listed and ALIASES[name] not in listed]
    assert {"math.MP", "math.IT"} <= {*both}
    assert {*alone} <= {"cs.SY"}, "but for papers from before the archive eess"
    assert len(both) > 20
