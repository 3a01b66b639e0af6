"""A notice whose fate is unknown is told, and told once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.delivery.nonces import NONCE_KEPT
from bot.delivery.verdicts import FIRST_WAIT
from bot.store import Store
from bot.store.notices import COLLECTED_FOR
from tests.database import clear
from tests.delivery.notices_cases import lab
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_unreadable import BODIES, MESSAGES, Garble
from tests.fakes.papers import make_paper
from tests.runtime.client_cases import Start, fake, start
from tests.store.store_cases import NOW, PERSON, record, store, subscribe

__all__ = ["fake", "start", "store"]


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
