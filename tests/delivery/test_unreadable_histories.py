"""A message or a channel that discord.py cannot parse hides no other, and leaves the doubt where it is."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from tests.delivery.delivery_cases import (
    HISTORY,
    LONG_AGO,
    Desk,
    desk,
    fake,
    forum_of,
    forum_posts,
    lost_answer,
    unavailable,
)
from tests.delivery.unreadable_cases import A_FEW, THREADS, each, every, settle, values
from tests.fakes.discord import MEMBER
from tests.fakes.discord_unreadable import BODIES, MESSAGES, Garble

__all__ = ["desk", "fake"]


@every(garble=MESSAGES, among=values("before", "after", "around"))
async def test_an_unreadable_message_in_a_history_is_skipped(desk: Desk, garble: Garble, among: str) -> None:
    foreign = {"content": "so what?"}
    if among != "after":
        desk.discord.add_message(desk.channel, foreign, author=MEMBER.account)
    await lost_answer(desk)
    await desk.queue(1001)
    await desk.run()
    if among != "before":
        desk.discord.add_message(desk.channel, foreign, author=MEMBER.account)
    desk.discord.fault(
        *HISTORY,
        garble=lambda page: [garble(one) if one["author"]["id"] == str(MEMBER.id) else one for one in page],
        times=None,
    )
    desk.pass_time(LONG_AGO)
    await desk.run()
    assert desk.posted() == ["2607.01001v1"]
    assert await desk.store.outbox.depth() == 0
    assert len(desk.discord.sent("POST", "/channels/{channel_id}/messages")) == 1


@every(entry=values(None, 7, "a text", [], {}, {"id": None}, {"id": "x" * 99}))
async def test_what_is_no_message_at_all_is_skipped_too(desk: Desk, entry: Any) -> None:
    await lost_answer(desk)
    await desk.queue(1001)
    await desk.run()
    desk.discord.fault(*HISTORY, garble=lambda page: [entry, *page, entry], times=None)
    desk.pass_time(LONG_AGO)
    await desk.run()
    assert await desk.store.outbox.depth() == 0
    assert desk.posted() == ["2607.01001v1"]


@each({name: garble for name, garble in BODIES.items() if name not in {"an empty list", "a list of it"}})
async def test_a_history_that_is_none_leaves_the_doubt(desk: Desk, garble: Garble) -> None:
    await lost_answer(desk)
    await desk.queue(1001)
    await desk.run()
    desk.discord.fault(*HISTORY, garble=garble, times=3)
    for _ in range(3):
        desk.pass_time(LONG_AGO)
        await desk.run()
        assert (await desk.row()).ambiguous
    desk.pass_time(timedelta(hours=1))
    await desk.run()
    assert desk.posted() == ["2607.01001v1"]
    assert await desk.store.outbox.depth() == 0
    assert await desk.failed() == []


@every(
    thread=values(None, 7, {}, {"id": "1"}, {"id": "1", "parent_id": {}}, {"id": []}),
    where=values("active", "archived"),
)
async def test_an_unreadable_thread_of_a_forum_is_skipped(desk: Desk, thread: Any, where: str) -> None:
    forum = forum_of(desk)
    await desk.subscribe(forum)
    desk.discord.fault(*THREADS, lost=True)
    await desk.queue(1001)
    await desk.run()
    [post] = forum_posts(desk, forum)
    post["thread_metadata"]["archived"] = where == "archived"
    for path in ("/guilds/{}/threads/active", "/channels/{}/threads/archived/public"):
        desk.discord.fault(
            "GET",
            path,
            garble=lambda data: data | {"threads": [thread, *data["threads"], thread]},
            times=None,
        )
    desk.pass_time(LONG_AGO)
    await desk.run()
    assert len(forum_posts(desk, forum)) == 1
    assert await desk.store.outbox.depth() == 0


@each(A_FEW)
async def test_an_unreadable_channel_is_waited_for(
    desk: Desk, garble: Garble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bot.delivery.loop")
    caplog.clear()
    desk.discord.fault("GET", "/channels/{}", garble=garble, times=2)
    await desk.queue(1001)
    await desk.run()
    row = await desk.row()
    assert (row.ambiguous, row.plain) == (False, False)
    await settle(desk)
    assert desk.posted() == ["2607.01001v1"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


async def test_our_own_post_is_known_although_discord_py_cannot_parse_it(desk: Desk) -> None:
    """So nothing is posted twice where every message is unreadable."""
    await unavailable(desk)
    await desk.queue(1001)
    await desk.run()
    for garble in (MESSAGES["no type"], MESSAGES["attachments that are null"], MESSAGES["no content"]):
        desk.discord.messages[desk.channel] = []
        embed = {"url": "https://arxiv.org/abs/2607.01001v1", "title": "A paper"}
        desk.discord.add_message(desk.channel, {"embeds": [embed]})
        desk.discord.fault(*HISTORY, garble=lambda page, garble=garble: [garble(one) for one in page])
        desk.pass_time(LONG_AGO)
        await desk.run()
        assert await desk.store.outbox.depth() == 0
        assert len(desk.discord.sent("POST", "/channels/{channel_id}/messages")) == 1
