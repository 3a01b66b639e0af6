"""Managers hear once of a channel that stopped: the real client, a real gateway, a real ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.delivery.membership import CHECK_EVERY
from bot.delivery.nonces import NONCE_KEPT
from bot.delivery.notices import NoticeSender
from bot.delivery.verdicts import FIRST_WAIT
from bot.model.outbox import Notice
from bot.model.reasons import Permission, Reason, ReasonCode
from bot.model.subscriptions import Destination, State
from bot.present.notices import notice_text
from bot.store import Store
from bot.store.notices import COLLECTED_FOR
from tests.database import clear
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_unreadable import BODIES, MESSAGES, Garble
from tests.fakes.papers import make_paper
from tests.runtime.client_cases import Start, StartedBot, fake, start
from tests.store.store_cases import NOW, PERSON, record, store, subscribe

__all__ = ["fake", "start", "store"]


class Lab:
    """A server with channels, one of them subscribed, and a bot that is ready."""

    def __init__(self, fake: FakeDiscord, store: Store, bot: StartedBot) -> None:
        self.fake, self.store, self.bot = fake, store, bot

    async def refuse(self, *channels: int, paper: int = 1001) -> None:
        """Take the right to write away, and bring a paper."""
        for channel in channels:
            await self.fake.deny(channel, payloads.SEND_MESSAGES)
        await self.fake.until(lambda: not any(self.may_write(channel) for channel in channels))
        await record(self.store, make_paper(paper))
        await self.bot.delivery.run()

    def may_write(self, channel: int) -> bool:
        found = self.bot.get_channel(channel)
        return bool(found.permissions_for(found.guild.me).send_messages)

    async def tell(self, by: timedelta = COLLECTED_FOR) -> float:
        """Let time pass, and the job run."""
        self.bot.clock.advance(by)
        self.fake.skipped += by.total_seconds()
        notices = NoticeSender(
            self.bot, self.store, send_timeout=20, clock=self.bot.clock, chance=lambda: 1.0
        )
        return await notices.run()

    def told(self, channel: int) -> list[str]:
        return [post["content"] for post in self.fake.posts(channel) if not post["embeds"]]


@asynccontextmanager
async def lab(fake: FakeDiscord, store: Store, start: Start, *channels: int) -> AsyncIterator[Lab]:
    for channel in channels:
        await subscribe(store, channel=channel, guild=int(fake.channels[channel]["guild_id"]))
    async with start() as bot:
        await fake.until(bot.is_ready)
        await bot.jobs["notices"].stop()  # it is run by hand
        yield Lab(fake, store, bot)


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


@pytest.mark.parametrize(
    "wait", [timedelta(minutes=1), NONCE_KEPT + timedelta(minutes=1)], ids=["soon", "late"]
)
@pytest.mark.parametrize("fault", [{"lost": True}, {"reset": True}, {"status": 503, "lost": True}])
async def test_an_answer_that_is_lost_tells_nothing_twice(
    fake: FakeDiscord, store: Store, start: Start, wait: timedelta, fault: dict[str, Any]
) -> None:
    guild = fake.add_guild()
    papers, chat = fake.add_channel(guild), fake.add_channel(guild, "chat")
    fake.fault("POST", f"/channels/{chat}/messages", **fault)
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        await here.tell()
        await here.tell(wait)
        assert len(here.told(chat)) == 1
        assert await store.notices.waiting() == []


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


async def test_a_notice_that_fails_waits_longer_each_time(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    guild = fake.add_guild()
    papers, chat = fake.add_channel(guild), fake.add_channel(guild, "chat")
    fake.fault("POST", f"/channels/{chat}/messages", status=503, times=None)
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        waits = []
        by = COLLECTED_FOR
        for _ in range(4):
            await here.tell(by)
            [notice] = await store.notices.waiting()
            by = notice.due - here.bot.clock()
            waits.append(by)
        assert waits == [FIRST_WAIT, FIRST_WAIT * 2, FIRST_WAIT * 4, FIRST_WAIT * 8]


async def test_a_notice_is_known_again_although_more_waits_by_then(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    guild = fake.add_guild()
    papers, chat = fake.add_channel(guild), fake.add_channel(guild, "chat")
    fake.fault("POST", f"/channels/{chat}/messages", lost=True)
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        await here.tell()
        await record(store, make_paper(1002))
        await here.tell(2 * NONCE_KEPT)
        assert len(here.told(chat)) == 1
        assert await store.notices.waiting() == []


async def test_a_notice_is_known_again_in_another_language(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    guild = fake.add_guild()
    papers, chat = fake.add_channel(guild), fake.add_channel(guild, "chat")
    fake.fault("POST", f"/channels/{chat}/messages", lost=True)
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        await here.tell()
        here.bot.settings = here.bot.settings.model_copy(update={"language": "de"})
        await here.tell(2 * NONCE_KEPT)
        assert len(here.told(chat)) == 1


async def test_word_of_an_earlier_pause_is_not_taken_for_that_of_this_one(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    fake.skipped = NOW.timestamp() - fake.now()  # what is earlier is told by Discord's clock
    guild = fake.add_guild()
    papers, chat = fake.add_channel(guild), fake.add_channel(guild, "chat")
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        await here.tell()
        assert len(here.told(chat)) == 1
        await fake.deny(papers, 0)
        await fake.until(lambda: here.may_write(papers))
        await here.bot.delivery.resume()
        await here.bot.delivery.run()
        fake.fault("POST", f"/channels/{chat}/messages", status=503)
        await fake.deny(papers, payloads.SEND_MESSAGES)
        await fake.until(lambda: not here.may_write(papers))
        await record(store, make_paper(1003))
        await here.bot.delivery.run()
        await here.tell(timedelta(days=20))
        await here.tell(2 * NONCE_KEPT)
        assert len(here.told(chat)) == 2


async def test_doubt_about_an_earlier_try_outlives_a_clear_refusal(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    guild = fake.add_guild()
    papers, chat = fake.add_channel(guild), fake.add_channel(guild, "chat")
    fake.fault("POST", f"/channels/{chat}/messages", lost=True)
    fake.fault("GET", f"/channels/{chat}/messages", status=429, retry_after=60.0)
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        await here.tell()
        await here.tell(timedelta(minutes=1))
        await here.tell(2 * NONCE_KEPT)
        assert len(here.told(chat)) == 1
        assert await store.notices.waiting() == []


async def test_a_crash_between_telling_and_noting_it_tells_nothing_twice(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    guild = fake.add_guild()
    papers, chat = fake.add_channel(guild), fake.add_channel(guild, "chat")
    hanging = fake.fault("POST", f"/channels/{chat}/messages", hang=True, lost=True)
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        telling = asyncio.create_task(here.tell())
        await hanging.hit.wait()
        await fake.until(lambda: here.told(chat))
        telling.cancel()
        await asyncio.wait({telling})
        hanging.release()
        await here.tell()
        assert len(here.told(chat)) == 1


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


# --- answers that discord.py cannot parse ------------------------------------------------------------------


async def test_a_notice_whose_answer_is_unreadable_is_there_once(
    fake: FakeDiscord, store: Store, start: Start, subtests: pytest.Subtests
) -> None:
    garbles = BODIES | MESSAGES
    guilds = {name: fake.add_guild() for name in garbles}
    chats = {name: fake.add_channel(guilds[name], "chat") for name in garbles}
    papers = {name: fake.add_channel(guilds[name]) for name in garbles}
    async with lab(fake, store, start) as here:
        for number, (name, garble) in enumerate(garbles.items(), 1001):
            with subtests.test(msg=name):
                await clear(store)
                fake.faults.clear()
                await subscribe(store, channel=papers[name], guild=guilds[name])
                await here.refuse(papers[name], paper=number)
                fake.fault("POST", f"/channels/{chats[name]}/messages", garble=garble, times=None)
                for _ in range(3):
                    await here.tell()
                assert len(here.told(chats[name])) == 1
                assert await store.notices.waiting() == []


@pytest.mark.parametrize("garble", BODIES.values(), ids=BODIES)
async def test_a_conversation_that_is_unreadable_is_no_notice(
    fake: FakeDiscord, store: Store, start: Start, garble: Garble
) -> None:
    guild = fake.add_guild()
    papers = fake.add_channel(guild)
    conversation = int(fake.dm(PERSON)["id"])
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        fault = fake.fault("POST", "/users/@me/channels", garble=garble)
        await here.tell()
        assert fault.hits == 1
        assert here.told(conversation) == []
        assert len(await store.notices.waiting()) == 1
        await here.tell()
        assert len(here.told(conversation)) == 1
        assert await store.notices.waiting() == []


async def test_direct_messages_that_open_are_no_notice_yet(
    fake: FakeDiscord, store: Store, start: Start
) -> None:
    papers = fake.add_channel(fake.add_guild())
    conversation = int(fake.dm(PERSON)["id"])
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        fake.fault("POST", f"/channels/{conversation}/messages", status=503, times=None)
        await here.tell()
        fake.faults.clear()
        look = fake.fault("GET", f"/channels/{conversation}/messages", garble=BODIES["a web page"])
        await here.tell(timedelta(hours=1))
        assert look.hits == 1
        assert (here.told(conversation), len(await store.notices.waiting())) == ([], 1)
        await here.tell(timedelta(hours=1))
        assert (len(here.told(conversation)), await store.notices.waiting()) == (1, [])


async def test_direct_messages_that_are_refused_unreadably_are_refused(
    fake: FakeDiscord, store: Store, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    papers = fake.add_channel(fake.add_guild())
    async with lab(fake, store, start, papers) as here:
        await here.refuse(papers)
        fake.fault("POST", "/users/@me/channels", status=403, garble=BODIES["too deep"], times=None)
        await here.tell()
        assert "nobody could be notified" in caplog.text
        assert await store.notices.waiting() == []
