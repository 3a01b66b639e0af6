from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model.subscriptions import Options, Place
from bot.rules.forecast import NotAsked
from tests.fakes import arxiv as fakes
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.papers import make_paper, make_papers
from tests.polling.poller_cases import DAY, FRIDAY, World, recent, world

__all__ = ["world"]


def refusing(arxiv: FakeArxiv, word: str, fault: fakes.Fault) -> None:
    """Let *arxiv* answer everything that contains *word* with *fault*."""
    answer = arxiv._respond

    async def respond(request, parameters, given):
        return await answer(
            request, parameters, fault if word in parameters.get("search_query", "") else given
        )

    arxiv._respond = respond  # type: ignore[method-assign]


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
    caplog.set_level("INFO", logger="bot.polling")
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
    assert world.poller.report.error == "arXiv is overloaded right now."
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
    assert [record.getMessage() for record in caplog.records if record.name.startswith("bot.polling")] == [
        "polling stopped, next try in 300 s: arXiv is overloaded right now.",
        "arXiv answers again",
    ]


@pytest.mark.parametrize(("failing", "code"), [("", 503), ("speech", 500)], ids=["all", "one query"])
async def test_a_clock_that_is_set_back_does_not_prolong_the_wait(world: World, failing: str, code: int):
    await world.subscribe("speech synthesis")
    await world.subscribe("voice conversion", channel=2)
    await world.announce([make_paper(1, published=FRIDAY)])
    healthy = world.arxiv._respond
    refusing(world.arxiv, failing, fakes.status(code))
    await world.poller.run()
    world.arxiv._respond = healthy  # type: ignore[method-assign]
    world.clock.advance(timedelta(minutes=-20))
    await world.poller.run()
    assert await world.subjects() == ["2607.00001v1"]


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
    assert len(world.arxiv.requests) == 3
    assert world.poller.report.error == ""


@pytest.mark.parametrize("asked", ["1", "5", "30", "59"])
@pytest.mark.parametrize("code", [429, 503])
async def test_a_short_retry_after_that_is_repeated_is_not_believed(world: World, asked: str, code: int):
    await world.subscribe("speech synthesis", known=None)
    world.arxiv.always = fakes.status(code, retry_after=asked)
    ending = world.clock() + timedelta(hours=3)
    while world.clock() < ending:
        world.pass_time(timedelta(seconds=await world.poller.run()))
    assert len(world.arxiv.requests) <= 10
    assert world.poller.report.state == "failed"


@pytest.mark.parametrize("page", [fakes.nothing_found(), fakes.empty_page()], ids=["nothing", "a count"])
async def test_empty_pages_for_hours_cost_few_requests(world: World, page: fakes.Fault):
    for number in range(40):
        await world.subscribe(f"topic {number}", channel=number + 1)
    text = " ".join(f"topic {number}," for number in range(40))
    await world.announce(recent(5, title=text, abstract=text))
    await world.poller.run()
    before = len(world.arxiv.requests)
    world.arxiv.always = page
    await world.announce([])
    rounds = 0
    ending = world.clock() + timedelta(hours=6)
    while world.clock() < ending:
        await world.poller.run()
        rounds += 1
        world.pass_time(timedelta(minutes=30))
    requests = len(world.arxiv.requests) - before
    assert requests <= 4 * rounds
    world.arxiv.always = None
    world.pass_time(timedelta(hours=2))
    seen = len(world.arxiv.requests)
    await world.poller.run()
    assert len(world.arxiv.requests) - seen == 2, "all queries still share a request"
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
        place=Place(1, 2),
        keyword="old",
        query='ti:"unclosed',
        options=Options(),
        created_by=1,
        now=world.clock(),
        look=NotAsked(),
    )
    await world.announce([make_paper(1, published=FRIDAY)])
    for _ in range(3):
        await world.poller.run()
    assert await world.subjects() == ["2607.00001v1"]
    assert caplog.text.count('polling ti:"unclosed failed') == 1
    errors = {query.canonical: query.last_error for query in await world.store.queries.active()}
    assert "column" in errors['ti:"unclosed']


async def test_a_query_nobody_wants_any_more_is_forgotten(world: World):
    await world.subscribe("speech synthesis", known=None)
    world.arxiv.always = fakes.status(404)
    await world.poller.run()
    assert world.poller.report.error
    for subscription in await world.store.subscriptions.all():
        await world.store.subscriptions.remove(subscription.id, world.clock())
    world.arxiv.always = None
    world.pass_time(timedelta(hours=5))
    await world.poller.run()
    assert world.poller.report.state in {"fresh", "failed"}
