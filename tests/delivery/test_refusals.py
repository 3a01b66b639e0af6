"""One message that Discord refuses holds up no other; a channel is paused only for what the gateway says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from bot.delivery import rights
from bot.model.outbox import OutboxRow
from bot.model.reasons import ReasonCode
from bot.model.subscriptions import State
from bot.present.reasons import reason_in_words
from bot.runtime.client import PaperBot
from bot.store import Store
from tests.database import clear
from tests.delivery.membership_cases import place
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import MANAGER, MEMBER, FakeDiscord
from tests.fakes.papers import make_paper
from tests.rows import in_turn
from tests.runtime.client_cases import Start, channel, fake, guild, start
from tests.store.store_cases import NOW, record, store, subscribe

__all__ = ["channel", "fake", "guild", "start", "store"]

POST = ("POST", "/channels/{}/messages")
FOR_THE_MESSAGE = [
    (404, 10008),  # unknown message
    (404, 10003),  # … although the channel is there
    (404, 10004),
    (404, 0),
    (403, 0),
    (403, 40001),
    (403, 50001),
    (403, 50007),
    (403, 50013),
    (403, 160002),
    (403, 200000),  # blocked by the server's automatic moderation
    (403, 240000),
    (403, 20009),
    (400, 50083),  # archived, although the channel is no thread
    (400, 160005),
]


def about(paper: str) -> Callable[[Any], bool]:
    """Tell whether a message is about this paper, in whatever form."""
    return lambda body: f"abs/{paper}v" in str(body)


def replies(body: Any) -> bool:
    return "message_reference" in body


@dataclass
class Lab:
    fake: FakeDiscord
    store: Store
    bot: PaperBot
    channel: int

    async def deliver(self, *numbers: int, **changes: Any) -> None:
        papers = [make_paper(number, **changes) for number in numbers]
        await record(self.store, *papers, now=self.bot.clock())
        await self.bot.delivery.run()

    async def failed(self) -> list[OutboxRow]:
        return await self.store.outbox.failed([(await place(self.store, self.channel)).id], 10)

    async def state(self) -> State:
        return (await place(self.store, self.channel)).state

    def posted(self) -> list[str]:
        """Return the papers in the channel, with a ! behind those that were posted plainly."""
        found = []
        for post in self.fake.posts(self.channel):
            plain = not post["embeds"]
            url = post["content"].splitlines()[-1] if plain else post["embeds"][0]["url"]
            found.append(url.rpartition("/")[2] + "!" * plain)
        return found


@pytest.fixture
async def lab(fake: FakeDiscord, store: Store, start: Start, channel: int) -> AsyncIterator[Lab]:
    await subscribe(store, channel=channel, guild=int(fake.channels[channel]["guild_id"]), revisions=True)
    async with ready(fake, store, start, channel) as lab:
        yield lab


@asynccontextmanager
async def ready(fake: FakeDiscord, store: Store, start: Start, channel: int) -> AsyncIterator[Lab]:
    async with start() as bot:
        await fake.until(bot.is_ready)
        yield Lab(fake, store, bot, channel)


@asynccontextmanager
async def elsewhere(lab: Lab) -> AsyncIterator[Lab]:
    """The same bot in a server that it joins now; its store is cleared, and Discord refuses nothing yet."""
    await clear(lab.store)
    lab.fake.faults.clear()
    guild = lab.fake.add_guild()
    channel = lab.fake.add_channel(guild)
    await subscribe(lab.store, channel=channel, guild=guild, revisions=True)
    await lab.fake.invite(guild)
    await lab.fake.until(lambda: lab.bot.get_channel(channel))
    yield Lab(lab.fake, lab.store, lab.bot, channel)


def refusals(*answers: tuple[int, int]) -> dict[str, dict[str, int]]:
    return {f"{status} {code}": {"status": status, "code": code} for status, code in answers}


@in_turn(refusals(*FOR_THE_MESSAGE), lab=elsewhere)
async def test_a_message_that_is_refused_in_every_form_fails_alone(lab: Lab, status: int, code: int) -> None:
    lab.fake.fault(*POST, status=status, code=code, times=None, when=about("2607.01001"))
    await lab.deliver(1001, 1002, 1003)
    if (status, code) == (404, 10008):
        assert lab.posted() == ["2607.01002v1", "2607.01003v1"], "the nonce says that it was there"
        assert await lab.failed() == []
        return
    assert lab.posted() == ["2607.01002v1", "2607.01003v1"]
    [failed] = await lab.failed()
    assert str(failed.subject) == "2607.01001v1"
    assert reason_in_words(failed.error)
    assert await lab.state() is State.ACTIVE
    assert await lab.store.outbox.depth() == 0


@in_turn(refusals(*FOR_THE_MESSAGE), lab=elsewhere)
async def test_a_message_that_is_refused_once_is_posted_plainly(lab: Lab, status: int, code: int) -> None:
    lab.fake.fault(*POST, status=status, code=code, when=about("2607.01001"))
    await lab.deliver(1001, 1002)
    gone = (status, code) == (404, 10008)
    assert lab.posted() == (["2607.01002v1"] if gone else ["2607.01001v1!", "2607.01002v1"])
    assert await lab.failed() == []


@in_turn(refusals(*FOR_THE_MESSAGE, (400, 50035)), lab=elsewhere)
async def test_a_reply_that_is_refused_is_posted_without_reference(lab: Lab, status: int, code: int) -> None:
    """As when the message that it answers was deleted."""
    await lab.deliver(1001)
    lab.fake.fault(*POST, status=status, code=code, times=None, when=replies)
    await lab.deliver(1001, version=2, updated=NOW)
    await lab.deliver(1002)
    assert lab.posted() == ["2607.01001v1", "2607.01001v2!", "2607.01002v1"]
    assert await lab.failed() == []
    assert await lab.state() is State.ACTIVE


@in_turn(refusals(*FOR_THE_MESSAGE), lab=elsewhere)
async def test_a_reply_that_is_refused_in_every_form_holds_up_nothing(
    lab: Lab, status: int, code: int
) -> None:
    await lab.deliver(1001)
    lab.fake.fault(*POST, status=status, code=code, times=None, when=about("2607.01001"))
    await lab.deliver(1001, version=2, updated=NOW)
    await lab.deliver(1002)
    assert lab.posted() == ["2607.01001v1", "2607.01002v1"]
    assert await lab.state() is State.ACTIVE
    assert await lab.store.outbox.depth() == 0


async def test_what_fails_is_shown_in_status(lab: Lab) -> None:
    lab.fake.fault(*POST, status=403, code=200000, times=None, when=about("2607.01001"))
    await lab.deliver(1001)
    answer = await lab.fake.interaction(lab.channel, MANAGER, "status")
    assert "2607.01001" in answer.text
    assert "200000" in answer.text


async def test_a_forum_post_that_is_refused_fails_alone(
    fake: FakeDiscord, store: Store, start: Start, guild: int
) -> None:
    forum = fake.add_channel(guild, "forum", payloads.FORUM, available_tags=[])
    await subscribe(store, channel=forum, guild=guild)
    fake.fault(
        "POST",
        "/channels/{}/threads",
        status=404,
        code=10008,
        times=None,
        when=lambda body: "01001v" in str(body),
    )
    async with ready(fake, store, start, forum) as lab:
        await lab.deliver(1001, 1002)
        [failed] = await lab.failed()
        assert str(failed.subject) == "2607.01001v1"
        posts = [each for each in fake.channels.values() if each.get("parent_id") == str(forum)]
        assert [post["name"] for post in posts] == ["Speech synthesis with model 1002"]


# --- where the channel or a right is missing ---------------------------------------------------------------


async def lose_the_right(lab: Lab) -> None:
    await lab.fake.deny(lab.channel, payloads.SEND_MESSAGES)


async def hide(lab: Lab) -> None:
    await lab.fake.deny(lab.channel, payloads.VIEW_CHANNEL)


async def delete(lab: Lab) -> None:
    await lab.fake.delete_channel(lab.channel)


@pytest.mark.parametrize("change", [lose_the_right, hide, delete])
async def test_a_right_or_channel_that_goes_during_the_attempt_pauses(
    lab: Lab, change: Callable[[Lab], Awaitable[None]]
) -> None:
    hanging = lab.fake.fault(*POST, status=403, code=50013, hang=True)
    await record(lab.store, make_paper(1001), make_paper(1002))
    running = asyncio.create_task(lab.bot.delivery.run())
    await hanging.hit.wait()
    known = asyncio.Event()
    for event in ("on_guild_channel_update", "on_guild_channel_delete"):
        lab.bot.add_listener(_setting(known), event)
    await change(lab)
    await known.wait()
    hanging.release()
    await running
    assert await lab.state() in {State.PAUSED, State.GONE}
    assert await lab.failed() == []
    assert await lab.store.outbox.depth() == 2


def _setting(event: asyncio.Event) -> Callable[..., Coroutine[Any, Any, None]]:
    async def on_event(*_: object) -> None:
        event.set()

    return on_event


@pytest.mark.parametrize("denied", [payloads.SEND_MESSAGES, payloads.VIEW_CHANNEL])
async def test_a_right_whose_loss_the_gateway_has_not_told_yet_pauses(lab: Lab, denied: int) -> None:
    overwrite = {"id": lab.fake.channels[lab.channel]["guild_id"], "type": 0, "allow": "0"}
    lab.fake.channels[lab.channel]["permission_overwrites"] = [overwrite | {"deny": str(denied)}]
    await lab.deliver(1001, 1002)
    assert await lab.state() is State.PAUSED
    assert await lab.failed() == []
    await lab.fake.deny(lab.channel, 0)
    async with asyncio.timeout(15):
        while len(lab.posted()) < 2:  # noqa: ASYNC110 - it resumes at the event
            await asyncio.sleep(0.01)


async def test_while_the_gateway_is_away_what_it_said_before_gives_up_nothing(lab: Lab) -> None:
    lab.fake.gateway.refuse_with = 4000
    await lab.fake.gateway.drop()
    await lab.fake.until(lambda: any(shard.is_closed() for shard in lab.bot.shards.values()))
    lab.fake.fault(*POST, status=403, code=50013, times=3)
    await lab.deliver(1001, 1002)
    assert await lab.state() is State.PAUSED
    assert await lab.failed() == []
    assert await lab.store.outbox.depth() == 2


async def test_a_conversation_that_is_closed_pauses(fake: FakeDiscord, store: Store, start: Start) -> None:
    fake.add_guild()
    channel = int(fake.dm(MEMBER.id)["id"])
    await subscribe(store, channel=channel, guild=0, user=MEMBER.id)
    fake.fault(*POST, status=403, code=50007, times=None)
    async with ready(fake, store, start, channel) as lab:
        await lab.deliver(1001, 1002)
        found = await place(store, channel)
        assert found.state is State.PAUSED
        assert found.reason is not None
        assert found.reason.code is ReasonCode.DIRECT_MESSAGES_CLOSED
        assert await store.outbox.depth() == 2


async def test_a_paused_channel_that_is_resumed_gets_past_the_message_that_is_refused(lab: Lab) -> None:
    destination = await place(lab.store, lab.channel)
    await lose_the_right(lab)
    await record(lab.store, make_paper(1001), make_paper(1002))
    await lab.fake.until(lambda: rights.known_refusal(lab.bot, destination))
    await lab.bot.delivery.run()
    assert await lab.state() is State.PAUSED
    lab.fake.fault(*POST, status=403, code=50013, times=None, when=about("2607.01001"))
    await lab.fake.deny(lab.channel, 0)
    await lab.fake.until(lambda: "2607.01002v1" in lab.posted())
    assert [str(row.subject) for row in await lab.failed()] == ["2607.01001v1"]
