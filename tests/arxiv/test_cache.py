from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.arxiv.cache import SearchCache
from bot.model.papers import Page
from tests.fakes.papers import make_papers

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def page(count: int) -> Page:
    return Page(papers=tuple(make_papers(count)), total=count, start=0, per_page=count)


def test_an_answer_is_kept_until_its_time_is_over():
    cache = SearchCache()
    answer = page(3)
    cache.put("a", answer, LATER)
    assert cache.get("a", LATER - timedelta(seconds=1)) is answer
    assert cache.get("b", NOW) is None
    assert cache.get("a", LATER) is None
    assert cache.get("a", NOW) is None


def test_what_was_least_lately_used_goes_first():
    cache = SearchCache(most_papers=10)
    for key in "abc":
        cache.put(key, page(3), LATER)
    cache.get("a", NOW)
    cache.put("d", page(3), LATER)
    assert [key for key in "abcd" if cache.get(key, NOW)] == ["a", "c", "d"]


def test_replacing_an_answer_counts_it_once():
    cache = SearchCache(most_papers=10)
    for _ in range(5):
        cache.put("a", page(5), LATER)
    cache.put("b", page(5), LATER)
    assert cache.get("a", NOW)
    assert cache.get("b", NOW)


def test_an_answer_too_large_for_all_is_not_kept():
    cache = SearchCache(most_papers=10)
    cache.put("a", page(3), LATER)
    cache.put("b", page(11), LATER)
    assert cache.get("a", NOW)
    assert cache.get("b", NOW) is None


def test_a_paper_of_an_answer_is_found_again():
    cache = SearchCache()
    cache.put("a", page(3), LATER)
    [_, second, _] = page(3).papers
    assert cache.paper(second.id) == second
    assert cache.paper(make_papers(1, first=9)[0].id) is None
