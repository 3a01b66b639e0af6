from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.arxiv.gate import Gate, GaveWay
from bot.model.errors import ArxivBusy, UserError
from tests.fakes.clock import Stopwatch


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def gate(watch: Stopwatch) -> Gate:
    return Gate(3, waiting=5, clock=watch, sleep=watch.sleep)


async def pass_through(
    gate: Gate,
    name: str,
    order: list[tuple[str, float]],
    watch: Stopwatch,
    *,
    person: bool = False,
    takes: float = 0,
) -> None:
    async with gate.turn(person=person):
        order.append((name, watch()))
        watch.seconds += takes
        await asyncio.sleep(0)


async def test_first_request_does_not_wait(gate: Gate, watch: Stopwatch):
    async with gate.turn():
        pass
    assert watch.slept == []


async def test_requests_start_at_least_the_interval_after_the_one_before_ended(gate: Gate, watch: Stopwatch):
    order: list[tuple[str, float]] = []
    await asyncio.gather(*(pass_through(gate, str(n), order, watch, takes=2) for n in range(4)))
    assert [name for name, _ in order] == ["0", "1", "2", "3"]
    assert [at - order[0][1] for _, at in order] == [0, 5, 10, 15]


async def test_requests_never_overlap(gate: Gate, watch: Stopwatch):
    inside = 0

    async def request() -> None:
        nonlocal inside
        async with gate.turn():
            inside += 1
            assert inside == 1
            for _ in range(5):
                await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(request() for _ in range(8)))
    assert len(watch.slept) >= 7


class Holder:
    """Keeps a turn until told otherwise, so that a queue can form behind it."""

    def __init__(self, gate: Gate) -> None:
        self._leave = asyncio.Event()
        self._task = asyncio.create_task(self._hold(gate))

    async def _hold(self, gate: Gate) -> None:
        async with gate.turn():
            await self._leave.wait()

    async def leave(self) -> None:
        self._leave.set()
        await self._task


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_persons_go_before_polls_that_waited_longer(gate: Gate, watch: Stopwatch):
    order: list[tuple[str, float]] = []
    holder = Holder(gate)
    await settle()
    async with asyncio.TaskGroup() as group:
        for n in range(3):
            group.create_task(pass_through(gate, f"poll {n}", order, watch))
        await settle()
        for n in range(2):
            group.create_task(pass_through(gate, f"person {n}", order, watch, person=True))
        await settle()
        await holder.leave()
    assert [name for name, _ in order] == ["person 0", "person 1", "poll 0", "poll 1", "poll 2"]


async def test_a_person_who_comes_during_the_pause_goes_before_the_poll_that_waits_in_it(
    watch: Stopwatch,
):
    order: list[tuple[str, float]] = []
    late: list[asyncio.Task[None]] = []

    async def sleep(seconds: float) -> None:
        if not late:
            late.append(asyncio.create_task(pass_through(narrow, "person", order, watch, person=True)))
            await settle()
        await watch.sleep(seconds)

    narrow = Gate(3, clock=watch, sleep=sleep)
    await pass_through(narrow, "first", order, watch)
    await pass_through(narrow, "poll", order, watch)
    await late[0]
    assert [name for name, _ in order] == ["first", "person", "poll"]


async def test_persons_cannot_keep_a_poll_waiting_for_ever(watch: Stopwatch):
    gate = Gate(3, waiting=100, clock=watch, sleep=watch.sleep)
    order: list[tuple[str, float]] = []
    holder = Holder(gate)
    await settle()
    async with asyncio.TaskGroup() as group:
        group.create_task(pass_through(gate, "poll", order, watch))
        for n in range(50):
            group.create_task(pass_through(gate, f"person {n}", order, watch, person=True))
        await settle()
        await holder.leave()
    assert [name for name, _ in order].index("poll") == 20


async def test_after_a_poll_had_its_turn_people_go_first_again(watch: Stopwatch):
    gate = Gate(3, waiting=100, clock=watch, sleep=watch.sleep)
    order: list[tuple[str, float]] = []
    holder = Holder(gate)
    await settle()
    async with asyncio.TaskGroup() as group:
        for n in range(2):
            group.create_task(pass_through(gate, f"poll {n}", order, watch))
        for n in range(50):
            group.create_task(pass_through(gate, f"person {n}", order, watch, person=True))
        await settle()
        await holder.leave()
    names = [name for name, _ in order]
    assert [names.index("poll 0"), names.index("poll 1")] == [20, 41]


async def test_too_many_waiting_persons_are_told_how_long_it_takes(gate: Gate, watch: Stopwatch):
    order: list[tuple[str, float]] = []
    holder = Holder(gate)
    await settle()
    async with asyncio.TaskGroup() as group:
        for n in range(5):
            group.create_task(pass_through(gate, f"person {n}", order, watch, person=True))
        await settle()
        with pytest.raises(UserError, match=r"5 people are already waiting.*try again in about 24 seconds\."):
            await pass_through(gate, "one too many", order, watch, person=True)
        # Polls are the bot's own and never turned away.
        group.create_task(pass_through(gate, "poll", order, watch))
        await settle()
        await holder.leave()
    assert len(order) == 6


