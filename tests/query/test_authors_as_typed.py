"""Authors as people type them: what is sent to arXiv and what is matched here are the same people."""

from __future__ import annotations

import pytest

from bot.arxiv.author_line import authors_of
from bot.model.errors import QueryError
from bot.query.alternatives import Alternative, alternatives
from bot.query.person_names import read_name
from bot.query.query import parse
from bot.query.text import analyze_paper
from bot.ranking.authors import wide_query
from tests.fakes.papers import make_paper
from tests.fakes.tex import to_tex

LECUN = ["Yann LeCun", "Y. LeCun", "Y LeCun", "Yann A. LeCun", "LeCun Yann", "Yann Le-Cun LeCun"]
SCHOELKOPF = ["Bernhard Schölkopf", "Bernhard Scholkopf", "B. Schölkopf", "B. Scholkopf"]


def matches(query: str, author: str) -> bool:
    """Tell whether *query* matches a paper of *author*, whichever road it came by.

    The query is read as it is stored here, and as arXiv reads what is sent. The paper has the query API's
    text, and that of OAI-PMH and the feeds, which is TeX.
    """
    stored = parse(query)
    found = {
        one.matches(analyze_paper(make_paper(authors=("Ada Bee", *authors, "Cy Dee")))) is not None
        for one in (stored, parse(stored.arxiv), parse(stored.canonical))
        for authors in ((author,), authors_of(to_tex(author)))
    }
    assert len(found) == 1, (query, author)
    return found.pop()


@pytest.mark.parametrize(
    "typed", ["LeCun", "lecun", "Yann LeCun", "Y. LeCun", "Y LeCun", "LeCun, Yann", "LeCun, Y."]
)
def test_a_name_finds_the_person_however_it_is_typed_and_written(typed: str):
    query = wide_query(read_name(typed))
    missed = [author for author in LECUN[:4] if not matches(query, author)]
    assert missed == []
    assert not matches(query, "Yann Lebrun")
    assert not matches(query, "LeCunn Yann")


@pytest.mark.parametrize(
    "typed",
    [
        *("Schölkopf", "Scholkopf", "SCHÖLKOPF", "Bernhard Schölkopf", "Bernhard Scholkopf", "B. Scholkopf"),
        *("Schölkopf, Bernhard", "Scholkopf, B."),
    ],
)
def test_accents_are_folded_on_both_sides(typed: str):
    query = wide_query(read_name(typed))
    assert [author for author in SCHOELKOPF if not matches(query, author)] == []
    assert not matches(query, "Bernhard Schoen")


@pytest.mark.parametrize(
    ("query", "found", "missed"),
    [
        ("au:LeCun", LECUN, ["Yann Le Cun", "Yann Lecunn"]),
        ("au:lecun", LECUN, ["Yann Le Cun"]),
        ('au:"Yann LeCun"', ["Yann LeCun", "YANN LECUN"], ["Y. LeCun", "LeCun Yann", "Yann A. LeCun"]),
        ('au:"Y. LeCun"', ["Y. LeCun", "Y LeCun"], ["Yann LeCun"]),
        ("au:Yann_LeCun", ["Yann LeCun"], ["LeCun Yann"]),
        ("au:Schölkopf", SCHOELKOPF, ["Bernhard Schoelkopf"]),
        ("au:Scholkopf", SCHOELKOPF, []),
        ("au:Erdős", ["Paul Erdős", "P. Erdos"], []),
        ("au:Łukasz", ["Łukasz Kaiser", "Lukasz Kaiser"], []),
        ("au:O'Brien", ["Conan O'Brien", "C. O'Brien"], ["C. Brien"]),
        ("au:Ben-David", ["Shai Ben-David"], ["Shai Ben David"]),
        ("au:schol*", SCHOELKOPF, ["Bernhard Schulz"]),
    ],
)
def test_a_query_for_authors_means_the_same_here_and_there(query: str, found: list[str], missed: list[str]):
    assert [author for author in found if not matches(query, author)] == []
    assert [author for author in missed if matches(query, author)] == []


@pytest.mark.parametrize("typed", ["LeCun, Yann", 'au:"LeCun, Yann"'])
def test_where_the_family_name_comes_first_the_query_that_works_is_offered(typed: str):
    """arXiv writes the given names first, and drops the comma of a query: it would find nobody."""
    assert alternatives(parse(typed), found=False)[Alternative.AUTHOR] == 'au:"Yann LeCun"'


def test_a_comma_outside_of_quotes_is_refused():
    with pytest.raises(QueryError, match="without commas"):
        parse("au:LeCun,Yann")
