"""No function that reads other people's text takes more than linear time.

Steps are counted rather than timed: the calls that a function makes for a text and for one four times as
long. What a single regular expression does is no call; so texts that once took quadratic time are tried at a
length at which that would take hours, and the time-out of every test notices.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from tests.growth_cases import FUNCTIONS, TEXTS

_SHORT = 500  # characters


def _calls(function: Callable[[str], object], text: str) -> int:
    """Return how many calls *function* makes for *text*, of functions in Python and in C."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        function(text)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_text_four_times_as_long_takes_at_most_four_times_the_steps(name: str) -> None:
    function = FUNCTIONS[name]
    function("a")  # fills caches
    for what, text in TEXTS.items():
        short, long = (_calls(function, text(length)) for length in (_SHORT, 4 * _SHORT))
        assert long <= 4.5 * short + 200, f"{name} takes {short} calls for {what}, then {long}"


@pytest.mark.parametrize(
    ("name", "piece"),
    [
        ("LaTeX as Unicode", "{}"),
        ("LaTeX as Unicode", r"\-"),
        ("LaTeX as Unicode", r"\\$"),
        ("LaTeX as Unicode", "$" + "a" * 900),
        ("BibTeX titles", r"\("),
        ("BibTeX titles", r"\({"),
        ("BibTeX titles", r"\\("),
        ("BibTeX", ","),
        ("time zones", "\n"),
        ("withdrawals", " "),
        ("withdrawals", "\t"),
        ("what is new", "a. A"),
        ("what is new", "(. A "),
        ("what is new", "we a "),
        ("what is new", ".'"),
        ("links", "https://a.b/c) "),
        ("links", "-.github.io"),
        ("venues", "accepted in A "),
        ("secrets", "x."),
        ("secrets", "-a"),
        ("excerpts", "}{"),
        ("categories with their names", "·"),
        ("categories with their names", "cs.LG · "),
        ("operators of others", "a|"),
        ("operators of others", "(a"),
        ("links instead of words", "10.1/"),
    ],
)
def test_a_text_of_400_000_characters_is_read_before_the_test_times_out(name: str, piece: str) -> None:
    FUNCTIONS[name]((piece * 400_000)[:400_000])