async def test_the_estimate_counts_who_is_ahead(gate: Gate, watch: Stopwatch):
    assert gate.wait_estimate() == timedelta()
    order: list[tuple[str, float]] = []
    holder = Holder(gate)
    await settle()
    async with asyncio.TaskGroup() as group:
        group.create_task(pass_through(gate, "poll", order, watch))
        await settle()
        assert gate.wait_estimate(person=True) == timedelta(seconds=4)
        assert gate.wait_estimate() == timedelta(seconds=8)
        await holder.leave()
    assert timedelta() < gate.wait_estimate() <= timedelta(seconds=3)


async def test_the_estimate_follows_how_long_arxiv_takes(gate: Gate, watch: Stopwatch):
    order: list[tuple[str, float]] = []
    await pass_through(gate, "slow", order, watch, takes=9)
    watch.seconds += 60
    holder = Holder(gate)
    await settle()
    assert gate.wait_estimate() == timedelta(seconds=3 + 1 + (9 - 1) / 4)
    await holder.leave()


async def test_one_who_gives_up_during_the_pause_wakes_the_next(watch: Stopwatch):
    pauses: list[asyncio.Event] = []

    async def sleep(seconds: float) -> None:
        pauses.append(asyncio.Event())
        await pauses[-1].wait()
        await watch.sleep(seconds)

    gate = Gate(3, clock=watch, sleep=sleep)
    order: list[tuple[str, float]] = []
    await pass_through(gate, "first", order, watch)
    impatient = asyncio.create_task(pass_through(gate, "impatient", order, watch))
    other = asyncio.create_task(pass_through(gate, "other", order, watch))
    await settle()
    impatient.cancel()
    await settle()
    assert len(pauses) == 2
    pauses[1].set()
    await other
    assert [name for name, _ in order] == ["first", "other"]


async def test_one_who_gives_up_leaves_the_queue_to_the_others(gate: Gate, watch: Stopwatch):
    order: list[tuple[str, float]] = []
    holder = Holder(gate)
    await settle()
    impatient = asyncio.create_task(pass_through(gate, "impatient", order, watch, person=True))
    other = asyncio.create_task(pass_through(gate, "other", order, watch))
    await settle()
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    await holder.leave()
    await other
    assert [name for name, _ in order] == ["other"]


async def test_a_request_that_fails_or_is_cancelled_frees_the_gate(gate: Gate, watch: Stopwatch):
    with pytest.raises(RuntimeError):
        async with gate.turn():
            raise RuntimeError
    with pytest.raises(asyncio.CancelledError):
        async with gate.turn():
            raise asyncio.CancelledError
    async with gate.turn():
        pass
    assert watch.slept == [3, 3]


async def test_a_short_pause_is_waited_for(gate: Gate, watch: Stopwatch):
    gate.hold(timedelta(seconds=10))
    async with gate.turn():
        assert watch() == 1_010
    assert gate.held == timedelta()


@pytest.mark.parametrize("person", [True, False])
async def test_a_long_pause_is_not_waited_for(gate: Gate, person: bool):
    gate.hold(timedelta(minutes=5))
    with pytest.raises(ArxivBusy, match="in 5 minutes") as busy:
        async with gate.turn(person=person):
            pass
    assert busy.value.retry_after == timedelta(minutes=5)
    assert gate.wait_estimate(person=person) == timedelta(minutes=5)


async def test_a_long_pause_sends_those_away_who_wait_already(gate: Gate, watch: Stopwatch):
    order: list[tuple[str, float]] = []
    holder = Holder(gate)
    await settle()
    waiting = [
        asyncio.create_task(pass_through(gate, str(n), order, watch, person=n % 2 == 0)) for n in range(4)
    ]
    await settle()
    gate.back_off()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(result, ArxivBusy) for result in results)
    await holder.leave()
    assert order == []


async def test_a_shorter_pause_does_not_end_a_longer_one(gate: Gate):
    gate.hold(timedelta(minutes=5))
    gate.hold(timedelta(seconds=1))
    assert gate.held == timedelta(minutes=5)


