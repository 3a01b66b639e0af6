"""When digests are queued: once a local day, through restarts, pauses and changed schedules."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.model.outbox import Kind, QuietNote
from bot.model.outcomes import Sent
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Deliver, Schedule, State
from tests.delivery.digest_cases import MORNING, Desk, desk
from tests.fakes.papers import make_paper, make_papers
from tests.store.store_cases import CHANNEL, OTHER_CHANNEL, TTS, record, subscribe

__all__ = ["desk"]


async def test_a_digest_is_queued_when_its_hour_has_come(desk: Desk) -> None:
    destination = await desk.subscribe()
    await record(desk.store, make_paper(1001), make_paper(1002))
    await desk.run_at(MORNING + timedelta(hours=2))
    assert await desk.queued() == []
    await desk.run_at(MORNING + timedelta(hours=3))
    [row] = await desk.queued()
    assert (str(row.subject), row.destination.id) == ("2026-07-20/1", destination)
    assert row.page is not None
    assert [str(paper) for paper in row.page.sections[0].papers] == ["2607.01002", "2607.01001"]
    assert desk.woken == [True]


async def test_a_day_has_one_digest_however_often_the_bot_restarts(desk: Desk) -> None:
    destination = await desk.subscribe()
    await record(desk.store, make_paper(1001))
    for minutes in range(0, 24 * 60, 180):
        desk.restart()
        await desk.run_at(MORNING + timedelta(hours=3, minutes=minutes))
        await record(desk.store, make_paper(1100 + minutes))
    assert await desk.days(destination) == [date(2026, 7, 20)]


async def test_a_missed_digest_comes_once_and_late(desk: Desk) -> None:
    destination = await desk.subscribe()
    await record(desk.store, make_paper(1001))
    await desk.run_at(MORNING + timedelta(days=3, hours=4))
    await desk.run_at(MORNING + timedelta(days=3, hours=5))
    assert await desk.days(destination) == [date(2026, 7, 23)]


async def test_a_day_without_papers_is_silent_unless_a_note_is_wanted(desk: Desk) -> None:
    silent = await desk.subscribe()
    told = await desk.subscribe(OTHER_CHANNEL, Schedule(hour=9, zone="UTC", quiet=True))
    await desk.run_at(MORNING + timedelta(hours=3))
    [row] = await desk.queued()
    assert row.destination.id == told
    assert row.page is not None
    assert (row.page.total, row.page.sections) == (0, ())
    assert row.page.note == QuietNote(("TTS",))
    assert await desk.days(silent) == await desk.days(told) == [date(2026, 7, 20)]
    assert desk.woken == [True]


async def test_the_note_of_a_quiet_day_says_what_the_last_week_brought(desk: Desk) -> None:
    destination = await desk.subscribe(schedule=Schedule(hour=9, zone="UTC", quiet=True))
    for query in ("flow", "gan", "music", "voice", "vocoder"):
        await subscribe(desk.store, query, deliver=Deliver.DIGEST)
    paused = (await subscribe(desk.store, "piano", deliver=Deliver.DIGEST)).subscription
    await desk.store.subscriptions.set_state(paused.id, State.PAUSED)
    await subscribe(desk.store, "live")
    for day, numbers in enumerate(((1001,), (1002, 1003), (1004,))):
        desk.clock.now = MORNING + timedelta(days=3 * day)
        await record(desk.store, *map(make_paper, numbers), now=desk.clock())
        await save(desk, 1, *numbers[:1])
        await desk.run_at(MORNING + timedelta(days=3 * day, hours=3))
    await save(desk, 2, 1003, 1009)  # the channel has never got the second one
    await save(desk, 3, 1004, channel=OTHER_CHANNEL)
    await save(desk, 4, 1003)
    for row in await desk.queued():
        await desk.store.settle(row, Sent(1), desk.clock())
    await desk.run_at(MORNING + timedelta(days=8, hours=3))
    page = await desk.store.digests.issue(CHANNEL, Kind.DIGEST, date(2026, 7, 28))
    assert page is not None
    assert page.note == QuietNote(("TTS", "FLOW", "GAN"), 3, papers=3, saved=3)
    await desk.store.feedback.count_saves(2, count=False)
    await desk.store.feedback.count_saves(4, count=False)
    assert await desk.store.feedback.lately(destination, since=desk.clock() - timedelta(days=7)) == (3, 2)


async def test_a_channel_whose_digest_fails_holds_up_no_other(desk: Desk) -> None:
    broken = await desk.subscribe()
    other = await desk.subscribe(OTHER_CHANNEL)
    await record(desk.store, make_paper(1001))
    async with desk.store.database.write() as connection:
        await connection.exec_driver_sql(
            "CREATE TRIGGER broken BEFORE INSERT ON digest_runs "
            f"WHEN NEW.destination_id = {broken} BEGIN SELECT RAISE(ABORT, 'broken'); END"
        )
    with pytest.raises(Exception, match="broken"):
        await desk.run_at(MORNING + timedelta(hours=3))
    assert await desk.days(broken) == []
    assert await desk.days(other) == [date(2026, 7, 20)]
    async with desk.store.database.write() as connection:
        await connection.exec_driver_sql("DROP TRIGGER broken")
    await desk.run_at(MORNING + timedelta(hours=3, minutes=1))
    assert await desk.days(broken) == [date(2026, 7, 20)]


async def test_many_papers_are_one_message(desk: Desk) -> None:
    await desk.subscribe()
    await record(desk.store, *make_papers(25, first=1001))
    await desk.run_at(MORNING + timedelta(hours=3))
    [row] = await desk.queued()
    assert row.page is not None
    assert (row.page.number, row.page.pages, row.page.total) == (1, 1, 25)
    assert len(row.page.sections[0].papers) == 25


async def test_a_paused_channel_gets_everything_in_the_first_digest_afterwards(desk: Desk) -> None:
    destination = await desk.subscribe()
    await record(desk.store, make_paper(1001))
    await desk.store.destinations.pause(destination, Reason(ReasonCode.NOT_ALLOWED), desk.clock())
    await desk.run_at(MORNING + timedelta(hours=3))
    await desk.run_at(MORNING + timedelta(days=1, hours=3))
    assert await desk.days(destination) == []
    await desk.store.destinations.resume(destination, desk.clock())
    await desk.run_at(MORNING + timedelta(days=1, hours=4))
    assert await desk.days(destination) == [date(2026, 7, 21)]
    assert len(await desk.queued()) == 1
    assert (await desk.store.destinations.counts())[State.PAUSED] == 0


async def test_a_schedule_set_after_its_hour_begins_tomorrow(desk: Desk) -> None:
    desk.clock.now = MORNING + timedelta(hours=4)
    destination = await desk.subscribe()
    await record(desk.store, make_paper(1001))
    await desk.run_at(MORNING + timedelta(hours=5))
    assert await desk.days(destination) == []
    await desk.run_at(MORNING + timedelta(days=1, hours=3))
    assert await desk.days(destination) == [date(2026, 7, 21)]


async def test_a_changed_hour_is_followed(desk: Desk) -> None:
    destination = await desk.subscribe()
    await record(desk.store, make_paper(1001))
    await desk.run_at(MORNING)
    await desk.store.destinations.schedule(destination, Schedule(hour=7, zone="UTC"), MORNING)
    await desk.run_at(MORNING + timedelta(hours=1))
    assert await desk.days(destination) == [date(2026, 7, 20)]


async def test_it_rests_until_the_next_digest_but_notices_new_schedules(desk: Desk) -> None:
    assert await desk.run_at(MORNING) == 60.0
    await desk.subscribe()
    assert await desk.run_at(MORNING) == 60.0
    assert await desk.run_at(MORNING + timedelta(hours=2, minutes=59, seconds=30)) == 30.0
    assert await desk.run_at(MORNING + timedelta(hours=3)) == 60.0


async def test_a_channel_in_trouble_does_not_keep_the_others_from_their_digest(desk: Desk) -> None:
    await desk.subscribe(schedule=Schedule(hour=9, zone="Mars/Olympus"))
    healthy = await desk.subscribe(OTHER_CHANNEL)
    await record(desk.store, make_paper(1001), queries=[TTS])
    with pytest.raises(LookupError):
        await desk.run_at(MORNING + timedelta(hours=3))
    assert await desk.days(healthy) == [date(2026, 7, 20)]


async def test_a_schedule_that_is_taken_back_is_forgotten(desk: Desk) -> None:
    destination = await desk.subscribe()
    await desk.run_at(MORNING)
    await desk.store.destinations.schedule(destination, None, desk.clock())
    await record(desk.store, make_paper(1001))
    await desk.run_at(MORNING + timedelta(hours=3))
    assert await desk.days(destination) == []


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("ahead", [5, 400])
async def test_a_clock_that_was_days_ahead_once_silences_no_digest_afterwards(
    desk: Desk, ahead: int, restarted: bool
) -> None:
    await desk.subscribe()
    await record(desk.store, make_paper(1001))
    await desk.run_at(MORNING + timedelta(days=ahead, hours=4))
    [row] = await desk.queued()
    await desk.store.settle(row, Sent(1), desk.clock())
    if restarted:
        desk.restart()
    await record(desk.store, make_paper(1002))
    await desk.run_at(MORNING + timedelta(days=1, hours=4))
    assert len(await desk.queued()) == 1


def on(*days: int) -> Schedule:
    return Schedule(hour=9, zone="UTC", days=frozenset(days), top=True)


async def save(desk: Desk, person: int, *numbers: int, channel: int = CHANNEL) -> None:
    papers = [make_paper(number) for number in numbers]
    await desk.store.library.save(person, papers, desk.clock(), most=50, channel_id=channel)


async def shown(desk: Desk) -> list[tuple[str, int]] | None:
    """Return what the digest that is queued shows as saved most, and take the digest away."""
    [row] = await desk.queued()
    await desk.store.settle(row, Sent(1), desk.clock())
    assert row.page is not None
    return [(paper.text, people) for paper, people in row.page.top.counts] if row.page.top else None


async def test_the_digest_of_a_week_shows_what_was_saved_most_in_it(desk: Desk) -> None:
    await desk.subscribe(schedule=on(0))
    await record(desk.store, make_paper(1001), make_paper(1002))
    await save(desk, 1, 1001, 1002)  # on the digest's own Monday: that belongs to the next one
    await desk.run_at(MORNING + timedelta(hours=3))
    assert await shown(desk) is None
    desk.clock.now = MORNING + timedelta(days=6)
    await save(desk, 2, 1001)
    await save(desk, 3, 1001, 1002)
    await save(desk, 4, 1002, channel=OTHER_CHANNEL)
    await desk.store.feedback.count_saves(3, count=False)
    await record(desk.store, make_paper(1003))
    await desk.run_at(MORNING + timedelta(days=7, hours=3))
    [row] = await desk.queued()
    assert row.page is not None
    assert row.page.top is not None
    assert (row.page.top.first, row.page.top.last) == (date(2026, 7, 20), date(2026, 7, 26))
    assert await shown(desk) == [("2607.01001", 2), ("2607.01002", 1)]


async def test_of_several_digests_a_week_the_first_shows_it(desk: Desk) -> None:
    await desk.subscribe(schedule=on(*range(7)))
    await record(desk.store, make_paper(1001))
    tops = []
    for day in range(1, 9):  # from Tuesday on; on the Monday after, nothing comes
        if day != 7:
            await record(desk.store, make_paper(1100 + day))
        desk.clock.now = MORNING + timedelta(days=day - 1)
        await save(desk, day, 1001)
        await desk.run_at(MORNING + timedelta(days=day, hours=3))
        tops.append(await shown(desk) if await desk.queued() else "none")
    assert tops == [[("2607.01001", 1)], None, None, None, None, None, "none", [("2607.01001", 7)]]


async def test_nobody_sees_what_was_saved_where_nobody_asked(desk: Desk) -> None:
    await desk.subscribe(schedule=Schedule(hour=9, zone="UTC", days=frozenset({1})))
    await record(desk.store, make_paper(1001))
    await save(desk, 1, 1001)
    await desk.run_at(MORNING + timedelta(days=1, hours=3))
    assert await shown(desk) is None
