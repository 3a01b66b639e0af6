from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.config import PollSettings
from bot.model.outbox import Kind
from bot.model.subscriptions import Options
from tests.fakes import arxiv as fakes
from tests.fakes.arxiv import revised
from tests.fakes.papers import make_paper, make_papers
from tests.polling.poller_cases import DAY, FRIDAY, World, every, recent, world

__all__ = ["world"]


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
    found = {(row.destination.channel_id, str(row.subject)) for row in await world.queued()}
    assert found == {(1, "2607.00001v1"), (2, "2607.00002v1")}


async def test_many_queries_share_one_request(world: World):
    for n in range(40):
        await world.subscribe(f"topic {n}", channel=n + 1)
    await world.announce([make_paper(1, published=FRIDAY, title="On topic 7", abstract="and topic 31")])
    await world.poller.run()
    assert [r.parameters["sortBy"] for r in world.arxiv.requests] == ["submittedDate", "lastUpdatedDate"]
    assert {row.destination.channel_id for row in await world.queued()} == {8, 32}


async def test_a_paper_of_two_keywords_comes_once_although_two_requests_bring_it(world: World):
    for n in range(150):
        await world.subscribe(f"topic {n}")
    await world.announce([make_paper(1, published=FRIDAY, title="On topic 7", abstract="and topic 149")])
    await world.poller.run()
    assert len(world.arxiv.requests) > 1
    (row,) = await world.queued()
    prepared = await world.store.outbox.prepare(row)
    assert prepared is not None
    assert prepared.posting is not None
    assert prepared.posting.keywords == ("topic 7", "topic 149")


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
    assert [str(row.subject) for row in rows] == [paper.versioned for paper in papers]


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
    assert asked == [0, 0, 0, 4, 4, 4, 8, 8, 8, 12, 12, 12]  # an empty list is asked for twice


async def test_the_rest_is_as_long_as_nothing_is_due(world: World):
    world.arxiv.publish(recent(1))
    await world.subscribe("speech synthesis", known=None)
    await world.poller.run()
    world.clock.now = datetime(2026, 7, 27, 7, 28, tzinfo=UTC)
    assert await world.poller.run() == 120


@pytest.mark.parametrize("world", [PollSettings(every="1m")], indirect=True, ids=["every minute"])
async def test_the_rest_is_never_longer_than_the_interval(world: World):
    assert await world.poller.run() == 60


# How far back


async def test_the_first_poll_of_all_looks_back_fourteen_days(world: World):
    await world.subscribe("speech synthesis", known=None)
    await world.poller.run()
    assert {(world.clock() - since).days for since, _until in world.windows()} == {14}


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


async def test_a_deep_poll_that_fails_is_made_up_for(world: World):
    world.arxiv.publish(recent(3))
    await world.subscribe("speech synthesis", known=recent(3))
    await world.store.meta.set("poll.deep", (world.clock() - 8 * DAY).isoformat())
    days = []
    for fault in (fakes.status(503), None, None):
        world.arxiv.always = fault
        world.pass_time(3 * DAY)
        await world.poller.run()
        since, _until = world.windows()[-1]
        days.append((world.clock() - since).days)
    assert days == [90, 90, 14]


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
    assert (row.kind, str(row.subject)) == (Kind.REVISION, "2607.00001v2")
    sorts = {request.parameters["sortBy"] for request in world.arxiv.requests}
    assert sorts == {"submittedDate", "lastUpdatedDate"}
    assert (await world.store.queries.active())[0].canonical == query


async def test_without_revisions_a_paper_that_matches_late_is_posted_and_others_are_not(world: World):
    """Its number says that it is new, although its title has matched only since its second version."""
    await world.subscribe("graphs", known=[make_paper(1000, title="Graphs", abstract="graphs")])
    above = make_paper(1001, published=FRIDAY - 300 * DAY, title="Trees", abstract="trees")
    below = make_paper(900, published=FRIDAY - 300 * DAY, title="Trees", abstract="trees")
    await world.announce([above, below])
    await world.poller.run()
    assert await world.subjects() == []
    changed = {"updated": FRIDAY + 2 * DAY, "title": "Graphs", "abstract": "graphs"}
    await world.announce([revised(above, **changed), revised(below, **changed)])
    await world.poller.run()
    assert [(row.kind, str(row.subject)) for row in await world.queued()] == [(Kind.PAPER, "2607.01001v2")]
    assert world.poller.report.unclaimed == 0


@pytest.mark.parametrize("asked_for", [False, True])
async def test_with_revisions_every_new_version_is_announced_known_before_or_not(
    world: World, *, asked_for: bool
):
    newest = make_paper(1000, title="Graphs", abstract="graphs")
    await world.subscribe("graphs", known=[newest], options=Options(revisions=asked_for))
    unknown = make_paper(7, published=FRIDAY - 900 * DAY, title="Graphs", abstract="graphs", version=3)
    for version, days in ((4, 2), (5, 4)):
        updated = replace(unknown, version=version, updated=FRIDAY + days * DAY)
        await world.announce([updated])
        await world.poller.run()
        assert await world.subjects() == [f"2607.00007v{version}"] * asked_for


async def test_versions_from_before_the_subscription_are_not_announced(world: World):
    newest = make_paper(1000, title="Graphs", abstract="graphs")
    old = make_paper(7, published=FRIDAY - 900 * DAY, title="Graphs", abstract="graphs")
    world.arxiv.publish([revised(old, updated=FRIDAY - 2 * DAY)])
    await world.subscribe("graphs", known=[newest], options=Options(revisions=True))
    for _ in range(9):  # with the deep one of the week
        await world.announce([])
        await world.poller.run()
    assert await world.subjects() == []


async def test_new_papers_are_stored_although_the_search_for_revisions_fails(world: World):
    await world.subscribe("speech synthesis", options=Options(revisions=True))
    await world.announce([make_paper(1, published=FRIDAY)])
    world.arxiv.fail(None, *[fakes.status(500)] * 3)
    await world.poller.run()
    assert await world.subjects() == ["2607.00001v1"]
    (query,) = await world.store.queries.active()
    assert query.last_polled is None
    assert query.last_error
