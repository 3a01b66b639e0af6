from __future__ import annotations

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.papers import Paper, PaperId
from bot.query.text import _WORD, STOP_WORDS, analyze, analyze_name, analyze_paper, analyze_plain, fold, words
from tests.shared import SHARED, needs_shared

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vision-language/action, (VLA) $x$ \\alpha", "vision language action VLA x alpha"),
        ("TMR-VLA:Vision vla.cpp time_series github.io", "TMR VLA:Vision vla.cpp time_series github.io"),
        ("can't robots' L'été", "can't robots L'été"),
        ("3.14 1,000 10:30 x:3 2D v2.0", "3.14 1,000 10 30 x 3 2D v2.0"),
        ("U.S.A. e.g., a.b:c", "U.S.A e.g a.b:c"),
        ("_ __ a_ _b __1__", "a_ _b __1__"),
        ("'quoted' “words” 'twas", "quoted words twas"),
        ("東京タワー ひら 한국어", "東 京 タワー ひ ら 한국어"),
        ("สวัสดี", "สวัสดี"),
        ("naïve Schro\u0308dinger’s α-RuCl₃", "naïve Schro\u0308dinger’s α RuCl"),
        ("😀 … — !? \t\n", ""),
    ],
)
def test_words_are_cut_as_the_index_cuts_them(text: str, expected: str) -> None:
    assert words(text) == expected.split()


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("LLMs LLM's LLM’S llm", ("llm",) * 4),
        (
            "superconducting superconductivity superconductor",
            ("superconduct", "superconduct", "superconductor"),
        ),
        ("the state of the art", (None, "state", None, None, "art")),
        ("It's", (None,)),
        ("robot's robotic", ("robot", "robot")),
        ("Vision and Language", ("vision", None, "languag")),
        ("", ()),
    ],
)
def test_terms_are_stems_and_stop_words_leave_gaps(text: str, terms: tuple[str | None, ...]) -> None:
    assert tuple(analyze(text).terms) == terms


def test_arxiv_has_33_stop_words() -> None:
    assert len(STOP_WORDS) == 33
    assert not any(analyze(" ".join(STOP_WORDS)).terms)


def test_comments_keep_whole_words_and_names_lose_their_accents() -> None:
    assert analyze_plain("Accepted at the ICML's 2026").terms == ["accepted", None, None, "icml's", "2026"]
    assert analyze_name("J.-P. Łukasz Müller-Ørsted").terms == ["j-p", "lukasz", "muller-orsted"]
    assert fold("Straße İstanbul Æsop Nguyễn") == "strasse istanbul aesop nguyen"


def test_what_matched_is_shown_as_it_stands() -> None:
    analysis = analyze("A Vision-Language model, and Schrödinger’s cats")
    assert analysis.excerpt(1, 2) == "Vision-Language"
    assert analysis.excerpt(5, 6) == "Schrödinger’s cats"
    assert analysis.positions["cat"] == [6]


@given(st.text())
def test_any_text_is_analysed_with_a_place_for_every_term(text: str) -> None:
    for analysis in (analyze(text), analyze_plain(text), analyze_name(text)):
        assert len(analysis.spans) == len(analysis.terms)
        assert all(start < end for start, end in analysis.spans)
        assert set(analysis.positions) == {term for term in analysis.terms if term is not None}


@given(st.text(st.characters(max_codepoint=127)))
def test_the_fast_way_for_ascii_cuts_like_the_whole_grammar(text: str) -> None:
    assert words(text) == [word for word in _WORD.findall(text) if word.strip("_")]


def test_threads_may_analyse_at_once() -> None:
    texts = [f"stemming{number}s relational{number} conditionally" for number in range(3_000)]
    with ThreadPoolExecutor(4) as threads:
        results = [list(threads.map(lambda text: tuple(analyze(text).terms), texts)) for _ in range(2)]
    assert results[0] == results[1] == [tuple(analyze(text).terms) for text in texts]


def test_a_papers_fields_are_analysed_once() -> None:
    paper = analyze_paper(
        Paper(PaperId("2601.00001"), 1, "A title", "An abstract", ("A. B",), ("cs.LG",), "cs.LG", NOW, NOW)
    )
    assert paper.fields["ti"] is paper.fields["ti"]
    assert [analysis.terms for analysis in paper.fields["abs"]] == [[None, "abstract"]]
    assert paper.fields["co"] == ()
    assert [analysis.text for analysis in paper.fields["id"]] == ["2601.00001", "2601.00001v1"]


@needs_shared
def test_the_fast_way_cuts_real_abstracts_like_the_whole_grammar() -> None:
    with gzip.open(SHARED / "arxiv" / "parity_papers.jsonl.gz") as lines:
        for line in lines:
            abstract = json.loads(line)["abstract"]
            assert words(abstract) == [word for word in _WORD.findall(abstract) if word.strip("_")]
