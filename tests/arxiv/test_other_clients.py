"""OAI-PMH and the feeds over real HTTP, through the same gate as everything else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import aiohttp
import pytest

from bot.arxiv.announcements import AnnouncementKind
from bot.arxiv.client import ArxivClient
from bot.arxiv.feeds_client import FeedForm, FeedsClient
from bot.arxiv.gate import Gate
from bot.arxiv.oai import BadToken
from bot.arxiv.oai_client import OaiClient
from bot.config import ArxivSettings
from bot.model.errors import (
    AnswerTooLarge,
    ArxivBusy,
    ArxivError,
    ArxivHTTPError,
    ArxivRefused,
    ArxivUnreachable,
    IncompleteAnswer,
    MalformedFeed,
)
from tests.arxiv.arxiv_cases import session, watch
from tests.fakes import arxiv as fakes
from tests.fakes import oai
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock, Stopwatch
from tests.fakes.papers import make_papers

__all__ = ["session", "watch"]

EVENING = datetime(2026, 7, 27, 2, 30, tzinfo=UTC)
TODAY = date(2026, 7, 27)


class Clients:
    """The clients of all three interfaces of *arxiv*, and the gate between them."""

    def __init__(self, arxiv: FakeArxiv, session: aiohttp.ClientSession, watch: Stopwatch) -> None:
        settings = ArxivSettings(
            api_url=arxiv.url,
            oai_url=arxiv.oai_url,
            rss_url=arxiv.rss_url,
            contact="papers@example.org",
            timeout=5,
            max_bytes=256 * 1024,
        )
        self.gate = Gate(3, clock=watch, sleep=watch.sleep)
        self.api = ArxivClient(session, self.gate, settings, clock=arxiv.clock)
        self.oai = OaiClient(session, self.gate, settings, clock=arxiv.clock)
        self.feeds = FeedsClient(session, self.gate, settings, clock=arxiv.clock)

    async def harvest(self, since: date = TODAY) -> list[str]:
        return [
            record.paper.id.text async for page in self.oai.changed_since(since) for record in page.records
        ]


@pytest.fixture
def clock() -> Clock:
    return Clock(EVENING)


@pytest.fixture
async def arxiv(clock: Clock) -> AsyncIterator[FakeArxiv]:
    async with FakeArxiv(clock=clock) as fake:
        fake.publish(make_papers(10))
        yield fake


@pytest.fixture
def clients(arxiv: FakeArxiv, session: aiohttp.ClientSession, watch: Stopwatch) -> Clients:
    return Clients(arxiv, session, watch)


TEN = [f"2607.{n:05d}" for n in range(1, 11)]


async def test_a_harvest_reads_every_page_and_carries_tokens_whole(clients: Clients, arxiv: FakeArxiv):
    arxiv.oai.page = 4
    assert await clients.harvest() == TEN
    first, *others = [dict(request.parameters) for request in arxiv.oai.requests]
    assert first == {"verb": "ListRecords", "metadataPrefix": "arXivRaw", "from": "2026-07-27"}
    assert [other["resumptionToken"] for other in others] == [
        f"verb%3DListRecords%26metadataPrefix%3DarXivRaw%26from%3D2026-07-27%26skip%3D{skip}"
        for skip in (4, 8)
    ]
    assert all(other.keys() == {"verb", "resumptionToken"} for other in others)


async def test_a_day_without_changes_is_one_empty_page(clients: Clients, arxiv: FakeArxiv):
    pages = [page async for page in clients.oai.changed_since(TODAY + timedelta(days=1))]
    assert [(page.records, page.token, page.responded) for page in pages] == [((), None, EVENING)]


async def test_after_503_the_same_address_is_asked_again(clients: Clients, arxiv: FakeArxiv):
    arxiv.oai.fail(fakes.status(503, retry_after="0"), fakes.status(503))
    assert await clients.harvest() == TEN
    addresses = {tuple(request.parameters.items()) for request in arxiv.oai.requests}
    assert (len(arxiv.oai.requests), len(addresses)) == (3, 1)


async def test_retry_after_is_waited_for_while_others_have_their_turns(
    clients: Clients, arxiv: FakeArxiv, watch: Stopwatch
):
    arxiv.oai.fail(fakes.status(503, retry_after="120"))
    started = watch.seconds
    assert await clients.harvest() == TEN
    assert watch.seconds - started >= 120
    assert 120 in watch.slept
    assert clients.gate.held_for("oai") == clients.gate.held == timedelta()


async def test_a_longer_retry_after_pauses_oai_and_nothing_else(clients: Clients, arxiv: FakeArxiv):
    arxiv.oai.fail(fakes.status(503, retry_after="3600"))
    with pytest.raises(ArxivBusy) as busy:
        await clients.harvest()
    assert busy.value.retry_after == clients.gate.held_for("oai") == timedelta(hours=1)
    assert (await clients.api.search("ti:speech")).total == 10
    assert len(arxiv.oai.requests) == 1


async def test_where_the_query_api_refuses_the_others_answer(
    clients: Clients, arxiv: FakeArxiv, clock: Clock
):
    arxiv.always = fakes.rate_exceeded()
    with pytest.raises(ArxivBusy):
        await clients.api.search("ti:speech")
    assert clients.gate.held == timedelta(minutes=1)
    assert await clients.harvest() == TEN
    clock.now = EVENING + timedelta(hours=3)
    assert len((await clients.feeds.announced(["cs"])).announcements) == 10
    assert clients.gate.held == timedelta(minutes=1) - timedelta(seconds=6)


async def test_all_requests_are_three_seconds_apart_and_one_at_a_time(
    clients: Clients, arxiv: FakeArxiv, watch: Stopwatch
):
    arxiv.oai.page = 5
    started = watch.seconds
    await asyncio.gather(clients.harvest(), clients.feeds.announced(["cs"]), clients.api.search("ti:speech"))
    assert len(arxiv.all_requests) == 4
    assert {request.concurrent for request in arxiv.all_requests} == {1}
    assert watch.seconds - started == 9


async def test_a_person_goes_before_the_next_page_of_a_harvest(clients: Clients, arxiv: FakeArxiv):
    arxiv.oai.page = 2
    pages = clients.oai.changed_since(TODAY)
    await anext(pages)
    following = asyncio.create_task(anext(pages))
    await asyncio.sleep(0)
    await clients.api.search("ti:speech", person=True)
    await following
    assert [request.path for request in arxiv.all_requests] == ["/oai", "/api/query", "/oai"]
    await pages.aclose()


async def test_every_request_names_the_bot_and_its_operator(clients: Clients, arxiv: FakeArxiv):
    await clients.harvest()
    await clients.feeds.announced(["cs", "math.QA"], FeedForm.ATOM)
    agents = {request.headers["User-Agent"] for request in arxiv.all_requests}
    assert len(agents) == 1
    assert agents.pop().endswith("(+papers@example.org)")
    assert arxiv.feeds.requests[0].path == "/atom/cs+math.QA"
    assert (clients.oai.requests, clients.feeds.requests) == (1, 1)


async def test_a_list_that_cannot_be_resumed_is_begun_again_where_it_had_come_to(
    clients: Clients, arxiv: FakeArxiv, clock: Clock
):
    clock.advance(timedelta(days=1))
    arxiv.publish(make_papers(3, first=11))
    arxiv.oai.page = 11
    arxiv.oai.fail(None, fakes.serves(oai.error("badResumptionToken", EVENING)))
    found = await clients.harvest()
    assert sorted(set(found)) == [*TEN, "2607.00011", "2607.00012", "2607.00013"]
    assert [request.parameters.get("from") for request in arxiv.oai.requests] == [
        "2026-07-27",
        None,
        "2026-07-28",
    ]


async def test_a_list_that_can_never_be_resumed_fails(clients: Clients, arxiv: FakeArxiv):
    arxiv.oai.page = 4
    bad = fakes.serves(oai.error("badResumptionToken", EVENING))
    arxiv.oai.fail(*[None, bad] * 4)
    with pytest.raises(BadToken):
        await clients.harvest()


async def test_a_list_without_an_end_fails(clients: Clients, arxiv: FakeArxiv):
    arxiv.oai.always = fakes.serves(oai.listing([], EVENING, token="again"))
    with pytest.raises(IncompleteAnswer, match="never ends"):
        await clients.harvest()


@pytest.mark.parametrize(
    ("fault", "kind", "requests"),
    [
        pytest.param(fakes.status(500), ArxivHTTPError, 3, id="500"),
        pytest.param(fakes.status(403), ArxivHTTPError, 1, id="403"),
        pytest.param(fakes.rate_exceeded(), ArxivBusy, 1, id="429"),
        pytest.param(fakes.reset(), ArxivUnreachable, 3, id="reset"),
        pytest.param(fakes.truncated(), MalformedFeed, 3, id="half an answer"),
        pytest.param(fakes.web_page(), MalformedFeed, 3, id="a web page"),
        pytest.param(fakes.serves(b" " * 300_000), AnswerTooLarge, 1, id="too large"),
        pytest.param(fakes.serves(oai.error("badArgument", EVENING)), ArxivRefused, 1, id="refused"),
    ],
)
async def test_what_fails_is_a_typed_error(
    clients: Clients, arxiv: FakeArxiv, fault: fakes.Fault, kind: type[Exception], requests: int
):
    arxiv.oai.always = fault
    with pytest.raises(kind):
        await clients.harvest()
    assert len(arxiv.oai.requests) == requests


async def test_oai_has_three_minutes_for_an_answer(session: aiohttp.ClientSession, arxiv: FakeArxiv):
    gate = Gate(0)
    assert OaiClient(session, gate, ArxivSettings(), clock=arxiv.clock).timeout == 180
    patient = ArxivSettings(timeout=300)
    assert OaiClient(session, gate, patient, clock=arxiv.clock).timeout == 300


async def test_a_feed_says_what_was_announced(clients: Clients, clock: Clock):
    clock.advance(timedelta(hours=3))
    for form in FeedForm:
        day = await clients.feeds.announced(["cs.CL", "stat"], form)
        assert [each.paper.id.text for each in day.announcements] == TEN
        assert {each.kind for each in day.announcements} == {AnnouncementKind.NEW}


async def test_a_refused_feed_is_a_typed_error(clients: Clients, arxiv: FakeArxiv):
    with pytest.raises(ArxivRefused, match="Bad archive 'nonsense'"):
        await clients.feeds.announced(["nonsense"])
    assert len(arxiv.feeds.requests) == 1


async def test_a_person_does_not_wait_behind_a_harvest_that_does_not_answer(
    arxiv: FakeArxiv, clients: Clients, watch: Stopwatch
):
    arxiv.oai.fail(fakes.hang())
    harvest = asyncio.create_task(clients.harvest())
    await arxiv.asked(1, arxiv.oai)
    watch.seconds += 60
    assert (await clients.api.search("ti:speech", person=True)).papers
    assert len(await harvest) == 10
    assert [request.path for request in arxiv.all_requests] == ["/oai", "/api/query", "/oai"]
    addresses = [request.parameters for request in arxiv.oai.requests]
    assert addresses[0] == addresses[1]
    assert watch.slept == [3, 3]


async def test_a_harvest_gives_way_three_times_and_then_has_its_time(
    arxiv: FakeArxiv, clients: Clients, watch: Stopwatch
):
    arxiv.oai.fail(*[fakes.hang()] * 3)
    harvest = asyncio.create_task(clients.harvest())
    for n in range(3):
        await arxiv.asked(n + 1, arxiv.oai)
        watch.seconds += 60
        assert (await clients.api.search(f"ti:speech AND ti:{n}", person=True)).start == 0
    assert len(await harvest) == 10
    assert len(arxiv.oai.requests) == 4


async def test_who_answers_is_asked_without_records(arxiv: FakeArxiv, clients: Clients):
    assert await clients.oai.identify() == "arXiv"
    assert clients.oai.requests == 1
    arxiv.oai.fail(fakes.status(400))
    with pytest.raises(ArxivError):
        await clients.oai.identify()
