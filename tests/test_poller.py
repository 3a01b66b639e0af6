from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.arxiv.client import ArxivClient
from bot.arxiv.gate import Gate
from bot.config import Arxiv, Delivery, Poll, Settings
from bot.papers import Kind, Options, OutboxRow, Paper, Sent
from bot.poller import Poller
from bot.query import parse
from bot.store.store import Store
from tests.fakes import arxiv as fakes
from tests.fakes.arxiv import FakeArxiv, revised
from tests.fakes.clock import Clock, Stopwatch
from tests.fakes.papers import make_paper, make_papers

FRIDAY = datetime(2026, 7, 24, 8, tzinfo=UTC)  # half an hour after the batch of the week's last day
DAY = timedelta(days=1)


class World:
    """A poller between a fake arXiv and a real database; its clock moves only when told to."""

    def __init__(
        self,
        store: Store,
        arxiv: FakeArxiv,
        session: aiohttp.ClientSession,
        clock: Clock,
        *,
        poll: Poll,
        delivery: Delivery | None = None,
    ) -> None:
        self.store, self.arxiv, self.clock = store, arxiv, clock
        self.watch = Stopwatch()
        self.settings = settings = Settings(
            arxiv=Arxiv(api_url=arxiv.url, page_size=50, timeout=5),
            poll=poll,
            delivery=delivery or Delivery(daily_cap=None),
        )
        gate = Gate(3, clock=self.watch, sleep=self.watch.sleep)
        self.client = ArxivClient(session, gate, settings.arxiv, clock=clock)
        self.woken = 0
        self.poller = Poller(store, self.client, settings, clock=clock, on_queued=self._wake)

    def restart(self) -> None:
        """Go on with the same database and nothing else."""
        self.poller = Poller(self.store, self.client, self.settings, clock=self.clock, on_queued=self._wake)

    def _wake(self) -> None:
        self.woken += 1

    def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)
        self.watch.seconds += by.total_seconds()

    async def subscribe(
        self,
        keyword: str,
        *,
        channel: int = 1,
        known: Sequence[Paper] | None = (),
        options: Options | None = None,
    ) -> str:
        """Subscribe as a command does; *known* None means that arXiv could not be asked."""
        query = parse(keyword).canonical
        await self.store.subscriptions.subscribe(
            guild_id=1,
            channel_id=channel,
            user_id=0,
            keyword=keyword,
            query=query,
            options=options or Options(),
            created_by=1,
            now=self.clock(),
            known=known,
        )
        return query

    async def announce(self, papers: Iterable[Paper]) -> None:
        """Publish *papers* and let the next morning's poll come."""
        self.arxiv.publish(papers)
        self.pass_time(3 * DAY if self.clock().weekday() == 4 else DAY)

    async def queued(self) -> list[OutboxRow]:
        """Return what is to be sent, in order, as if all of it were sent now."""
        rows = []
        while heads := await self.store.outbox.heads(self.clock() + DAY, 100):
            for row in heads:
                rows.append(row)
                await self.store.settle(row, Sent(len(rows)), self.clock())
        return rows

    async def subjects(self) -> list[str]:
        return sorted(row.subject for row in await self.queued())

    def windows(self) -> list[tuple[datetime, datetime]]:
        """Return the spans of submission that arXiv was asked for."""
        found = (re.search(r"submittedDate:\[(\d+) TO (\d+)\]", r.search_query) for r in self.arxiv.requests)
        return [
            tuple(datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=UTC) for text in match.groups())
            for match in found
            if match
        ]


def recent(count: int, *, first: int = 1, **changes: object) -> list[Paper]:
    return make_papers(count, first=first, published=FRIDAY - 2 * DAY, **changes)


