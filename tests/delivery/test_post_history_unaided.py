"""Looking for our own post where no nonce helps: forums, and channels whose history is out of reach."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.delivery.nonces import NONCE_KEPT
from tests.delivery.delivery_cases import Desk, desk, fake, forum_of, forum_posts
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import MEMBER

__all__ = ["desk", "fake"]


async def lost_forum_post(desk: Desk) -> int:
    """Post a paper in a forum, lose the answer, and let time pass; return the forum."""
    forum = forum_of(desk)
    await desk.subscribe(forum)
    desk.discord.fault("POST", f"/channels/{forum}/threads", lost=True)
    await desk.queue(1001)
    await desk.run()
    assert len(forum_posts(desk, forum)) == 1
    desk.pass_time(timedelta(seconds=10))
    return forum


def looked(desk: Desk) -> list[str]:
    routes = ("/guilds/{guild_id}/threads/active", "/channels/{channel_id}/threads/archived/public")
    return [each.route for each in desk.discord.requests if each.route in routes]


async def test_a_first_try_in_a_forum_needs_no_look(desk: Desk) -> None:
    forum = forum_of(desk)
    await desk.subscribe(forum)
    await desk.queue(1001)
    await desk.run()
    assert looked(desk) == []


async def test_any_retry_in_a_forum_looks_through_active_and_archived_posts(desk: Desk) -> None:
    forum = await lost_forum_post(desk)
    forum_posts(desk, forum)[0]["thread_metadata"]["archived"] = True
    for number in range(3):  # archived later, so listed before ours
        other = desk.discord.add_thread(desk.discord.channels[forum], f"Another paper {number}")
        other["thread_metadata"]["archived"] = True
    await desk.run()
    assert len(forum_posts(desk, forum)) == 4
    assert len(looked(desk)) == 2
    assert await desk.store.outbox.depth() == 0


async def test_a_lost_post_is_found_by_its_paper_where_a_revision_has_another_title(desk: Desk) -> None:
    forum = await lost_forum_post(desk)
    await desk.queue(1001, version=2, title="Speech synthesis with a model of another name")
    await desk.run()
    assert len(forum_posts(desk, forum)) == 1
    assert await desk.store.outbox.depth() == 0


async def test_another_persons_post_of_that_name_is_not_ours(desk: Desk) -> None:
    forum = forum_of(desk)
    await desk.subscribe(forum)
    desk.discord.fault("POST", f"/channels/{forum}/threads", status=503)
    await desk.queue(1001)
    await desk.run()
    theirs = desk.discord.add_thread(desk.discord.channels[forum], "Speech synthesis with model 1001")
    theirs["owner_id"] = str(MEMBER.id)
    desk.pass_time(timedelta(minutes=1))
    await desk.run()
    assert len(forum_posts(desk, forum)) == 2


async def test_in_a_forum_whose_history_it_may_not_read_the_name_tells(desk: Desk) -> None:
    forum = await lost_forum_post(desk)
    await desk.discord.deny(forum, payloads.READ_MESSAGE_HISTORY)
    await desk.run()
    assert len(forum_posts(desk, forum)) == 1
    assert await desk.store.outbox.depth() == 0


@pytest.mark.parametrize("wait", [timedelta(minutes=1), NONCE_KEPT + timedelta(minutes=2)])
async def test_without_the_history_the_nonce_is_what_is_left(desk: Desk, wait: timedelta) -> None:
    desk.discord.fault("POST", "/channels/{}/messages", lost=True)
    await desk.queue(1001)
    await desk.run()
    await desk.discord.deny(desk.channel, payloads.READ_MESSAGE_HISTORY)
    desk.pass_time(wait)
    await desk.run()
    first, second = desk.discord.sent("POST", "/channels/{channel_id}/messages")
    assert first.body["nonce"] == second.body["nonce"]
    assert second.body["enforce_nonce"] is True
    times = 2 if wait > NONCE_KEPT else 1  # which is why `/status` asks for the right
    assert desk.posted() == ["2607.01001v1"] * times
