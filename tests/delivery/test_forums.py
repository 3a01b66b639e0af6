"""A forum gets one post a paper, with a fitting tag, whatever becomes of Discord's answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model.subscriptions import Notify, Place
from tests.delivery.delivery_cases import Desk, desk, fake, forum_of, forum_posts

__all__ = ["desk", "fake"]


async def test_a_forum_gets_a_post_a_paper_with_a_fitting_tag(desk: Desk) -> None:
    forum = forum_of(desk)
    await desk.subscribe(forum)
    await desk.queue(1001)
    await desk.run()
    [post] = forum_posts(desk, forum)
    assert post["name"] == "Speech synthesis with model 1001"
    assert post["applied_tags"] == ["3"]
    assert desk.posted(int(post["id"])) == ["2607.01001v1"]


@pytest.mark.parametrize(
    ("notify", "silent"), [(Notify.ALL, False), (Notify.BEST, True), (Notify.NONE, True)]
)
async def test_a_post_in_a_forum_notifies_nobody_where_that_is_wanted(
    desk: Desk, notify: Notify, silent: bool
) -> None:
    forum = forum_of(desk)
    await desk.subscribe(forum)
    await desk.store.destinations.change(Place(desk.guild, forum), desk.clock(), notify=notify)
    await desk.queue(1001)
    await desk.run()
    [request] = desk.discord.sent("POST", "/channels/{channel_id}/threads")
    assert bool(int(request.body["message"].get("flags") or 0) & 1 << 12) is silent


async def test_a_forum_that_demands_a_tag_gets_one(desk: Desk) -> None:
    forum = forum_of(desk, flags=1 << 4)
    await desk.subscribe(forum)
    await desk.queue(1001, categories=("hep-th",), primary_category="hep-th")
    await desk.run()
    assert [post["applied_tags"] for post in forum_posts(desk, forum)] == [["2"]]


async def test_a_forum_that_demands_a_tag_gets_the_fitting_one(desk: Desk) -> None:
    forum = forum_of(desk, flags=1 << 4)
    await desk.subscribe(forum)
    await desk.queue(1001)
    await desk.run()
    assert [post["applied_tags"] for post in forum_posts(desk, forum)] == [["3"]]


async def test_a_forum_refusing_the_post_gets_it_plainly_with_a_tag(desk: Desk) -> None:
    forum = forum_of(desk)
    await desk.subscribe(forum)
    desk.discord.fault("POST", f"/channels/{forum}/threads", status=400, code=40067)
    await desk.queue(1001, categories=("hep-th",), primary_category="hep-th")
    await desk.run()
    [post] = forum_posts(desk, forum)
    assert post["applied_tags"] == ["2"]
    assert desk.posted(int(post["id"])) == ["2607.01001v1"]


@pytest.mark.parametrize("archived", [False, True])
async def test_a_forum_post_whose_answer_was_lost_is_found(desk: Desk, archived: bool) -> None:
    forum = forum_of(desk)
    await desk.subscribe(forum)
    desk.discord.fault("POST", f"/channels/{forum}/threads", lost=True)
    await desk.queue(1001)
    await desk.run()
    [post] = forum_posts(desk, forum)
    post["thread_metadata"]["archived"] = archived
    desk.pass_time(timedelta(seconds=10))
    await desk.run()
    assert len(forum_posts(desk, forum)) == 1
    assert await desk.store.outbox.depth() == 0


@pytest.mark.parametrize("performed", [False, True])
async def test_a_forum_post_is_not_repeated_before_a_look(desk: Desk, performed: bool) -> None:
    """discord.py repeats what Discord answers with 502; a post has no nonce by which to recognize that."""
    forum = forum_of(desk)
    await desk.subscribe(forum)
    desk.discord.fault("POST", f"/channels/{forum}/threads", status=502, lost=performed)
    await desk.queue(1001)
    await desk.run()
    assert len(forum_posts(desk, forum)) == performed
    desk.pass_time(timedelta(seconds=10))
    await desk.run()
    assert len(forum_posts(desk, forum)) == 1
    assert await desk.store.outbox.depth() == 0


async def test_a_forum_post_that_was_rate_limited_is_made_after_the_wait(desk: Desk) -> None:
    forum = forum_of(desk)
    await desk.subscribe(forum)
    desk.discord.fault("POST", f"/channels/{forum}/threads", status=429, retry_after=0.01)
    await desk.queue(1001)
    await desk.run()
    assert len(forum_posts(desk, forum)) == 1
