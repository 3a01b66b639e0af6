"""Another way to arXiv behind the seam: one that reads everything, as a harvest or a feed does."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from bot.model.errors import ArxivUnreachable
from bot.model.papers import Paper
from bot.model.polling import PollState
from bot.polling.poller import Poller
from bot.polling.source import Answer, Failure, Request, Source
from tests.fakes.papers import make_paper, make_papers
from tests.polling.poller_cases import DAY, FRIDAY, World, world

__all__ = ["world"]

STRAY = make_paper(900, published=FRIDAY, title="Nothing of the kind", abstract="at all")


class Harvest:
    """Yields page after page of all that arXiv has announced; one page may be *missing*."""

    def __init__(self, pages: list[list[Paper]]) -> None:
        self.pages = pages
        self.missing: int | None = None
        self.requests = 0
        self.asked: list[Request] = []
        self.closed = 0

    async def ask(self, request: Request) -> AsyncGenerator[Answer | Failure, None]:
        self.asked.append(request)
        names = [query.canonical for query in request.queries]
        try:
            for number, page in enumerate(self.pages):
                self.requests += 1
                if number == self.missing:
                    yield Failure((), ArxivUnreachable("No connection."))
                    return
                if number + 1 < len(self.pages):
                    yield Answer(page, more=True)
                else:
                    since = dict.fromkeys(names, request.now - 3 * DAY)
                    yield Answer(page, submitted_since=since, completed=names)
        finally:
            self.closed += 1


@pytest.fixture
def harvest() -> Harvest:
    pages = [
        [make_paper(1, published=FRIDAY), STRAY],
        [make_paper(2, published=FRIDAY, title="A graph", abstract="x1")],
    ]
    return Harvest(pages)


@pytest.fixture
def poller(world: World, harvest: Harvest) -> Poller:
    source: Source = harvest
    return Poller(world.store, source, world.settings, clock=world.clock, on_queued=world.wake)


async def test_one_answer_may_serve_all_queries(world: World, harvest: Harvest, poller: Poller) -> None:
    await world.subscribe("speech synthesis")
    await world.subscribe("ti:graph", channel=2)
    await world.announce([])
    await poller.run()
    found = {(row.destination.channel_id, str(row.subject)) for row in await world.queued()}
    assert found == {(1, "2607.00001v1"), (2, "2607.00002v1")}
    assert [query.last_polled for query in await world.store.queries.active()] == [world.clock()] * 2
    assert (poller.report.state, poller.report.requests, poller.report.papers) == (PollState.FRESH, 2, 3)


async def test_papers_that_no_query_selected_are_no_discrepancy(
    world: World, harvest: Harvest, poller: Poller, caplog: pytest.LogCaptureFixture
) -> None:
    await world.subscribe("speech synthesis")
    await world.announce([])
    await poller.run()
    assert (poller.report.matched, poller.report.unclaimed) == (1, 0)
    assert caplog.text == ""
    assert await world.store.papers.count() == 1


async def test_an_answer_that_breaks_off_completes_nothing_and_keeps_what_came(
    world: World, harvest: Harvest, poller: Poller
) -> None:
    await world.subscribe("speech synthesis")
    await world.announce([])
    harvest.missing = 1
    await poller.run()
    assert await world.subjects() == ["2607.00001v1"]
    [query] = await world.store.queries.active()
    assert (query.last_polled, query.last_error) == (None, "")
    assert (poller.report.state, poller.report.error) == (PollState.FAILED, "No connection.")
    harvest.missing = None
    world.pass_time(timedelta(minutes=5))
    await poller.run()
    assert poller.report.state is PollState.FRESH
    assert harvest.closed == 2


async def test_a_source_is_told_what_is_due_and_how_it_failed_before(
    world: World, harvest: Harvest, poller: Poller
) -> None:
    await world.subscribe("speech synthesis")
    await world.announce([])
    harvest.missing = 0
    await poller.run()
    [request] = harvest.asked
    [query] = request.queries
    assert (request.now, query.canonical) == (
        world.clock(),
        'ti:"speech synthesis" OR abs:"speech synthesis"',
    )
    assert (query.since, query.revisions, query.failures) == (world.clock() - 14 * DAY, False, 0)


class Stubborn(Harvest):
    """Tries on and on, whatever fails."""

    async def ask(self, request: Request) -> AsyncGenerator[Answer | Failure, None]:
        try:
            while True:
                self.requests += 1
                yield Failure((), ArxivUnreachable("No connection."), final=False)
        finally:
            self.closed += 1


async def test_the_round_stops_a_source_when_arxiv_is_down(world: World) -> None:
    source = Stubborn([])
    await world.subscribe("speech synthesis", known=None)
    poller = Poller(world.store, source, world.settings, clock=world.clock, on_queued=world.wake)
    await poller.run()
    assert (source.requests, source.closed) == (2, 1)
    assert poller.report.state is PollState.FAILED


async def test_a_bug_in_a_source_closes_it_and_loses_nothing(world: World, poller: Poller) -> None:
    class Buggy(Harvest):
        async def ask(self, request: Request) -> AsyncGenerator[Answer | Failure, None]:
            yield Answer(make_papers(1, published=FRIDAY), more=True)
            raise RuntimeError("a bug")

    await world.subscribe("speech synthesis")
    await world.announce([])
    buggy = Poller(world.store, Buggy([]), world.settings, clock=world.clock, on_queued=world.wake)
    with pytest.raises(RuntimeError):
        await buggy.run()
    assert await world.subjects() == ["2607.00001v1"]
    await poller.run()
    assert poller.report.state is PollState.FRESH
