"""After a restore nothing is posted twice and nothing is lost: the channels know what the backup does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest

from bot import channels
from bot.papers import Deliver, DigestPage, Kind, Section, State
from bot.store import Store, backup
from tests.delivery_cases import (
    HISTORY,
    HOUR,
    POST,
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
from tests.fakes.papers import make_paper
from tests.store_cases import subscribe

__all__ = ["closed", "desk", "fake"]

DAY = date(2026, 7, 21)


@asynccontextmanager
async def connected(desk: Desk) -> AsyncIterator[None]:
    """Let the client know its servers, channels and rights in the block."""
    running = asyncio.create_task(desk.client.connect())
    await desk.discord.until(desk.client.is_ready)
    yield
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
        await desk.discord.until(lambda: channels.may_look_back(desk.client, place))
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


# Digests


def page_of(*numbers: int, day: date = DAY, **changes: Any) -> DigestPage:
    papers = tuple(make_paper(number).id for number in numbers)
    fields = {"number": 1, "pages": 1, "total": len(numbers)} | changes
    return DigestPage(day=day, sections=(Section("TTS", papers),) if papers else (), **fields)


async def destination_of(desk: Desk) -> int:
    found = await desk.store.destinations.by_channel(desk.channel)
    assert found is not None
    return found.id


async def digest(desk: Desk, page: DigestPage, now: datetime | None = None) -> None:
    await desk.store.digests.run(await destination_of(desk), page.day, [page], now or desk.clock())
    await desk.run()


def digests(desk: Desk) -> list[str]:
    """Return what each digest in the channel shows."""
    return [
        embed["title"] + " " + embed.get("description", "")
        for post in desk.discord.posts(desk.channel)
        for embed in post["embeds"]
    ]


async def test_a_digest_that_was_posted_since_is_not_posted_again(desk: Desk, tmp_path: Path) -> None:
    await desk.subscribe(deliver=Deliver.DIGEST)
    async with lost_time(desk, tmp_path):
        await desk.queue(1001, 1002)
        await digest(desk, page_of(1001, 1002))
    await desk.queue(1001, 1002)
    await digest(desk, page_of(1001, 1002))
    assert len(digests(desk)) == 1
    assert await desk.store.outbox.depth() == 0


async def test_a_later_digest_leaves_out_what_stood_in_those_since(desk: Desk, tmp_path: Path) -> None:
    """Days later it would hold all that the digests in between held, cut into other pages."""
    await desk.subscribe(deliver=Deliver.DIGEST)
    async with lost_time(desk, tmp_path):
        await desk.queue(*range(1001, 1005))
        await digest(desk, page_of(1001, 1002))
        desk.pass_time(timedelta(days=1))
        await digest(desk, page_of(1003, 1004, day=DAY + timedelta(days=1)))
    await desk.queue(*range(1001, 1007))
    await digest(desk, page_of(*range(1001, 1007), day=DAY + timedelta(days=1)))
    *_, last = shown = digests(desk)
    assert len(shown) == 3
    assert [number for number in range(1001, 1007) if f"2607.0{number}" in last] == [1005, 1006]
    assert "1005" in last


def files(desk: Desk) -> list[str]:
    """Return what came with each digest in the channel."""
    return ["".join(desk.files(post).values()) for post in desk.discord.posts(desk.channel)]


@pytest.mark.parametrize("limit", [1 << 20, 2000])  # bytes: as it is, or compressed
async def test_papers_of_further_pages_are_found_in_the_file(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    await desk.subscribe(deliver=Deliver.DIGEST)
    numbers = range(1001, 1041)
    async with lost_time(desk, tmp_path):
        await desk.queue(*numbers)
        with monkeypatch.context() as patch:
            patch.setattr(discord.utils, "DEFAULT_FILE_SIZE_LIMIT_BYTES", limit)
            await digest(desk, page_of(*numbers))
    await desk.queue(*numbers, 1041, 1042)
    await digest(desk, page_of(*numbers, 1041, 1042))
    assert len(digests(desk)) == 2
    assert [number for number in (*numbers, 1041, 1042) if f"2607.0{number}" in files(desk)[1]] == [
        1041,
        1042,
    ]
    assert "2 papers" in str(desk.discord.posts(desk.channel)[1]["embeds"][0]["footer"])


async def test_what_is_left_of_a_digest_is_what_its_buttons_turn_and_what_a_second_try_looks_for(
    desk: Desk, tmp_path: Path
) -> None:
    await desk.subscribe(deliver=Deliver.DIGEST)
    async with lost_time(desk, tmp_path):
        await desk.queue(1001, 1002)
        await digest(desk, page_of(1001, 1002))
    numbers = range(1001, 1026)
    await desk.queue(*numbers)
    desk.discord.fault(*POST, lost=True)
    await digest(desk, page_of(*numbers))
    assert await desk.store.outbox.depth() == 1
    desk.pass_time(HOUR)
    await desk.run()
    assert [post["embeds"][0]["footer"]["text"] for post in desk.discord.posts(desk.channel)] == [
        "2 papers",
        "23 papers · page 1 of 3",
    ]
    kept = await desk.store.digests.issue(desk.channel, Kind.DIGEST, DAY)
    assert kept == page_of(*numbers[2:])


async def test_a_file_that_is_gone_holds_up_nothing(desk: Desk, tmp_path: Path) -> None:
    await desk.subscribe(deliver=Deliver.DIGEST)
    async with lost_time(desk, tmp_path):
        await desk.queue(*range(1001, 1013))
        await digest(desk, page_of(*range(1001, 1013)))
    desk.discord.files.clear()
    await desk.queue(*range(1001, 1014))
    await digest(desk, page_of(*range(1001, 1014)))
    assert "2607.01013" in digests(desk)[1]
    assert await desk.store.outbox.depth() == 0


async def test_a_paper_that_was_posted_still_stands_in_the_digest_of_who_wants_both(
    desk: Desk, tmp_path: Path
) -> None:
    await desk.subscribe(deliver=Deliver.BOTH)
    async with lost_time(desk, tmp_path):
        await desk.queue(1001)
        await desk.run()
    await desk.queue(1001)
    await digest(desk, page_of(1001))
    assert len(digests(desk)) == 2


async def test_a_note_of_a_quiet_day_is_not_repeated(desk: Desk, tmp_path: Path) -> None:
    async with lost_time(desk, tmp_path):
        await digest(desk, page_of())
    await digest(desk, page_of())
    assert len(digests(desk)) == 1
    await digest(desk, page_of(day=DAY + timedelta(days=1)))
    assert len(digests(desk)) == 2


async def test_a_digest_does_not_keep_a_paper_from_being_posted(desk: Desk, tmp_path: Path) -> None:
    async with lost_time(desk, tmp_path):
        await desk.subscribe(keyword="TTS", deliver=Deliver.DIGEST)
        await desk.queue(1001)
        await digest(desk, page_of(1001))
    await desk.queue(1001)
    await desk.run()
    assert len(digests(desk)) == 2


async def test_a_list_of_what_was_too_much_leaves_out_what_was_posted_by_itself(
    desk: Desk, tmp_path: Path
) -> None:
    """An old backup's queue is a backlog by now, and backlogs are listed."""
    numbers = range(1001, 1031)
    await desk.queue(*numbers)
    async with lost_time(desk, tmp_path):
        for number in range(3):
            await desk.run()
            desk.pass_time(HOUR * number)
    assert len(desk.posted()) == 30
    desk.pass_time(timedelta(days=2))
    assert await desk.store.overflow.fold(desk.clock()) == 30
    place = await destination_of(desk)
    await desk.store.overflow.run(place, DAY, [page_of(*numbers, 1031)], desk.clock())
    await desk.queue(1031)
    await desk.run()
    assert len(desk.discord.posts(desk.channel)) == 32
    listed = [shown for shown in digests(desk) if "1031" in shown]
    assert not [number for number in numbers if any(f"2607.0{number}" in shown for shown in listed)]