@pytest.fixture
async def world(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    poll = getattr(request, "param", None) or Poll(max_posts=1000)
    async with (
        FakeArxiv() as arxiv,
        aiohttp.ClientSession() as session,
        await Store.open(f"sqlite:///{tmp_path}/papers.db") as store,
    ):
        yield World(store, arxiv, session, Clock(FRIDAY), poll=poll)


every = pytest.mark.parametrize("world", [Poll(every="1h")], indirect=True, ids=["every hour"])


# From arXiv to the outbox


async def test_new_papers_are_queued_once(world: World):
    world.arxiv.publish(recent(5))
    await world.subscribe("speech synthesis", known=recent(5))
    await world.announce([make_paper(10_000 + n, published=FRIDAY) for n in range(3)])
    await world.poller.run()
    assert await world.subjects() == ["2607.10000v1", "2607.10001v1", "2607.10002v1"]
    assert world.woken == 1
    await world.announce([])
    await world.poller.run()
    assert await world.subjects() == []
    report = world.poller.report
    assert (report.papers, report.matched, report.queued, report.error) == (8, 8, 0, "")


async def test_first_poll_without_a_baseline_is_silent(world: World):
    world.arxiv.publish(recent(5))
    await world.subscribe("speech synthesis", known=None)
    await world.poller.run()
    assert await world.subjects() == []
    await world.announce([make_paper(9_000, published=FRIDAY)])
    await world.poller.run()
    assert await world.subjects() == ["2607.09000v1"]


async def test_only_what_a_query_wants_reaches_its_channel(world: World):
    await world.subscribe("speech synthesis", channel=1)
    await world.subscribe("ti:graph AND cat:cs.LG", channel=2)
    await world.announce(
        [
            make_paper(1, published=FRIDAY),
            make_paper(2, published=FRIDAY, title="A graph", abstract="x1", categories=("cs.LG",)),
            make_paper(3, published=FRIDAY, title="A graph", abstract="x1", categories=("math.CO",)),
        ]
    )
    await world.poller.run()
    found = {(row.destination.channel_id, row.subject) for row in await world.queued()}
    assert found == {(1, "2607.00001v1"), (2, "2607.00002v1")}


async def test_many_queries_share_one_request(world: World):
    for n in range(40):
        await world.subscribe(f"topic {n}", channel=n + 1)
    await world.announce([make_paper(1, published=FRIDAY, title="On topic 7", abstract="and topic 31")])
    await world.poller.run()
    assert len(world.arxiv.requests) == 1
    assert {row.destination.channel_id for row in await world.queued()} == {8, 32}


async def test_a_paper_of_two_keywords_comes_once_although_two_requests_bring_it(world: World):
    for n in range(150):
        await world.subscribe(f"topic {n}")
    await world.announce([make_paper(1, published=FRIDAY, title="On topic 7", abstract="and topic 149")])
    await world.poller.run()
    assert len(world.arxiv.requests) > 1
    (row,) = await world.queued()
    posting = await world.store.outbox.posting(row)
    assert posting is not None
    assert posting.keywords == ("topic 7", "topic 149")


async def test_large_rounds_are_recorded_in_pieces(world: World):
    await world.subscribe("speech synthesis")
    await world.announce(make_papers(450, published=FRIDAY))
    await world.poller.run()
    assert len(await world.queued()) == 450
    assert world.woken == 5


async def test_a_large_round_is_queued_in_the_order_of_the_papers_numbers(world: World):
    """Sending begins after the first piece, and arXiv lists by submission, not by number."""
    await world.subscribe("speech synthesis", known=[make_paper(1)])
    first = FRIDAY - DAY
    papers = [make_paper(number, published=first - timedelta(seconds=number)) for number in range(1001, 1251)]
    await world.announce(papers)
    await world.poller.run()
    rows = sorted(await world.queued(), key=lambda row: row.id)
    assert [row.subject for row in rows] == [paper.versioned for paper in papers]


async def test_nothing_subscribed_asks_nothing(world: World):
    assert 0 < await world.poller.run() <= 300
    assert world.arxiv.requests == []
    assert world.poller.report.error == ""


async def test_what_arxiv_returns_but_no_query_claims_is_counted_and_logged_once(
    world: World, caplog: pytest.LogCaptureFixture
):
    await world.subscribe("speech synthesis")
    stray = make_paper(7, published=FRIDAY, title="Nothing of the kind", abstract="at all")
    world.arxiv.serve(fakes.atom([make_paper(1, published=FRIDAY), stray]))
    for _ in range(2):
        await world.announce([])
        await world.poller.run()
        assert world.poller.report.unclaimed == 1
    assert caplog.text.count("2607.00007") == 1
    assert "speech synthesis" in caplog.text
    assert await world.subjects() == ["2607.00001v1"]


# When


async def test_on_arxivs_clock_a_query_is_asked_once_a_batch(world: World):
    await world.subscribe("speech synthesis", known=None)
    rest = await world.poller.run()
    asked = len(world.arxiv.requests)
    assert asked
    assert 0 < rest <= 300
    assert world.poller.report.next == datetime(2026, 7, 27, 7, 30, tzinfo=UTC)
    for _ in range(24 * 2):  # through Saturday and Sunday, hour by hour
        world.pass_time(timedelta(hours=1))
        await world.poller.run()
    assert len(world.arxiv.requests) == asked
    world.pass_time(DAY)
    await world.poller.run()
    assert len(world.arxiv.requests) > asked


async def test_a_new_subscription_waits_for_the_next_slot(world: World):
    await world.subscribe("speech synthesis", known=[])
    await world.poller.run()
    assert world.arxiv.requests == []


async def test_a_new_subscription_does_not_put_off_a_query_that_is_due(world: World):
    await world.subscribe("speech synthesis", known=None)
    await world.poller.run()
    before = len(world.arxiv.requests)
    world.pass_time(3 * DAY)
    await world.subscribe("speech synthesis", channel=2, known=[])
    await world.poller.run()
    assert len(world.arxiv.requests) > before


@every
async def test_with_an_interval_a_query_is_asked_every_so_often(world: World):
    await world.subscribe("speech synthesis", known=[])
    asked = []
    for _ in range(12):
        await world.poller.run()
        asked.append(len(world.arxiv.requests))
        world.pass_time(timedelta(minutes=20))
    assert asked == [0, 0, 0, 2, 2, 2, 4, 4, 4, 6, 6, 6]  # an empty list is asked for twice


async def test_the_rest_is_as_long_as_nothing_is_due(world: World):
    world.arxiv.publish(recent(1))
    await world.subscribe("speech synthesis", known=None)
    await world.poller.run()
    world.clock.now = datetime(2026, 7, 27, 7, 28, tzinfo=UTC)
    assert await world.poller.run() == 120


# How far back


async def test_fourteen_days_are_looked_back_and_once_a_week_ninety(world: World):
    world.arxiv.publish(recent(3))
    await world.subscribe("speech synthesis", known=None)
    await world.poller.run()
    days = []
    for _ in range(8):
        world.arxiv.requests.clear()
        await world.announce([])
        await world.poller.run()
        for since, _until in world.windows()[-1:]:
            days.append((world.clock() - since).days)
    # From Friday 24 July: Monday to Friday are asked, and a week after the first poll deeply.
    assert days.count(90) == 1
    assert set(days) == {14, 90}


async def test_a_deep_poll_from_the_future_is_made_up_for(world: World):
    world.arxiv.publish(recent(3))
    await world.subscribe("speech synthesis", known=recent(3))
    await world.store.meta.set("poll.deep", (world.clock() + 365 * DAY).isoformat())
    world.pass_time(3 * DAY)
    await world.poller.run()
    since, _until = world.windows()[-1]
    assert (world.clock() - since).days == 90


async def test_a_paper_that_moderation_held_for_two_months_is_found(world: World):
    world.arxiv.publish(recent(3))
    await world.subscribe("speech synthesis", known=recent(3))
    await world.poller.run()
    await world.announce([make_paper(20_000, published=FRIDAY - 60 * DAY)])
    for _ in range(8):
        await world.poller.run()
        world.pass_time(DAY)
    assert await world.subjects() == ["2607.20000v1"]


async def test_after_an_outage_the_look_back_starts_where_it_began(world: World):
    world.arxiv.publish(recent(3))
    await world.subscribe("speech synthesis", known=recent(3))
    world.pass_time(3 * DAY)
    await world.poller.run()
    world.arxiv.publish([make_paper(20_000, published=FRIDAY + DAY)])
    world.pass_time(30 * DAY)
    await world.store.meta.set("poll.deep", world.clock().isoformat())
    await world.poller.run()
    assert await world.subjects() == ["2607.20000v1"]


# Revisions


async def test_revisions_are_looked_for_where_somebody_wants_them(world: World):
    old = make_paper(1, published=FRIDAY - 400 * DAY)
    world.arxiv.publish([old])
    query = await world.subscribe("speech synthesis", known=[old], options=Options(revisions=True))
    world.pass_time(3 * DAY)
    await world.poller.run()
    assert await world.subjects() == []
    await world.announce([revised(old, updated=FRIDAY + 2 * DAY)])
    await world.poller.run()
    (row,) = await world.queued()
    assert (row.kind, row.subject) == (Kind.REVISION, "2607.00001v2")
    sorts = {request.parameters["sortBy"] for request in world.arxiv.requests}
    assert sorts == {"submittedDate", "lastUpdatedDate"}
    assert (await world.store.queries.active())[0].canonical == query


async def test_where_nobody_wants_revisions_they_cost_nothing(world: World):
    await world.subscribe("speech synthesis", known=None)
    await world.poller.run()
    assert {r.parameters["sortBy"] for r in world.arxiv.requests} == {"submittedDate"}


async def test_new_papers_are_stored_although_the_search_for_revisions_fails(world: World):
    await world.subscribe("speech synthesis", options=Options(revisions=True))
    await world.announce([make_paper(1, published=FRIDAY)])
    world.arxiv.fail(None, *[fakes.status(500)] * 3)
    await world.poller.run()
    assert await world.subjects() == ["2607.00001v1"]
    (query,) = await world.store.queries.active()
    assert query.last_polled is None
    assert query.last_error


# When arXiv is not well


def refusing(arxiv: FakeArxiv, word: str, fault: fakes.Fault) -> None:
    """Let *arxiv* answer everything that contains *word* with *fault*."""
    answer = arxiv._respond

    async def respond(request, parameters, given):
        return await answer(
            request, parameters, fault if word in parameters.get("search_query", "") else given
        )

    arxiv._respond = respond


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fakes.serves(fakes.error_feed("Invalid query string: 'x'"), code=400), id="refused"),
        pytest.param(fakes.status(500), id="500"),
        pytest.param(fakes.status(414), id="414"),
        pytest.param(fakes.web_page(), id="web page"),
        pytest.param(fakes.claims(5_000), id="incomplete"),
        pytest.param(fakes.reset(), id="reset"),
    ],
)
async def test_one_bad_query_never_stops_the_others(
    world: World, fault: fakes.Fault, caplog: pytest.LogCaptureFixture
):
    names = [await world.subscribe(f"topic {n}", channel=n + 1) for n in range(10)]
    refusing(world.arxiv, "topic 3", fault)
    await world.announce(
        [make_paper(n + 1, published=FRIDAY, title=f"On topic {n}", abstract="x1") for n in range(10)]
    )
    for _ in range(6):
        await world.poller.run()
        world.pass_time(timedelta(minutes=15))
    posted = {row.destination.channel_id for row in await world.queued()}
    assert posted == set(range(1, 11)) - {4}
    states = {query.canonical: query for query in await world.store.queries.active()}
    assert states[names[3]].last_error
    assert states[names[3]].last_polled is None
    assert all(states[name].last_polled and not states[name].last_error for name in names if name != names[3])
    assert world.poller.report.state == "stalled"
    assert "topic 3" in world.poller.report.error
    assert caplog.text.count('polling ti:"topic 3"') <= 2


