"""Numbers, dates, durations and lists, in each language."""

from __future__ import annotations

from datetime import date

import pytest

from bot.i18n import format_date, format_duration, format_list, format_number, in_language, join_sentences


@pytest.mark.parametrize(
    ("language", "number", "day", "both", "either"),
    [
        ("en", "1,234,567", "2 February 2026", "a, b and c", "a, b or c"),
        ("de", "1.234.567", "2. Februar 2026", "a, b und c", "a, b oder c"),
        ("zh-CN", "1,234,567", "2026年2月2日", "a、b和c", "a、b或c"),
    ],
)
def test_each_language_writes_in_its_own_way(
    language: str, number: str, day: str, both: str, either: str
) -> None:
    with in_language(language):
        assert format_number(1_234_567) == number
        assert format_date(date(2026, 2, 2)) == day
        assert format_list(["a", "b", "c"]) == both
        assert format_list(["a", "b", "c"], either=True) == either
        assert format_list(["a"]) == "a"


def test_two_parts_need_no_comma() -> None:
    assert format_list(["a", "b"]) == "a and b"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "1 second"),
        (0, "1 second"),
        (1, "1 second"),
        (1.01, "2 seconds"),
        (24, "24 seconds"),
        (89, "89 seconds"),
        (89.5, "2 minutes"),
        (90, "2 minutes"),
        (120, "2 minutes"),
        (121, "3 minutes"),
        (3_600, "60 minutes"),
    ],
)
def test_a_wait_is_rounded_up(seconds: float, words: str) -> None:
    assert format_duration(seconds) == words


def test_sentences_are_joined_as_the_language_does_and_empty_ones_left_out() -> None:
    assert join_sentences("One.", "", "Two.", "Three.") == "One. Two. Three."
    assert join_sentences("", "") == ""
    with in_language("zh-CN"):
        assert join_sentences("一。", "", "二。") == "一。二。"