async def test_a_digest_leaves_out_what_was_posted_and_is_there_only_since_it_was_too_much(
    desk: Desk, tmp_path: Path
) -> None:
    numbers = range(1001, 1031)
    await desk.queue(*numbers)
    async with lost_time(desk, tmp_path):
        await desk.run()
    desk.pass_time(timedelta(days=2))
    assert await desk.store.overflow.fold(desk.clock()) == 30
    await digest(desk, page_of(*numbers))
    assert len(desk.discord.posts(desk.channel)) == 30
    assert await desk.store.outbox.depth() == 0


# All of it


async def test_a_subscriber_of_two_channels_gets_everything_once_through_two_restores(
    desk: Desk, tmp_path: Path
) -> None:
    other = desk.discord.add_channel(desk.guild, "other")
    await subscribe(desk.store, channel=other, guild=desk.guild)
    numbers = list(range(1001, 1041))
    await desk.queue(*numbers[:10])
    desk.discord.fault(*POST, lost=True)
    await desk.run()
    for upto in (20, 30):
        async with lost_time(desk, tmp_path):
            desk.discord.fault(*POST, lost=True)
            await desk.queue(*numbers[:upto])
            await desk.run()
            desk.pass_time(HOUR)
            await desk.run()
        await desk.queue(*numbers[: upto + 5])
        await desk.run()
    await desk.queue(*numbers)
    desk.pass_time(HOUR)
    await desk.run()
    expected = [f"2607.0{number}v1" for number in numbers]
    assert sorted(desk.posted()) == expected
    assert sorted(desk.posted(other)) == expected
    assert await desk.destination_state() == (State.ACTIVE, "")
