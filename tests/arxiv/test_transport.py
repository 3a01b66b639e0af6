from __future__ import annotations

import asyncio
import gzip
from datetime import timedelta
from itertools import pairwise

import aiohttp
import pytest

from bot.arxiv.client import ArxivClient
from bot.arxiv.gate import Gate
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
from tests.arxiv.arxiv_cases import QUERY, arxiv, client, clock, numbers, session, watch
from tests.fakes import arxiv as fakes
from tests.fakes.arxiv import FakeArxiv, atom
from tests.fakes.clock import Clock, Stopwatch
from tests.fakes.papers import make_paper

__all__ = ["arxiv", "client", "clock", "session", "watch"]


async def test_requests_keep_their_distance_and_never_overlap(
    client: ArxivClient, arxiv: FakeArxiv, watch: Stopwatch
):
    await asyncio.gather(*(client.search(QUERY, start=n, person=n % 2 == 0) for n in range(6)))
    assert [request.concurrent for request in arxiv.requests] == [1] * 6
    assert watch() - 1_000 >= 5 * 3


async def test_real_time_between_requests_at_arxiv_is_at_least_the_interval(
    arxiv: FakeArxiv, session: aiohttp.ClientSession, clock: Clock
):
    client = ArxivClient(
        session, Gate(0.05), ArxivSettings(api_url=arxiv.url, min_interval=0.05), clock=clock
    )
    await asyncio.gather(*(client.search(QUERY, start=n) for n in range(4)))
    assert all(two.at - one.at >= 0.05 for one, two in pairwise(arxiv.requests))


# When arXiv answers badly

TRANSIENT = [
    pytest.param(fakes.status(500), id="500"),
    pytest.param(fakes.status(502), id="502"),
    pytest.param(fakes.status(503), id="503"),
    pytest.param(fakes.status(503, retry_after="0"), id="503 with Retry-After: 0"),
    pytest.param(fakes.status(503, retry_after="4"), id="503 with a short Retry-After"),
    pytest.param(fakes.reset(), id="reset"),
    pytest.param(fakes.truncated(), id="truncated"),
    pytest.param(fakes.web_page(), id="web page"),
    pytest.param(fakes.serves(b""), id="nothing"),
    pytest.param(fakes.gzipped(b"not gzip at all"), id="broken compression"),
    pytest.param(fakes.empty_page(), id="empty page"),
    pytest.param(fakes.short_page(3), id="short page"),
    pytest.param(fakes.nothing_found(), id="count of zero"),
]


@pytest.mark.parametrize("fault", TRANSIENT)
@pytest.mark.parametrize("person", [True, False], ids=["person", "poll"])
async def test_what_passes_is_asked_again(
    client: ArxivClient, arxiv: FakeArxiv, fault: fakes.Fault, person: bool
):
    arxiv.fail(fault)
    page = await client.search(QUERY, person=person)
    assert numbers(page.papers) == list(range(25, 15, -1))
    assert client.requests == len(arxiv.requests) == 2
    assert client.last_error == ""
    assert client.last_success is not None


PERMANENT = [
    pytest.param(fakes.status(500), ArxivHTTPError, 3, id="500"),
    pytest.param(fakes.serves(atom([]), code=500), ArxivHTTPError, 3, id="500 with a feed"),
    pytest.param(fakes.status(503), ArxivBusy, 3, id="503"),
    pytest.param(fakes.reset(), ArxivUnreachable, 3, id="reset"),
    pytest.param(fakes.web_page(), MalformedFeed, 3, id="web page"),
    pytest.param(fakes.empty_page(), IncompleteAnswer, 2, id="empty page"),
    pytest.param(fakes.status(403), ArxivHTTPError, 1, id="403"),
    pytest.param(fakes.status(404), ArxivHTTPError, 1, id="404"),
    pytest.param(fakes.rate_exceeded(), ArxivBusy, 1, id="429"),
    pytest.param(fakes.rate_exceeded("2"), ArxivBusy, 1, id="429 with Retry-After"),
    pytest.param(fakes.status(503, retry_after="600"), ArxivBusy, 1, id="503 with a long Retry-After"),
    pytest.param(fakes.serves(b"x" * 300_000), AnswerTooLarge, 1, id="too large"),
    pytest.param(fakes.gzipped(gzip.compress(b" " * 50_000_000)), AnswerTooLarge, 1, id="gzip bomb"),
]


@pytest.mark.parametrize(("fault", "kind", "requests"), PERMANENT)
async def test_what_stays_is_a_typed_error(
    client: ArxivClient, arxiv: FakeArxiv, fault: fakes.Fault, kind: type[ArxivError], requests: int
):
    arxiv.always = fault
    with pytest.raises(kind) as raised:
        await client.search(QUERY)
    assert str(raised.value).endswith(".")
    assert len(arxiv.requests) == requests
    assert client.last_error or kind is IncompleteAnswer


async def test_refusal_carries_arxivs_words_and_is_not_repeated(client: ArxivClient, arxiv: FakeArxiv):
    with pytest.raises(ArxivRefused, match="Invalid query string: 'ti:foo AND'"):
        await client.search("ti:foo AND")
    assert len(arxiv.requests) == 1


async def test_no_answer_in_time_is_a_typed_error(
    arxiv: FakeArxiv, session: aiohttp.ClientSession, watch: Stopwatch, clock: Clock
):
    settings = ArxivSettings(api_url=arxiv.url, timeout=0.05)
    client = ArxivClient(session, Gate(0, clock=watch, sleep=watch.sleep), settings, clock=clock)
    arxiv.always = fakes.hang()
    with pytest.raises(ArxivUnreachable, match=r"did not answer within 0\.05 seconds"):
        await client.search(QUERY)
    assert client.requests == 3


