from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.arxiv.client import ArxivClient
from bot.arxiv.gate import Gate
from bot.config import ArxivSettings
from bot.model.errors import ArxivHTTPError, EmptyAnswer, IncompleteAnswer
from bot.polling.api_source import ApiSource
from bot.polling.source import Answer, DueQuery, Failure, Request
from bot.query.query import parse
from tests.fakes import arxiv as fakes
from tests.fakes.arxiv import FakeArxiv, revised
from tests.fakes.clock import Clock, Stopwatch
from tests.fakes.papers import make_paper, make_papers

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)
DAY = timedelta(days=1)
SINCE = NOW - 14 * DAY


class Desk:
    """An `ApiSource` on a fake arXiv; `known` says how many papers of each query are in the store."""

    def __init__(self, arxiv: FakeArxiv, session: aiohttp.ClientSession) -> None:
        self.arxiv = arxiv
        self.known: dict[str, int] = {}
        self.periods: list[tuple[datetime, datetime]] = []
        watch = Stopwatch()
        gate = Gate(3, clock=watch, sleep=watch.sleep)
        client = ArxivClient(session, gate, ArxivSettings(api_url=arxiv.url, page_size=50), clock=Clock(NOW))
        self.source = ApiSource(client, self._count)

    async def _count(self, canonical: str, since: datetime, until: datetime) -> int:
        self.periods.append((since, until))
        return self.known.get(canonical, 0)

    async def ask(self, *queries: DueQuery) -> list[Answer | Failure]:
        return [event async for event in self.source.ask(Request(queries, NOW))]

    def asked(self) -> list[str]:
        """Return the different searches by submission, in order, without dates."""
        searches = (request.search_query.rpartition(") AND submitted")[0] for request in self.arxiv.requests)
        return list(dict.fromkeys(search.removeprefix("(") for search in searches if search))

    def asked_by_update(self) -> list[str]:
        """Return the searches by last update, in order."""
        by_update = (each for each in self.arxiv.requests if each.parameters["sortBy"] == "lastUpdatedDate")
        return list(dict.fromkeys(request.search_query for request in by_update))


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with FakeArxiv() as arxiv, aiohttp.ClientSession() as session:
        yield Desk(arxiv, session)


def due(keyword: str, *, since: datetime = SINCE, revisions: bool = False, failures: int = 0) -> DueQuery:
    return DueQuery(parse(keyword), since, revisions=revisions, failures=failures)


# Which queries share a request


@pytest.mark.parametrize(
    ("failures", "together"), [(0, 100), (1, 50), (2, 25), (5, 3), (6, 1), (7, 1), (99, 1)]
)
async def test_the_more_often_queries_failed_the_fewer_share_a_request(
    desk: Desk, failures: int, together: int
) -> None:
    await desk.ask(*(due(f"ti:t{number}", failures=failures) for number in range(together + 1)))
    assert [search.count("ti:") for search in desk.asked()] == [together, 1]


async def test_queries_that_failed_are_asked_for_last_and_apart(desk: Desk) -> None:
    await desk.ask(due("ti:twice", failures=2), due("ti:once", failures=1), due("ti:never"), due("ti:new"))
    assert desk.asked() == ['(ti:"never") OR (ti:"new")', 'ti:"once"', 'ti:"twice"']


async def test_a_shared_request_looks_back_as_far_as_any_of_its_queries(desk: Desk) -> None:
    answer, _ = await desk.ask(due("ti:one"), due("ti:two", since=SINCE - 30 * DAY))
    assert isinstance(answer, Answer)
    assert answer.submitted_since == dict.fromkeys(["ti:one", "ti:two"], SINCE - 30 * DAY)
    assert "submittedDate:[202606100800 TO" in desk.arxiv.requests[0].search_query


# What is answered


