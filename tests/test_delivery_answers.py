"""What becomes known of a posted paper later: revisions answer its post, the rest edits it in place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.papers import Deliver, Sending
from bot.store.retention import KEPT
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import MEMBER
from tests.fakes.papers import make_paper
from tests.store_cases import NOW, subscribe
from tests.test_bridge import lost_time
from tests.test_delivery import LONG_AGO, POST, Desk, desk, fake, forum_of, forum_posts

__all__ = ["desk", "fake"]

EDIT = ("PATCH", "/channels/{}/messages/{}")
JOURNAL = {"journal_ref": "J. Speech 1 (2026) 1-9"}


@pytest.fixture(autouse=True)
async def closed(desk: Desk) -> AsyncIterator[None]:
    yield
    await desk.store.close()


async def posted(desk: Desk, channel: int = 0, **options: Any) -> dict[str, Any]:
    """Post a paper where revisions are asked for; return its message."""
    await desk.subscribe(channel, **({"revisions": True} | options))
    await desk.queue(1001)
    await desk.run()
    [message] = desk.discord.posts(channel or desk.channel)
    return message


async def change(desk: Desk, **changes: Any) -> None:
    await desk.queue(1001, **changes)
    await desk.run()


async def revise(desk: Desk, version: int = 2, **changes: Any) -> None:
    await change(desk, version=version, updated=NOW, **changes)
    assert await desk.failed() == []


def fields(message: dict[str, Any]) -> dict[str, str]:
    return {field["name"]: field["value"] for field in message["embeds"][0]["fields"]}


def edits(desk: Desk) -> int:
    return len(desk.discord.sent("PATCH", "/channels/{channel_id}/messages/{message_id}"))


def sends(desk: Desk) -> int:
    return len(desk.discord.sent("POST", "/channels/{channel_id}/messages"))


# --- answers -----------------------------------------------------------------------------------------------


async def test_a_revision_answers_the_post_and_calls_nobody_twice(desk: Desk) -> None:
    first = await posted(desk, role_id=77)
    assert first["content"] == "<@&77>"
    await revise(desk)
    answer = desk.discord.posts(desk.channel)[-1]
    assert answer["message_reference"]["message_id"] == first["id"]
    assert answer["embeds"][0]["author"]["name"] == "Revised: version 2"
    assert "TTS" in answer["embeds"][0]["footer"]["text"].upper()
    assert answer["content"] == ""
    request = desk.discord.sent("POST", "/channels/{channel_id}/messages")[-1].body
    assert request["allowed_mentions"] == {"parse": []}
    assert request["message_reference"]["fail_if_not_exists"] is False
    assert request["nonce"]


async def test_a_withdrawal_says_so(desk: Desk) -> None:
    await posted(desk)
    await revise(desk, version=3, withdrawn=True)
    answer = desk.discord.posts(desk.channel)[-1]
    assert answer["embeds"][0]["author"]["name"] == "Withdrawn: version 3"


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
    desk.pass_time(KEPT + timedelta(days=1))
    await desk.store.prune(desk.clock())
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


# --- answers in forums -------------------------------------------------------------------------------------


async def forum_with_a_post(desk: Desk, **extra: Any) -> tuple[int, int]:
    forum = forum_of(desk, **extra)
    await desk.subscribe(forum, revisions=True)
    await desk.queue(1001)
    await desk.run()
    [post] = forum_posts(desk, forum)
    return forum, int(post["id"])


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


# --- edits -------------------------------------------------------------------------------------------------


async def test_a_journal_reference_is_added_to_the_post(desk: Desk) -> None:
    first = await posted(desk, role_id=77)
    await change(desk, **JOURNAL)
    assert fields(first)["Published in"] == JOURNAL["journal_ref"]
    assert len(desk.discord.posts(desk.channel)) == 1
    assert first["content"] == "<@&77>"
    [request] = desk.discord.sent("PATCH", "/channels/{channel_id}/messages/{message_id}")
    assert request.body["allowed_mentions"] == {"parse": []}
    assert "content" not in request.body
    assert first["components"]
    await change(desk, **JOURNAL)
    assert edits(desk) == 1


@pytest.mark.parametrize("changes", [{"doi": "10.1/2"}, {"withdrawn": True}], ids=["doi", "withdrawn"])
async def test_so_are_a_doi_and_a_withdrawal(desk: Desk, changes: dict[str, Any]) -> None:
    first = await posted(desk)
    await change(desk, **changes)
    assert edits(desk) == 1
    shown = str(first["embeds"][0])
    assert "doi.org/10.1/2" in shown or "Withdrawn" in shown


async def test_nothing_is_edited_where_nobody_asks_for_revisions(desk: Desk) -> None:
    await desk.queue(1001)
    await desk.run()
    await change(desk, **JOURNAL)
    assert edits(desk) == 0


async def test_other_changes_edit_nothing(desk: Desk) -> None:
    await posted(desk)
    await change(desk, comment="9 pages", title="Another title")
    assert edits(desk) == 0


async def test_two_changes_in_a_row_and_back_again_end_in_what_holds(desk: Desk) -> None:
    first = await posted(desk)
    other = {"journal_ref": "Elsewhere 2"}
    for changes in (JOURNAL, other, JOURNAL):
        await change(desk, **changes)
    assert fields(first)["Published in"] == JOURNAL["journal_ref"]
    await desk.queue(1001, **other)
    await desk.queue(1001, **JOURNAL)
    await desk.run()
    assert fields(first)["Published in"] == JOURNAL["journal_ref"]
    assert await desk.store.outbox.depth() == 0


async def test_a_post_that_still_waits_shows_the_change_itself(desk: Desk) -> None:
    await desk.subscribe(revisions=True)
    await desk.queue(1001)
    await change(desk, **JOURNAL)
    [message] = desk.discord.posts(desk.channel)
    assert fields(message)["Published in"] == JOURNAL["journal_ref"]
    assert edits(desk) == 0


async def test_a_post_in_doubt_is_edited_after_it(desk: Desk) -> None:
    await desk.subscribe(revisions=True)
    await desk.queue(1001)
    desk.discord.fault(*POST, lost=True)
    await desk.run()
    await desk.queue(1001, **JOURNAL)
    desk.pass_time(LONG_AGO)
    await desk.run()
    [message] = desk.discord.posts(desk.channel)
    assert fields(message)["Published in"] == JOURNAL["journal_ref"]


async def test_what_only_a_digest_held_is_not_edited(desk: Desk) -> None:
    await desk.subscribe(revisions=True, deliver=Deliver.DIGEST)
    await desk.queue(1001)
    await change(desk, **JOURNAL)
    assert await desk.store.outbox.depth() == 0
    assert edits(desk) == 0


async def test_an_edit_of_a_deleted_post_is_done_and_posts_nothing(desk: Desk) -> None:
    await posted(desk)
    desk.discord.messages[desk.channel].clear()
    await change(desk, **JOURNAL)
    assert edits(desk) == 1
    assert sends(desk) == 1
    assert await desk.store.outbox.depth() == 0
    assert await desk.failed() == []


async def test_a_revision_is_announced_although_an_edit_waits(desk: Desk) -> None:
    await posted(desk)
    await desk.queue(1001, **JOURNAL)
    await revise(desk, **JOURNAL)
    assert desk.posted() == ["2607.01001v2", "2607.01001v2"]
    assert edits(desk) == 1


async def test_a_plain_post_is_left_as_it_is(desk: Desk) -> None:
    desk.discord.fault(*POST, status=400, code=50035)
    await posted(desk)
    await change(desk, **JOURNAL)
    assert edits(desk) == 0


async def test_a_locked_post_of_a_forum_is_left_as_it_is_and_does_not_end_the_forum(desk: Desk) -> None:
    forum, post = await forum_with_a_post(desk)
    desk.discord.channels[post]["thread_metadata"]["locked"] = True
    await desk.discord.deny(forum, payloads.MANAGE_THREADS)
    await change(desk, **JOURNAL)
    [message] = desk.discord.posts(post)
    assert "Published in" not in fields(message)
    assert await desk.store.outbox.depth() == 0
    assert await desk.store.destinations.paused() == []


async def test_a_post_that_cannot_be_opened_for_an_edit_is_no_failure(desk: Desk) -> None:
    """A server has a thousand active threads at most."""
    _, post = await forum_with_a_post(desk)
    desk.discord.channels[post]["thread_metadata"]["archived"] = True
    desk.discord.fault("PATCH", f"/channels/{post}", status=400, code=160006)
    await change(desk, **JOURNAL)
    assert await desk.store.outbox.depth() == 0
    assert await desk.failed() == []


@pytest.mark.parametrize("locked", [False, True])
async def test_an_archived_post_of_a_forum_is_opened_for_the_edit_alone(desk: Desk, locked: bool) -> None:
    forum, post = await forum_with_a_post(desk)
    state = desk.discord.channels[post]["thread_metadata"]
    state |= {"archived": True, "locked": locked}
    await desk.discord.deny(forum, payloads.MANAGE_THREADS)
    await change(desk, **JOURNAL)
    [message] = desk.discord.posts(post)
    assert ("Published in" in fields(message)) is not locked
    assert state["archived"]
    assert await desk.store.outbox.depth() == 0


async def test_an_edit_in_a_deleted_post_of_a_forum_does_not_end_the_forum(desk: Desk) -> None:
    _, post = await forum_with_a_post(desk)
    del desk.discord.channels[post]
    await change(desk, **JOURNAL)
    assert await desk.store.outbox.depth() == 0
    assert await desk.store.destinations.paused() == []


async def test_an_edit_that_fails_holds_up_no_post(desk: Desk) -> None:
    first = await posted(desk)
    desk.discord.fault(*EDIT, status=503)
    await desk.queue(1001, **JOURNAL)
    await desk.run()
    await desk.queue(1002)
    await desk.run()
    assert desk.posted() == ["2607.01001v1", "2607.01002v1"]
    assert "Published in" not in fields(first)
    desk.pass_time(timedelta(minutes=5))
    await desk.run()
    assert "Published in" in fields(first)


async def test_an_edit_that_is_refused_is_given_up(desk: Desk) -> None:
    await posted(desk)
    desk.discord.fault(*EDIT, status=400, code=50035)
    await change(desk, **JOURNAL)
    [failed] = await desk.failed()
    assert failed.state is Sending.FAILED
    assert edits(desk) == 1


async def test_a_crash_between_an_edit_and_noting_it_repeats_it_and_posts_nothing(desk: Desk) -> None:
    first = await posted(desk)
    hanging = desk.discord.fault(*EDIT, hang=True, lost=True)
    await desk.queue(1001, **JOURNAL)
    run = asyncio.create_task(desk.delivery().run())
    await hanging.hit.wait()
    await desk.discord.until(lambda: "Published in" in fields(first))
    run.cancel()
    for made in desk.made:
        await made.stop(grace=0)
    assert await desk.store.outbox.depth() == 1
    hanging.release()
    await desk.run()
    assert edits(desk) == 2
    assert sends(desk) == 1
    assert await desk.store.outbox.depth() == 0


async def test_an_edit_waits_while_its_channel_is_paused(desk: Desk) -> None:
    first = await posted(desk)
    await desk.discord.deny(desk.channel, payloads.VIEW_CHANNEL)
    await change(desk, **JOURNAL)
    assert await desk.store.outbox.depth() == 1
    await desk.discord.deny(desk.channel, 0)
    await desk.delivery().resume()
    await desk.run()
    assert "Published in" in fields(first)


async def test_saving_a_paper_that_was_published_edits_its_post_too(desk: Desk) -> None:
    first = await posted(desk)
    await desk.store.library.save(MEMBER.id, [make_paper(1001, **JOURNAL)], desk.clock(), most=9)
    await desk.run()
    assert fields(first)["Published in"] == JOURNAL["journal_ref"]


async def test_a_subscription_that_is_removed_takes_its_edit_along(desk: Desk) -> None:
    await posted(desk)
    await desk.queue(1001, **JOURNAL)
    for subscription in await desk.store.subscriptions.of_channel(desk.channel):
        await desk.store.subscriptions.remove(subscription.id)
    assert await desk.store.outbox.depth() == 0