async def test_no_server_is_a_typed_error(
    session: aiohttp.ClientSession, watch: Stopwatch, clock: Clock, unused_tcp_port: int
):
    settings = ArxivSettings(api_url=f"http://127.0.0.1:{unused_tcp_port}/api/query")
    client = ArxivClient(session, Gate(0, clock=watch, sleep=watch.sleep), settings, clock=clock)
    with pytest.raises(ArxivUnreachable, match=r"No connection to 127\.0\.0\.1"):
        await client.search(QUERY)


@pytest.mark.parametrize(
    ("retry_after", "pause"),
    [
        (None, 60),
        ("0", 60),
        ("-5", 60),
        ("soon", 60),
        ("nan", 60),
        ("7", 7),
        ("7.5", 7.5),
        ("600", 600),
        ("1e300", 86_400),
    ],
)
async def test_429_holds_everything_and_is_left_to_the_caller(
    client: ArxivClient, arxiv: FakeArxiv, retry_after: str | None, pause: float
):
    arxiv.fail(fakes.rate_exceeded(retry_after))
    with pytest.raises(ArxivBusy) as busy:
        await client.search(QUERY, person=True)
    assert busy.value.retry_after == timedelta(seconds=pause)
    assert client.gate.held == timedelta(seconds=pause)
    assert (client.requests, client.refusals) == (1, 1)


async def test_503_asks_for_a_day_at_most(client: ArxivClient, arxiv: FakeArxiv):
    arxiv.always = fakes.status(503, retry_after="1000000")
    with pytest.raises(ArxivBusy) as busy:
        await client.search(QUERY)
    assert busy.value.retry_after == client.gate.held == timedelta(days=1)


@pytest.mark.parametrize("zone", ["GMT", "-0000"])
async def test_retry_after_may_be_a_date(client: ArxivClient, arxiv: FakeArxiv, clock: Clock, zone: str):
    date = (clock() + timedelta(minutes=5)).strftime("%a, %d %b %Y %H:%M:%S")
    arxiv.fail(fakes.rate_exceeded(f"{date} {zone}"))
    with pytest.raises(ArxivBusy) as busy:
        await client.search(QUERY)
    assert busy.value.retry_after == timedelta(minutes=5)


async def test_while_held_nothing_is_sent_and_nobody_sleeps_for_minutes(
    client: ArxivClient, arxiv: FakeArxiv, watch: Stopwatch
):
    arxiv.fail(fakes.rate_exceeded())
    with pytest.raises(ArxivBusy):
        await client.search(QUERY)
    with pytest.raises(ArxivBusy, match="60 seconds"):
        await client.search(QUERY, person=True)
    assert len(arxiv.requests) == 1
    watch.seconds += 60
    assert (await client.search(QUERY, person=True)).total == 25


async def test_429s_in_a_row_double_and_a_good_answer_forgets_them(
    client: ArxivClient, arxiv: FakeArxiv, watch: Stopwatch
):
    arxiv.fail(fakes.rate_exceeded(), fakes.rate_exceeded(), None, fakes.rate_exceeded())
    for pause in (60, 120, None, 60):
        if pause is None:
            await client.search(QUERY)
            continue
        with pytest.raises(ArxivBusy) as busy:
            await client.search(QUERY)
        assert busy.value.retry_after == timedelta(seconds=pause)
        watch.seconds += pause


async def test_redirect_is_followed_and_the_next_question_goes_there_at_once(
    arxiv: FakeArxiv, session: aiohttp.ClientSession, watch: Stopwatch, clock: Clock
):
    async with FakeArxiv() as elsewhere:
        elsewhere.fail(
            fakes.Fault(status=307, body=b"", headers=(("Location", f"{arxiv.url}?search_query={QUERY}"),))
        )
        settings = ArxivSettings(api_url=elsewhere.url)
        client = ArxivClient(session, Gate(0, clock=watch, sleep=watch.sleep), settings, clock=clock)
        assert (await client.search(QUERY)).total == 25
        assert (await client.search(QUERY)).total == 25
        assert (len(elsewhere.requests), len(arxiv.requests)) == (1, 2)


@pytest.mark.parametrize(
    "location",
    [
        "http://localhost:1/api/query",
        "https://example.org/api/query",
        "ftp://127.0.0.1/feed",
        "//[broken",
        "",
    ],
)
async def test_a_redirect_to_another_host_is_not_followed(
    client: ArxivClient, arxiv: FakeArxiv, location: str
) -> None:
    moved = fakes.Fault(status=302, body=b"", headers=(("Location", location),))
    for _ in range(12):
        arxiv.fail(moved)
    with pytest.raises(ArxivUnreachable):
        await client.search(QUERY)


async def test_an_answer_that_is_compressed_twice_is_refused(client: ArxivClient, arxiv: FakeArxiv) -> None:
    for _ in range(3):
        arxiv.fail(fakes.Fault(status=200, body=b"x", headers=(("Content-Encoding", "gzip, gzip"),)))
    with pytest.raises(MalformedFeed, match="compressed more than once"):
        await client.search(QUERY)


async def test_where_a_redirect_led_is_forgotten_when_it_fails(session: aiohttp.ClientSession, clock: Clock):
    async with FakeArxiv() as configured, FakeArxiv() as other:
        for fake in (configured, other):
            fake.publish([make_paper(1, title="Speech")])
        moved = (("Location", f"{other.url}?search_query={QUERY}"),)
        configured.fail(fakes.Fault(status=307, body=b"", headers=moved))
        client = ArxivClient(
            session, Gate(0), ArxivSettings(api_url=configured.url, min_interval=0), clock=clock
        )
        await client.search(QUERY)
        other.fail(fakes.status(500))
        await client.search(QUERY)
        assert (len(configured.requests), len(other.requests)) == (2, 2)
