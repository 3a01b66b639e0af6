"""What of a text that was typed a query does not look for, and the sentence that says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.errors import QueryError
from bot.query.left_out import left_out
from bot.query.query import parse_stored, parse_typed


@pytest.mark.parametrize(
    ("typed", "pieces", "understood"),
    [
        ("a || b", ["a"], "“b”"),  # and the operators are offered
        ("vitamin a", ["a"], "“vitamin”"),
        ("the cat", ["the"], "“cat”"),
        ("cat of the", ["of", "the"], "“cat”"),
        ("not only", ["not"], "“only”"),
        ("A* search", ["A", "*"], "“search”"),
        ("C++", ["++"], "“c”"),
        ("C#", ["#"], "“c”"),
        ("C++ and C#", ["++", "#"], "“c and c”"),
        ("R&D", ["&"], "“r d”"),
        ("50% off", ["%"], "“50 off”"),
        ("@home", ["@"], "“home”"),
        ("x = y", ["="], "“x y”"),
        ("transform*", ["*"], "“transform”"),
        ("organi?ation", ["?"], "“organi ation”"),
        ("🐱 cats", ["🐱"], "“cats”"),
        ("✓ ✓ ✓ check", ["✓"], "“check”"),
        ("It will be for all", ["It", "will", "be", "for"], "“all”"),
        ("is it a to of in cat", ["is", "it", "a", "to", "of"], "“cat”"),
        ("ＴＨＥ ｃａｔ", ["THE"], "“cat”"),
        ("ti:C++ AND cat:cs.PL", ["++"], "ti:c AND cat:cs.PL"),
        ("abs:the-cat", ["the"], "abs:cat"),
        ('ti:"of mice and men"', ["of"], 'ti:"mice and men"'),
        ("the AND cat", ["the"], "all:the AND all:cat"),
        ("ti:(the cat) OR abs:dog", ["the"], "ti:the OR ti:cat OR abs:dog"),
        ('co:"to appear" OR jr:it', ["to", "it"], "co:appear OR jr:it"),
        ("all:is OR ti:cats", ["is"], "all:is OR ti:cats"),
        ("(a OR cat)", ["a"], "all:a OR all:cat"),
    ],
)
def test_what_is_left_out_is_said_with_what_was_understood(
    typed: str, pieces: list[str], understood: str
) -> None:
    query = parse_typed(typed)
    assert list(left_out(query.typed)) == pieces
    listed = ", ".join(f"“{piece}”" for piece in pieces)
    assert query.remark == f"arXiv does not index {listed}. Understood: {understood}"


@pytest.mark.parametrize(
    "typed",
    [
        "speech synthesis",
        "text to speech",  # a word must stand between the others
        "state-of-the-art",
        "hepatitis a or b",
        "what's new?",
        "Yahoo!",
        "Bayes's theorem",
        "SU(2) gauge theory",
        "f(R) gravity",
        "GPT-4(V)",
        "input/output",
        "$\\alpha$-decay",
        "$x^2 + y^2 = z^2$",
        "LLM, VLM",  # is offered with operators
        "cats & dogs",
        "LLM -survey",
        "ti:transform* OR abs:organi?ation",
        "au:the OR au:(a smith)",
        'au:"van der Waals"',
        "cat:cs.CL AND ti:model",
        "submittedDate:[20260101 TO 20260131] AND ti:model",
        "id:2607.16206 OR doi:10.1000/x",
    ],
)
def test_nothing_is_said_where_nothing_is_left_out(typed: str) -> None:
    assert parse_typed(typed).remark == ""


def test_what_an_earlier_version_stored_has_a_remark_if_it_can_be_read() -> None:
    assert parse_stored("ti:b OR abs:b", "a || b").remark.endswith("Understood: “b”")
    assert parse_stored("ti:b OR abs:b", 'ti:"open').remark == ""
    assert parse_stored("ti:b OR abs:b", "ti:b OR abs:b").remark == ""


@given(st.text(alphabet="ab the of()+*#?,|&$\\\"éß😀-'", max_size=40))
def test_whatever_is_typed_the_remark_can_be_written(typed: str) -> None:
    try:
        query = parse_typed(typed)
    except QueryError:
        return
    assert bool(query.remark) == bool(left_out(query.typed))


@pytest.mark.parametrize(
    ("typed", "pieces"),
    [
        ("au:smith AND C++", ("++",)),
        ("C++ AND au:smith", ("++",)),
        ("au:C++ AND cat:cs.PL", ()),
        ("au:(smith OR C++) AND C#", ("#",)),
        ("au:(smith OR (ti:C++ OR C#)) AND cat:cs.PL", ("++",)),
    ],
)
def test_a_field_is_that_of_its_word_or_of_its_brackets(typed: str, pieces: tuple[str, ...]) -> None:
    assert left_out(typed) == pieces
