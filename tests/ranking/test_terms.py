from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ranking.terms import PlainText, count_terms, line_of_terms, pairs_of, word_term


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Robots", "robot"),
        ("splatting", "SPLATTING"),
        ("Fourier's", "fourier"),
        ("3D", "3d"),
        ("Łódź", "łódź"),
    ],
)
def test_spellings_of_a_word_are_one_term(one: str, other: str) -> None:
    assert word_term(one) == word_term(other) != 0


@pytest.mark.parametrize("word", ["the", "We", "proposes", "2026", "x", "mathcal", "Furthermore"])
def test_a_word_that_says_nothing_is_no_term(word: str) -> None:
    assert word_term(word) == 0


def test_pairs_are_of_neighbours_in_their_order() -> None:
    there, back, apart = (
        pairs_of(line_of_terms(text)).tolist() for text in ("spin glass", "glass spin", "spin of glass")
    )
    assert len({there[0], back[0], 0}) == 3
    assert apart == [0, 0]


def test_terms_are_counted_apart_in_title_and_abstract() -> None:
    counted = count_terms(PlainText("Spin glass", "A spin glass is no glass."))
    glass = int(np.flatnonzero(counted.terms == word_term("glass"))[0])
    assert len(counted.terms) == 3
    assert (counted.in_title[glass], counted.in_abstract[glass]) == (1, 2)
    assert counted.terms.tolist() == sorted(counted.terms.tolist())


def test_few_counts_before_a_word_and_not_alone() -> None:
    (shot, *pair) = sorted(
        count_terms(PlainText("few-shot", "")).terms.tolist(), key=lambda term: term != word_term("shot")
    )
    assert shot == word_term("shot")
    assert len(pair) == 1
    assert word_term("few") not in pair


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_can_be_counted(title: str, abstract: str) -> None:
    counted = count_terms(PlainText(title, abstract))
    assert (counted.in_title + counted.in_abstract > 0).all()
    assert 0 not in counted.terms
