from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.arxiv.client import ArxivClient
from bot.arxiv.gate import Gate
from bot.config import Arxiv
from bot.model.errors import ArxivHTTPError, IncompleteAnswer
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
        client = ArxivClient(session, gate, Arxiv(api_url=arxiv.url, page_size=50), clock=Clock(NOW))
        self.source = ApiSource(client, self._count)

    async def _count(self, canonical: str, since: datetime, until: datetime) -> int:
        self.periods.append((since, until))
        return self.known.get(canonical, 0)

    async def ask(self, *queries: DueQuery) -> list[Answer | Failure]:
        return [event async for event in self.source.ask(Request(queries, NOW))]

    def asked(self) -> list[str]:
        """Return the different searches in order, without dates."""
        searches = (request.search_query.rpartition(") AND submitted")[0] for request in self.arxiv.requests)
        return list(dict.fromkeys(search.removeprefix("(") for search in searches))


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
    [answer] = await desk.ask(due("ti:one"), due("ti:two", since=SINCE - 30 * DAY))
    assert isinstance(answer, Answer)
    assert answer.submitted_since == dict.fromkeys(["ti:one", "ti:two"], SINCE - 30 * DAY)
    assert "submittedDate:[202606100800 TO" in desk.arxiv.requests[0].search_query


# What is answered


async def test_new_papers_come_first_and_revisions_complete_the_queries_that_want_them(desk: Desk) -> None:
    old = make_paper(1, published=NOW - 400 * DAY, title="On graphs")
    desk.arxiv.publish([revised(old, updated=NOW - DAY), make_paper(2, published=NOW - DAY, title="A tree")])
    first, second = await desk.ask(due("ti:tree"), due("ti:graphs", revisions=True))
    assert isinstance(first, Answer)
    assert ([paper.id.number for paper in first.papers], first.more) == ([2], True)
    assert (list(first.completed), list(first.submitted_since)) == (["ti:tree"], ["ti:tree", "ti:graphs"])
    assert isinstance(second, Answer)
    assert ([paper.versioned for paper in second.papers], second.more) == (["2607.00001v2"], False)
    assert (list(second.completed), second.submitted_since) == (["ti:graphs"], {})
    assert second.selection is not None
    assert second.selection.queries == {"ti:graphs"}


async def test_without_revisions_one_answer_completes_all(desk: Desk) -> None:
    [answer] = await desk.ask(due("ti:tree"), due("ti:graphs"))
    assert isinstance(answer, Answer)
    assert (list(answer.completed), answer.more) == (["ti:tree", "ti:graphs"], False)
    assert desk.source.requests == 2  # an empty list is asked for twice


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
    [answer] = await desk.ask(due("ti:one"))
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
    ]
    assert [type(event) for event in events] == [Failure, Answer, Failure, Answer, Failure]
    [last] = [event for event in events if isinstance(event, Failure) and event.final]
    assert isinstance(last.error, ArxivHTTPError)


async def test_a_list_that_is_not_believed_is_a_failure(desk: Desk) -> None:
    desk.known = {"ti:one": 3}
    [failure] = await desk.ask(due("ti:one"))
    assert isinstance(failure, Failure)
    assert isinstance(failure.error, IncompleteAnswer)
    assert (failure.queries, failure.final) == (("ti:one",), True)
