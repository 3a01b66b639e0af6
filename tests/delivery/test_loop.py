"""The outbox on a usual day, and with many channels: real store, real discord.py, real HTTP."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest

from bot.delivery.digest_queue import DigestJob
from bot.model.errors import StoreError
from bot.model.outbox import DigestPage, Section
from bot.model.subscriptions import Deliver, Notify
from bot.present.digests import digest_embeds
from tests.delivery.delivery_cases import POST, Desk, desk, fake
from tests.fakes.discord import MEMBER
from tests.fakes.papers import make_paper
from tests.store.store_cases import NOW, subscribe

__all__ = ["desk", "fake"]


# --- the usual day -----------------------------------------------------------------------------------------


async def test_papers_are_posted_once_and_in_the_order_of_their_numbers(desk: Desk) -> None:
    await desk.queue(1003, 1001, 1002)
    await desk.run()
    await desk.run()
    assert desk.posted() == ["2607.01001v1", "2607.01002v1", "2607.01003v1"]
    assert await desk.store.outbox.depth() == 0


async def test_a_backlog_is_left_to_a_list_before_anything_is_sent(desk: Desk) -> None:
    await desk.queue(*range(1001, 1041))
    desk.pass_time(timedelta(days=2))
    await desk.run()
    assert desk.posted() == []
    await DigestJob(desk.store, clock=desk.clock, on_queued=lambda: None).run()
    await desk.run()
    posts = desk.discord.posts(desk.channel)
    assert [post["content"] for post in posts] == ["**40 more papers, 23 July**"]
    shown = "".join(desk.files(posts[0]).values())
    assert all(f"/2607.{number:05d}v1" in shown for number in range(1001, 1041))


async def test_nothing_to_send_is_a_long_rest(desk: Desk) -> None:
    assert await desk.run() == 3600.0


async def test_a_post_names_every_keyword_and_mentions_only_the_role_asked_for(desk: Desk) -> None:
    await desk.subscribe(keyword="speech synthesis", role_id=77)
    await desk.queue(1001, title="Hello @everyone <@&99>")
    await desk.run()
    [request] = desk.discord.sent("POST", "/channels/{channel_id}/messages")
    assert "speech synthesis" in str(request.body["embeds"])
    assert request.body["content"] == "<@&77>"
    assert request.body["allowed_mentions"]["roles"] == ["77"]
    assert "everyone" not in request.body["allowed_mentions"].get("parse", [])


async def test_others_than_the_best_arrive_silently_and_mention_nobody(desk: Desk) -> None:
    await desk.subscribe(keyword="speech synthesis", role_id=77)
    place = await desk.store.destinations.by_channel(desk.channel)
    assert place is not None
    await desk.store.destinations.change(place.place, desk.clock(), notify=Notify.BEST)
    await desk.queue(1001)
    await desk.run()
    [request] = desk.discord.sent("POST", "/channels/{channel_id}/messages")
    assert request.body["flags"] & 1 << 12
    assert "<@&77>" not in str(request.body)
    assert request.body["allowed_mentions"] == {"parse": []}


async def test_direct_messages_need_no_look_at_the_channel(desk: Desk) -> None:
    channel = int(desk.discord.dm(MEMBER.id)["id"])
    await subscribe(desk.store, channel=channel, guild=0, user=MEMBER.id)
    await desk.queue(1001)
    await desk.run()
    assert desk.posted(channel) == ["2607.01001v1"]
    assert not [each for each in desk.discord.requests if each.path == f"/channels/{channel}"]


async def test_a_thread_takes_posts(desk: Desk) -> None:
    thread = int(desk.discord.add_thread(desk.discord.channels[desk.channel], "talk")["id"])
    await desk.subscribe(thread)
    await desk.queue(1001)
    await desk.run()
    assert desk.posted(thread) == ["2607.01001v1"]


async def test_a_revision_says_so(desk: Desk) -> None:
    await desk.subscribe(revisions=True)
    await desk.queue(1001)
    await desk.run()
    await desk.queue(1001, version=2, updated=NOW)
    await desk.run()
    assert desk.posted() == ["2607.01001v1", "2607.01001v2"]
    first, second = desk.discord.posts(desk.channel)
    assert first["embeds"][0]["title"] == "Speech synthesis with model 1001"
    assert second["embeds"][0]["title"] == "Version 2 of “Speech synthesis with model 1001”"


async def test_a_digest_and_a_quiet_day_are_posted(desk: Desk) -> None:
    paper = make_paper(1001)
    await desk.subscribe(keyword="TTS", deliver=Deliver.DIGEST)
    await desk.queue(1001)
    destination = await desk.store.destinations.by_channel(desk.channel)
    assert destination is not None
    page = DigestPage(date(2026, 7, 21), 1, 1, 1, (Section("TTS", (paper.id,)),))
    quiet = DigestPage(date(2026, 7, 22), 1, 1, 0, ())
    await desk.store.digests.run(destination.id, page.day, [page], NOW)
    await desk.store.digests.run(destination.id, quiet.day, [quiet], NOW)
    await desk.run()
    digest, note = desk.discord.posts(desk.channel)
    expected = digest_embeds(page, {paper.id: paper})[0].to_dict()
    assert digest["content"] == "**1 new paper, 21 July**"
    assert digest["embeds"][0]["description"] == expected["description"]
    assert note["embeds"][0]["description"].startswith("**22 July: nothing new**")


# --- many channels -----------------------------------------------------------------------------------------


async def test_a_channel_that_hangs_holds_up_no_other(desk: Desk) -> None:
    others = [desk.discord.add_channel(desk.guild, f"papers-{number}") for number in range(6)]
    for other in others:
        await desk.subscribe(other)
    desk.discord.fault("POST", f"/channels/{desk.channel}/messages", hang=True)
    await desk.queue(1001, 1002, 1003)
    delivery = desk.delivery(concurrency=2)
    running = asyncio.create_task(delivery.run())
    wanted = ["2607.01001v1", "2607.01002v1", "2607.01003v1"]
    await desk.discord.until(lambda: all(desk.posted(other) == wanted for other in others))
    assert desk.posted() == []
    running.cancel()


async def test_only_so_many_requests_are_in_flight(desk: Desk) -> None:
    for number in range(6):
        await desk.subscribe(desk.discord.add_channel(desk.guild, f"papers-{number}"))
    hanging = desk.discord.fault(*POST, hang=True, times=None)
    await desk.queue(1001)
    delivery = desk.delivery(concurrency=3)
    running = asyncio.create_task(delivery.run())
    await desk.discord.until(lambda: hanging.hits == 3)
    await asyncio.sleep(0)
    assert delivery.in_flight == 3
    running.cancel()


async def test_a_request_that_ends_makes_room_for_one_other(desk: Desk) -> None:
    others = [desk.discord.add_channel(desk.guild, f"papers-{number}") for number in range(6)]
    for other in others:
        await desk.subscribe(other)
    hanging = [desk.discord.fault("POST", f"/channels/{other}/messages", hang=True) for other in others]
    await desk.queue(1001)
    delivery = desk.delivery(concurrency=3)
    running = asyncio.create_task(delivery.run())
    await desk.discord.until(desk.posted)
    await desk.discord.until(lambda: sum(fault.hits for fault in hanging) >= 3)
    assert delivery.in_flight == 3
    running.cancel()


async def test_stopping_lets_what_is_in_flight_arrive_and_takes_nothing_new(desk: Desk) -> None:
    await desk.queue(1001, 1002)
    hanging = desk.discord.fault(*POST, hang=True, lost=True)
    delivery = desk.delivery()
    running = asyncio.create_task(delivery.run())
    await hanging.hit.wait()
    stopping = asyncio.create_task(delivery.stop(grace=10))
    await asyncio.sleep(0)
    hanging.release()
    await stopping
    await running
    assert delivery.in_flight == 0
    assert desk.posted() == ["2607.01001v1"]


async def test_a_store_that_fails_is_the_jobs_to_report(desk: Desk) -> None:
    await desk.queue(1001)
    delivery = desk.delivery()
    await desk.store.close()
    with pytest.raises(StoreError, match="closed"):
        await delivery.run()
