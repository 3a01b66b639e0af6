"""The names of threads, which have no Markdown, show a paper's title and hide nothing."""

from __future__ import annotations

import pytest

from bot.present.posts import thread_name
from tests.fakes.papers import make_paper

_MARK = "\u0301"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Cats & *dogs* _x_", "Cats & *dogs* _x_"),
        ("evil\u202etxt\u200b", "eviltxt"),
        ("a\u2066b\u2069 \ufeffc\u00ad", "ab c"),
        ("a\x00b\x1b[31mc", "a b [31mc"),
        (" two\n lines\u2028here", "two lines here"),
        ("half \ud800 a pair", "half a pair"),
        (f"x{_MARK * 9}y", f"x{_MARK * 4}y"),
        (f"x{_MARK * 3}\u200b{_MARK * 3}y", f"x{_MARK * 4}y"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        (r"$\alpha$-decay", "α-decay"),
        (r"$\unicode{x202e}$x", "x"),
        ("&#8238;H<sub>2</sub>O", "H₂O"),
        ("\u200b\u2066", "2607.00001v1"),
        ("x" * 99 + "\u200b" * 50, "x" * 99),
        ("word " * 30, "word " * 19 + "word…"),
    ],
)
def test_the_name_of_a_thread_hides_nothing(title: str, name: str) -> None:
    assert thread_name(make_paper(title=title)) == name
