"""Revisions answer the post of their paper: in channels, threads, conversations and forums."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.model.subscriptions import Deliver
from tests.delivery.delivery_cases import LONG_AGO, POST, Desk, closed, desk, fake, forum_posts, lost_time
from tests.delivery.revision_cases import forum_with_a_post, posted, revise
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import MEMBER
from tests.store.store_cases import (
    KEEP,
    prune,
    subscribe,
)

__all__ = ["closed", "desk", "fake"]


async def test_a_revision_answers_the_post_and_calls_nobody_twice(desk: Desk) -> None:
    first = await posted(desk, role_id=77)
    assert first["content"] == "<@&77>"
    await revise(desk)
    answer = desk.discord.posts(desk.channel)[-1]
    assert answer["message_reference"]["message_id"] == first["id"]
    assert answer["embeds"][0]["title"] == "Version 2 of “Speech synthesis with model 1001”"
    assert answer["embeds"][0]["footer"]["text"].startswith("v2,")
    assert answer["content"] == ""
    request = desk.discord.sent("POST", "/channels/{channel_id}/messages")[-1].body
    assert request["allowed_mentions"] == {"parse": []}
    assert request["message_reference"]["fail_if_not_exists"] is False
    assert request["nonce"]


async def test_a_withdrawal_says_so(desk: Desk) -> None:
    await posted(desk)
    await revise(desk, version=3, withdrawn=True)
    answer = desk.discord.posts(desk.channel)[-1]
    assert answer["embeds"][0]["title"].startswith("Version 3 of “")
    assert answer["embeds"][0]["description"].startswith("⚠️ **Withdrawn** by the authors.")


async def test_every_revision_answers_the_first_post(desk: Desk) -> None:
    first = await posted(desk)
    await revise(desk, 2)
    await revise(desk, 3)
    answers = desk.discord.posts(desk.channel)[1:]
    assert [answer["message_reference"]["message_id"] for answer in answers] == [first["id"]] * 2


@pytest.mark.parametrize("place", ["thread", "conversation"])
async def test_threads_and_conversations_get_answers_too(desk: Desk, place: str) -> None:
    if place == "thread":
        channel = int(desk.discord.add_thread(desk.discord.channels[desk.channel], "talk")["id"])
        first = await posted(desk, channel)
    else:
        channel = int(desk.discord.dm(MEMBER.id)["id"])
        await subscribe(desk.store, channel=channel, guild=0, user=MEMBER.id, revisions=True)
        await desk.queue(1001)
        await desk.run()
        [first] = desk.discord.posts(channel)
    await revise(desk)
    assert desk.discord.posts(channel)[-1]["message_reference"]["message_id"] == first["id"]


async def test_a_revision_of_a_deleted_post_is_posted_all_the_same(desk: Desk) -> None:
    await posted(desk)
    desk.discord.messages[desk.channel].clear()
    await revise(desk)
    assert desk.posted() == ["2607.01001v2"]


async def test_a_revision_of_what_only_a_digest_held_answers_nothing(desk: Desk) -> None:
    await desk.subscribe(revisions=True, deliver=Deliver.DIGEST)
    await desk.queue(1001)
    await desk.subscribe(revisions=True)
    await revise(desk)
    assert "message_reference" not in desk.discord.posts(desk.channel)[-1]


async def test_a_revision_after_the_post_was_forgotten_answers_nothing(desk: Desk) -> None:
    await posted(desk)
    desk.pass_time(KEEP + timedelta(days=1))
    await prune(desk.store, desk.clock())
    await revise(desk)
    assert "message_reference" not in desk.discord.posts(desk.channel)[-1]


async def test_who_may_not_read_the_history_cannot_answer_but_can_post(desk: Desk) -> None:
    await posted(desk)
    await desk.discord.deny(desk.channel, payloads.READ_MESSAGE_HISTORY)
    await revise(desk)
    assert desk.posted() == ["2607.01001v1", "2607.01001v2"]


async def test_an_answer_whose_answer_was_lost_is_there_once(desk: Desk) -> None:
    await posted(desk)
    desk.discord.fault(*POST, lost=True)
    await revise(desk)
    desk.pass_time(LONG_AGO)
    await desk.run()
    assert desk.posted() == ["2607.01001v1", "2607.01001v2"]
    assert await desk.store.outbox.depth() == 0


# --- in forums ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("archived", [False, True])
async def test_in_a_forum_a_revision_stands_in_the_papers_post(desk: Desk, archived: bool) -> None:
    forum, post = await forum_with_a_post(desk)
    desk.discord.channels[post]["thread_metadata"]["archived"] = archived
    await revise(desk)
    assert len(forum_posts(desk, forum)) == 1
    assert desk.posted(post) == ["2607.01001v1", "2607.01001v2"]


async def test_in_a_forum_a_deleted_post_is_followed_by_a_new_one(desk: Desk) -> None:
    forum, post = await forum_with_a_post(desk)
    del desk.discord.channels[post]
    await revise(desk)
    [new] = forum_posts(desk, forum)
    assert desk.posted(int(new["id"])) == ["2607.01001v2"]


async def test_a_locked_post_is_followed_by_a_new_one(desk: Desk) -> None:
    forum, post = await forum_with_a_post(desk)
    desk.discord.channels[post]["thread_metadata"]["locked"] = True
    await revise(desk)
    assert len(forum_posts(desk, forum)) == 2
    assert desk.posted(post) == ["2607.01001v1"]


async def test_an_answer_in_a_post_that_was_locked_since_is_not_repeated(desk: Desk) -> None:
    forum, post = await forum_with_a_post(desk)
    desk.discord.fault(*POST, lost=True)
    await revise(desk)
    desk.discord.channels[post]["thread_metadata"]["locked"] = True
    desk.pass_time(timedelta(seconds=10))
    await desk.run()
    assert len(forum_posts(desk, forum)) == 1
    assert desk.posted(post) == ["2607.01001v1", "2607.01001v2"]
    assert await desk.store.outbox.depth() == 0


async def test_a_new_post_beside_a_locked_one_is_not_repeated_where_that_is_open_again(desk: Desk) -> None:
    forum, post = await forum_with_a_post(desk)
    state = desk.discord.channels[post]["thread_metadata"]
    state["locked"] = True
    desk.discord.fault("POST", f"/channels/{forum}/threads", lost=True)
    await revise(desk)
    state["locked"] = False
    desk.pass_time(timedelta(seconds=10))
    await desk.run()
    assert len(forum_posts(desk, forum)) == 2
    assert desk.posted(post) == ["2607.01001v1"]
    assert await desk.store.outbox.depth() == 0


async def test_a_post_deleted_at_the_last_moment_does_not_end_the_forum(desk: Desk) -> None:
    forum, post = await forum_with_a_post(desk)
    desk.discord.fault("POST", f"/channels/{post}/messages", status=404, code=10003)
    await revise(desk)
    assert len(forum_posts(desk, forum)) == 2
    assert await desk.store.outbox.depth() == 0


async def test_an_answer_that_is_refused_for_another_reason_makes_no_second_post(desk: Desk) -> None:
    forum, post = await forum_with_a_post(desk)
    desk.discord.fault("POST", f"/channels/{post}/messages", status=404, code=10008)
    await revise(desk)
    await desk.run()
    assert len(forum_posts(desk, forum)) == 1


async def test_in_a_forum_a_lost_answer_is_found_in_the_post(desk: Desk) -> None:
    forum, post = await forum_with_a_post(desk)
    desk.discord.fault(*POST, lost=True)
    await revise(desk)
    desk.pass_time(LONG_AGO)
    await desk.run()
    assert len(forum_posts(desk, forum)) == 1
    assert desk.posted(post) == ["2607.01001v1", "2607.01001v2"]


@pytest.mark.parametrize("forum", [False, True])
async def test_after_a_restore_a_revision_is_not_posted_again(
    desk: Desk, forum: bool, tmp_path: Path
) -> None:
    channel = desk.channel
    if forum:
        _, channel = await forum_with_a_post(desk)
    else:
        await posted(desk)
    async with lost_time(desk, tmp_path):
        await revise(desk)
    await revise(desk)
    assert desk.posted(channel) == ["2607.01001v1", "2607.01001v2"]