async def test_what_was_refused_waits_for_its_next_slot(world: World):
    await world.subscribe("speech synthesis", known=None)
    world.arxiv.serve(fakes.error_feed("Invalid query string: 'x'"), code=400)
    await world.poller.run()
    assert len(world.arxiv.requests) == 1
    world.pass_time(timedelta(hours=20))
    await world.poller.run()
    assert len(world.arxiv.requests) == 1


async def test_a_failure_is_tried_again_within_the_day_and_logged_once(
    world: World, caplog: pytest.LogCaptureFixture
):
    await world.subscribe("speech synthesis")
    await world.announce([make_paper(1, published=FRIDAY)])
    world.arxiv.always = fakes.status(503)
    rests = []
    for _ in range(4):
        rests.append(await world.poller.run())
        world.pass_time(timedelta(minutes=1))
    assert rests == [300, 240, 180, 120]
    assert len(world.arxiv.requests) == 3
    assert world.poller.report.state == "failed"
    assert world.poller.report.error == "arXiv is overloaded just now."
    began = world.poller.report.since
    world.pass_time(timedelta(minutes=2))
    await world.poller.run()
    assert len(world.arxiv.requests) == 6
    world.arxiv.always = None
    world.pass_time(timedelta(minutes=11))
    await world.poller.run()
    assert await world.subjects() == ["2607.00001v1"]
    assert (world.poller.report.state, world.poller.report.error) == ("fresh", "")
    assert began is not None
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warnings == ["polling stopped, next try in 300 s: arXiv is overloaded just now."]


