"""What a round makes of answers and failures, whatever the source; here they are played in a given order."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta

import pytest

from bot.config import PollSettings
from bot.model.errors import ArxivBusy, ArxivError, ArxivHTTPError
from bot.model.papers import Paper
from bot.model.polling import PollState
from bot.model.subscriptions import Options
from bot.polling.poller import Poller
from bot.polling.source import Answer, Failure, Request, Selection
from tests.fakes.papers import make_paper, make_papers
from tests.polling.poller_cases import DAY, FRIDAY, World, world

__all__ = ["world"]

SPEECH = 'ti:"speech synthesis" OR abs:"speech synthesis"'
GRAPH = "ti:graph"
BROKEN = ArxivHTTPError("arXiv is broken.", status=500)
BUSY = ArxivBusy("arXiv is busy.", status=503)


class Script:
    """A source that answers each request with the next of *rounds*."""

    def __init__(self, *rounds: Sequence[Answer | Failure]) -> None:
        self._rounds = list(rounds)
        self.asked: list[Request] = []
        self.requests = 0

    async def ask(self, request: Request) -> AsyncGenerator[Answer | Failure, None]:
        self.asked.append(request)
        for event in self._rounds.pop(0):
            self.requests += 1
            yield event

    def failures(self) -> dict[str, int]:
        """Return how often the queries of the last request had failed before."""
        return {query.canonical: query.failures for query in self.asked[-1].queries}


def poller(world: World, *rounds: Sequence[Answer | Failure]) -> tuple[Poller, Script]:
    source = Script(*rounds)
    return Poller(world.store, source, world.settings, clock=world.clock, on_queued=world.wake), source


async def subscribe(world: World) -> None:
    await world.subscribe("speech synthesis")
    await world.subscribe("ti:graph", channel=2)
    await world.announce([])


async def polled(world: World) -> dict[str, bool]:
    return {query.canonical: query.last_polled is not None for query in await world.store.queries.active()}


def papers(count: int) -> list[Paper]:
    return make_papers(count, published=FRIDAY)


# Answers


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200])
async def test_the_last_paper_of_an_answer_completes_its_queries(world: World, count: int) -> None:
    await subscribe(world)
    polling, _ = poller(world, [Answer(papers(count), completed=[SPEECH])])
    await polling.run()
    assert await polled(world) == {SPEECH: True, GRAPH: False}
    assert (polling.report.papers, polling.report.queued) == (count, count)


async def test_a_process_that_ends_within_an_answer_leaves_its_queries_due(world: World) -> None:
    """The first hundred papers are recorded, but the query is not answered in full."""
    await subscribe(world)
    source = Script([Answer(papers(150), completed=[SPEECH])])

    def end() -> None:
        raise KeyboardInterrupt

    polling = Poller(world.store, source, world.settings, clock=world.clock, on_queued=end)
    with pytest.raises(KeyboardInterrupt):
        await polling.run()
    assert await world.store.papers.count() == 100
    assert await polled(world) == {SPEECH: False, GRAPH: False}


async def test_papers_are_unclaimed_if_only_other_queries_match_them(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await subscribe(world)
    speech = make_paper(7, published=FRIDAY)
    selection = Selection(frozenset({GRAPH}), "ti:graph in arXiv's words")
    polling, _ = poller(world, [Answer([speech], completed=[GRAPH], selection=selection)])
    await polling.run()
    assert (polling.report.matched, polling.report.unclaimed, polling.report.queued) == (1, 1, 1)
    assert "2607.00007" in caplog.text
    assert "ti:graph in arXiv's words" in caplog.text


async def test_delivery_is_woken_for_posts_and_for_edits_and_for_nothing_else(world: World) -> None:
    await world.subscribe("speech synthesis", options=Options(revisions=True))
    await world.announce([])
    paper = make_paper(1, published=FRIDAY)
    published = make_paper(1, published=FRIDAY, journal_ref="Journal 7")
    answers = [[Answer([each], completed=[SPEECH])] for each in (paper, paper, published)]
    polling, _ = poller(world, *answers)
    woken = []
    for _ in answers:
        await polling.run()
        await world.queued()
        woken.append(world.woken)
        world.pass_time(DAY)
    assert woken == [1, 1, 2]


@pytest.mark.parametrize("world", [PollSettings(max_posts=5)], indirect=True, ids=["at most five"])
async def test_a_poll_that_finds_too_much_again_confirms_nothing(world: World) -> None:
    await subscribe(world)
    mad = [Answer(papers(9), submitted_since={SPEECH: FRIDAY - 14 * DAY}, completed=[SPEECH, GRAPH])]
    madder = [
        Answer(
            make_papers(40, first=100, published=FRIDAY) + papers(9),
            submitted_since={SPEECH: FRIDAY - 14 * DAY},
            completed=[SPEECH, GRAPH],
        )
    ]
    polling, _ = poller(world, mad, madder)
    held = []
    for _ in range(2):
        await polling.run()
        held.append([each.papers for each in await world.store.held.waiting()])
        world.pass_time(DAY)
    assert held == [[4], [4 + 25]]  # fifteen is three times what the first day brought


async def test_a_query_that_a_source_leaves_out_is_due_again_after_a_short_rest(world: World) -> None:
    await subscribe(world)
    polling, source = poller(world, [Answer(completed=[GRAPH])], [Answer(completed=[SPEECH])])
    assert await polling.run() == 0.2
    await polling.run()
    assert source.failures() == {SPEECH: 0}
    assert await polled(world) == {SPEECH: True, GRAPH: True}


# Failures


async def test_a_query_fails_on_until_its_whole_answer_has_come(world: World) -> None:
    """Its new papers are recorded as polled, and the failure of its revisions still counts."""
    await subscribe(world)
    new_papers = Answer(papers(1), completed=[SPEECH], more=True)
    polling, source = poller(
        world,
        [Failure((SPEECH,), BROKEN), Answer(completed=[GRAPH])],
        [new_papers, Failure((SPEECH,), BUSY, final=False)],
        [new_papers, Failure((SPEECH,), BROKEN), Answer(completed=[GRAPH])],
        [new_papers, Answer(completed=[SPEECH])],
        [Answer(completed=[SPEECH, GRAPH])],
    )
    seen = []
    for _ in range(4):
        await polling.run()
        seen.append(source.failures()[SPEECH])
        world.pass_time(timedelta(minutes=30))
    assert await polled(world) == {SPEECH: True, GRAPH: True}
    world.pass_time(DAY)
    await polling.run()
    assert [*seen, source.failures()[SPEECH]] == [0, 1, 1, 2, 0]


async def test_one_new_query_among_old_failures_is_enough_to_suspect_arxiv(world: World) -> None:
    await subscribe(world)
    polling, source = poller(
        world,
        [Failure((SPEECH,), BROKEN), Answer(completed=[GRAPH])],
        [Failure((SPEECH, GRAPH), BROKEN)],
    )
    await polling.run()
    states = [polling.report.state]
    world.pass_time(DAY)
    await polling.run()
    assert source.failures() == {SPEECH: 1, GRAPH: 0}
    assert [*states, polling.report.state] == [PollState.STALLED, PollState.FAILED]


async def test_the_failure_of_a_query_ends_with_its_last_subscription(world: World) -> None:
    await subscribe(world)
    polling, _ = poller(
        world, [Failure((SPEECH,), BROKEN), Answer(completed=[GRAPH])], [Answer(completed=[GRAPH])]
    )
    await polling.run()
    states = [polling.report.state]
    [speech, _graph] = await world.store.subscriptions.all()
    await world.store.subscriptions.remove(speech.id, world.clock())
    world.pass_time(DAY)
    await polling.run()
    assert [*states, polling.report.state] == [PollState.STALLED, PollState.FRESH]


async def test_a_query_that_failed_before_is_no_reason_to_suspect_arxiv(world: World) -> None:
    await subscribe(world)
    failure = Failure((SPEECH,), BROKEN)
    polling, _ = poller(world, [failure, Answer(completed=[GRAPH])], [failure])
    await polling.run()
    world.pass_time(timedelta(minutes=5))
    await polling.run()
    assert polling.report.state is PollState.STALLED


@pytest.mark.parametrize(
    ("error", "noted"),
    [pytest.param(BROKEN, "arXiv is broken.", id="broken"), pytest.param(BUSY, "", id="busy")],
)
async def test_what_ends_a_round_is_noted_for_its_queries_unless_arxiv_is_busy(
    world: World, error: ArxivError, noted: str
) -> None:
    await subscribe(world)
    polling, source = poller(world, [Failure((SPEECH, GRAPH), error, final=False)] * 9)
    await polling.run()
    assert source.requests == (1 if error is BUSY else 8)
    assert {query.last_error for query in await world.store.queries.active()} == {noted}
    assert polling.report.error == str(error)


async def test_a_failure_that_is_not_final_is_noted_for_no_query(world: World) -> None:
    await subscribe(world)
    both: list[Answer | Failure] = [
        Failure((SPEECH, GRAPH), BROKEN, final=False),
        Answer(completed=[SPEECH, GRAPH]),
    ]
    polling, _ = poller(world, both)
    await polling.run()
    assert {query.last_error for query in await world.store.queries.active()} == {""}
    assert (polling.report.state, polling.report.error) == (PollState.FRESH, "")
