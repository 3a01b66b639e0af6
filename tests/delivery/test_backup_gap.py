"""After a restore nothing is posted twice and nothing is lost: the channels know what the backup does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.delivery import rights
from bot.store import Store, backup
from tests.delivery.delivery_cases import (
    HISTORY,
    HOUR,
    Desk,
    closed,
    desk,
    fake,
    forum_of,
    forum_posts,
    lost_time,
)
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import MANAGER

__all__ = ["closed", "desk", "fake"]


@asynccontextmanager
async def connected(desk: Desk) -> AsyncIterator[None]:
    """Let the client know its servers, channels and rights in the block."""
    running = asyncio.create_task(desk.client.connect())
    try:
        await desk.discord.until(desk.client.is_ready)
        yield
    finally:
        await desk.client.close()
        await running


def looks(desk: Desk) -> int:
    return len(desk.discord.sent("GET", "/channels/{channel_id}/messages"))


async def test_what_waited_in_the_backup_and_was_posted_since_is_not_posted_again(
    desk: Desk, tmp_path: Path
) -> None:
    await desk.queue(1001, 1002)
    async with lost_time(desk, tmp_path):
        await desk.run()
    assert await desk.store.outbox.depth() == 2
    await desk.run()
    assert desk.posted() == ["2607.01001v1", "2607.01002v1"]
    assert await desk.store.outbox.depth() == 0


async def test_what_was_found_and_posted_since_is_not_posted_again_and_nothing_is_lost(
    desk: Desk, tmp_path: Path
) -> None:
    """The next poll brings all of it: to the restored database it is as new as what is really new."""
    await desk.queue(1001)
    await desk.run()
    async with lost_time(desk, tmp_path):
        await desk.queue(1002, 1004)
        await desk.run()
    await desk.queue(1001, 1002, 1003, 1004, 1005)
    await desk.run()
    assert sorted(desk.posted()) == [f"2607.0100{number}v1" for number in range(1, 6)]
    assert await desk.store.outbox.depth() == 0


async def test_a_channel_is_read_once_and_only_where_there_is_a_gap(desk: Desk, tmp_path: Path) -> None:
    await desk.queue(1001)
    await desk.run()
    assert looks(desk) == 0
    async with lost_time(desk, tmp_path):
        await desk.queue(*range(1002, 1022))
        await desk.run()
    await desk.queue(*range(1002, 1032))
    await desk.run()
    assert len(desk.posted()) == 31
    assert looks(desk) == 1


async def test_a_paper_submitted_after_the_restore_needs_no_look(desk: Desk, tmp_path: Path) -> None:
    async with lost_time(desk, tmp_path):
        pass
    await desk.queue(1001, published=desk.clock())
    await desk.run()
    assert desk.posted() == ["2607.01001v1"]
    assert looks(desk) == 0


async def test_our_posts_are_found_among_a_thousand_messages_of_people(desk: Desk, tmp_path: Path) -> None:
    async with lost_time(desk, tmp_path):
        for number in range(1000):
            desk.discord.add_message(desk.channel, {"content": f"talk {number}"}, author=MANAGER.account)
        await desk.queue(1001)
        await desk.run()
    await desk.queue(1001)
    await desk.run()
    assert desk.posted() == ["2607.01001v1"]


async def test_a_look_that_breaks_off_goes_on_where_it_was(desk: Desk, tmp_path: Path) -> None:
    async with lost_time(desk, tmp_path):
        for number in range(250):
            desk.discord.add_message(desk.channel, {"content": f"talk {number}"}, author=MANAGER.account)
        await desk.queue(1001)
        await desk.run()
    await desk.queue(1001, 1002)
    delivery = desk.delivery()
    # The third of three requests fails, as often as discord.py itself tries.
    hits = iter([False, False])
    desk.discord.fault(*HISTORY, reset=True, times=6, when=lambda _body: next(hits, True))
    await delivery.run()
    assert desk.posted() == ["2607.01001v1"]
    desk.pass_time(HOUR)
    for fault in desk.discord.faults:
        fault.release()
    await delivery.run()
    assert desk.posted() == ["2607.01001v1", "2607.01002v1"]
    looked = desk.discord.sent("GET", "/channels/{channel_id}/messages")
    answered = [each.query["after"] for each in looked if each.status == 200 and "after" in each.query]
    assert len(answered) == len(set(answered)) == 3


async def test_a_version_that_came_since_is_the_same_paper(desk: Desk, tmp_path: Path) -> None:
    async with lost_time(desk, tmp_path):
        await desk.queue(1001)
        await desk.run()
    await desk.queue(1001, version=2, updated=desk.clock())
    await desk.run()
    assert desk.posted() == ["2607.01001v1"]


async def test_a_revision_that_came_since_is_posted_and_one_that_was_posted_is_not(
    desk: Desk, tmp_path: Path
) -> None:
    await desk.subscribe(revisions=True)
    await desk.queue(1001, 1002)
    await desk.run()
    async with lost_time(desk, tmp_path):
        await desk.queue(1001, version=2, updated=desk.clock())
        await desk.run()
    await desk.queue(1001, version=2, updated=desk.clock() - 2 * HOUR)
    await desk.queue(1002, version=2, updated=desk.clock() - 2 * HOUR)
    await desk.run()
    await desk.queue(1001, version=3, updated=desk.clock())
    await desk.run()
    assert desk.posted() == ["2607.01001v1", "2607.01002v1", "2607.01001v2", "2607.01002v2", "2607.01001v3"]


async def test_a_search_that_showed_the_paper_was_no_post(desk: Desk, tmp_path: Path) -> None:
    async with lost_time(desk, tmp_path):
        shown = {"content": "", "embeds": [{"url": "https://arxiv.org/abs/2607.01001v1", "title": "found"}]}
        answer = desk.discord.add_message(desk.channel, shown)
        answer["interaction_metadata"] = {
            "id": "1",
            "type": 2,
            "user": MANAGER.account,
            "authorizing_integration_owners": {},
        }
    await desk.queue(1001)
    await desk.run()
    assert len(desk.posted()) == 2


@pytest.mark.parametrize("archived", [False, True])
async def test_posts_of_a_forum_are_found(desk: Desk, tmp_path: Path, archived: bool) -> None:
    forum = forum_of(desk)
    await desk.subscribe(forum)
    async with lost_time(desk, tmp_path):
        await desk.queue(1001, 1002)
        await desk.run()
        for post in forum_posts(desk, forum):
            stamp = payloads.stamp(desk.discord.now())
            post["thread_metadata"] |= {"archived": archived, "archive_timestamp": stamp}
    await desk.queue(1001, 1002, 1003)
    await desk.run()
    assert [post["name"][-4:] for post in forum_posts(desk, forum)] == ["1001", "1002", "1003"]


async def test_without_the_right_to_read_papers_still_arrive(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Discord shows the channel as an empty one; that it is not is known from its rights."""
    async with lost_time(desk, tmp_path):
        await desk.queue(1001)
        await desk.run()
    await desk.discord.deny(desk.channel, payloads.READ_MESSAGE_HISTORY)
    async with connected(desk):
        await desk.queue(1001, 1002)
        await desk.run()
        assert desk.posted() == ["2607.01001v1", "2607.01001v1", "2607.01002v1"]
        warned = [one for one in caplog.records if "no permission to read the history" in one.message]
        assert len(warned) == 1


