"""What is offered instead of a query: operators as arXiv writes them, an author, all words anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.errors import QueryError
from bot.query.alternatives import Alternative, alternatives
from bot.query.operators import meant
from bot.query.query import parse, parse_typed


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("LLM -survey", "LLM ANDNOT survey"),
        ("LLM −survey", "LLM ANDNOT survey"),
        ("LLM !survey", "LLM ANDNOT survey"),
        ("-survey LLM", "LLM ANDNOT survey"),
        ("LLM -survey -review", "LLM ANDNOT (survey OR review)"),
        ("LLM -survey benchmark", "(LLM AND benchmark) ANDNOT survey"),
        ("speech synthesis -singing", '"speech synthesis" ANDNOT singing'),
        ("LLM and not survey", "LLM ANDNOT survey"),
        ("LLM but not vision language", 'LLM ANDNOT "vision language"'),
        ("LLM aber nicht Survey", "LLM ANDNOT Survey"),
        ("a || b", "a OR b"),
        ("a||b", "a OR b"),
        ("a | b | c", "a OR b OR c"),
        ("ａ｜ｂ", "a OR b"),
        ("a && b", "a AND b"),
        ("a & b", "a AND b"),
        ("a + b", "a AND b"),
        ("+foo +bar", "foo AND bar"),
        ("foo +bar", "foo AND bar"),
        ("LLM, VLM", "LLM OR VLM"),
        ("LLM,VLM", "LLM OR VLM"),
        ("LLM，VLM", "LLM OR VLM"),
        ("大模型、视觉", "大模型 OR 视觉"),
        ("a; b", "a OR b"),
        ("a / b", "a OR b"),
        ("LLM or VLM", "LLM OR VLM"),
        ("LLM oder VLM", "LLM OR VLM"),
        ("speech synthesis, TTS, and vocoder", '"speech synthesis" OR TTS OR vocoder'),
        ("TTS, or vocoder", "TTS OR vocoder"),
        ("LLM, VLM -survey", "(LLM OR VLM) ANDNOT survey"),
        ("a && b || c", "(a AND b) OR c"),
        ("C++ | Rust", '"C++" OR Rust'),
        ("SU(2) gauge -lattice", '"SU(2) gauge" ANDNOT lattice'),
        ("P(x|y z) -survey", '"P(x|y z)" ANDNOT survey'),
        ("SU(2), lattice", '"SU(2)" OR lattice'),
        ("covid-19 -children", "covid-19 ANDNOT children"),
        ("transform* -survey", "transform* ANDNOT survey"),
        ("+ti:a +ti:b", "ti:a AND ti:b"),
    ],
)
def test_operators_of_other_search_engines_are_offered_as_arxivs(typed: str, query: str) -> None:
    read = parse_typed(typed)
    assert alternatives(read, found=True) == {Alternative.OPERATORS: query}
    assert alternatives(read, found=False)[Alternative.OPERATORS] == query
    assert parse_typed(query).typed == query


@pytest.mark.parametrize(
    "typed",
    [
        "speech synthesis", "text-to-speech", "input/output", "question and answer", "BERT - pretraining",
        "temperature -1", "1,000 tokens", "P(x|y) estimation", "f(a,b)", "R&D", "C++", "+LLM", "LLM,",
        "GPT-4", "not all attention", "CD / ", "H2O", "learning without forgetting", "au:hinton",
    ],
)  # fmt: skip
def test_punctuation_of_titles_is_no_operator(typed: str) -> None:
    assert alternatives(parse_typed(typed), found=True) == {}


@pytest.mark.parametrize(
    ("typed", "column", "message"),
    [
        ("ti:LLM -survey", 8, "Write ANDNOT instead of “-”: ti:LLM ANDNOT survey"),
        ('LLM -"survey paper"', 5, 'Write ANDNOT instead of “-”: LLM ANDNOT "survey paper"'),
        ("ti:a -(b c)", 6, "Write ANDNOT instead of “-”: ti:a ANDNOT (b c)"),
        ("ti:a -ti:b -ti:c", 6, "Write ANDNOT instead of “-”: ti:a ANDNOT (ti:b OR ti:c)"),
        ("ti:a !b", 6, "Write ANDNOT instead of “!”: ti:a ANDNOT b"),
        ("ti:a || ti:b", 6, "Write OR instead of “||”: ti:a OR ti:b"),
        ("ti:a||b", 5, "Write OR instead of “||”: ti:a OR b"),
        ("ti:a | ti:b", 6, "Write OR instead of “|”: ti:a OR ti:b"),
        ("ti:a / ti:b", 6, "Write OR instead of “/”: ti:a OR ti:b"),
        ("ti:a ; ti:b", 6, "Write OR instead of “;”: ti:a OR ti:b"),
        ("ti:a && ti:b", 6, "Write AND instead of “&&”: ti:a AND ti:b"),
        ('"a" + "b"', 5, 'Write AND instead of “+”: "a" AND "b"'),
        ("ti:a +abs:b", 6, "Write AND instead of “+”: ti:a AND abs:b"),
        ("ti:a or ti:b", 6, "Write OR instead of “or”: ti:a OR ti:b"),
        ("ti:a and not ti:b", 6, "Write ANDNOT instead of “and not”: ti:a ANDNOT ti:b"),
        ("ti:a OR ti:b -ti:c", 14, "Write ANDNOT instead of “-”: (ti:a OR ti:b) ANDNOT ti:c"),
        ("ti:a AND ti:b || ti:c", 15, "Write OR instead of “||”: (ti:a AND ti:b) OR ti:c"),
        ("f(a,b -survey", 7, 'Write ANDNOT instead of “-”: "f(a,b" ANDNOT survey'),
        ("ti:-survey", 4, "Write ANDNOT instead of “-”"),
        ('-"x"', 1, "Write ANDNOT instead of “-”"),
        ("-survey", 1, "Nothing comes before this -; write what to find, then what to exclude"),
        ("-survey -review", 1, "Nothing comes before this -; write what to find, then what to exclude"),
        ("NOT x", 1, "Nothing comes before this NOT; write what to find, then what to exclude"),
    ],
)
def test_in_a_query_they_are_refused_with_the_query_that_was_meant(
    typed: str, column: int, message: str
) -> None:
    with pytest.raises(QueryError) as refusal:
        parse_typed(typed)
    assert (refusal.value.column, refusal.value.reason) == (column, message)


@pytest.mark.parametrize("stored", ["all:-survey", "all:a OR all:-b", 'all:"a || b"'])
def test_what_an_earlier_version_stored_is_still_read(stored: str) -> None:
    assert parse(stored).canonical == stored


@pytest.mark.parametrize(
    ("typed", "author"),
    [
        ("Geoffrey Hinton", 'au:"Geoffrey Hinton"'),
        ("geoffrey hinton", 'au:"geoffrey hinton"'),
        ("Hinton, Geoffrey", 'au:"Geoffrey Hinton"'),
        ("Hinton", "au:Hinton"),
        ("G. E. Hinton", 'au:"G. E. Hinton"'),
        ("Yann LeCun", 'au:"Yann LeCun"'),
        ("Jan van der Berg", 'au:"Jan van der Berg"'),
        ("Łukasz Kaiser", 'au:"Łukasz Kaiser"'),
        ("J.-P. Serre", 'au:"J.-P. Serre"'),
        ("O’Brien", "au:O'Brien"),
        ("Bo An", 'au:"Bo An"'),
        ("JY Kim", 'au:"JY Kim"'),
        ("张三", "au:张三"),
        ('au:"Hinton, Geoffrey"', 'au:"Geoffrey Hinton"'),
        ("Maria del Mar de la Cruz", ""),  # more than five words
        ("Maria de la Cruz Lopez", 'au:"Maria de la Cruz Lopez"'),
        ("JYL Kim", 'au:"JYL Kim"'),
        ("JYLM Kim", ""),
        ("JY K", 'au:"JY K"'),
        ("JY KI", ""),
        ("wu", ""),
        ("chen", "au:chen"),
        ("ana maria cruz", 'au:"ana maria cruz"'),
        ("ana maria cruz lopez", ""),
        ("BERT", ""),
        ("LLM", ""),
        ("LLM agents", ""),
        ("robust latent audio prompting", ""),
        ("text to speech", ""),
        ("GPT-4", ""),
        ("Vision in Transformers", ""),
        ("hep-th", ""),
        ("au:hinton", ""),
        ("ti:a AND ti:b", ""),
    ],
)
def test_what_may_be_a_name_is_offered_as_an_author(typed: str, author: str) -> None:
    query = parse_typed(typed)
    assert alternatives(query, found=False).get(Alternative.AUTHOR, "") == author
    assert Alternative.AUTHOR not in alternatives(query, found=True)


@pytest.mark.parametrize(
    ("typed", "anywhere"),
    [
        ("Geoffrey Hinton", "all:Geoffrey AND all:Hinton"),
        ("Hinton", "all:Hinton"),
        ("robust latent audio prompting", "all:robust AND all:latent AND all:audio AND all:prompting"),
        ("question and answer", "all:question AND all:answer"),
        ("text-to-speech", "all:text-to-speech"),
        ("C++ compiler", 'all:"C++" AND all:compiler'),
        ("G. E. Hinton", "all:Hinton"),
        ("ti:foo", "all:foo"),
        ('abs:"foo bar"', "all:foo AND all:bar"),
        ("au:hinton", "all:hinton"),
        ("all:foo", ""),
        ("cat:cs.LG", ""),
        ("ti:a AND ti:b", ""),
        ("ti:transform*", ""),
        (
            "uno dos tres six ocho diez onze doce",
            " AND ".join(
                f"all:{word}" for word in ("uno", "dos", "tres", "six", "ocho", "diez", "onze", "doce")
            ),
        ),
        ("uno dos tres six ocho diez onze doce trece", ""),
        ("a b c d e f g h i j k l", ""),
    ],
)
def test_all_words_are_offered_anywhere(typed: str, anywhere: str) -> None:
    assert alternatives(parse_typed(typed), found=False).get(Alternative.ANYWHERE, "") == anywhere


@pytest.mark.parametrize(
    ("typed", "category"), [("cs.LG", "cat:cs.LG"), ("CS.cl", "cat:cs.CL"), ("hep-th", "cat:hep-th")]
)
def test_a_category_is_offered_as_one(typed: str, category: str) -> None:
    assert alternatives(parse_typed(typed), found=False) == {Alternative.CATEGORY: category}


@given(st.text(alphabet='ab -+!|&,;/()"ti:ORNOTAD、', max_size=40))
def test_whatever_is_typed_what_is_offered_can_be_read(typed: str) -> None:
    try:
        query = parse_typed(typed)
    except QueryError:
        meant(typed)
        return
    for other in alternatives(query, found=False).values():
        assert parse_typed(other) != query
