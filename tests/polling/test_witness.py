"""The feeds as the proof that nothing is missing, and as the road of last resort."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config import PollSettings
from bot.model.outbox import Kind
from bot.model.papers import PaperId
from bot.model.polling import CheckedDay
from bot.model.subscriptions import Options
from tests.fakes import arxiv as fakes
from tests.fakes.papers import make_paper, make_papers
from tests.polling.poller_cases import DAY
from tests.polling.roads_cases import MONDAY, RoadsWorld, close, news, versions, world

__all__ = ["world"]

HOUR = timedelta(hours=1)
TODAY = MONDAY.date() + DAY  # of the first announcement after `begin`


def listed(world: RoadsWorld) -> tuple[int, int, bool]:
    checked = world.poller.report.checked
    return checked.listed, checked.read, checked.complete


# The proof


async def test_it_is_fresh_only_after_what_was_read_has_been_compared(world: RoadsWorld):
    await world.begin()
    await world.announce(news(9_000))
    close(world.arxiv.feeds, fakes.status(503))
    await world.poller.run()
    assert await world.subjects() == versions(news(9_000))
    assert world.poller.report.state == "incomplete"
    close(world.arxiv.feeds, None)
    await world.poll_through(2 * HOUR)
    assert world.poller.report.state == "fresh"
    assert world.poller.report.checked == CheckedDay(TODAY, listed=2, read=2, complete=True)
    requests = len(world.arxiv.all_requests)
    await world.poll_through(10 * HOUR)
    assert len(world.arxiv.all_requests) == requests


async def test_a_day_takes_few_requests_to_the_feeds_and_none_for_what_nobody_wants(world: RoadsWorld):
    await world.begin()
    others = make_papers(300, first=9_100, title="Bees", abstract="Bees", published=MONDAY - DAY)
    await world.announce([*news(9_000), *others])
    await world.poller.run()
    assert world.poller.report.state == "fresh"
    assert listed(world) == (302, 302, True)
    assert world.asked() == {"api": 2, "oai": 0}
    assert len(world.arxiv.feeds.requests) <= 10


async def test_feeds_that_are_closed_are_probed_with_one_of_them(world: RoadsWorld):
    await world.begin()
    await world.announce(news(4))
    close(world.arxiv.feeds, fakes.status(503))
    await world.poller.run()
    assert len({request.path for request in world.arxiv.feeds.requests}) == 1


async def test_a_feed_that_fails_alone_does_not_keep_the_others_from_being_read(world: RoadsWorld):
    def asked() -> list[str]:
        return list(dict.fromkeys(request.path for request in world.arxiv.feeds.requests))

    await world.begin()
    await world.announce(news(4))
    world.arxiv.feeds.fail(*[fakes.status(503)] * 3)
    await world.poller.run()
    [first] = asked()
    world.forget()
    world.pass_time(HOUR)
    world.arxiv.feeds.fail(None, *[fakes.status(503)] * 3)  # another one, after one that was read
    await world.poller.run()
    assert len(asked()) > 3
    assert asked()[-1] == first
    assert world.poller.report.state == "incomplete"
    await world.poll_through(2 * HOUR)
    assert world.poller.report.state == "fresh"


async def test_what_a_harvest_has_missed_is_fetched_and_matched(
    world: RoadsWorld, caplog: pytest.LogCaptureFixture
):
    """OAI-PMH was seen to answer 12 papers instead of 334, with HTTP 200."""
    caplog.set_level(logging.INFO, "bot.polling.witness")
    await world.begin()
    world.prefer("harvest")
    world.arxiv.oai.shown = 12
    papers = news(9_000, 334)
    await world.announce(papers)
    await world.poller.run()
    assert await world.subjects() == versions(papers)
    assert world.poller.report.state == "fresh"
    assert "arXiv announced 322 papers that no poll has brought" in caplog.text
    assert await world.store.papers.provisional(10) == []


async def test_what_batches_have_missed_is_fetched_and_matched(world: RoadsWorld):
    await world.begin()
    hidden = news(9_000, 1)
    await world.announce([*hidden, *news(9_001, 3)])
    # The index does not find it yet, but shows it by its identifier.
    found = [paper for paper in world.arxiv.papers if paper.id != hidden[0].id]
    world.arxiv.fail(
        fakes.serves(fakes.atom(found, per_page=50)), fakes.serves(fakes.atom(found, per_page=50))
    )
    await world.poller.run()
    assert await world.subjects() == versions([*hidden, *news(9_001, 3)])
    assert world.poller.report.state == "fresh"


async def test_replaced_papers_that_are_missing_are_fetched_too(world: RoadsWorld):
    old = make_paper(1, id="2401.00007", published=MONDAY - 700 * DAY)
    world.arxiv.papers = [old]
    await world.begin()
    await world.subscribe("speech synthesis", channel=3, known=[old], options=Options(revisions=True))
    world.prefer("harvest")
    world.arxiv.oai.shown = 0
    await world.announce([replace(old, version=2, updated=MONDAY - DAY)])
    await world.poller.run()
    kinds = {(row.kind, str(row.subject)) for row in await world.queued()}
    assert kinds == {(Kind.REVISION, "2401.00007v2")}


# Feeds that lie


async def test_a_stale_feed_is_read_in_its_other_form_and_else_not_believed(world: RoadsWorld):
    await world.begin()
    await world.announce(news(9_000))
    await world.poller.run()
    world.arxiv.feeds.stale.add("*")
    await world.announce(news(9_010, published=MONDAY))
    await world.poller.run()
    assert await world.subjects() == versions(news(9_000) + news(9_010))
    assert world.poller.report.state == "incomplete"
    assert not world.poller.report.checked.proven
    world.arxiv.feeds.stale.clear()
    await world.poll_through(2 * HOUR)
    assert world.poller.report.state == "fresh"


async def test_a_feed_that_is_cut_off_is_read_in_parts(world: RoadsWorld):
    await world.begin()
    replaced = make_papers(1_950, first=1, title="Bees", abstract="Bees", published=MONDAY - 50 * DAY)
    world.arxiv.papers += replaced
    await world.announce(
        [
            *(replace(paper, version=2, updated=MONDAY - DAY) for paper in replaced),
            *news(9_000, 100, categories=("cs.CV",), primary_category="cs.CV"),
        ]
    )
    world.arxiv.always = world.arxiv.oai.always = fakes.rate_exceeded()  # the feeds alone must show them
    await world.poller.run()
    assert len(await world.subjects()) == 100


async def test_a_day_with_far_fewer_papers_than_usual_is_asked_for_again(world: RoadsWorld):
    await world.begin()
    for week in range(2):
        for _ in range(5):
            await world.announce(news(9_000 + 100 * week, 10, published=world.clock()))
            await world.poller.run()
    world.forget()
    await world.announce(news(9_900, 1, published=world.clock()))
    await world.poller.run()
    paths = [request.path for request in world.arxiv.feeds.requests]
    assert sum(path.startswith("/atom/") for path in paths) >= len(paths) // 2
    assert world.poller.report.state == "fresh"


async def test_a_silent_day_that_no_calendar_knows_is_quiet(world: RoadsWorld):
    await world.begin()
    await world.announce([])
    await world.poller.run()
    assert world.poller.report.state == "quiet"
    assert world.poller.report.checked == CheckedDay(TODAY, listed=0, read=0, complete=True)


async def test_no_feed_is_read_before_the_announcement_is_complete_nor_at_weekends(world: RoadsWorld):
    await world.begin()
    world.clock.now = MONDAY.replace(hour=23, minute=30)
    await world.poll_through(7 * HOUR)
    assert world.arxiv.feeds.requests == []
    await world.poll_through(HOUR + timedelta(minutes=30))
    for _ in range(3):
        await world.announce([])
        await world.poller.run()
    assert (world.clock().weekday(), world.poller.report.state) == (4, "quiet")
    world.forget()
    await world.poll_through(2 * DAY)
    assert world.arxiv.all_requests == []


async def test_a_day_that_was_missed_cannot_be_compared_any_more(world: RoadsWorld):
    await world.begin()
    await world.announce(news(9_000))
    world.pass_time(20 * HOUR)
    await world.poller.run()
    assert await world.subjects() == versions(news(9_000))
    assert world.arxiv.feeds.requests == []
    assert world.poller.report.state == "waiting"


# The road of last resort


async def test_where_nothing_else_serves_the_feeds_do_with_their_own_text(world: RoadsWorld):
    await world.begin()
    papers = news(9_000, title="Moiré speech synthesis à la π", comment="9 pages")
    await world.announce(papers)
    close(world.arxiv)
    close(world.arxiv.oai)
    await world.poller.run()
    assert await world.subjects() == versions(papers)
    stored = await world.store.papers.get(papers[0].id)
    assert (stored.title, stored.abstract, stored.comment) == (papers[0].title, papers[0].abstract, None)
    assert world.poller.report.state == "failed"  # the queries are still to be answered
    assert world.served() == ("feeds",)
    close(world.arxiv, None)
    close(world.arxiv.oai, None)
    await world.poll_through(3 * HOUR)
    assert [row.kind for row in await world.queued()] == [Kind.EDIT] * 2  # in place, and no second post
    assert await world.store.papers.get(papers[0].id) == papers[0]
    assert await world.store.papers.provisional(10) == []
    assert world.poller.report.state == "fresh"


async def test_the_feeds_are_not_read_again_and_again_while_nothing_else_serves(world: RoadsWorld):
    await world.begin()
    await world.announce(news(9_000))
    close(world.arxiv)
    close(world.arxiv.oai)
    await world.poll_through(10 * HOUR)
    assert len(world.arxiv.feeds.requests) <= 10
    assert await world.subjects() == versions(news(9_000))


@pytest.mark.parametrize("world", [PollSettings(every="10m", max_posts=1000)], indirect=True)
async def test_with_an_interval_the_feeds_are_read_once_a_day(world: RoadsWorld):
    await world.begin()
    await world.announce(news(9_000))
    await world.poll_through(6 * HOUR)
    assert len(world.arxiv.feeds.requests) <= 10
    assert await world.subjects() == versions(news(9_000))


async def test_a_restart_remembers_what_was_compared(world: RoadsWorld):
    await world.begin()
    await world.announce(news(9_000))
    await world.poller.run()
    world.restart()
    await world.poller.run()
    assert world.poller.report.state == "fresh"
    assert await world.store.papers.get(PaperId("2607.09000"))


async def test_provisional_text_is_replaced_within_hours_not_at_the_next_announcement(world: RoadsWorld):
    await world.begin()
    world.prefer("harvest")
    close(world.arxiv)
    await world.announce(news(9_000))
    await world.poll_through(2 * HOUR)
    assert len(await world.store.papers.provisional(10)) == 2
    close(world.arxiv, None)
    await world.poll_through(2 * HOUR)
    assert await world.store.papers.provisional(10) == []
    requests = len(world.arxiv.all_requests)
    await world.poll_through(8 * HOUR)
    assert len(world.arxiv.all_requests) == requests