async def test_429_is_waited_out_as_long_as_arxiv_asks(world: World):
    await world.subscribe("speech synthesis", known=None)
    world.arxiv.publish(recent(1))
    world.arxiv.fail(fakes.rate_exceeded("90"))
    assert await world.poller.run() == 90
    world.pass_time(timedelta(seconds=89))
    await world.poller.run()
    assert len(world.arxiv.requests) == 1
    world.pass_time(timedelta(seconds=1))
    await world.poller.run()
    assert len(world.arxiv.requests) == 2
    assert world.poller.report.error == ""


async def test_what_was_stored_before_arxiv_failed_stays_and_is_not_asked_again(world: World):
    for n in range(150):
        await world.subscribe(f"topic {n}", channel=n + 1)
    await world.announce(
        [make_paper(n + 1, published=FRIDAY, title=f"On topic {n}", abstract="x1") for n in range(150)]
    )
    world.arxiv.fail(None, None, None, fakes.rate_exceeded("60"))
    await world.poller.run()
    first = {row.destination.channel_id for row in await world.queued()}
    assert 0 < len(first) < 150
    requests = len(world.arxiv.requests)
    world.pass_time(timedelta(minutes=2))
    await world.poller.run()
    second = {row.destination.channel_id for row in await world.queued()}
    assert first | second == set(range(1, 151))
    assert not first & second
    asked_again = world.arxiv.requests[requests].search_query
    assert not any(f'"topic {channel - 1}"' in asked_again for channel in first)


