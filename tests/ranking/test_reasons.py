from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ranking.interest import learn
from bot.ranking.reasons import nearest, shared_weights, terms_in_words
from bot.ranking.terms import PlainText, count_terms
from bot.ranking.vectors import EMPTY
from tests.ranking.ranking_cases import SPLATTING, TEXTS, VECTORS


def test_a_paper_is_explained_in_its_own_words() -> None:
    weights = shared_weights(learn(SPLATTING).vector, VECTORS[1])
    assert terms_in_words(weights, [TEXTS[1]], 2) == ("radiance fields", "gaussian splatting")


def every_term(text: PlainText) -> dict[int, float]:
    return dict.fromkeys(count_terms(text).terms.tolist(), 1.0)


@pytest.mark.parametrize(
    ("title", "abstract", "reason"),
    [
        ("A", "Robots walk.", "robots walk"),
        ("Vision-Language", "", "vision-language"),
        ("A", "LLMs and an LLM, and LLMs", "LLMs"),
        ("Robots", "The robot; robots, robots.", "robots"),
        ("A", "Robots; walks", "robots"),  # a pair across punctuation counts, and is not shown
        ("A", "x" * 50, ""),
    ],
)  # fmt: skip
def test_the_strongest_term_reads_as_in_a_sentence(title: str, abstract: str, reason: str) -> None:
    text = PlainText(title, abstract)
    assert "".join(terms_in_words(every_term(text), [text], 1)) == reason


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Real-Time Decoding", {"real-time", "decoding"}),
        ("Zero-shot speech synthesis", {"zero-shot", "speech synthesis"}),
        ("LLM-based agents", {"LLM", "agents"}),  # the stop word says nothing
        ("Real-time. Real numbers.", {"real numbers", "real-time"}),
    ],
)
def test_a_compound_is_not_taken_apart(title: str, shown: set[str]) -> None:
    text = PlainText(title, "")
    assert set(terms_in_words(every_term(text), [text], 9)) <= shown


def test_a_piece_of_a_compound_is_shown_where_there_is_nothing_else() -> None:
    text = PlainText("Real-Time Decoding", "")
    [real] = count_terms(PlainText("real", "")).terms.tolist()
    assert terms_in_words({real: 1.0}, [text], 3) == ("real",)


def test_no_word_is_repeated() -> None:
    text = PlainText("World models", "World models predict the world. Models of robots.")
    shown = terms_in_words(every_term(text), [text], 5)
    parts = [word for term in shown for word in term.split()]
    assert len(parts) == len(set(parts))


def test_a_weak_term_is_no_reason() -> None:
    text = PlainText("Robots", "Cats.")
    robots, cats = (count_terms(PlainText(word, "")).terms.tolist()[0] for word in ("robots", "cats"))
    assert terms_in_words({robots: 1.0, cats: 0.1}, [text], 3) == ("robots",)
    assert terms_in_words({}, [text], 3) == ()


def test_the_nearest_saved_paper_is_found() -> None:
    assert nearest(VECTORS[4], [VECTORS[0], VECTORS[5], VECTORS[3]]) == 1
    assert nearest(VECTORS[4], [VECTORS[0], EMPTY]) in {0, None}
    assert nearest(EMPTY, VECTORS) is None
    assert nearest(VECTORS[0], []) is None


@given(st.text(max_size=100), st.text(max_size=100))
def test_any_text_can_be_put_in_words(title: str, abstract: str) -> None:
    text = PlainText(title, abstract)
    assert len(terms_in_words(every_term(text), [text], 3)) <= 3