async def test_new_papers_come_first_and_revisions_complete_the_queries_that_want_them(desk: Desk) -> None:
    old = make_paper(1, published=NOW - 400 * DAY, title="On graphs")
    desk.arxiv.publish([revised(old, updated=NOW - DAY), make_paper(2, published=NOW - DAY, title="A tree")])
    first, second, _ = await desk.ask(due("ti:tree"), due("ti:graphs", revisions=True))
    assert isinstance(first, Answer)
    assert ([paper.id.number for paper in first.papers], first.more) == ([2], True)
    assert (list(first.completed), list(first.submitted_since)) == (["ti:tree"], ["ti:tree", "ti:graphs"])
    assert isinstance(second, Answer)
    assert ([paper.versioned for paper in second.papers], second.more) == (["2607.00001v2"], False)
    assert (list(second.completed), second.submitted_since) == (["ti:graphs"], {})
    assert second.selection is not None
    assert second.selection.queries == {"ti:graphs"}


async def test_without_revisions_the_first_answer_completes_all(desk: Desk) -> None:
    answer, updated = await desk.ask(due("ti:tree"), due("ti:graphs"))
    assert isinstance(answer, Answer)
    assert (list(answer.completed), answer.more) == (["ti:tree", "ti:graphs"], False)
    assert isinstance(updated, Answer)
    assert (updated.completed, updated.submitted_since, updated.more) == ((), {}, False)
    assert desk.source.requests == 4  # an empty list is asked for twice


# What was updated


@pytest.mark.parametrize(("queries", "requests"), [(1, 1), (2, 1), (40, 1), (100, 1), (101, 2), (250, 3)])
async def test_all_queries_are_asked_for_by_last_update_in_one_request_for_a_hundred(
    desk: Desk, queries: int, requests: int
) -> None:
    desk.arxiv.publish(make_papers(3, published=NOW - DAY, title=" ".join(f"t{n}" for n in range(queries))))
    await desk.ask(*(due(f"ti:t{number}") for number in range(queries)))
    assert len(desk.asked_by_update()) == requests
    assert desk.source.requests == 2 * requests


async def test_a_paper_that_matches_only_since_a_later_version_is_found(desk: Desk) -> None:
    old = make_paper(1, published=NOW - 400 * DAY, title="On graphs")
    desk.arxiv.publish([revised(old, updated=NOW - DAY), make_paper(2, published=NOW - DAY, title="A tree")])
    submitted, updated = await desk.ask(due("ti:tree"), due("ti:graphs"))
    assert isinstance(submitted, Answer)
    assert [paper.versioned for paper in submitted.papers] == ["2607.00002v1"]
    assert isinstance(updated, Answer)
    assert [paper.versioned for paper in updated.papers] == ["2607.00001v2"], "the other was shown already"
    assert updated.selection is not None
    assert updated.selection.queries == {"ti:tree", "ti:graphs"}


async def test_queries_that_want_revisions_are_not_asked_for_by_update_again(desk: Desk) -> None:
    await desk.ask(due("ti:tree"), due("ti:graphs", revisions=True))
    assert desk.asked_by_update() == ['ti:"graphs"', 'ti:"tree"']


async def test_new_papers_come_from_all_batches_before_what_was_updated(desk: Desk) -> None:
    events = await desk.ask(*(due(f"ti:t{number}") for number in range(101)))
    assert [bool(event.submitted_since) for event in events if isinstance(event, Answer)] == [
        True,
        True,
        False,
        False,
    ]


