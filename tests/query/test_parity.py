"""A local match equals arXiv's own search, on what arXiv answered to queries that people really run."""

from __future__ import annotations

from typing import Any

import pytest

from bot.query.matcher import Matcher
from bot.query.query import Query, parse
from tests.query.parity_cases import papers, rows
from tests.shared import needs_shared

pytestmark = needs_shared


def by_keywords(row: dict[str, Any]) -> list[Query]:
    return [parse(keyword) for keyword in row["keywords"]]


def by_query(row: dict[str, Any]) -> list[Query]:
    return [parse(row["query"])]


def by_canonical_text(row: dict[str, Any]) -> list[Query]:
    return [parse(parse(row["query"]).canonical)]


def by_what_arxiv_is_asked(row: dict[str, Any]) -> list[Query]:
    return [parse(query.arxiv) for query in by_keywords(row)]


@pytest.mark.parametrize("queries_of", [by_keywords, by_query, by_canonical_text, by_what_arxiv_is_asked])
def test_every_query_matches_exactly_what_arxiv_returns(
    queries_of: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [(row, {query.canonical for query in queries_of(row)}) for row in rows()]
    matcher = Matcher(query for row in rows() for query in queries_of(row))
    found: dict[str, set[str]] = {row["name"]: set() for row in rows()}
    for paper in papers():
        matched = {match.query for match in matcher.match_one(paper)}
        for row, canonicals in asked:
            if canonicals & matched:
                found[row["name"]].add(paper.versioned)
    missing = {row["name"]: set(row["expected"]) - found[row["name"]] for row in rows()}
    extra = {row["name"]: found[row["name"]] - set(row["expected"]) for row in rows()}
    with capsys.disabled():
        print(  # noqa: T201 - the counts are what this test is for
            f"\nparity, {queries_of.__name__}: {len(rows())} queries x {len(papers())} papers, "
            f"{sum(map(len, found.values()))} matches, {sum(map(len, missing.values()))} missing, "
            f"{sum(map(len, extra.values()))} extra"
        )
    assert not any(missing.values()), missing
    assert not any(extra.values()), extra
    assert sum(len(row["expected"]) for row in rows()) == sum(map(len, found.values()))


def test_a_keyword_is_spelled_for_arxiv_as_its_search_spells_it() -> None:
    for row in rows():
        if len(row["keywords"]) == 1:
            assert parse(row["keywords"][0]).arxiv == row["query"]
