"""Other people's text is visible, on one line or in lines of our own, and orders a terminal nothing."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.foreign_text import clean_text, terminal_text
from bot.present.markdown import clean, escape, label

_MARK = "\u0301"
_PIECES = ["\u0301", "\u200b", "\u200d", "\u202e", "\x1b[31m", "\x9b", "\n", "\t", "a", "\u0915"]
_WILD = st.lists(st.sampled_from(_PIECES) | st.characters(), max_size=40).map("".join)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("evil\u202etxt.exe", "eviltxt.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("soft\u00adhyphen", "softhyphen"),
        ("a\u2066b\u2069c\u200ed", "abcd"),
        ("tag\U000e0041", "tag"),
        ("not assigned \u0378", "not assigned"),
        ("half \ud800 a pair", "half a pair"),
        ("\u3164\u115fa\u1160\uffa0b\u2800", "a b"),
        ("a\x00b\x1bc\x7fd\x9be", "a b c d e"),
        (" two\n\tlines\u2028here ", "two lines here"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u200d lone \u200c", "lone"),
        ("a\u200d b", "a b"),
        ("क्\u200dष", "क्\u200dष"),
        ("র\u200d্য", "র\u200d্য"),
        ("न\u200d\u200d\u200cम", "न\u200dम"),
        ("👩\u200d💻 and 👩🏽\u200d🔬", "👩\u200d💻 and 👩🏽\u200d🔬"),
        ("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"),
        ("1\u200d2", "12"),
        (f"a{_MARK * 9}b", f"a{_MARK * 4}b"),
        (f"a{_MARK * 4}\u200b{_MARK * 4}b", f"a{_MARK * 4}b"),
        (f"a{_MARK * 4}\u200d{_MARK * 4}b", f"a{_MARK * 4}\u200db"),
        ("ệ ệ", "ệ ệ"),
        ("", ""),
    ],
)
def test_what_cannot_be_seen_is_left_out(text: str, shown: str) -> None:
    assert clean_text(text) == clean(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b1;5Hmoved", "moved"),
        ("\x1b]0;a new title\x07text", "text"),
        ("\x1b]8;;https://evil.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]never ended", " ]never ended"),
        ("\x1bc and \x1b(0", " c and  (0"),
        ("back\x08\x08ward\r", "back  ward "),
        ("two\n  lines\n\tof ours\n", "two\n  lines\n\tof ours\n"),
        ("one\u2028line\x85here\x0b", "one line here "),
        ("evil\u202etxt", "eviltxt"),
        ("file \udcff.yaml", "file \udcff.yaml"),
        ("half \ud800", "half "),
        (f"a{_MARK * 9}\n{_MARK * 9}", f"a{_MARK * 4}\n{_MARK * 4}"),
        ("می\u200cخواهم 中文 ö", "می\u200cخواهم 中文 ö"),
        ("", ""),
    ],
)
def test_a_terminal_is_ordered_nothing(text: str, shown: str) -> None:
    assert terminal_text(text) == shown


def _longest_pile(text: str) -> int:
    piles = groupby(text, lambda char: unicodedata.category(char) in {"Mn", "Me"})
    return max((len([*pile]) for is_marks, pile in piles if is_marks), default=0)


@given(_WILD)
def test_no_text_hides_anything(text: str) -> None:
    for shown in (clean_text(text), clean(text), terminal_text(text).translate({10: " ", 9: " "})):
        unseen = {char for char in shown if unicodedata.category(char) in {"Cc", "Cf", "Cn", "Cs"}}
        assert not {char for char in unseen if not re.match("[\u200c\u200d\udc80-\udcff]", char)}
        assert _longest_pile(shown) <= 4


@given(_WILD)
def test_cleaning_again_changes_nothing(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)


@pytest.mark.parametrize("hidden", ["\u202e", "\u00ad", "\U000e0041", "\u0600", "\u180e", "\ufff9", "\u0378"])
def test_discord_is_sent_no_more_than_a_terminal(hidden: str) -> None:
    text = f"a{hidden}b"
    assert escape(text) == label(text) == terminal_text(text) == "ab"
