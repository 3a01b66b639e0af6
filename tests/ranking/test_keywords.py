from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.model.papers import Paper, PaperId
from bot.query.query import parse
from bot.ranking.keywords import Centrality, stemmed
from bot.ranking.vectors import Frequencies
from tests.ranking.ranking_cases import FREQUENCIES

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def central(title: str, abstract: str, *queries: str, frequencies: Frequencies = FREQUENCIES) -> float:
    paper = Paper(PaperId("2607.00001"), 1, title, abstract, (), (), "", NOW, NOW)
    return Centrality([parse(query) for query in queries], frequencies).of(stemmed(paper))


@pytest.mark.parametrize(
    ("query", "about", "aside"),
    [
        ("speech synthesis", ("Speech synthesis", "Speech synthesis."), ("Robots", "Speech synthesis.")),
        ("robot", ("A", "Robots, robots."), ("A", "Robots.")),
        ("robot", ("Robots", "B."), ("A", "Robots.")),
        ("robot", ("A", "Robots."), ("A", "Robots" + " and cats" * 200)),
        ("ti:cat AND abs:robot", ("Cats", "Robots."), ("Cats", "Dogs.")),
        ("abs:cats robots", ("A", "Robots and cats, cats and robots."), ("A", "Robots and cats.")),
        ("abs:robot*", ("A", "Robots, robotics."), ("A", "Robots.")),
        ("theory of mind", ("A", "Theory of mind, theories of minds."), ("A", "Theory of mind. Theory.")),
    ],
)  # fmt: skip
def test_a_paper_about_the_keyword_is_closer_than_one_that_mentions_it(
    query: str, about: tuple[str, str], aside: tuple[str, str]
) -> None:
    assert 1 >= central(*about, query) > central(*aside, query) >= 0


@pytest.mark.parametrize("query", ["au:robot", "cat:cs.RO", "abs:cats ANDNOT abs:robot", "ti:cats"])
def test_what_is_not_in_title_or_abstract_tells_nothing(query: str) -> None:
    assert central("Walks", "Robots.", query) == 0


def test_without_a_query_nothing_is_central() -> None:
    assert central("Robots", "Robots.") == 0


def test_the_rarer_of_two_keywords_counts_for_more() -> None:
    assert central("A", "Rubble.", "rubble", "robot") > central("A", "Robots.", "rubble", "robot")
