"""Citation keys: those that were given out stay, and no two papers share one."""

from __future__ import annotations

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from bot.model.papers import PaperId
from bot.rules.citation_keys import assign_keys

ONE, TWO, THREE = (PaperId(f"2607.{number:05}") for number in (1, 2, 3))
OLD = PaperId("hep-th/9901001")
SAME = dict.fromkeys((ONE, TWO, THREE), "author2026speech")


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ({}, ["author2026speech:2607.00001", "author2026speech:2607.00002", "author2026speech:2607.00003"]),
        (
            {ONE: "author2026speech"},
            ["author2026speech", "author2026speech:2607.00002", "author2026speech:2607.00003"],
        ),
        ({ONE: "author2026speech", TWO: "mine"}, ["author2026speech", "mine", "author2026speech:2607.00003"]),
        ({ONE: "other", TWO: "title"}, ["other", "title", "author2026speech"]),
        (
            {ONE: "author2026speech:2607.00001", TWO: "x"},
            ["author2026speech:2607.00001", "x", "author2026speech"],
        ),
        ({THREE: "x", TWO: "y", ONE: "z"}, ["z", "y", "x"]),
    ],
)
def test_a_key_that_was_given_out_stays(given: dict[PaperId, str], keys: list[str]) -> None:
    assert list(assign_keys(SAME, given).values()) == keys


@pytest.mark.parametrize(
    ("plain", "taken", "keys"),
    [
        ({ONE: "a2026b"}, {"a2026b"}, ["a2026b:2607.00001"]),
        ({ONE: "a2026b"}, {"a2026c"}, ["a2026b"]),
        ({ONE: "a2026b", TWO: "a2026c"}, {"a2026c"}, ["a2026b", "a2026c:2607.00002"]),
        ({OLD: "a1999b"}, {"a1999b"}, ["a1999b:hep-th-9901001"]),
        ({OLD: "a1999b", ONE: "a1999b"}, set(), ["a1999b:hep-th-9901001", "a1999b:2607.00001"]),
    ],
)
def test_a_key_of_another_paper_is_not_given_again(
    plain: dict[PaperId, str], taken: set[str], keys: list[str]
) -> None:
    assert list(assign_keys(plain, {}, taken=taken).values()) == keys


def test_keys_beyond_those_that_are_kept_are_made_from_the_identifier() -> None:
    plain = {ONE: "a2026b", TWO: "c2026d", OLD: "e1999f"}
    keys = assign_keys(plain, {TWO: "c2026d"}, taken={"c2026d"}, room=1)
    assert list(keys.values()) == ["a2026b", "c2026d", "arxiv:hep-th-9901001"]


@drawn(
    st.lists(
        st.dictionaries(st.integers(1, 12), st.sampled_from(["a2026b", "c2026d", "arxiv2026e"]), min_size=1),
        max_size=8,
    ),
    st.integers(0, 12),
)
def test_whatever_is_asked_in_whatever_order_keys_stay_and_are_unique(
    asked: list[dict[int, str]], most: int
) -> None:
    kept: dict[PaperId, str] = {}
    shown: dict[PaperId, str] = {}
    for numbers in asked:
        plain = {PaperId(f"2607.{number:05}"): key for number, key in numbers.items()}
        given = {paper: kept[paper] for paper in plain if paper in kept}
        room = most - len(kept)
        keys = assign_keys(plain, given, taken=kept.values(), room=room)
        kept |= {paper: keys[paper] for paper in [one for one in plain if one not in kept][:room]}
        assert {paper: shown.get(paper, key) for paper, key in keys.items()} == keys
        shown |= keys
        assert len(set(shown.values())) == len(shown)
