from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.model.polling import PollState
from bot.polling.report import PollReport, state_of
from tests.fakes import arxiv as fakes
from tests.fakes.papers import make_paper
from tests.polling.poller_cases import DAY, FRIDAY, World, recent, world

__all__ = ["world"]

BATCH = datetime(2026, 7, 21, 7, 30, tzinfo=UTC)  # complete on a Tuesday
NOW = BATCH + timedelta(hours=6)
COMPLETE = datetime(2026, 7, 24, 7, 30, tzinfo=UTC)  # on a Friday, with no announcement to follow for days
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("last_success", "overdue", "state"),
    [
        pytest.param(NOW - HOUR, None, "fresh", id="polled since"),
        pytest.param(NOW - HOUR, NOW - SECOND, "fresh", id="due this second, and the batch is read"),
        pytest.param(NOW - 3 * HOUR, NOW - 2 * HOUR, "stalled", id="due for hours"),
        pytest.param(NOW - HOUR, NOW - 10 * MINUTE + SECOND, "fresh", id="due for almost ten minutes"),
        pytest.param(NOW - HOUR, NOW - 10 * MINUTE, "stalled", id="due for ten minutes"),
        pytest.param(None, NOW, "stalled", id="due now, and never polled with success"),
        pytest.param(BATCH, NOW - SECOND, "fresh", id="read the moment that it was complete"),
        pytest.param(BATCH - SECOND, NOW - SECOND, "stalled", id="read a second too early"),
        pytest.param(None, NOW - SECOND, "stalled", id="never polled with success"),
    ],
)
def test_a_poll_that_is_only_just_due_is_no_trouble(
    last_success: datetime | None, overdue: datetime | None, state: str
) -> None:
    report = PollReport(when=NOW - HOUR, last_success=last_success, overdue=overdue)
    assert state_of(report, NOW, outage=False, failing_since=None)[0] == state


@pytest.mark.parametrize(
    ("when", "now", "state", "since"),
    [
        pytest.param(NOW - HOUR, NOW, PollState.FRESH, NOW - HOUR, id="read later than complete"),
        pytest.param(BATCH - HOUR, NOW, PollState.FRESH, BATCH, id="read before it was complete"),
        pytest.param(FRIDAY, COMPLETE + DAY - SECOND, PollState.FRESH, FRIDAY, id="news for a day"),
        pytest.param(FRIDAY, COMPLETE + DAY, PollState.QUIET, COMPLETE + DAY, id="a day later"),
        pytest.param(None, NOW, None, None, id="before the first round"),
    ],
)
def test_news_lasts_a_day_from_its_reading(
    when: datetime | None, now: datetime, state: PollState | None, since: datetime | None
) -> None:
    assert state_of(PollReport(when=when), now, outage=False, failing_since=None) == (state, since)


@pytest.mark.parametrize(
    ("now", "state", "since"),
    [
        ("2026-07-24 09:00", "fresh", "2026-07-24 08:00"),  # read at
        ("2026-07-25 12:00", "quiet", "2026-07-25 07:30"),  # the day's batch would have been complete
        ("2026-07-27 01:00", "waiting", "2026-07-27 00:00"),  # announced
    ],
)
async def test_report_says_how_arxivs_day_goes(world: World, now: str, state: str, since: str):
    assert world.poller.report.state is None
    await world.poller.run()
    world.clock.now = datetime.fromisoformat(now).replace(tzinfo=UTC)
    report = world.poller.report
    assert (report.state, f"{report.since:%Y-%m-%d %H:%M}", report.overdue) == (state, since, None)


async def test_a_poll_that_does_not_come_is_overdue_since_its_slot(world: World):
    await world.subscribe("speech synthesis")
    await world.announce([make_paper(1, published=FRIDAY)])
    await world.poller.run()
    assert (world.poller.report.state, world.poller.report.last_success) == ("fresh", world.clock())
    world.pass_time(DAY)
    report = world.poller.report
    slot = datetime(2026, 7, 28, 7, 30, tzinfo=UTC)
    assert (report.state, report.since, report.overdue) == ("stalled", slot, slot)
    await world.poller.run()
    assert (world.poller.report.state, world.poller.report.overdue) == ("fresh", None)


async def test_a_poll_that_never_worked_is_overdue_since_the_first_attempt(world: World):
    await world.subscribe("speech synthesis", known=None)
    world.arxiv.always = fakes.status(503)
    first = world.clock()
    for _ in range(3):
        await world.poller.run()
        assert world.poller.report.overdue == first
        world.pass_time(timedelta(minutes=20))


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
    await world.store.subscriptions.remove(subscription.id, world.clock())
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
    totals = world.poller.totals
    assert (totals.papers, totals.matched, totals.unclaimed, totals.queued) == (3, 3, 0, 3)


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