async def test_no_answer_at_all_ends_the_round_soon(world: World):
    for n in range(400):
        await world.subscribe(f"topic {n}", known=None)
    world.arxiv.always = fakes.reset()
    await world.poller.run()
    assert len(world.arxiv.requests) <= 6
    assert world.poller.report.state == "failed"


async def test_an_empty_list_where_papers_were_is_not_believed(world: World):
    world.arxiv.publish(recent(5))
    await world.subscribe("speech synthesis", known=None)
    await world.poller.run()
    await world.announce([])
    polled = (await world.store.queries.active())[0].last_polled
    world.arxiv.always = fakes.nothing_found()
    await world.poller.run()
    (query,) = await world.store.queries.active()
    assert query.last_polled == polled
    assert "no papers at all" in query.last_error


async def test_the_days_when_arxiv_ignored_dates_and_order_post_nothing_wrong(world: World):
    world.arxiv.publish(recent(5))
    await world.subscribe("speech synthesis", known=recent(5))
    old = make_papers(60, first=500, published=FRIDAY - 900 * DAY)
    await world.announce(old)
    world.arxiv.always = fakes.ignores_dates()
    await world.poller.run()
    assert await world.subjects() == []
    assert "dates" in world.poller.report.error


async def test_a_query_that_cannot_be_read_is_left_out(world: World, caplog: pytest.LogCaptureFixture):
    await world.subscribe("speech synthesis")
    await world.store.subscriptions.subscribe(
        guild_id=1,
        channel_id=2,
        user_id=0,
        keyword="old",
        query='ti:"unclosed',
        options=Options(),
        created_by=1,
        now=world.clock(),
        known=None,
    )
    await world.announce([make_paper(1, published=FRIDAY)])
    for _ in range(3):
        await world.poller.run()
    assert await world.subjects() == ["2607.00001v1"]
    assert caplog.text.count('polling ti:"unclosed does not work') == 1


async def test_a_query_nobody_wants_any_more_is_forgotten(world: World):
    await world.subscribe("speech synthesis", known=None)
    world.arxiv.always = fakes.status(404)
    await world.poller.run()
    assert world.poller.report.error
    for subscription in await world.store.subscriptions.all():
        await world.store.subscriptions.remove(subscription.id)
    world.arxiv.always = None
    world.pass_time(timedelta(hours=5))
    await world.poller.run()
    assert world.poller.report.state in {"fresh", "failed"}


