from __future__ import annotations

import numpy as np
import pytest

from bot.ranking.terms import PlainText, count_terms
from bot.ranking.vectors import EMPTY, Frequencies, Vector, combined, dot, mean, unit, vector_of
from tests.ranking.ranking_cases import COUNTED, FREQUENCIES, SPLATTING, VECTORS


def vector(**weights: float) -> Vector:
    terms = [int(name[1:]) for name in weights]
    return Vector(np.array(terms, dtype=np.uint32), np.array([*weights.values()], dtype=np.float32))


def test_a_rare_term_weighs_more_than_a_common_one() -> None:
    robots, rubble = count_terms(PlainText("robots", "")).terms, count_terms(PlainText("rubble", "")).terms
    assert FREQUENCIES.papers == len(COUNTED)
    assert FREQUENCIES.papers_with(robots).tolist() == [3]
    assert FREQUENCIES.rarity(rubble)[0] > FREQUENCIES.rarity(robots)[0] > 1


def test_before_any_paper_is_known_all_terms_weigh_the_same() -> None:
    assert set(Frequencies().rarity(COUNTED[0].terms).tolist()) == {1.0}


def test_a_counter_stops_before_it_overflows() -> None:
    frequencies, paper = Frequencies(), count_terms(PlainText("robots", ""))
    frequencies._counters[:] = np.iinfo(np.uint16).max
    frequencies.add(paper)
    assert frequencies.papers_with(paper.terms).tolist() == [65_535]


def test_papers_have_length_one_and_are_most_like_themselves() -> None:
    for paper in VECTORS:
        assert dot(paper, paper) == pytest.approx(1, abs=1e-5)
        assert max(VECTORS, key=lambda other: dot(paper, other)) is paper


def test_a_paper_without_terms_is_like_nothing() -> None:
    empty = vector_of(count_terms(PlainText("", "The.")), FREQUENCIES)
    assert dot(empty, VECTORS[0]) == dot(EMPTY, EMPTY) == 0
    assert unit(EMPTY) is EMPTY


def test_vectors_are_added_term_by_term() -> None:
    summed = combined([(1, vector(t1=0.5, t7=0.25)), (-2, vector(t7=0.25, t9=1))])
    assert summed.terms.tolist() == [1, 7, 9]
    assert summed.weights.tolist() == [0.5, -0.25, -2]
    assert mean([]) is EMPTY
    assert dot(mean(SPLATTING), SPLATTING[0]) > dot(mean(VECTORS), SPLATTING[0])