def test_refusals_in_a_row_double_the_pause_up_to_an_hour(gate: Gate):
    minutes = [gate.back_off() / timedelta(minutes=1) for _ in range(9)]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    gate.recovered()
    assert gate.back_off() == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("asked", "pauses"),
    [
        ([5, 5, 5, 5], [5, 120, 240, 480]),
        ([1] * 9, [1, 120, 240, 480, 960, 1920, 3600, 3600, 3600]),
        ([119, 119, 119], [119, 120, 240]),
        ([121, 121, 241], [121, 121, 241]),
        ([7200, 5, 7200], [7200, 120, 7200]),
        ([0, 5], [60, 120]),
        ([None, 5], [60, 120]),
        ([None, None, 5], [60, 120, 240]),
        ([5, None, 5], [5, 120, 240]),
        ([5, 0, 0], [5, 120, 240]),
        ([10**7, 10**7], [86_400, 86_400]),
        ([30, 600, 30], [30, 600, 240]),
    ],
    ids=str,
)
def test_from_the_second_refusal_on_the_longer_wait_counts(
    gate: Gate, asked: list[int | None], pauses: list[int]
):
    waits = [None if each is None else timedelta(seconds=each) for each in asked]
    assert [gate.back_off(each).total_seconds() for each in waits] == pauses


def test_after_an_answer_a_short_wait_is_believed_again(gate: Gate):
    for _ in range(3):
        gate.back_off(timedelta(seconds=5))
    gate.recovered()
    assert gate.back_off(timedelta(seconds=5)) == timedelta(seconds=5)


@pytest.mark.parametrize(
    ("asked", "pause"),
    [
        (timedelta(seconds=30), timedelta(seconds=30)),
        (timedelta(hours=2), timedelta(hours=2)),
        (timedelta(days=400), timedelta(days=1)),
        (timedelta(), timedelta(minutes=1)),
        (None, timedelta(minutes=1)),
    ],
)
def test_what_arxiv_asks_for_is_honoured(gate: Gate, asked: timedelta | None, pause: timedelta):
    assert gate.back_off(asked) == pause
    assert gate.held == pause


async def test_a_pause_holds_only_the_interface_that_asked_for_it(gate: Gate, watch: Stopwatch):
    gate.hold(timedelta(minutes=5), "oai")
    async with gate.turn():
        pass
    with pytest.raises(ArxivBusy):
        async with gate.turn(interface="oai"):
            pass
    assert (gate.held, gate.held_for("oai")) == (timedelta(), timedelta(minutes=5))


async def test_refusals_are_counted_for_each_interface(gate: Gate):
    minutes = [gate.back_off(interface=name) / timedelta(minutes=1) for name in ("", "oai", "", "oai", "oai")]
    assert minutes == [1, 1, 2, 2, 4]
    gate.recovered("oai")
    assert gate.back_off(interface="oai") == timedelta(minutes=1)
    assert gate.back_off() == timedelta(minutes=4)


async def test_the_interval_is_one_for_all_interfaces(gate: Gate, watch: Stopwatch):
    for name in ("", "oai", "feeds"):
        async with gate.turn(interface=name):
            pass
    assert watch.slept == [3, 3]


# Giving way


async def request(gate: Gate, *, person: bool = False, gives_way: bool = True) -> str:
    """Make a request that never ends by itself, unless a person makes it."""
    try:
        async with gate.turn(person=person, gives_way=gives_way and not person):
            if not person:
                await asyncio.Event().wait()
    except GaveWay:
        return "ended"
    return "answered"


async def test_a_poll_that_takes_long_is_ended_when_a_person_comes(gate: Gate, watch: Stopwatch):
    poll = asyncio.create_task(request(gate))
    await settle()
    watch.seconds += 60
    assert await request(gate, person=True) == "answered"
    assert await poll == "ended"
    assert watch.slept == [3]  # there is one connection at a time, and three seconds between two requests


async def test_a_request_that_has_just_left_has_ten_seconds(gate: Gate, watch: Stopwatch):
    quick = Gate(0, patience=0.05)
    poll = asyncio.create_task(request(quick))
    await settle()
    person = asyncio.create_task(request(quick, person=True))
    await settle()
    assert not poll.done()
    assert await person == "answered"
    assert await poll == "ended"


async def test_nothing_is_ended_for_a_person_who_leaves_again(gate: Gate, watch: Stopwatch):
    poll = asyncio.create_task(request(gate))
    await settle()
    watch.seconds += 60
    gate.hold(timedelta(minutes=5))
    with pytest.raises(ArxivBusy):
        await request(gate, person=True)
    await settle()
    assert not poll.done()
    poll.cancel()
    await settle()


@pytest.mark.parametrize("gives_way", [True, False])
async def test_nothing_is_ended_for_another_poll_nor_where_it_does_not_give_way(
    gate: Gate, watch: Stopwatch, gives_way: bool
):
    poll = asyncio.create_task(request(gate, gives_way=gives_way))
    await settle()
    watch.seconds += 60
    other = asyncio.create_task(request(gate, person=not gives_way))
    await settle()
    assert not poll.done()
    for task in (poll, other):
        task.cancel()
    await settle()


async def test_a_time_out_of_the_request_itself_stays_one(gate: Gate):
    with pytest.raises(TimeoutError):
        async with gate.turn(gives_way=True):
            raise TimeoutError
