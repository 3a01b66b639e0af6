from __future__ import annotations

import pytest

from bot.ranking.spelling import meant_word, words_in

KNOWN = {
    "metamorphic": 40, "testing": 900, "speech": 300, "spectra": 80, "language": 2_500, "tunnel": 12,
    "tuned": 400, "steps": 500, "transformer": 900, "transformers": 500, "quantum": 800, "modal": 60,
    "model": 5_000, "lattice": 300, "segmentation": 700, "fragmentation": 20, "with": 9_000,
    "schrödinger": 50,
}  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("metamorhpic", "metamorphic", id="two letters swapped"),
        pytest.param("metamorpic", "metamorphic", id="one left out"),
        pytest.param("metamorphick", "metamorphic", id="one too many"),
        pytest.param("metamorhpik", "metamorphic", id="two slips in a long word"),
        pytest.param("langauge", "language", id="a common word"),
        pytest.param("Langauge", "language", id="with a capital"),
        pytest.param("tunel", "tunnel", id="a letter that is doubled, though another word is commoner"),
        pytest.param("segmentaton", "segmentation", id="the nearest of two"),
        pytest.param("trasformer", "transformer", id="one of several forms"),
        pytest.param("schrodinger", "schrödinger", id="without the accent"),
        pytest.param("sppech", "speech", id="a wrong letter"),
    ],
)
def test_the_word_that_was_meant_is_found(typed: str, meant: str) -> None:
    assert meant_word(typed, KNOWN) == meant


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("testing", id="it is known"),
        pytest.param("modal", id="it is known, though a commoner word is near"),
        pytest.param("lattices", id="another form of a known word"),
        pytest.param("quantize", id="like no word"),
        pytest.param("spache", id="two slips in a short word"),
        pytest.param("wth", id="too short to tell"),
        pytest.param("MODLE", id="an abbreviation"),
        pytest.param("LSpeech", id="a name with a capital inside"),
        pytest.param("", id="nothing"),
    ],
)
def test_no_word_is_guessed(typed: str) -> None:
    assert meant_word(typed, KNOWN) is None


def test_without_known_words_nothing_is_meant() -> None:
    assert meant_word("metamorhpic", {}) is None


def test_words_are_counted_in_lower_case_without_numbers_and_short_ones() -> None:
    assert words_in("We study GPT-4 and the Schrödinger equation, x_2 twice: equation.") == {
        "study", "schrödinger", "equation", "twice",
    }  # fmt: skip
