"""Excerpts of a paper: the words that matched in bold, and as much around them as helps."""

from __future__ import annotations

import pytest

from bot.present.excerpts import in_context
from bot.query.explain import FieldMatch
from tests.fakes.papers import make_paper


@pytest.mark.parametrize(
    ("title", "words", "line"),
    [
        ("Speech synthesis", ("Speech",), "title: **Speech** synthesis"),
        ("Speech synthesis", ("synthesis", "Speech"), "title: **Speech** **synthesis**"),
        ("Speech synthesis", ("Speech", "Speech synthesis"), "title: **Speech synthesis**"),
        ("Speech synthesis now", ("Speech synthesis", "synthesis now"), "title: **Speech synthesis now**"),
        ("A concat of cat", ("cat",), "title: A concat of **cat**"),
        ("A concat", ("cat",), "title: A con**cat**"),
        (r"Speech\label{a} synthesis", (r"\label{a}", "synthesis"), "title: Speech **synthesis**"),
        (r"The $\alpha$-helix here", (r"$\alpha$-helix",), "title: The **α-helix** here"),
        ("Another title", ("Speech",), "title: **Speech**"),
        ("Another title", ("Speech", "Speech", "a*b"), r"title: **Speech** · **a\*b**"),
        ("深度学习", ("深", "度"), "title: **深度**学习"),
        ("Speech synthesis", ("Speech synthesis", "Speech"), "title: **Speech synthesis**"),
    ],
)
def test_the_words_are_bold_where_they_stand_or_else_alone(
    title: str, words: tuple[str, ...], line: str
) -> None:
    assert in_context(make_paper(title=title), [FieldMatch("ti", words)]) == [line]


def test_six_values_of_one_field_are_named() -> None:
    matches = [FieldMatch("au", (f"A{number}",)) for number in range(8)]
    assert in_context(make_paper(), matches) == [
        "author: **A0** · **A1** · **A2** · **A3** · **A4** · **A5**"
    ]


def test_each_field_has_a_line_of_its_own() -> None:
    paper = make_paper(title="Speech", comment="12 pages", journal_ref="Phys. Rev. B")
    matches = [
        FieldMatch("ti", ("Speech",)),
        FieldMatch("co", ("12",)),
        FieldMatch("jr", ("Rev",)),
        FieldMatch("cat", ("cs.CL",)),
        FieldMatch("", ("stored words",)),
    ]
    assert in_context(paper, matches) == [
        "title: **Speech**",
        "comment: **12** pages",
        "journal: Phys. **Rev**. B",
        "category: **cs.CL** Computation and Language",
        "**stored words**",
    ]
