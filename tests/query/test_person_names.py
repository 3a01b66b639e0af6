from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.errors import UserError
from bot.query.person_names import PersonName, author_as, read_name, written
from bot.query.query import parse
from bot.query.text import analyze_name, analyze_paper
from tests.fakes.papers import make_paper


@pytest.mark.parametrize(
    ("typed", "family", "given_names"),
    [
        ("LeCun", "lecun", ""),
        ("Yann LeCun", "lecun", "yann"),
        ("Y. LeCun", "lecun", "y"),
        ("Y LeCun", "lecun", "y"),
        ("LeCun, Yann", "lecun", "yann"),
        ("  LeCun ,  Y. ", "lecun", "y"),
        ("Bernhard Schölkopf", "scholkopf", "bernhard"),
        ("Mikołaj Bińkowski", "binkowski", "mikołaj".replace("ł", "l")),
        ("Van der Maaten", "van der maaten", ""),
        ("Laurens van der Maaten", "van der maaten", "laurens"),
        ("L.J.P. van der Maaten", "van der maaten", "l j p"),
        ("LJP van der Maaten", "van der maaten", "l j p"),
        ("Rieks op den Akker", "op den akker", "rieks"),
        ("García Márquez, Gabriel", "garcia marquez", "gabriel"),
        ("Martin Luther King, Jr.", "king", "martin luther"),
        ("Xiao-Li Meng", "meng", "xiao-li"),
        ("X.-L. Meng", "meng", "x-l"),
        ("MICHAEL I. JORDAN", "jordan", "michael i"),
    ],
)
def test_a_name_is_read_however_it_is_typed(typed: str, family: str, given_names: str) -> None:
    first, *_others = read_name(typed)
    assert first == PersonName(tuple(family.split()), tuple(given_names.split()))


def test_the_family_name_may_come_first_without_a_comma() -> None:
    assert PersonName(("zhang",), ("wei",)) in read_name("Zhang Wei")
    assert PersonName(("li",), ("fei-fei",)) in read_name("Li Fei-Fei")
    assert len(read_name("LeCun, Yann")) == len(read_name("Y. LeCun")) == 1


@pytest.mark.parametrize("typed", ["", " ", "?", "4.2", "a b c d e f g h i", "cs.CL 1", "、", "a:b", "(Y)"])
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(UserError, match="is not a person's name"):
        read_name(typed)


@pytest.mark.parametrize(
    ("typed", "author", "same"),
    [
        ("Yann LeCun", "Yann LeCun", True),
        ("Yann LeCun", "Y. LeCun", True),
        ("Y. LeCun", "Yann LeCun", True),
        ("LeCun", "Yann A. LeCun", True),
        ("Yann LeCun", "Yann André LeCun", True),
        ("Yann LeCun", "LeCun Yann", True),
        ("Yann LeCun", "Yves LeCun", False),
        ("Yann LeCun", "Yann LeCunn", False),
        ("Yann LeCun", "A. Yann LeCun", False),
        ("Bernhard Scholkopf", "Bernhard Schölkopf", True),
        ("Laurens van der Maaten", "L.J.P. van der Maaten", True),
        ("Laurens Maaten", "Laurens van der Maaten", True),
        ("John A. Smith", "John Smith", True),
        ("John A. Smith", "John B. Smith", False),
        ("John A. Smith", "John Adam Smith, Jr.", True),
        ("Xiaoli Meng", "Xiao-Li Meng", True),
        ("Xiao Li Meng", "Xiao-Li Meng", True),
        ("Xiao Meng", "Xiao-Li Meng", False),
        ("X. L. Meng", "Xiao-Li Meng", True),
        ("X. Meng", "Xiao-Li Meng", True),
        ("XL Meng", "Xiaoli Meng", True),
        ("Xiao-Li Meng", "X.-L. Meng", True),
        ("Zhang Wei", "Wei Zhang", True),
        ("Zhang Wei", "W. Zhang", True),
        ("Wang Wei", "Wang W. Chen", False),
    ],
)
def test_an_author_can_be_the_person_if_no_name_contradicts(typed: str, author: str, same: bool) -> None:
    assert any(author_as(author, name) is not None for name in read_name(typed)) is same


@given(st.text(max_size=40))
def test_any_text_is_a_name_or_is_refused_in_words(text: str) -> None:
    try:
        readings = read_name(text)
    except UserError:
        return
    assert readings
    assert all(reading.family for reading in readings)


@given(st.lists(st.text(st.characters(categories=["L", "Mn", "P"]), min_size=1, max_size=8), max_size=4))
def test_what_is_written_in_a_query_finds_the_author(words: list[str]) -> None:
    author = " ".join(words)
    spelling = written(author)
    if any(analyze_name(spelling).terms) and not re.search(r'["\\_]', author):
        query = parse(f'au:"{spelling}"')
        assert query.matches(analyze_paper(make_paper(authors=(author,)))) is not None
