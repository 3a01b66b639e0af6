"""The button *Discuss* in the real bot in simcord; and what Discord answers to a second thread."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
from discord.http import Route
from simcord.builders import ChannelHandle
from simcord.env import Env

from bot.delivery.threads import open_thread
from bot.present.buttons import under_paper
from bot.present.posts import thread_name
from bot.store import Store
from tests.conftest import MakeBot, World, buttons_of, text_of
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import MANAGER, FakeDiscord
from tests.fakes.interactions import Answer
from tests.fakes.papers import EPOCH, make_paper
from tests.runtime.client_cases import Start, fake, start

__all__ = ["fake", "start"]

PAPER = make_paper(7, title=r"On $\alpha$ " + "and more " * 30)
NAME = thread_name(PAPER)
DENIED = {"create_public_threads": False}


async def post(world: World, store: Store, channel: ChannelHandle | None = None) -> Any:
    await store.record([PAPER], [], EPOCH)
    place = world.env.bot.get_channel((channel or world.papers).id)
    return await place.send("x", view=under_paper(PAPER, discuss=True))


async def test_a_thread_is_opened_on_the_post_after_a_restart(
    world: World, store: Store, make_bot: MakeBot
) -> None:
    message = await post(world, store)
    await world.env.restart_bot(make_bot())
    answer = await world.member.click(message, label="Discuss")
    assert answer.ephemeral
    [thread] = world.papers.threads
    assert (thread.id, thread.name) == (message.id, NAME)
    assert thread.name.startswith("On α and more")
    assert len(thread.name) <= 100
    assert text_of(answer) == f"The discussion is in <#{thread.id}>."


async def test_what_a_button_answers_is_for_one_person_and_leaves_the_post_as_it_is(
    world: World, store: Store
) -> None:
    message = await post(world, store)
    for label, said in (("Abstract", PAPER.abstract), ("Save", "aved"), ("Cite", "@")):
        answer = await world.member.click(message, label=label)
        assert answer.ephemeral, label
        assert said in str(text_of(answer)) or answer.response.attachments
        [kept] = [each for each in world.papers.history() if each.id == message.id]
        assert (kept.content, kept.embeds) == ("x", []), label


async def test_a_second_click_leads_to_the_same_thread(world: World, store: Store) -> None:
    message = await post(world, store)
    await world.member.click(message, label="Discuss")
    answer = await world.manager.click(message, label="Discuss")
    assert text_of(answer) == f"The discussion is in <#{message.id}>."
    assert len(world.papers.threads) == 1


async def test_who_may_open_no_thread_is_told_which_right_is_missing(world: World, store: Store) -> None:
    overwrites: dict[Any, discord.PermissionOverwrite] = {world.member: discord.PermissionOverwrite(**DENIED)}
    message = await post(world, store, closed := world.guild.create_text_channel("c", overwrites=overwrites))
    answer = await world.member.click(message, label="Discuss")
    assert answer.ephemeral
    assert "You need the Create Public Threads permission" in text_of(answer)
    assert closed.threads == []


async def test_what_the_bot_lacks_is_named(world: World, store: Store) -> None:
    overwrites: dict[Any, discord.PermissionOverwrite] = {
        world.env.bot.user: discord.PermissionOverwrite(**DENIED)
    }
    message = await post(world, store, closed := world.guild.create_text_channel("c", overwrites=overwrites))
    answer = await world.member.click(message, label="Discuss")
    assert "I do not have the Create Public Threads permission" in text_of(answer)
    assert closed.threads == []


async def test_a_looked_up_paper_has_its_buttons(world: World) -> None:
    answer = await world.member.slash(world.papers, "paper", paper="2607.00007")
    assert list(buttons_of(answer)) == ["Abstract", "PDF", "Save", "Cite", "Discuss"]
    links = [button for row in answer.response.components for button in row["components"] if "url" in button]
    assert [button["url"] for button in links] == ["https://arxiv.org/pdf/2607.00007v1"]
    await world.member.click(answer.response, label="Discuss")
    assert [thread.name for thread in world.papers.threads] == ["Speech synthesis with model 7"]


async def test_no_thread_is_offered_where_none_can_be(env: Env) -> None:
    answer = await env.create_user("ann").slash("paper", paper="2607.00007")
    assert "Discuss" not in buttons_of(answer)


# --- what Discord itself answers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        pytest.param(400, 160006, "Discord allows no more open threads here.", id="a server with too many"),
        pytest.param(400, 160007, "Discord allows no more open threads here.", id="an announcement channel"),
        pytest.param(404, 10008, "The post has been deleted", id="deleted"),
        pytest.param(403, 50013, "I do not have the Create Public Threads permission.", id="forbidden"),
        pytest.param(400, 50035, "incident ", id="our bug"),
    ],
)
async def test_a_refused_thread_is_a_sentence(
    fake: FakeDiscord, start: Start, store: Store, *, status: int, code: int, told: str
) -> None:
    channel = fake.add_channel(fake.add_guild())
    answer = await discuss(fake, start, store, channel, status=status, code=code)
    assert answer.ephemeral
    assert told in answer.text


async def test_without_the_history_that_permission_is_named(
    fake: FakeDiscord, start: Start, store: Store
) -> None:
    """Discord opens no thread on a message that the bot cannot read, and does not say why."""
    channel = fake.add_channel(fake.add_guild())
    await fake.deny(channel, payloads.READ_MESSAGE_HISTORY)
    answer = await discuss(fake, start, store, channel, status=403, code=50013)
    assert "I do not have the Read Message History permission." in answer.text


@pytest.mark.parametrize("flags", [0, 64])
async def test_no_thread_is_opened_on_an_answer_that_only_one_person_sees(
    fake: FakeDiscord, start: Start, store: Store, flags: int
) -> None:
    channel = fake.add_channel(fake.add_guild())
    answer = await discuss(fake, start, store, channel, flags=flags)
    opened = fake.sent("POST", "/channels/{channel_id}/messages/{message_id}/threads")
    assert (len(opened), "only be opened on a post" in answer.text) == ((0, True) if flags else (1, False))


async def discuss(
    fake: FakeDiscord,
    start: Start,
    store: Store,
    channel: int,
    *,
    status: int = 0,
    code: int = 0,
    flags: int = 0,
) -> Answer:
    """Let a manager click *Discuss* on a post, which Discord refuses with *status* and *code*, if given."""
    await store.record([PAPER], [], EPOCH)
    view = under_paper(PAPER, discuss=True)
    message = fake.add_message(channel, {"content": "x", "components": view.to_components(), "flags": flags})
    if status:
        fake.fault("POST", "/channels/{}/messages/{}/threads", status=status, code=code, times=None)
    async with start() as bot:
        await fake.until(bot.is_ready)
        return await fake.click(channel, MANAGER, message, f"papers:discuss:{PAPER.id}")


@pytest.fixture
async def message(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[FakeDiscord, discord.Message]]:
    """A message of the bot's; its client has no gateway, so it never hears of threads."""
    async with FakeDiscord() as fake, discord.Client(intents=discord.Intents(guilds=True)) as client:
        monkeypatch.setattr(Route, "BASE", fake.api_base)
        channel_id = fake.add_channel(fake.add_guild())
        await client.login(fake.token)
        channel = await client.fetch_channel(channel_id)
        assert isinstance(channel, discord.TextChannel)
        yield fake, await channel.send("x", view=under_paper(PAPER, discuss=True))
        assert fake.invalid == []


async def test_a_thread_that_nobody_told_us_of_is_found(message: tuple[FakeDiscord, discord.Message]) -> None:
    fake, posted = message
    assert await open_thread(posted, NAME) == posted.id
    assert await open_thread(posted, NAME) == posted.id
    assert len(fake.sent("POST", "/channels/{channel_id}/messages/{message_id}/threads")) == 2


async def test_a_refusal_is_not_taken_for_a_thread(message: tuple[FakeDiscord, discord.Message]) -> None:
    fake, posted = message
    fake.fault("POST", f"/channels/{posted.channel.id}/messages/{posted.id}/threads", status=400, code=160006)
    with pytest.raises(discord.HTTPException):
        await open_thread(posted, NAME)
