"""Short forms of papers: they find what the papers' whole vectors would find."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.papers import PaperId
from bot.ranking.signatures import Signatures, signature_of
from bot.ranking.vectors import EMPTY, Vector, unit

LENGTH = 96  # bytes, of which the documents speak


def vector(weights: dict[int, float]) -> Vector:
    terms = np.array(sorted(weights), dtype=np.uint32)
    return unit(Vector(terms, np.array([weights[int(term)] for term in terms], dtype=np.float32)))


def paper(number: int) -> PaperId:
    return PaperId(f"2607.{number:05d}")


def holding(*vectors: Vector) -> Signatures:
    signatures = Signatures()
    signatures.add((paper(number), signature_of(each)) for number, each in enumerate(vectors))
    return signatures


CATS, DOGS = {1: 1.0, 2: 0.5, 70_000: 0.2}, {3: 1.0, 4: 0.5}


@pytest.mark.parametrize("each", [vector(CATS), vector(dict.fromkeys(range(1, 200), 1.0)), EMPTY])
def test_every_signature_has_the_same_length(each: Vector) -> None:
    assert len(signature_of(each)) == LENGTH


def test_the_most_alike_come_first_and_strangers_never() -> None:
    near, far = vector(CATS | {9: 0.1}), vector({1: 0.2, 9: 1.0})
    signatures = holding(vector(DOGS), far, near)
    assert signatures.most_alike(vector(CATS), 10) == [paper(2), paper(1)]
    assert signatures.most_alike(vector(CATS), 1) == [paper(2)]
    assert len(signatures) == 3


def test_a_paper_with_two_signatures_is_found_once_by_either() -> None:
    signatures = holding(vector(CATS))
    signatures.add([(paper(0), signature_of(vector(DOGS)))])
    assert signatures.most_alike(vector(CATS), 10) == [paper(0)]
    assert signatures.most_alike(vector(DOGS), 10) == [paper(0)]


@pytest.mark.parametrize("count", [0, 1, 40_000])
def test_any_number_of_papers_is_searched_to_the_last(count: int) -> None:
    signatures = Signatures()
    stranger = signature_of(vector(DOGS))
    signatures.add((paper(number), stranger) for number in range(count))
    signatures.add([])
    signatures.add([(paper(99_999), signature_of(vector(CATS)))])
    assert signatures.most_alike(vector(CATS), 5) == [paper(99_999)]


def test_a_paper_without_terms_is_like_none() -> None:
    assert holding(EMPTY, vector(CATS)).most_alike(EMPTY, 5) == []
    assert holding(EMPTY).most_alike(vector(CATS), 5) == []
    assert Signatures().most_alike(vector(CATS), 5) == []


def test_old_style_identifiers_come_back_whole() -> None:
    signatures = Signatures()
    old = PaperId("acc-phys/9411001")
    signatures.add([(old, signature_of(vector(CATS)))])
    assert signatures.most_alike(vector(CATS), 1) == [old]


weights = st.dictionaries(
    st.integers(1, 2**32 - 1), st.floats(0.03125, 1.0, width=32), min_size=1, max_size=60
)


@given(st.lists(weights, min_size=1, max_size=20), st.data())
def test_each_paper_is_the_most_like_itself(drawn: list[dict[int, float]], data: st.DataObject) -> None:
    vectors = [vector(each) for each in drawn]
    wanted = data.draw(st.integers(0, len(vectors) - 1))
    found = holding(*vectors).most_alike(vectors[wanted], len(vectors))
    assert paper(wanted) in found
