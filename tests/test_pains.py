"""One test for each common failure of feed bots, named after it.

P1 missed papers, P2 arXiv's bad days, P3 duplicates, P4 the bot stops silently, P5 one bad post stops the
batch, P6 a flood at first, P8 deleted channels and outages, P9 unnamed permissions, P10 mentions, P12 double
digests, P13 a locked database. P7, too many papers, is in `test_overflow` and `test_pace`. More detailed
tests are with the modules.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.delivery.loop import Delivery
from bot.model.errors import StoreBusy
from bot.model.subscriptions import Schedule, State
from bot.present.reasons import reason_in_words
from bot.store import Store
from tests.database import file_of
from tests.delivery.delivery_cases import Desk as DeliveryDesk
from tests.delivery.delivery_cases import desk as delivery_desk
from tests.delivery.digest_cases import Desk as DigestDesk
from tests.delivery.digest_cases import desk as digest_desk
from tests.delivery.membership_cases import becomes, deliver, place
from tests.fakes import arxiv as arxiv_fakes
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import MANAGER, FakeDiscord
from tests.fakes.papers import make_paper, make_papers
from tests.polling.poller_cases import DAY, FRIDAY
from tests.polling.poller_cases import World as PollerWorld
from tests.polling.poller_cases import world as poller_world
from tests.runtime.client_cases import Start, channel, fake, guild, start
from tests.store.store_cases import GRACE, NOW, record, store, subscribe

__all__ = ["channel", "delivery_desk", "digest_desk", "fake", "guild", "poller_world", "start", "store"]


async def test_P1_what_comes_late_in_pieces_or_on_the_last_page_is_posted(poller_world: PollerWorld) -> None:
    """Other bots lost papers to stale lists, short pages and moderation (Polaris#414, #419)."""
    world = poller_world
    world.arxiv.publish(make_papers(3, published=FRIDAY - 2 * DAY))
    await world.subscribe("speech synthesis", known=make_papers(3))
    batch = make_papers(130, first=10_001, published=FRIDAY)  # three pages
    held = make_paper(4_000, published=FRIDAY - 60 * DAY)
    await world.announce(batch[:20])  # arXiv shows the rest late
    await world.poller.run()
    found = await world.subjects()
    await world.announce([*batch[20:], held])
    world.arxiv.fail(None, arxiv_fakes.short_page(7), arxiv_fakes.empty_page())
    for _ in range(8):
        await world.poller.run()
        found += await world.subjects()
        world.pass_time(DAY)
    assert sorted(found) == sorted(paper.versioned for paper in [*batch, held])


async def test_P2_a_bad_morning_at_arxiv_costs_no_paper_and_few_requests(poller_world: PollerWorld) -> None:
    """Other bots sent parallel requests into a 429, or took an empty page for a quiet day."""
    world = poller_world
    world.arxiv.publish(make_papers(3, published=FRIDAY - 2 * DAY))
    await world.subscribe("speech synthesis", known=make_papers(3))
    news = make_papers(5, first=10_001, published=FRIDAY)
    await world.announce(news)
    world.arxiv.fail(
        arxiv_fakes.rate_exceeded("120"),
        arxiv_fakes.rate_exceeded(),
        arxiv_fakes.status(503, retry_after="300"),
        arxiv_fakes.web_page(),
        arxiv_fakes.truncated(),
        arxiv_fakes.empty_page(),
        arxiv_fakes.disordered(),
    )
    found = []
    for _ in range(24 * 4):
        await world.poller.run()
        found += await world.subjects()
        world.pass_time(timedelta(minutes=15))
    assert sorted(found) == [paper.versioned for paper in news]
    assert len(world.arxiv.requests) <= 12


async def test_P3_an_outage_that_swallows_answers_makes_no_copies(delivery_desk: DeliveryDesk) -> None:
    """Another bot posted about twenty copies of one message (yagpdb#111)."""
    desk = delivery_desk
    swallowing = desk.discord.fault("POST", "/channels/{}/messages", lost=True, times=20)
    await desk.queue(1001, 1002)
    for number in range(40):
        await desk.run()
        desk.pass_time(timedelta(minutes=1 + 30 * (number % 2)))
    assert swallowing.hits
    assert desk.posted() == ["2607.01001v1", "2607.01002v1"]


async def test_P3_a_restart_repeats_nothing(
    fake: FakeDiscord, store: Store, start: Start, channel: int
) -> None:
    for _ in range(3):
        async with start() as bot:
            await deliver(bot, store, 1001, 1002)
            await fake.until(lambda: len(fake.posts(channel)) >= 2)
    assert len(fake.posts(channel)) == 2


async def test_P4_whatever_one_channel_raises_the_others_go_on(
    fake: FakeDiscord, store: Store, start: Start, guild: int, channel: int
) -> None:
    other = fake.add_channel(guild, "other")
    await subscribe(store, channel=other, guild=guild)
    for status, code in ((400, 50035), (400, 0), (403, 50013), (404, 10003), (500, 0)):
        fake.fault("POST", f"/channels/{channel}/messages", status=status, code=code)
    async with start() as bot:
        await fake.until(bot.is_ready)
        await record(store, *(make_paper(number) for number in range(1001, 1006)))
        bot.wake_delivery()
        await fake.until(lambda: len(fake.posts(other)) == 5)
        assert bot.jobs["delivery"].running


async def test_P4_a_channel_that_goes_quiet_is_not_quiet_about_it(
    fake: FakeDiscord, store: Store, start: Start, channel: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with start() as bot:
        await fake.until(bot.is_ready)
        await fake.deny(channel, payloads.SEND_MESSAGES)
        await deliver(bot, store, 1001)
        await becomes(store, channel, State.PAUSED)
        assert (await place(store, channel)).reason
        assert len(await store.notices.waiting()) == 1
        assert "is paused" in caplog.text


async def test_P5_a_post_that_discord_refuses_stops_neither_the_batch_nor_the_channel(
    fake: FakeDiscord, store: Store, start: Start, channel: int
) -> None:
    fake.fault("POST", f"/channels/{channel}/messages", status=400, code=50035, times=2)
    async with start() as bot:
        await fake.until(bot.is_ready)
        await deliver(bot, store, 1001, 1002, 1003)
        await fake.until(lambda: len(fake.posts(channel)) == 2)
        await fake.until(lambda: not bot.delivery.in_flight)
    [failed] = await store.outbox.failed([(await place(store, channel)).id], 5)
    assert str(failed.subject) == "2607.01001v1"


async def test_P6_who_subscribes_gets_what_comes_and_not_what_was(poller_world: PollerWorld) -> None:
    """Another bot posted about a hundred messages at once (mattermost-plugin-rssfeed#58)."""
    world = poller_world
    past = make_papers(200, published=FRIDAY - 2 * DAY)
    world.arxiv.publish(past)
    await world.subscribe("speech synthesis", known=past)
    await world.subscribe("speech synthesis", channel=2, known=None)  # arXiv was unreachable
    for _ in range(10):  # to a Monday
        await world.poller.run()
        assert await world.subjects() == []
        world.pass_time(DAY)
    await world.announce([make_paper(10_001, published=world.clock())])
    await world.poller.run()
    assert await world.subjects() == ["2607.10001v1"] * 2


async def test_P8_an_outage_deletes_nothing(
    fake: FakeDiscord, store: Store, start: Start, guild: int, channel: int
) -> None:
    """Another bot lost its subscribers in an outage (CoinMarketBot#17)."""
    async with start() as bot:
        await fake.until(bot.is_ready)
        await fake.outage(guild)
        await fake.until(lambda: bot.get_guild(guild).unavailable)
        bot.clock.advance(2 * GRACE)
        await bot.membership.compare_servers()
        await bot.membership.check_paused()
        await bot.membership.erase_gone()
    async with start() as bot:  # nor does a restart in the middle of it
        await fake.until(bot.is_ready)
        bot.clock.advance(2 * GRACE)
        await bot.membership.erase_gone()
        await fake.recover(guild)
        await deliver(bot, store, 1001)
        await fake.until(lambda: fake.posts(channel))
    assert (await place(store, channel)).state is State.ACTIVE


async def test_P8_a_deleted_channel_costs_one_refused_request_and_not_one_a_paper(
    fake: FakeDiscord, store: Store, start: Start, channel: int
) -> None:
    """Another bot logged 1,500 errors in two days (Dozer#277)."""
    await fake.delete_channel(channel)
    async with start() as bot:
        await fake.until(bot.is_ready)
        for number in range(1001, 1011):
            await deliver(bot, store, number)
            bot.clock.advance(timedelta(days=1))
            await bot.membership.check_paused()
        assert bot.refusals.total == 1
        assert (await place(store, channel)).state is State.GONE


async def test_P8_kicked_and_invited_again_it_knows_its_subscriptions(
    fake: FakeDiscord, store: Store, start: Start, guild: int, channel: int
) -> None:
    async with start() as bot:
        await fake.until(bot.is_ready)
        await fake.kick(guild)
        await becomes(store, channel, State.GONE)
        bot.clock.advance(GRACE - timedelta(hours=1))
        await bot.membership.erase_gone()
        await fake.invite(guild)
        await becomes(store, channel, State.ACTIVE)
        assert len(await store.subscriptions.of_channel(channel)) == 1
        await deliver(bot, store, 1001)
        await fake.until(lambda: fake.posts(channel))


@pytest.mark.parametrize(
    ("right", "name"),
    [
        (payloads.VIEW_CHANNEL, "View Channel"),
        (payloads.SEND_MESSAGES, "Send Messages"),
        (payloads.EMBED_LINKS, "Embed Links"),
    ],
)
async def test_P9_the_missing_right_is_named_though_discord_names_none(
    fake: FakeDiscord, store: Store, start: Start, channel: int, *, right: int, name: str
) -> None:
    await fake.deny(channel, right)
    async with start() as bot:
        await fake.until(bot.is_ready)
        await deliver(bot, store, 1001)
        reason = reason_in_words((await place(store, channel)).reason)
        assert reason.startswith(f"I do not have the {name} permission")
        assert "the channel's settings, under Permissions" in reason


async def test_P10_nothing_in_a_paper_mentions_anybody(
    fake: FakeDiscord, store: Store, start: Start, channel: int
) -> None:
    async with start() as bot:
        await record(store, make_paper(1001, title="@everyone <@&1> <@2>", abstract="@here <@&3>"))
        bot.wake_delivery()
        await fake.until(lambda: fake.sent("POST", "/channels/{channel_id}/messages"))
    [request] = fake.sent("POST", "/channels/{channel_id}/messages")
    allowed = request.body["allowed_mentions"]
    assert not any(allowed.get(kind) for kind in ("parse", "roles", "users"))


async def test_P12_no_clock_change_and_no_restart_brings_a_digest_twice(digest_desk: DigestDesk) -> None:
    """Another bot posted one twice because of a late cron job and daylight saving time (maester PR#1994)."""
    desk = digest_desk
    desk.clock.now = datetime(2026, 10, 24, 12, tzinfo=UTC)
    destination = await desk.subscribe(schedule=Schedule(2, "Europe/Berlin", quiet=True))
    for _ in range(48 * 2):
        desk.clock.advance(timedelta(minutes=30))
        desk.restart()
        await asyncio.gather(desk.job.run(), desk.job.run())
    assert await desk.days(destination) == [date(2026, 10, 26), date(2026, 10, 25)]
    assert desk.clock() > NOW


async def test_P13_another_process_on_the_database_delays_posts_and_stops_nothing(
    fake: FakeDiscord, start: Start, guild: int, channel: int, store: Store
) -> None:
    """Another bot stopped working at `database is locked` (AstrBot PR#6474)."""
    async with (
        start() as bot,
        await Store.open(f"sqlite:///{file_of(store)}", busy_timeout=timedelta(seconds=1)) as busy,
    ):
        await fake.until(bot.is_ready)
        await bot.jobs["delivery"].stop()
        await record(store, make_paper(1001), make_paper(1002))
        delivery = Delivery(bot, busy, concurrency=4, send_timeout=20, clock=bot.clock)
        with closing(sqlite3.connect(file_of(store), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert (await fake.interaction(channel, MANAGER, "help")).embeds
            with pytest.raises(StoreBusy):
                await delivery.run()
        assert fake.posts(channel) == []
        await delivery.run()
        assert len(fake.posts(channel)) == 2
