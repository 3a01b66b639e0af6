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


def excerpt(text: str, *words: str) -> str:
    return in_context(make_paper(abstract=text), [FieldMatch("abs", words)])[0].removeprefix("abstract: ")


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("a " * 30, " b" * 30, "a " * 30 + "**needle**" + " b" * 30),
        ("a " * 31, " b" * 31, "… " + "a " * 29 + "**needle**" + " b" * 29 + " …"),
        ("a " * 90, "", "… " + "a " * 29 + "**needle**"),
        ("", " b" * 90, "**needle**" + " b" * 29 + " …"),
        ("x" * 200 + " ", " " + "y" * 200, "… **needle** …"),
    ],
)
def test_as_much_is_shown_around_a_match_as_helps(before: str, after: str, shown: str) -> None:
    assert excerpt(f"{before}needle{after}", "needle") == shown


@pytest.mark.parametrize(("apart", "pieces"), [(118, 1), (119, 2)])
def test_matches_that_are_far_apart_are_shown_apart(apart: int, pieces: int) -> None:
    text = f"one {'z' * apart} two"
    assert len(excerpt(text, "one", "two").split(" … ")) == pieces


def test_three_pieces_are_shown() -> None:
    text = (" " + "z " * 100).join(("one", "two", "three", "four"))
    shown = excerpt(text, "one", "two", "three", "four")
    assert "**three**" in shown
    assert "**four**" not in shown


def test_a_value_is_cut_and_a_long_match_is_found_by_its_beginning() -> None:
    [line] = in_context(make_paper(), [FieldMatch("au", ("n" * 300,))])
    assert line == f"author: **{'n' * 119}…**"
    assert excerpt("m" * 250, "m" * 230).startswith("**" + "m" * 200 + "**")
