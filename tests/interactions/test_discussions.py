"""*Discuss* for a paper that is picked from a digest: in a thread of its own, once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.model.outbox import DigestPage, Section
from bot.model.papers import Match, Paper
from bot.model.subscriptions import Deliver, Options, Place
from bot.present.buttons import PICKED, under_paper
from bot.present.posts import thread_name
from bot.query.query import parse
from bot.store import Store
from tests.conftest import MakeBot, World, buttons_of, text_of
from tests.fakes import discord_payloads as payloads
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.discord import MANAGER, FakeDiscord
from tests.fakes.interactions import Answer
from tests.fakes.papers import make_papers
from tests.looks import look_at
from tests.runtime.client_cases import Start, fake, start

__all__ = ["fake", "start"]

ONE, TWO = make_papers(2)
MENU = "papers:open-here:0"
DENIED = discord.PermissionOverwrite(create_public_threads=False)


async def digest(
    world: World,
    store: Store,
    clock: Clock,
    channel: Any = None,
    *,
    deliver: Deliver = Deliver.DIGEST,
) -> Any:
    """Let a digest of two papers be posted, and return its message."""
    place = channel or world.papers
    subscribed = await store.subscriptions.subscribe(
        place=Place(world.guild.id, place.id),
        keyword="TTS",
        query=(query := parse("TTS").canonical),
        options=Options(deliver=deliver),
        created_by=world.manager.id,
        now=clock(),
        look=look_at([]),
    )
    await store.record([ONE, TWO], [Match(query, one.id) for one in (ONE, TWO)], clock(), asked=[query])
    page = DigestPage(clock().date(), 1, 1, 2, (Section("TTS", (ONE.id, TWO.id)),))
    await store.digests.run(subscribed.subscription.destination.id, page.day, [page], clock())
    world.bot.wake_delivery()
    await world.env.settle()
    [message] = [each for each in place.history() if each.components and len(each.components) == 2]
    return message


async def discuss(person: Any, message: Any, paper: Paper = ONE) -> Any:
    opened = await person.select(message, [paper.id.text], custom_id=MENU)
    assert opened.ephemeral
    return await person.click(opened.response, label="Discuss")


async def test_each_paper_of_a_digest_has_a_thread_of_its_own(
    world: World, store: Store, clock: Clock, make_bot: MakeBot
) -> None:
    message = await digest(world, store, clock)
    assert message.components[0].children[0].placeholder == "Open one: abstract, PDF, discuss, cite"
    answer = await discuss(world.member, message)
    assert answer.ephemeral
    [first] = world.papers.threads
    assert first.name == thread_name(ONE)
    assert text_of(answer) == f"The discussion is in <#{first.id}>."
    [card] = first.history()
    assert card.embeds[0].url == ONE.abs_url
    assert [button.label for button in card.components[0].children] == ["Abstract", "Save", "Cite"]

    await world.env.restart_bot(make_bot())
    assert str(first.id) in text_of(await discuss(world.manager, message))
    answer = await discuss(world.manager, message, TWO)
    assert [thread.name for thread in world.papers.threads] == [thread_name(ONE), thread_name(TWO)]
    assert str(world.papers.threads[1].id) in text_of(answer)
    assert message.id not in {thread.id for thread in world.papers.threads}


async def test_a_paper_that_has_a_post_is_discussed_on_it(world: World, store: Store, clock: Clock) -> None:
    message = await digest(world, store, clock, deliver=Deliver.BOTH)
    [post] = [each for each in world.papers.history() if each.embeds[0].url == ONE.abs_url]
    await discuss(world.member, message)
    assert [thread.id for thread in world.papers.threads] == [post.id]
    assert str(post.id) in text_of(await discuss(world.manager, message))
    assert str(post.id) in text_of(await world.member.click(post, label="Discuss"))
    assert len(world.papers.threads) == 1


async def test_a_post_that_was_deleted_is_no_place_to_discuss(
    world: World, store: Store, clock: Clock
) -> None:
    message = await digest(world, store, clock, deliver=Deliver.BOTH)
    [post] = [each for each in world.papers.history() if each.embeds[0].url == ONE.abs_url]
    papers: Any = world.env.bot.get_channel(world.papers.id)
    await papers.get_partial_message(post.id).delete()
    answer = await discuss(world.member, message)
    [thread] = world.papers.threads
    assert thread.id != post.id
    assert str(thread.id) in text_of(answer)


async def test_a_thread_that_was_deleted_is_opened_anew(world: World, store: Store, clock: Clock) -> None:
    message = await digest(world, store, clock)
    await discuss(world.member, message)
    [thread] = world.papers.threads
    gone: Any = world.env.bot.get_channel(thread.id)
    await gone.delete()
    answer = await discuss(world.member, message)
    [again] = world.papers.threads
    assert again.id != thread.id
    assert str(again.id) in text_of(answer)


async def test_a_thread_that_the_bot_opened_just_before_it_ended_is_used(
    world: World, store: Store, clock: Clock
) -> None:
    message = await digest(world, store, clock)
    papers: Any = world.env.bot.get_channel(world.papers.id)
    left = await papers.create_thread(name=thread_name(ONE), type=discord.ChannelType.public_thread)
    answer = await discuss(world.member, message)
    [thread] = world.papers.threads
    assert thread.id == left.id
    assert str(left.id) in text_of(answer)
    [card] = thread.history()
    assert card.embeds[0].url == ONE.abs_url


async def test_a_thread_that_has_its_card_gets_no_second_one(
    world: World, store: Store, clock: Clock
) -> None:
    """The bot may end before it stores a thread, after its card or before it."""
    message = await digest(world, store, clock)
    papers: Any = world.env.bot.get_channel(world.papers.id)
    left = await papers.create_thread(name=thread_name(ONE), type=discord.ChannelType.public_thread)
    await left.send("the card")
    assert str(left.id) in text_of(await discuss(world.member, message))
    [thread] = world.papers.threads
    assert [each.content for each in thread.history()] == ["the card"]


async def test_the_thread_of_another_paper_with_this_title_is_left_alone(
    world: World, store: Store, clock: Clock
) -> None:
    message = await digest(world, store, clock)
    await store.record([replace(TWO, title=ONE.title)], [], clock())
    await discuss(world.member, message)
    [first] = world.papers.threads
    answer = await discuss(world.member, message, TWO)
    [_, second] = world.papers.threads
    assert first.name == second.name
    assert str(second.id) in text_of(answer)


async def test_the_thread_on_the_post_of_a_paper_with_this_title_is_left_alone(
    world: World, store: Store, clock: Clock
) -> None:
    message = await digest(world, store, clock, deliver=Deliver.BOTH)
    [post, other] = [each for each in world.papers.history() if each.id != message.id]
    await world.member.click(post, label="Discuss")
    await store.record([replace(TWO, title=ONE.title)], [], clock())
    papers: Any = world.env.bot.get_channel(world.papers.id)
    await papers.get_partial_message(other.id).delete()
    answer = await discuss(world.member, message, TWO)
    [first, second] = world.papers.threads
    assert (first.id, first.name) == (post.id, second.name)
    assert str(second.id) in text_of(answer)


async def test_a_paper_of_a_digest_older_than_what_is_kept_is_discussed(
    world: World, store: Store, arxiv: FakeArxiv, clock: Clock
) -> None:
    await store.destinations.ensure(Place(world.guild.id, world.papers.id), clock())
    arxiv.publish([ONE])
    channel: Any = world.env.bot.get_channel(world.papers.id)
    message = await channel.send("x", view=under_paper(ONE, wanted=PICKED))
    answer = await world.member.click(message, label="Discuss")
    [thread] = world.papers.threads
    assert str(thread.id) in text_of(answer)
    assert str(thread.id) in text_of(await world.manager.click(message, label="Discuss"))


async def test_a_thread_of_somebody_else_with_this_name_is_left_alone(
    world: World, store: Store, clock: Clock
) -> None:
    message = await digest(world, store, clock)
    theirs = world.env.backend.create_thread(
        world.papers.id, name=thread_name(ONE), owner_id=world.manager.id
    )
    await world.env.settle()
    answer = await discuss(world.member, message)
    assert len(world.papers.threads) == 2
    assert str(theirs.id) not in text_of(answer)


async def test_two_people_at_once_get_the_same_thread(world: World, store: Store, clock: Clock) -> None:
    message = await digest(world, store, clock)
    place = await store.destinations.by_channel(world.papers.id)
    assert place is not None
    channel: Any = world.env.bot.get_channel(world.papers.id)
    opening = [world.bot.discussions.open(channel, place.id, ONE) for _ in range(3)]
    opened = asyncio.gather(*opening)
    await world.env.settle()
    assert len(set(await opened)) == 1
    assert len(world.papers.threads) == 1
    assert message.id != world.papers.threads[0].id


@pytest.mark.parametrize(
    ("kind", "thread"),
    [(payloads.TEXT, payloads.PUBLIC_THREAD), (payloads.NEWS, payloads.NEWS_THREAD)],
)
async def test_in_an_announcement_channel_it_is_an_announcement_thread(
    fake: FakeDiscord, start: Start, store: Store, clock: Clock, *, kind: int, thread: int
) -> None:
    answer = await discuss_in(fake, start, store, clock, kind=kind)
    [request] = fake.sent("POST", "/channels/{channel_id}/threads")
    assert request.body["type"] == thread
    assert "The discussion is in <#" in answer.text


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        pytest.param(400, 160006, "Discord allows no more open threads here.", id="a server with too many"),
        pytest.param(403, 50013, "I do not have the Create Public Threads permission.", id="forbidden"),
        pytest.param(400, 50035, "incident ", id="our bug"),
    ],
)
async def test_a_refused_thread_is_a_sentence(
    fake: FakeDiscord, start: Start, store: Store, clock: Clock, *, status: int, code: int, told: str
) -> None:
    fake.fault("POST", "/channels/{}/threads", status=status, code=code, times=None)
    answer = await discuss_in(fake, start, store, clock)
    assert answer.ephemeral
    assert told in answer.text


async def discuss_in(
    fake: FakeDiscord, start: Start, store: Store, clock: Clock, *, kind: int = payloads.TEXT
) -> Answer:
    """Let a manager click *Discuss* below a paper that was picked in a channel of this *kind*."""
    channel = fake.add_channel(guild := fake.add_guild(), kind=kind)
    await store.destinations.ensure(Place(guild, channel), clock())
    await store.record([ONE], [], clock())
    view = under_paper(ONE, wanted=PICKED)
    message = fake.add_message(channel, {"content": "x", "components": view.to_components(), "flags": 64})
    async with start() as bot:
        await fake.until(bot.is_ready)
        return await fake.click(channel, MANAGER, message, f"papers:thread:{ONE.id}")


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("member", "You need the Create Public Threads permission in this channel"),
        ("bot", "I do not have the Create Public Threads permission."),
    ],
)
async def test_who_may_open_no_thread_is_told_and_still_led_to_one(
    world: World, store: Store, clock: Clock, who: str, sentence: str
) -> None:
    denied: Any = world.member if who == "member" else world.env.bot.user
    channel = world.guild.create_text_channel("closed", overwrites={denied: DENIED})
    message = await digest(world, store, clock, channel)
    assert sentence in text_of(await discuss(world.member, message))
    assert channel.threads == []
    place = await store.destinations.by_channel(channel.id)
    assert place is not None
    papers: Any = world.env.bot.get_channel(world.papers.id)
    thread = await papers.create_thread(name="theirs", type=discord.ChannelType.public_thread)
    await store.discussions.keep(place.id, ONE, thread.id, clock())
    assert text_of(await discuss(world.member, message)) == f"The discussion is in <#{thread.id}>."


async def test_a_thread_in_which_the_bot_may_not_write_begins_empty(
    world: World, store: Store, clock: Clock
) -> None:
    overwrite = discord.PermissionOverwrite(send_messages_in_threads=False)
    silent: dict[Any, discord.PermissionOverwrite] = {world.env.bot.user: overwrite}
    channel = world.guild.create_text_channel("silent", overwrites=silent)
    answer = await discuss(world.member, await digest(world, store, clock, channel))
    [thread] = channel.threads
    assert str(thread.id) in text_of(answer)
    assert thread.history() == []


async def test_where_no_thread_can_be_nothing_is_offered(world: World, store: Store, clock: Clock) -> None:
    papers: Any = world.env.bot.get_channel(world.papers.id)
    thread = await papers.create_thread(name="a thread", type=discord.ChannelType.public_thread)
    [place] = world.papers.threads
    message = await digest(world, store, clock, place)
    assert message.channel.id == thread.id
    assert message.components[0].children[0].placeholder == "Open one: abstract, PDF, save, cite"
    opened = await world.member.select(message, [ONE.id.text], custom_id="papers:open:0")
    assert "Discuss" not in buttons_of(opened)


async def test_what_was_saved_most_can_be_discussed_too(world: World, store: Store, clock: Clock) -> None:
    await store.destinations.ensure(Place(world.guild.id, world.papers.id), clock())
    await store.library.save(1, [ONE], clock(), most=9, channel_id=world.papers.id)
    top = await world.member.slash(world.papers, "top")
    await discuss(world.member, top.response)
    assert [thread.name for thread in world.papers.threads] == [thread_name(ONE)]
