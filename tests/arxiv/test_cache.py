from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.arxiv.cache import SearchCache
from bot.model.papers import Page
from tests.fakes.clock import Clock
from tests.fakes.papers import make_papers

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


def page(count: int) -> Page:
    return Page(papers=tuple(make_papers(count)), total=count, start=0, per_page=count)


def test_an_answer_is_kept_until_its_time_is_over(clock: Clock):
    cache = SearchCache(clock)
    answer = page(3)
    cache.put("a", answer, LATER)
    clock.now = LATER - timedelta(seconds=1)
    assert cache.get("a") is answer
    assert cache.get("b") is None
    clock.now = LATER
    assert cache.get("a") is None


def test_each_answer_has_a_time_of_its_own(clock: Clock):
    cache = SearchCache(clock)
    cache.put("a", page(3), LATER + timedelta(hours=1))
    cache.put("b", page(3), LATER)
    clock.now = LATER
    assert cache.get("a")
    assert cache.get("b") is None


def test_the_least_recently_used_answer_is_evicted_first(clock: Clock):
    cache = SearchCache(clock, most_papers=12)
    for key in "abc":
        cache.put(key, page(3), LATER)
    cache.get("a")
    cache.put("d", page(3), LATER)
    assert [key for key in "abcd" if cache.get(key)] == ["a", "c", "d"]


def test_answers_may_fill_the_cache_to_the_last_paper(clock: Clock):
    cache = SearchCache(clock, most_papers=12)
    for _ in range(5):
        cache.put("a", page(5), LATER)
    cache.put("b", page(5), LATER)
    assert cache.get("a")
    assert cache.get("b")
    cache.put("c", page(11), LATER)
    assert [key for key in "abc" if cache.get(key)] == ["c"]


def test_answers_without_papers_do_not_gather(clock: Clock):
    cache = SearchCache(clock, most_papers=10)
    for key in range(25):
        cache.put(key, page(0), LATER)
    assert [key for key in range(25) if cache.get(key)] == list(range(15, 25))


def test_an_answer_above_the_limit_is_not_kept(clock: Clock):
    cache = SearchCache(clock, most_papers=10)
    cache.put("a", page(3), LATER)
    cache.put("b", page(10), LATER)
    assert cache.get("a")
    assert cache.get("b") is None


def test_a_paper_of_an_answer_is_found_by_its_identifier(clock: Clock):
    cache = SearchCache(clock)
    cache.put("a", page(3), LATER)
    [_, second, _] = page(3).papers
    assert cache.paper(second.id) == second
    assert cache.paper(make_papers(1, first=9)[0].id) is None


def test_a_paper_is_found_although_its_answer_has_expired(clock: Clock):
    """A person may choose from a page that they opened before the announcement."""
    cache = SearchCache(clock)
    cache.put("a", page(3), LATER)
    clock.now = LATER
    assert cache.get("a") is None
    assert cache.paper(page(3).papers[0].id) == page(3).papers[0]
