"""What is posted in announcement channels reaches their followers, ten an hour, and holds up no post."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from simcord.builders import ChannelHandle

from bot.delivery.crossposts import Crossposter
from bot.delivery.invalid_requests import ALLOWED, WINDOW, InvalidRequests
from bot.delivery.verdicts import FIRST_WAIT
from bot.model.errors import StoreError
from bot.model.outcomes import Fail, Later, Sent
from bot.model.reasons import Reason, ReasonCode
from bot.runtime.client import PaperBot
from bot.store import Store
from bot.store.crossposts import AN_HOUR
from tests.conftest import MakeBot, World
from tests.delivery.delivery_cases import Desk, desk, fake
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import make_paper, make_papers
from tests.openapi import valid_request
from tests.shared import needs_shared
from tests.store.store_cases import NEWS, NOW, record, subscribe

__all__ = ["desk", "fake"]

KEYWORD = "speech synthesis"


async def work(world: World, clock: Clock) -> None:
    """Let everything that is due be posted, and then passed on."""
    bot = world.env.bot
    assert isinstance(bot, PaperBot)
    await world.env.settle()
    with world.env._bot_scope():
        await bot.jobs["crosspost"]._body()
    await world.env.settle()


def passed_on(channel: ChannelHandle) -> int:
    # simcord marks the message that was passed on as Discord marks the copies of it.
    return sum(bool(message.flags.value & 0b11) for message in channel.history())


async def test_announcements_are_passed_on_ten_an_hour_and_posts_do_not_wait(
    world: World, store: Store, clock: Clock, arxiv: FakeArxiv
) -> None:
    news = world.guild.create_news_channel("news")
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, channel=news, backfill=10)
    arxiv.publish(make_papers(5, first=50))
    await world.manager.slash(world.papers, "subscribe", keyword="all:synthesis", channel=news, backfill=5)
    await work(world, clock)
    posted = len(news.history())
    assert posted > AN_HOUR
    assert passed_on(news) == AN_HOUR
    clock.advance(timedelta(minutes=61))
    await work(world, clock)
    assert passed_on(news) == posted
    assert await store.outbox.depth() == 0


async def test_other_channels_have_nothing_to_pass_on(world: World, store: Store, clock: Clock) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, backfill=2)
    await work(world, clock)
    assert len(world.papers.history()) >= 2
    assert passed_on(world.papers) == 0


async def test_what_was_passed_on_by_hand_is_done(
    world: World, store: Store, clock: Clock, make_bot: MakeBot
) -> None:
    news = world.guild.create_news_channel("news")
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, channel=news, backfill=2)
    await world.env.settle()
    [first, _] = news.history()
    with world.env._bot_scope():
        await world.env.bot.get_partial_messageable(news.id).get_partial_message(first.id).publish()
    await world.env.restart_bot(make_bot())
    await work(world, clock)
    assert passed_on(news) == 2
    place = await store.destinations.by_channel(news.id)
    assert place is not None
    assert await store.crossposts.waiting(place.id) == 0


@needs_shared
async def test_the_requests_are_as_discord_describes_them(world: World, store: Store, clock: Clock) -> None:
    news = world.guild.create_news_channel("news")
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, channel=news, backfill=1)
    await work(world, clock)
    sent = [request for request in world.env.http_requests if request.path.endswith("/crosspost")]
    assert sent
    for request in sent:
        valid_request(request.method, request.path, request.json)


async def sent_in(store: Store, *, announced: bool = True) -> int:
    """Post a paper; return the destination."""
    await subscribe(store)
    await record(store, NEWS)
    [row] = await store.outbox.heads(NOW, 1)
    await store.settle(row, Sent(77, announced=announced), NOW)
    return row.destination.id


@pytest.mark.parametrize("announced", [True, False])
async def test_a_crosspost_is_queued_with_the_post_itself(tmp_path: object, announced: bool) -> None:
    async with await Store.open(f"sqlite:///{tmp_path}/papers.db") as store:
        await sent_in(store, announced=announced)
        assert [row.message_id for row in await store.crossposts.due(NOW, 9)] == [77] * announced


async def test_what_was_posted_while_the_clock_was_ahead_is_due(tmp_path: object) -> None:
    async with await Store.open(f"sqlite:///{tmp_path}/papers.db") as store:
        await sent_in(store)
        assert len(await store.crossposts.due(NOW - timedelta(hours=6), 9)) == 1


async def test_what_is_put_off_waits_and_what_is_refused_is_over(tmp_path: object) -> None:
    async with await Store.open(f"sqlite:///{tmp_path}/papers.db") as store:
        destination = await sent_in(store)
        [row] = await store.crossposts.due(NOW, 9)
        await store.crossposts.settle(row, Later(timedelta(minutes=5), Reason(ReasonCode.NO_RESPONSE)), NOW)
        assert await store.crossposts.due(NOW, 9) == []
        assert await store.crossposts.due(NOW - timedelta(hours=1), 9) == []
        assert len(await store.crossposts.due(NOW - timedelta(days=30), 9)) == 1, "no try waits for so long"
        [row] = await store.crossposts.due(NOW + timedelta(minutes=5), 9)
        assert row.attempts == 1
        await store.crossposts.settle(row, Fail(Reason(ReasonCode.DISCORD_ERROR)), NOW)
        assert await store.crossposts.waiting(destination) == 0


async def test_what_a_clock_that_was_ahead_passed_on_does_not_count(tmp_path: object) -> None:
    async with await Store.open(f"sqlite:///{tmp_path}/papers.db") as store:
        await subscribe(store)
        for number in range(AN_HOUR + 1):
            await record(store, make_paper(2000 + number))
            [row] = await store.outbox.heads(NOW, 1)
            await store.settle(row, Sent(number + 1, announced=True), NOW)
        for _ in range(AN_HOUR):
            [post] = await store.crossposts.due(NOW, 1)
            await store.crossposts.settle(post, Sent(post.message_id), NOW + timedelta(days=30))
        assert len(await store.crossposts.due(NOW, 1)) == 1
        assert await store.crossposts.due(NOW + timedelta(days=30), 1) == []


async def test_turned_off_nothing_is_queued_and_what_waits_is_dropped(tmp_path: object) -> None:
    async with await Store.open(f"sqlite:///{tmp_path}/papers.db") as store:
        destination = await store.destinations.get(await sent_in(store))
        assert destination is not None
        changed = await store.destinations.change(destination.place, NOW, crosspost=False)
        assert not changed.crosspost
        assert await store.crossposts.due(NOW, 9) == []
        await store.destinations.change(destination.place, NOW, crosspost=True)
        assert await store.crossposts.due(NOW, 9) == []


async def announcements(desk: Desk, *, count: int = 1) -> list[int]:
    """Post a paper in *count* announcement channels; return them."""
    channels = [desk.discord.add_channel(desk.guild, f"news-{number}") for number in range(count)]
    for channel in channels:
        await desk.subscribe(channel)
    await desk.queue(1001)
    for row in await desk.store.outbox.heads(desk.clock(), 9):
        channel = row.destination.channel_id
        await desk.store.settle(row, Sent(channel, announced=channel in channels), desk.clock())
    return channels


def crossposter(desk: Desk, refusals: InvalidRequests | None = None) -> Crossposter:
    return Crossposter(
        desk.client,
        desk.store,
        clock=desk.clock,
        refusals=refusals or InvalidRequests(desk.clock),
        send_timeout=20,
        chance=lambda: 1.0,
    )


async def test_a_failure_is_raised_when_all_requests_in_flight_have_ended(desk: Desk) -> None:
    """Else the job would start again beside them."""
    [first, second] = await announcements(desk, count=2)
    quick = desk.discord.fault("POST", f"/channels/{first}/messages/{first}/crosspost", hang=True, status=503)
    slow = desk.discord.fault(
        "POST", f"/channels/{second}/messages/{second}/crosspost", hang=True, status=503
    )
    running = asyncio.create_task(crossposter(desk).run())
    await quick.hit.wait()
    await slow.hit.wait()
    await desk.store.close()
    quick.release()
    done, _ = await asyncio.wait({running}, timeout=0.2)
    assert not done
    slow.release()
    with pytest.raises(StoreError):
        await running


async def test_a_crosspost_that_discord_refuses_is_named_in_the_log_and_not_tried_again(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    [channel] = await announcements(desk)
    desk.discord.fault("POST", "/channels/{}/messages/{}/crosspost", status=403, code=50013)
    await crossposter(desk).run()
    [said] = [record.getMessage() for record in caplog.records if record.name == "bot.delivery.crossposts"]
    assert said.startswith(f"message {channel} is not crossposted: ")
    desk.pass_time(timedelta(days=1))
    assert await desk.store.crossposts.due(desk.clock(), 9) == []


async def test_after_too_many_refusals_nothing_is_crossposted_until_they_are_ten_minutes_old(
    desk: Desk,
) -> None:
    await announcements(desk)
    refusals = InvalidRequests(desk.clock)
    for _ in range(ALLOWED):
        refusals.count(403)
    await crossposter(desk, refusals).run()
    assert len(await desk.store.crossposts.due(desk.clock(), 9)) == 1
    desk.pass_time(WINDOW)
    await crossposter(desk, refusals).run()
    assert await desk.store.crossposts.due(desk.clock(), 9) == []


async def test_a_crosspost_that_fails_waits_longer_each_time(desk: Desk) -> None:
    await announcements(desk)
    desk.discord.fault("POST", "/channels/{}/messages/{}/crosspost", status=503, times=None)
    waits = []
    for attempts in range(1, 4):
        await crossposter(desk).run()
        start = desk.clock()
        while not (due := await desk.store.crossposts.due(desk.clock(), 9)):
            desk.pass_time(timedelta(seconds=1))
        waits.append(desk.clock() - start)
        assert due[0].attempts == attempts
    assert waits == [FIRST_WAIT, FIRST_WAIT * 2, FIRST_WAIT * 4]
