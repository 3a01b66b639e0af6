"""Managers hear once of a channel that stopped: the real client, a real gateway, a real ledger."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.delivery.membership import CHECK_EVERY
from bot.model.outbox import Notice
from bot.model.reasons import Permission, Reason, ReasonCode
from bot.model.subscriptions import Destination, State
from bot.present.notices import notice_text
from bot.store import Store
from tests.delivery.notices_cases import lab
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import FakeDiscord
from tests.runtime.client_cases import Start, fake, start
from tests.store.store_cases import NOW, PERSON, store, subscribe

__all__ = ["fake", "start", "store"]


async def test_a_pause_is_told_once_in_the_system_channel(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    guild = fake.add_guild()
    fake.add_channel(guild, "chat")
    system = fake.add_channel(guild, "general")
    fake.guilds[guild]["system_channel_id"] = str(system)
    papers = fake.add_channel(guild)
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        assert await here.tell(timedelta()) > 0
        assert here.told(system) == []
        await here.tell()
        [text] = here.told(system)
        assert f"<#{papers}>: I do not have the Send Messages permission" in text
        assert "settings, under Permissions" in text
        assert "new papers stay queued (1 so far)" in text
        [request] = fake.sent("POST", "/channels/{channel_id}/messages")
        assert request.body["allowed_mentions"] == {"parse": []}
        for _ in range(3):  # a look every day, refused every day
            here.bot.clock.advance(CHECK_EVERY)
            await here.bot.membership.check_paused()
            await here.bot.delivery.run()
            await here.tell()
        assert len(here.told(system)) == 1


@pytest.mark.parametrize("tried", [False, True])
async def test_a_notice_of_a_clock_that_was_ahead_is_told(
    fake: FakeDiscord, store: Store, start: Start, tried: bool
) -> None:
    """Before a try it waits for a minute at most, after one for a day."""
    guild = fake.add_guild()
    chat = fake.add_channel(guild, "chat")
    papers = fake.add_channel(guild)
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        if tried:
            fake.fault("POST", f"/channels/{chat}/messages", status=503, times=None)
            await here.tell()
            fake.faults.clear()
        await here.tell(by=-timedelta(days=2))
        assert len(here.told(chat)) == 1


async def test_a_server_that_loses_many_channels_gets_one_message(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    guild = fake.add_guild()
    papers = [fake.add_channel(guild, f"papers-{number}") for number in range(12)]
    chat = fake.add_channel(guild, "chat")
    async with lab(fake, store, start, *papers) as here:
        await here.refuse(*papers)
        await here.tell()
        [text] = here.told(chat)
        assert "in 12 of your channels" in text
        assert "and 2 more" in text
        assert "stay queued (12 so far)" in text


async def test_a_channel_that_gets_papers_is_preferred_and_announcements_and_rules_are_spared(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    guild = fake.add_guild()
    rules = fake.add_channel(guild, "rules")
    fake.guilds[guild]["rules_channel_id"] = str(rules)
    news = fake.add_channel(guild, "news", payloads.NEWS)
    chat = fake.add_channel(guild, "chat")
    papers, others = fake.add_channel(guild), fake.add_channel(guild, "others")
    async with lab(fake, store, start, papers, others) as here:
        await here.refuse(papers)
        await here.tell()
        assert [len(here.told(channel)) for channel in (rules, news, chat, others)] == [0, 0, 0, 1]


async def test_with_no_channel_left_who_subscribed_is_told_in_private(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    papers = fake.add_channel(fake.add_guild())
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        await here.tell()
        [text] = here.told(int(fake.dm(PERSON)["id"]))
        assert "Send Messages" in text


async def test_where_nobody_can_be_told_it_stays_with_status(
    fake: FakeDiscord, store: Store, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    papers = fake.add_channel(fake.add_guild())
    conversation = fake.dm(PERSON)["id"]
    fake.fault("POST", f"/channels/{conversation}/messages", status=403, code=50007)
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        await here.tell()
        assert await store.notices.waiting() == []
        assert "nobody could be notified" in caplog.text
        [place] = await store.destinations.paused()
        assert place.reason is not None
        assert place.reason.permissions[0] is Permission.SEND_MESSAGES


async def test_a_place_that_refuses_is_not_paused_and_the_next_has_its_turn(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    guild = fake.add_guild()
    papers, first, second = (fake.add_channel(guild, name) for name in ("papers", "first", "second"))
    fake.fault("POST", f"/channels/{first}/messages", status=403, code=50013)
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        await here.tell()
        assert (here.told(first), len(here.told(second))) == ([], 1)
        assert len(await store.destinations.paused()) == 1


async def test_a_notice_that_discord_calls_malformed_is_logged_and_told_nowhere_else(
    fake: FakeDiscord, store: Store, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    guild = fake.add_guild()
    papers, first, second = (fake.add_channel(guild, name) for name in ("papers", "first", "second"))
    fake.fault("POST", f"/channels/{first}/messages", status=400, code=50035)
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        await here.tell()
        await here.tell()
        assert (here.told(first), here.told(second)) == ([], [])
        said = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
        assert len(said) == 1
        assert said[0].startswith("could not compose a notice: ")


async def test_after_two_channels_that_refuse_the_subscriber_is_told_in_private(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    guild = fake.add_guild()
    papers, *others = (fake.add_channel(guild, name) for name in ("papers", "first", "second", "third"))
    refusals = [fake.fault("POST", f"/channels/{other}/messages", status=403, code=50013) for other in others]
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        await here.tell()
        assert [refusal.hits for refusal in refusals] == [1, 1, 0]
        assert len(here.told(int(fake.dm(PERSON)["id"]))) == 1


async def test_the_right_that_returns_at_once_is_not_worth_a_word(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    guild = fake.add_guild()
    papers, chat = fake.add_channel(guild), fake.add_channel(guild, "chat")
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        await fake.deny(papers, 0)
        await fake.until(lambda: fake.posts(papers))
        await here.tell()
        assert here.told(chat) == []


async def test_a_deleted_channel_is_told_by_its_name_unless_it_was_hidden(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    guild = fake.add_guild()
    chat = fake.add_channel(guild, "chat")
    papers, hidden = fake.add_channel(guild), fake.add_channel(guild, "secret")
    async with lab(fake, store, start, papers, hidden) as here:
        await fake.deny(hidden, payloads.VIEW_CHANNEL)
        for channel in (papers, hidden):
            await fake.delete_channel(channel)
        async with asyncio.timeout(10):
            while len(await store.notices.waiting()) < 2:  # noqa: ASYNC110 - nobody signals it
                await asyncio.sleep(0.01)
        await here.tell()
        [text] = here.told(chat)
        assert "#papers: The channel was deleted." in text
        assert f"a channel (id {hidden})" in text
        assert "secret" not in text
        assert "`/subscribe`" in text


async def test_two_stops_within_minutes_are_two_messages_in_one_channel(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    """Each first attempt has a nonce of its own, or Discord would take the second for the first."""
    guild = fake.add_guild()
    chat = fake.add_channel(guild, "chat")
    fake.guilds[guild]["system_channel_id"] = str(chat)
    papers, more = fake.add_channel(guild, "papers"), fake.add_channel(guild, "more")
    async with lab(fake, store, start, papers, more) as here:
        await here.refuse(papers)
        await here.tell()
        await here.refuse(more, paper=1002)
        await here.tell()
        first, second = here.told(chat)
        assert f"<#{papers}>" in first
        assert f"<#{more}>" in second
        assert await store.notices.waiting() == []


async def test_two_servers_are_told_each_of_its_own_channel(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    places = []
    for _ in range(2):
        guild = fake.add_guild()
        places.append((fake.add_channel(guild, "papers"), fake.add_channel(guild, "chat"), guild))
    for papers, _, guild in places:
        await subscribe(store, channel=papers, guild=guild)
    async with lab(fake, store, start, places[0][0]) as here:
        await here.refuse(*(papers for papers, _, _ in places))
        await here.tell()
        for papers, chat, _ in places:
            [text] = here.told(chat)
            assert f"<#{papers}>" in text
        assert await store.notices.waiting() == []


async def test_nothing_is_told_while_the_server_is_away(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    guild = fake.add_guild()
    papers, chat = fake.add_channel(guild), fake.add_channel(guild, "chat")
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        await fake.outage(guild)
        await fake.until(lambda: here.bot.get_guild(guild).unavailable)
        assert await here.tell() == 30
        assert here.told(chat) == []
        await fake.recover(guild)
        await fake.until(lambda: not here.bot.get_guild(guild).unavailable)
        await here.tell()
        assert len(here.told(chat)) == 1


def test_a_notice_tells_no_keyword_and_fits_a_message() -> None:
    gone = Destination(1, 1, 5, state=State.GONE, reason=Reason(ReasonCode.CHANNEL_DELETED))
    paused = Destination(2, 1, 6, state=State.PAUSED, reason=Reason(ReasonCode.CHANNEL_DELETED))
    long = Reason(ReasonCode.OTHER, detail="*Nothing* " + "long " * 30)
    batch = [
        Notice(number, place, long, "", NOW, PERSON, 3) for number, place in enumerate([gone, paused] * 30)
    ]
    text = notice_text(batch, here=True)
    assert text.startswith("⏸ I can no longer post papers in 30 of your channels:")
    assert "stay queued (90 so far)" in text
    assert "⏹ I can no longer reach 30 of your channels" in text
    assert r"\*Nothing\*" in text
