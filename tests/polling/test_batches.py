from __future__ import annotations

from itertools import pairwise
from urllib.parse import quote_plus

from hypothesis import given
from hypothesis import strategies as st

from bot.polling.batches import MAX_LENGTH, Batch, batches
from bot.query.query import parse

MAX_QUERIES = 100
KEYWORDS = [f"topic {number}" for number in range(250)]


def test_no_queries_need_no_batch():
    assert batches([]) == []


def test_a_single_query_is_asked_as_it_is():
    query = parse("speech synthesis")
    (batch,) = batches([query])
    assert batch.search_query == query.arxiv


def test_queries_are_joined_by_or_each_in_parentheses():
    one, two = parse("speech synthesis"), parse("ti:a1 ANDNOT ti:b1")
    (batch,) = batches([one, two])
    assert batch.search_query == f"({one.arxiv}) OR ({two.arxiv})"


def test_the_joined_query_matches_what_either_matches():
    one, two = parse("ti:a1 AND ti:b1"), parse("ti:c1 ANDNOT ti:d1")
    (batch,) = batches([one, two])
    assert parse(batch.search_query) == parse("(ti:a1 AND ti:b1) OR (ti:c1 ANDNOT ti:d1)")


def test_a_query_longer_than_a_batch_has_its_own():
    long = parse(" OR ".join(f"ti:word{number}" for number in range(80)))
    plan = batches([parse("x1"), long, parse("y1")], max_length=200)
    assert [len(batch.queries) for batch in plan] == [1, 1, 1]
    assert plan[1].queries == (long,)


def test_halves_lose_nothing():
    batch = Batch(tuple(map(parse, KEYWORDS[:5])))
    one, two = batch.halves()
    assert one.queries + two.queries == batch.queries
    assert one.queries
    assert two.queries


@given(st.lists(st.sampled_from([*KEYWORDS, "münchen größe", "日本語 研究"]).map(parse), max_size=300))
def test_every_query_is_in_one_batch_and_every_batch_fits(queries: list):
    plan = batches(queries)
    assert [query for batch in plan for query in batch.queries] == queries
    for batch in plan:
        assert 0 < len(batch.queries) <= MAX_QUERIES
        assert len(quote_plus(batch.search_query)) <= MAX_LENGTH or len(batch.queries) == 1
    # Greedy in order: no two neighbours would have fitted into one.
    for one, two in pairwise(plan):
        assert len(one.queries) == MAX_QUERIES or (
            len(quote_plus(Batch((*one.queries, two.queries[0])).search_query)) > MAX_LENGTH - 10
        )
