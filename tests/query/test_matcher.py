from __future__ import annotations

import string
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.errors import QueryError
from bot.model.papers import Match, Paper, PaperId
from bot.query.matcher import Matcher
from bot.query.query import Query, parse
from bot.query.text import analyze_paper

WORDS = ["graph", "graphs", "neural", "spin", "glass", "the", "of", "time-series", "Müller", "x:y", "LLM's"]


def paper(number: int, title: str, abstract: str = "", **more: Any) -> Paper:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    fields: dict[str, Any] = {"authors": (), "categories": ("cs.LG",), "primary_category": "cs.LG"}
    return Paper(
        PaperId(f"2601.{number:05}"), 1, title, abstract, published=now, updated=now, **(fields | more)
    )


def naive(queries: list[Query], papers: list[Paper]) -> list[Match]:
    found = []
    for each in papers:
        for query in dict.fromkeys(queries):
            words = query.matches(analyze_paper(each))
            if words is not None:
                found.append(Match(query.canonical, each.id, words))
    return found


@pytest.mark.parametrize("title", ["Theory of Mind", "Theory for Mind"])
def test_a_phrase_with_a_stop_word_is_found(title: str) -> None:
    """Its terms are not adjacent in the index: the stop word leaves a gap."""
    assert len(Matcher([parse("theory of mind")]).match([paper(1, title)])) == 1


def test_matches_come_by_paper_then_by_query_with_the_words_as_they_stand() -> None:
    papers = [paper(2, "Spin Glasses", "of spin glass"), paper(1, "Graphs", "A graph; spin-glass too")]
    queries = [parse("spin glass"), parse("graph"), parse("robot")]
    assert Matcher(queries).match(papers) == [
        Match('ti:"spin glass" OR abs:"spin glass"', PaperId("2601.00002"), ("Spin Glasses", "spin glass")),
        Match('ti:"spin glass" OR abs:"spin glass"', PaperId("2601.00001"), ("spin-glass",)),
        Match("ti:graph AND abs:graph", PaperId("2601.00001"), ("Graphs", "graph")),
    ]


def test_spellings_of_one_query_count_once() -> None:
    matcher = Matcher(
        [parse("Spin Glass"), parse('ti:"spin glass" OR abs:"spin-glass"'), parse("spin  glass")]
    )
    assert len(matcher) == 1
    assert len(matcher.match([paper(1, "spin glass")])) == 1


@pytest.mark.parametrize(
    "text",
    [
        "cat:cs.*",
        "ti:grap*",
        "cat:cs.LG",
        "cat:cs.* ANDNOT ti:robot",
        "submittedDate:[2026 TO 2027]",
        "ti:robot OR cat:cs.*",
        "all:learning",
        "all:mull?r",
        "au:del_maestro",
        "co:icml",
    ],
)
def test_queries_without_a_rare_word_are_matched_too(text: str) -> None:
    one = paper(1, "Graphs", authors=("A. Müller", "A. Del Maestro"), comment="ICML 2026")
    assert len(Matcher([parse(text)]).match([one])) == 1


def test_a_query_that_nothing_can_match_is_harmless() -> None:
    assert (
        Matcher([parse("ti:the AND ti:graph"), parse("ti:the OR ti:spin")]).match([paper(1, "The graph")])
        == []
    )


def test_no_queries_and_no_papers_are_fine() -> None:
    assert Matcher([]).match([paper(1, "x")]) == []
    assert Matcher([parse("x ray")]).match([]) == []


texts = st.lists(st.sampled_from([*WORDS, "and", "ΑΣ", "日本"]), max_size=8).map(" ".join)
papers = st.builds(
    paper,
    st.integers(0, 99_999),
    texts,
    texts,
    authors=st.lists(texts.filter(bool), max_size=2).map(tuple),
    categories=st.lists(st.sampled_from(["cs.LG", "cond-mat.dis-nn", "hep-th"]), max_size=2).map(tuple),
    comment=st.none() | texts,
)
leaves = st.one_of(
    st.builds(
        "{}:{}".format,
        st.sampled_from(["ti", "abs", "au", "all", "co"]),
        st.sampled_from(
            [*WORDS, '"spin glass"', '"glass of graph"', '"graph neural spin"', "gra*", "?pin"[1:]]
        ),
    ),
    st.sampled_from(["cat:cs.LG", "cat:c*", "cat:hep-th", "submittedDate:[2026 TO 2026]"]),
)
queries = st.recursive(
    leaves,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["AND", "OR", "ANDNOT"]), inner),
)
keywords = st.lists(st.sampled_from([*WORDS, *string.ascii_lowercase[:3]]), min_size=1, max_size=3).map(
    " ".join
)


@settings(deadline=None, max_examples=200)
@given(st.lists(queries | keywords, max_size=12), st.lists(papers, max_size=5))
def test_the_index_finds_exactly_what_a_scan_finds(asked: list[str], given_papers: list[Paper]) -> None:
    parsed = []
    for text in asked:
        try:
            parsed.append(parse(text))
        except QueryError:
            continue  # stop words alone
    assert Matcher(parsed).match(given_papers) == naive(parsed, given_papers)


@pytest.mark.parametrize(
    ("query", "one", "evaluated"),
    [
        ("ti:zebra AND ti:neural", paper(1, "neural zebra"), True),
        ("ti:zebra AND ti:neural", paper(1, "neural nets"), False),
        ("ti:zebra ANDNOT ti:neural", paper(1, "neural nets"), False),
        ("ti:zebra OR ti:yak", paper(1, "yaks"), True),
        ("ti:zebra AND abs:zebra", paper(1, "Spin", "a zebra"), False),
        ("ti:zebra AND abs:zebra", paper(1, "Zebra", "spin"), True),
        ("cat:cs.LG AND abs:zebra", paper(1, "Spin"), False),
        ("au:neural AND ti:zebra", paper(1, "Zebra", authors=("N. Neural",)), True),
        ('ti:"neural spin"', paper(1, "neural spin"), True),
        ('ti:"neural spin"', paper(1, "spin of neural nets"), False),
        ("ti:ze* AND ti:zebra", paper(1, "zenith"), False),
        ("ti:ze*", paper(1, "spin"), True),  # nothing but evaluating it tells
    ],
)
def test_a_query_is_evaluated_only_for_papers_with_its_rarest_word(
    query: str, one: Paper, evaluated: bool
) -> None:
    others = [parse(f"ti:{word} AND ti:{other}") for word in ("neural", "spin") for other in "abcd"]
    matcher = Matcher([parse(query), *others])
    assert (0 in matcher._candidates(analyze_paper(one))) is evaluated
