"""The sentence in which the authors say what is new: split, chosen, and cut."""

from __future__ import annotations

import gzip
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.present.latex.unicode import to_unicode
from bot.present.whats_new.choice import choose, whats_new
from bot.present.whats_new.sentences import sentences
from bot.present.whats_new.shortening import shorten
from tests.shared import SHARED, needs_shared

LABELS = SHARED / "design" / "whats_new_labels.jsonl"


@needs_shared
def test_the_sentence_is_right_on_58_of_60_labelled_abstracts(capsys: pytest.CaptureFixture[str]) -> None:
    labels = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    wanted = {(label["id"], label["version"]): label["right"] for label in labels}
    wrong = []
    with gzip.open(SHARED / "arxiv" / "parity_papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if right := wanted.pop((row["id"], row["version"]), None):
                title, abstract = to_unicode(row["title"]), to_unicode(row["abstract"])
                if choose(title, sentences(abstract)) not in right:
                    wrong.append(row["id"])
    with capsys.disabled():
        sys.stdout.write(f"\nwhat is new: {len(labels) - len(wrong)} of {len(labels)} right\n")
    assert not wanted
    assert len(labels) == 60
    assert len(wrong) <= 2, wrong


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("One sentence", ["One sentence"]),
        ("First one. Second one!", ["First one.", "Second one!"]),
        (
            "As in Fig. 3 and Eq. (2), e.g. Smith et al. Here.",
            ["As in Fig. 3 and Eq. (2), e.g. Smith et al. Here."],
        ),
        ("By J. S. Bach. We listen.", ["By J. S. Bach.", "We listen."]),
        (
            "It works (see Sect. A. Then B.) well. We stop.",
            ["It works (see Sect. A. Then B.) well.", "We stop."],
        ),
        ("It reaches 3.5 GHz. “Quoted.” We stop.", ["It reaches 3.5 GHz.", "“Quoted.”", "We stop."]),
        ("Such platforms.To address this, we act.", ["Such platforms.", "To address this, we act."]),
        ("Is it? $x$ is. α stays", ["Is it?", "$x$ is. α stays"]),
    ],
)
def test_no_sentence_ends_after_an_abbreviation_or_in_brackets(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("title", "abstract", "expected"),
    [
        pytest.param(
            "T", "Tests cost time. We propose Ada. We show more.", "We propose Ada.", id="what_we_make"
        ),
        pytest.param(
            "T",
            "Tests cost time. This study compares two. We use it.",
            "This study compares two.",
            id="this_study",
        ),
        pytest.param("T", "Tests cost time. Here a bound holds. We use it.", "A bound holds.", id="here"),
        pytest.param(
            "T",
            "It is hard. Here we address this challenge. We show a bound.",
            "We show a bound.",
            id="hollow",
        ),
        pytest.param(
            "T", "It is hard. Our method halves costs.", "Our method halves costs.", id="our_method"
        ),
        pytest.param("T", "It is hard. A bound is derived.", "A bound is derived.", id="passive"),
        pytest.param(
            "AdaTest: More", "It is hard. AdaTest halves costs.", "AdaTest halves costs.", id="coined_name"
        ),
        pytest.param(
            "Bounds of primes",
            "It is hard. The primes have bounds.",
            "The primes have bounds.",
            id="like_the_title",
        ),
        pytest.param(
            "T", "It is hard. Moreover, we propose Bob. We study Ada.", "We study Ada.", id="not_what_follows"
        ),
        pytest.param(
            "T", "Finally, we propose Bob. It is hard.", "Finally, we propose Bob.", id="unless_first"
        ),
        pytest.param(
            "T", "We propose Bob at https://x.org. We study Ada.", "We study Ada.", id="not_where_the_code_is"
        ),
        pytest.param(
            "T", "Code is at https://x.org.", "Code is at https://x.org.", id="if_there_is_nothing_else"
        ),
        pytest.param("T", "", "", id="no_abstract"),
    ],
)
def test_the_surest_cue_chooses_the_sentence(title: str, abstract: str, expected: str) -> None:
    assert whats_new(title, abstract) == expected


LONG = "We present a model of " + "many words " * 12


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        pytest.param("In this paper, we propose Ada.", "We propose Ada.", id="in_this_paper"),
        pytest.param("To address this gap, we propose Ada.", "We propose Ada.", id="to_address_this"),
        pytest.param("However, the bound holds.", "The bound holds.", id="however"),
        pytest.param("[Abridged] We study Ada .", "We study Ada.", id="abridged"),
        pytest.param(LONG + "here.", LONG + "here.", id="a_little_too_long_stays_whole"),
        pytest.param(
            "Using a rather long way of saying how, which nobody reads, we show that the bound holds for "
            + "x " * 90,
            "We show that the bound holds for " + "x " * 57 + "…",
            id="the_way_goes_first",
        ),
        pytest.param(
            "Using a long list of many recordings from archives all over Europe we show that speech "
            "synthesis needs far fewer hours of recordings than was assumed before now",
            "We show that speech synthesis needs far fewer hours of recordings than was assumed before now",
            id="the_way_goes_first_without_a_comma",
        ),
        pytest.param(
            "We present a model of the many ways in which words follow each other, which nobody has read "
            + "x " * 90,
            "We present a model of the many ways in which words follow each other, which nobody has read "
            + "x " * 28
            + "…",
            id="cut_at_a_word",
        ),
        pytest.param(
            "We present a model of the many ways and means by whose help words follow each other in a text, "
            "which nobody has read so far although it was there to be seen all the time by all",
            "We present a model of the many ways and means by whose help words follow each other in a text …",
            id="cut_at_a_clause",
        ),
        pytest.param("字" * 400, "字" * 149 + "…", id="a_script_without_spaces"),
    ],
)
def test_a_sentence_is_cut_at_a_clause_or_a_word(sentence: str, expected: str) -> None:
    assert shorten(sentence, 150) == expected.strip()


@given(st.text(max_size=600) | st.text("aA .,;()we ", max_size=600), st.text(max_size=60))
def test_any_text_has_a_sentence_of_at_most_172_characters(abstract: str, title: str) -> None:
    abstract = to_unicode(abstract)
    shown = whats_new(to_unicode(title), abstract)
    assert len(shown) <= 172
    assert bool(shown) == bool(abstract)