async def test_more_revisions_than_arxiv_shows_are_asked_for_query_by_query_and_then_the_latest_count(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.arxiv.sweep.WINDOW", 100)
    monkeypatch.setattr(fakes, "_WINDOW", 100)
    for word, first in (("one", 1), ("two", 1001)):
        old = make_papers(60, first=first, published=NOW - 400 * DAY, title=word)
        desk.arxiv.publish([revised(paper, updated=NOW - DAY) for paper in old])
    _submitted, *updated = await desk.ask(due("ti:one"), due("ti:two"))
    assert [len(each.papers) for each in updated if isinstance(each, Answer)] == [60, 60]
    more = make_papers(60, first=2001, published=NOW - 400 * DAY, title="one")
    desk.arxiv.publish([revised(paper, updated=NOW - DAY) for paper in more])
    _submitted, latest = await desk.ask(due("ti:one"))
    assert isinstance(latest, Answer)
    assert 90 < len(latest.papers) <= 100  # pages overlap a little


async def test_what_fails_by_update_is_a_failure_after_the_answer(desk: Desk) -> None:
    desk.arxiv.publish(make_papers(1, published=NOW - DAY, title="One"))
    desk.arxiv.fail(None, *[fakes.status(500)] * 3)
    answer, failure = await desk.ask(due("ti:one"))
    assert isinstance(answer, Answer)
    assert list(answer.completed) == ["ti:one"]
    assert isinstance(failure, Failure)
    assert (failure.queries, failure.final, failure.blamed) == (("ti:one",), True, True)


# An empty page


@pytest.mark.parametrize(
    "page", [fakes.nothing_found(), fakes.empty_page()], ids=["nothing found", "a count and no papers"]
)
async def test_empty_pages_are_no_querys_fault(desk: Desk, page: fakes.Fault) -> None:
    names = [f"ti:t{number}" for number in range(60)]
    desk.known = dict.fromkeys(names, 9)
    title = " ".join(f"t{number}" for number in range(60))
    desk.arxiv.publish(make_papers(9, published=NOW - DAY, title=title))
    desk.arxiv.always = page
    [failure] = await desk.ask(*map(due, names))
    assert isinstance(failure, Failure)
    assert isinstance(failure.error, EmptyAnswer)
    assert (len(failure.queries), failure.final, failure.blamed) == (60, True, False)
    assert desk.source.requests <= 4


@pytest.mark.parametrize(
    ("known", "believed"),
    [
        pytest.param({}, True, id="no paper is known"),
        pytest.param({"ti:one": 1, "ti:two": 1}, True, id="two"),
        pytest.param({"ti:one": 2, "ti:two": 1}, False, id="three"),
        pytest.param({"ti:one": 3}, False, id="three of one query"),
    ],
)
async def test_an_empty_list_is_not_believed_where_several_papers_are_known(
    desk: Desk, known: dict[str, int], believed: bool
) -> None:
    desk.known = known
    first, *_ = await desk.ask(due("ti:one"), due("ti:two"))
    assert isinstance(first, Answer) is believed
    # A paper submitted on the first day may be missing: the period begins within it.
    assert set(desk.periods) == {(SINCE + DAY, NOW)}


async def test_a_list_with_papers_is_believed(desk: Desk) -> None:
    desk.known = {"ti:one": 99}
    desk.arxiv.publish([make_paper(1, published=NOW - DAY, title="One")])
    answer, _ = await desk.ask(due("ti:one"))
    assert isinstance(answer, Answer)
    assert desk.periods == []


# What fails


async def test_what_fails_together_is_tried_in_halves_until_it_stands_alone(desk: Desk) -> None:
    desk.arxiv.publish(make_papers(1, published=NOW - DAY, title="A b c d"))
    three = [fakes.status(500)] * 3  # the attempts of one request
    desk.arxiv.fail(*three, None, *three, None, *three)
    events = await desk.ask(*(due(f"ti:{word}") for word in ("b", "c", "d")))
    told = [
        (list(event.completed), True) if isinstance(event, Answer) else (list(event.queries), event.final)
        for event in events
    ]
    assert told == [
        (["ti:b", "ti:c", "ti:d"], False),
        (["ti:b"], True),
        (["ti:c", "ti:d"], False),
        (["ti:c"], True),
        (["ti:d"], True),
        ([], True),  # what was updated
    ]
    assert [type(event) for event in events] == [Failure, Answer, Failure, Answer, Failure, Answer]
    [last] = [event for event in events if isinstance(event, Failure) and event.final]
    assert isinstance(last.error, ArxivHTTPError)


async def test_a_list_that_is_not_believed_is_a_failure(desk: Desk) -> None:
    desk.known = {"ti:one": 3}
    [failure] = await desk.ask(due("ti:one"))
    assert isinstance(failure, Failure)
    assert isinstance(failure.error, IncompleteAnswer)
    assert (failure.queries, failure.final) == (("ti:one",), True)