# How it goes


@pytest.mark.parametrize(
    ("now", "state", "since"),
    [
        ("2026-07-24 09:00", "fresh", "2026-07-24 08:00"),  # read at
        ("2026-07-25 12:00", "quiet", "2026-07-25 07:30"),  # the day's batch would have been complete
        ("2026-07-27 01:00", "waiting", "2026-07-27 00:00"),  # announced
    ],
)
async def test_report_says_how_arxivs_day_goes(world: World, now: str, state: str, since: str):
    assert world.poller.report.state == ""
    await world.poller.run()
    world.clock.now = datetime.fromisoformat(now).replace(tzinfo=UTC)
    report = world.poller.report
    assert (report.state, f"{report.since:%Y-%m-%d %H:%M}", report.overdue) == (state, since, None)


async def test_a_poll_that_does_not_come_is_overdue_since_its_slot(world: World):
    await world.subscribe("speech synthesis")
    await world.announce([make_paper(1, published=FRIDAY)])
    await world.poller.run()
    assert (world.poller.report.state, world.poller.report.good) == ("fresh", world.clock())
    world.pass_time(DAY)
    report = world.poller.report
    slot = datetime(2026, 7, 28, 7, 30, tzinfo=UTC)
    assert (report.state, report.since, report.overdue) == ("stalled", slot, slot)
    await world.poller.run()
    assert (world.poller.report.state, world.poller.report.overdue) == ("fresh", None)


async def test_what_is_known_of_polling_outlives_a_restart(world: World):
    await world.subscribe("speech synthesis")
    await world.announce([make_paper(1, published=FRIDAY)])
    await world.poller.run()
    before = world.poller.report
    world.pass_time(timedelta(minutes=10))
    world.restart()
    await world.poller.run()
    assert world.poller.report == before
    assert world.poller.totals.rounds == {}


async def test_an_outage_that_outlives_a_restart_is_as_old_as_it_is(world: World):
    await world.subscribe("speech synthesis")
    await world.announce([make_paper(1, published=FRIDAY)])
    world.arxiv.always = fakes.status(503)
    await world.poller.run()
    began = world.poller.report.since
    world.pass_time(timedelta(minutes=10))
    world.restart()
    await world.poller.run()
    assert (world.poller.report.state, world.poller.report.since) == ("failed", began)
    world.arxiv.always = None
    world.restart()
    world.pass_time(timedelta(minutes=10))
    await world.poller.run()
    assert (world.poller.report.state, world.poller.report.error) == ("fresh", "")


async def test_what_failed_before_a_restart_and_is_not_asked_for_any_more_is_forgotten(world: World):
    await world.subscribe("speech synthesis")
    await world.announce([make_paper(1, published=FRIDAY)])
    world.arxiv.always = fakes.status(503)
    await world.poller.run()
    [subscription] = await world.store.subscriptions.all()
    await world.store.subscriptions.remove(subscription.id)
    world.restart()
    await world.poller.run()
    assert world.poller.report.state == "fresh"


@pytest.mark.parametrize("text", ["", "7", "{}", '{"when": 3, "error": "", "failing_since": null}', "[]"])
async def test_a_report_of_another_version_is_no_report(world: World, text: str):
    await world.store.meta.set("poll.report", text)
    await world.poller.run()
    assert world.poller.report.state == "fresh"


async def test_totals_tell_the_rounds_apart(world: World):
    for keyword in ("speech synthesis", "vocoder"):
        await world.subscribe(keyword)
    await world.announce(recent(3))
    await world.poller.run()
    world.pass_time(DAY)
    world.arxiv.always = fakes.status(503)
    await world.poller.run()
    assert world.poller.totals.rounds == {"good": 1, "failed": 1}
    assert world.poller.totals.papers == 3


async def test_cancelled_in_the_middle_leaves_the_query_due(world: World):
    await world.subscribe("speech synthesis")
    await world.announce([make_paper(1, published=FRIDAY)])
    world.arxiv.fail(fakes.hang())
    task = asyncio.create_task(world.poller.run())
    await world.arxiv.asked()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await world.poller.run()
    assert await world.subjects() == ["2607.00001v1"]
