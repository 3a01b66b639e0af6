from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.errors import QueryError
from bot.query.query import parse_typed
from bot.query.spelling import respelled, typed_words


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("metamorhpic testing", ["metamorhpic", "testing"]),
        ("text-to-spech GPT-4(V)", ["text", "to", "spech", "GPT", "V"]),
        ("ti:metamorhpic AND au:hintn", ["metamorhpic"]),
        ('(ti:"deep lerning" OR au:(foo OR bar)) ANDNOT cat:cs.SE', ["deep", "lerning"]),
        ("au:(foo OR abs:bar OR baz) OR qux", ["bar", "qux"]),
        ("submittedDate:[20260101 TO 20260131] AND abs:qantum", ["qantum"]),
        ("diffus* OR ti:mod?l OR lerning", ["lerning"]),
        ("id:2607.00001 OR jr:Natur OR co:pagse OR doi:10.1000/x", []),
        ("schrödinger équation", ["schrödinger", "équation"]),
    ],
)
def test_words_of_titles_and_abstracts_are_found_in_a_query(typed: str, words: list[str]) -> None:
    found = typed_words(typed)
    assert [word.text for word in found] == words
    assert all(typed.startswith(word.text, word.at) for word in found)


@pytest.mark.parametrize(
    ("typed", "words", "corrected"),
    [
        ("metamorhpic testing", {0: "metamorphic"}, "metamorphic testing"),
        ("metamorhpic tesing", {0: "metamorphic", 1: "testing"}, "metamorphic testing"),
        ('au:hintn AND ti:"deep lerning"', {1: "learning"}, 'au:hintn AND ti:"deep learning"'),
        ("Metamorhpic Tests", {0: "metamorphic"}, "Metamorphic Tests"),
        ("text-to-spech", {2: "speech"}, "text-to-speech"),
        ("spech", {1: "speech", 9: "x"}, "spech"),
    ],
)
def test_other_words_take_their_places(typed: str, words: dict[int, str], corrected: str) -> None:
    assert respelled(typed, words) == corrected


PIECES = [*'ab :"()*-é\t', "AND ", "ti:", "au:", " OR "]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_a_query_of_which_no_word_is_replaced_stays_as_it_is(typed: str) -> None:
    try:
        query = parse_typed(typed)
    except QueryError:
        return
    assert respelled(query.typed, {}) == query.typed
    same = {number: word.text.lower() for number, word in enumerate(typed_words(query.typed))}
    assert respelled(query.typed, same).lower() == query.typed.lower()
