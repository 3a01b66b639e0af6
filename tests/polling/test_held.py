"""From a feed gone mad to a manager's click, and from a full day to a list in the channel: the real bot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from simcord.env import Env

from bot.config import Settings
from bot.polling.api_source import ApiSource
from bot.polling.poller import Poller
from bot.runtime.client import PaperBot
from bot.store import Store
from tests.conftest import MakeBot, World, buttons_of, text_of
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import make_papers

FRIDAY = datetime(2026, 7, 24, 8, tzinfo=UTC)
DAY = timedelta(days=1)
POST, LIST, DROP = "#papers: post them", "#papers: list them", "#papers: drop them"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(
        update={
            "poll": settings.poll.model_copy(update={"max_posts": 10}),
            "delivery": settings.delivery.model_copy(update={"daily_cap": 4}),
        }
    )


@pytest.fixture
async def bot(world: World, env: Env, make_bot: MakeBot, clock: Clock) -> PaperBot:
    """The bot with one keyword and a poller that is run by hand."""
    bot = make_bot()
    source = ApiSource(bot.arxiv, bot.store.papers.matched_between)
    bot.poller = Poller(bot.store, source, bot.settings, clock=clock, on_queued=bot.wake_delivery)
    await env.restart_bot(bot)
    await world.manager.slash(world.papers, "subscribe", keyword="speech synthesis")
    return bot


@pytest.fixture
async def mad(bot: PaperBot, arxiv: FakeArxiv, clock: Clock) -> Clock:
    """A Monday on which a poll has brought 40 papers."""
    arxiv.publish(make_papers(40, first=5001, published=FRIDAY))
    clock.advance(3 * DAY)
    assert bot.poller is not None
    await bot.poller.run()
    return clock


async def test_what_is_held_back_is_shown_and_only_a_manager_decides(
    world: World, mad: Clock, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    logged = [one.getMessage() for one in caplog.get_records("setup")]
    assert "held back 30 papers for 1 channels, since this poll found far more than usual" in logged
    seen = await world.member.slash(world.papers, "status")
    assert "30 papers held back" in text_of(seen)
    assert "a poll brought far more than usual" in text_of(seen)
    assert "6 papers are waiting for the next daily list" in text_of(seen)
    assert buttons_of(seen) == {}
    shown = await world.manager.slash(world.papers, "status")
    assert list(buttons_of(shown)) == [POST, LIST, DROP]
    assert [held.papers for held in await store.held.waiting()] == [30]


@pytest.mark.parametrize(
    ("label", "said", "queued", "listed"),
    [
        (POST, "30 papers will be posted", True, 6),
        (LIST, "will be listed", False, 36),
        (DROP, "will not be posted", False, 6),
    ],
)
async def test_a_manager_decides_once(
    world: World, bot: PaperBot, store: Store, mad: Clock, *, label: str, said: str, queued: bool, listed: int
) -> None:
    shown = await world.manager.slash(world.papers, "status")
    also = await world.manager.slash(world.papers, "status")
    clicked = await world.manager.click(shown.response, label=label)
    assert said in text_of(clicked)
    assert await store.held.waiting() == []
    [waiting] = await store.overflow.waiting(mad().date())
    assert waiting.papers == listed
    await bot.delivery.run()
    await world.env.settle()
    posts = [message for message in world.papers.history() if message.embeds]
    assert len(posts) == (34 if queued else 4)
    again = await world.manager.click(also.response, label=label)
    assert "No papers are held back in" in text_of(again)


async def test_the_next_sane_poll_lists_what_it_brings_again_and_drops_the_rest(
    bot: PaperBot, arxiv: FakeArxiv, mad: Clock, store: Store
) -> None:
    clock = mad
    assert bot.poller is not None
    assert bot.poller.report.held == 30
    gone = {paper.id for paper in make_papers(12, first=5020)}
    arxiv.papers = [paper for paper in arxiv.papers if paper.id not in gone]
    clock.advance(DAY)
    await bot.poller.run()
    assert await store.held.waiting() == []
    [waiting] = await store.overflow.waiting(clock().date())
    assert waiting.papers == 6 + 30 - 12
    arxiv.publish(make_papers(12, first=5020, published=FRIDAY))
    clock.advance(DAY)
    await bot.poller.run()
    [waiting] = await store.overflow.waiting(clock().date())
    assert waiting.papers == 6 + 30 - 12 + 8  # those that came after all are new, and four of them posted


async def test_a_full_day_ends_in_one_list_in_the_channel(
    world: World, bot: PaperBot, arxiv: FakeArxiv, clock: Clock
) -> None:
    arxiv.publish(make_papers(9, first=5001, published=FRIDAY))
    clock.advance(3 * DAY)
    assert bot.poller is not None
    await bot.poller.run()
    clock.advance(timedelta(hours=1))
    bot.jobs["digest"].wake()
    await world.env.settle()
    bot.jobs["delivery"].wake()
    await world.env.settle()
    titles = [
        message.embeds[0].title or (message.content or "").strip("*")
        for message in world.papers.history()
        if message.embeds
    ]
    assert titles == [
        *(f"Speech synthesis with model {5001 + n}" for n in range(4)),
        "5 more papers, 27 July",
    ]
