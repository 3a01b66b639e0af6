"""After a restore digests and lists hold what was not posted, and nothing that was, page by page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.model.outbox import DigestPage, Kind, Section, WeeklyTop
from bot.model.subscriptions import Deliver, State
from tests.delivery.delivery_cases import HOUR, POST, Desk, closed, desk, fake, lost_time
from tests.fakes.papers import make_paper
from tests.store.store_cases import subscribe

__all__ = ["closed", "desk", "fake"]

DAY = date(2026, 7, 21)


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
        post["content"] + embed.get("title", "") + " " + embed.get("description", "")
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
    assert await desk.failed() == []


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


@pytest.mark.parametrize("limit", [0, 1 << 20, 2000])  # bytes: no file, as it is, or compressed
async def test_papers_of_further_pages_are_found_in_the_address_or_the_file(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    await desk.subscribe(deliver=Deliver.DIGEST)
    numbers = range(1001, 1041)
    async with lost_time(desk, tmp_path):
        await desk.queue(*numbers)
        with monkeypatch.context() as patch:
            patch.setattr(discord.utils, "DEFAULT_FILE_SIZE_LIMIT_BYTES", limit)
            await digest(desk, page_of(*numbers, file=bool(limit)))
    if limit:  # as earlier versions posted it
        del desk.discord.posts(desk.channel)[0]["embeds"][0]["url"]
    await desk.queue(*numbers, 1041, 1042)
    await digest(desk, page_of(*numbers, 1041, 1042))
    *_, last = shown = digests(desk)
    assert len(shown) == 2
    assert [number for number in (*numbers, 1041, 1042) if f"2607.0{number}" in last] == [1041, 1042]
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
        "23 papers\u00a0· page 1 of 2",
    ]
    kept = await desk.store.digests.issue(desk.channel, Kind.DIGEST, DAY)
    assert kept == page_of(*numbers[2:])


async def test_what_was_saved_most_does_not_count_as_posted(desk: Desk, tmp_path: Path) -> None:
    """Somebody saved it from a search, and the channel has not got it yet."""
    await desk.subscribe(deliver=Deliver.DIGEST)
    saved = WeeklyTop(DAY - timedelta(days=7), DAY - timedelta(days=1), ((make_paper(1002).id, 1),))
    async with lost_time(desk, tmp_path):
        await desk.queue(1001, 1002)
        await digest(desk, page_of(1001, top=saved))
    await desk.queue(1001, 1002)
    await digest(desk, page_of(1001, 1002))
    *_, last = digests(desk)
    assert "2607.01002" in last
    assert "2607.01001" not in last


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
    assert await desk.failed() == []
    looks = len(desk.discord.sent("GET", "/channels/{channel_id}/messages"))
    assert looks > 0
    await digest(desk, page_of(day=DAY + timedelta(days=2)))  # too late to have been posted in the gap
    assert len(desk.discord.sent("GET", "/channels/{channel_id}/messages")) == looks


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
    assert await desk.store.overflow.defer_backlogs(desk.clock()) == 30
    place = await destination_of(desk)
    await desk.store.overflow.run(place, page_of(*numbers, 1031), desk.clock())
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
    assert await desk.store.overflow.defer_backlogs(desk.clock()) == 30
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