async def test_a_right_to_read_that_comes_back_is_made_use_of(desk: Desk, tmp_path: Path) -> None:
    async with lost_time(desk, tmp_path):
        await desk.queue(1002)
        await desk.run()
    await desk.discord.deny(desk.channel, payloads.READ_MESSAGE_HISTORY)
    async with connected(desk):
        delivery = desk.delivery()
        await desk.queue(1001)
        await delivery.run()
        await desk.discord.deny(desk.channel, 0)
        place = await desk.store.destinations.by_channel(desk.channel)
        assert place is not None
        await desk.discord.until(lambda: rights.may_look_back(desk.client, place))
        await desk.queue(1002, 1003)
        await delivery.run()
    assert sorted(desk.posted()) == ["2607.01001v1", "2607.01002v1", "2607.01003v1"]


async def test_an_outage_while_looking_is_waited_out(desk: Desk, tmp_path: Path) -> None:
    async with lost_time(desk, tmp_path):
        await desk.queue(1001)
        await desk.run()
    await desk.queue(1001, 1002)
    desk.discord.fault(*HISTORY, status=503)
    await desk.run()
    assert desk.posted() == ["2607.01001v1"]
    desk.pass_time(HOUR)
    await desk.run()
    assert desk.posted() == ["2607.01001v1", "2607.01002v1"]


async def test_a_row_with_a_number_of_the_lost_time_is_posted_although_discord_keeps_the_nonce(
    desk: Desk, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/papers.db"
    backup.back_up(url, tmp_path / "backup.db", desk.clock(), progress=lambda *_: None)
    await desk.queue(1001)
    await desk.run()
    await desk.store.close()
    backup.restore(url, tmp_path / "backup.db", desk.clock(), progress=lambda *_: None)
    desk.store = await Store.open(url)
    await desk.queue(1002)
    await desk.run()
    assert desk.posted() == ["2607.01001v1", "2607.01002v1"]
    assert desk.discord.repeated == 0


async def test_what_was_posted_in_the_moment_of_the_restore_is_found(desk: Desk, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/papers.db"
    backup.back_up(url, tmp_path / "backup.db", desk.clock(), progress=lambda *_: None)
    await desk.queue(1001)
    await desk.run()
    await desk.store.close()
    backup.restore(url, tmp_path / "backup.db", desk.clock(), progress=lambda *_: None)
    desk.store = await Store.open(url)
    await desk.queue(1001)
    await desk.run()
    assert desk.posted() == ["2607.01001v1"]
