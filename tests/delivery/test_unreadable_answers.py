"""What discord.py cannot parse is no refusal: nothing is given up, nothing is posted twice, nothing waits."""

from __future__ import annotations

from datetime import timedelta

import discord
import pytest

from bot.delivery.crossposts import Crossposter
from bot.delivery.invalid_requests import InvalidRequests
from bot.delivery.threads import open_thread
from bot.model.outbox import DigestPage, Section
from bot.model.outcomes import Sent
from bot.model.reasons import ReasonCode
from bot.model.subscriptions import Deliver
from tests.delivery.delivery_cases import (
    POST,
    Desk,
    another,
    desk,
    fake,
    forum_of,
    forum_posts,
    lost_answer,
)
from tests.delivery.revision_cases import change, forum_with_a_post, posted
from tests.delivery.unreadable_cases import A_FEW, EVERYTHING, THREADS, each, every, settle, some, values
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord_unreadable import BODIES, Garble
from tests.fakes.papers import make_paper
from tests.rows import in_turn, product
from tests.store.store_cases import NOW

__all__ = ["desk", "fake"]


@each(EVERYTHING)
async def test_discord_py_can_parse_none_of_these(desk: Desk, garble: Garble) -> None:
    desk.discord.fault(*POST, garble=garble)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - any but these two
        await desk.client.get_partial_messageable(desk.channel).send("a paper")
    assert not isinstance(caught.value, discord.DiscordException | OSError)


# --- posts -------------------------------------------------------------------------------------------------


@each(EVERYTHING)
async def test_a_post_whose_answer_is_unreadable_is_in_doubt_and_is_there_once(
    desk: Desk, garble: Garble
) -> None:
    desk.discord.fault(*POST, garble=garble)
    await desk.queue(1001, 1002)
    await desk.run()
    row = await desk.row()
    assert (row.attempts, row.ambiguous, row.plain) == (1, True, False)
    assert row.error is not None
    assert row.error.code is ReasonCode.ANSWER_UNREADABLE
    await settle(desk, times=1)
    assert desk.posted() == ["2607.01001v1", "2607.01002v1"]
    assert await desk.store.outbox.depth() == 0
    assert await desk.failed() == []


@pytest.mark.thorough  # what each answer means is tried below; this tries them all at once
@in_turn(
    product(garble=EVERYTHING, readable={"no history": False})
    | product(garble=A_FEW, readable={"history": True}),
    desk=another,
)
async def test_where_every_answer_is_unreadable_all_papers_arrive_once_and_soon(
    desk: Desk, garble: Garble, *, readable: bool
) -> None:
    desk.discord.fault(*POST, garble=garble, times=None)
    if not readable:
        await desk.discord.deny(desk.channel, payloads.READ_MESSAGE_HISTORY)
    await desk.queue(1001, 1002, 1003)
    await desk.run()
    await settle(desk)
    assert desk.posted() == ["2607.01001v1", "2607.01002v1", "2607.01003v1"]
    assert await desk.store.outbox.depth() == 0
    assert await desk.failed() == []


@each(A_FEW)
async def test_a_row_in_doubt_whose_answer_is_unreadable_again_stays_in_doubt(
    desk: Desk, garble: Garble
) -> None:
    await lost_answer(desk)
    await desk.queue(1001)
    delivery = desk.delivery()  # which still knows the nonce
    await delivery.run()
    desk.discord.fault(*POST, garble=garble, times=None)
    desk.pass_time(timedelta(seconds=10))
    await delivery.run()
    row = await desk.row()
    assert (row.attempts, row.ambiguous) == (2, True)
    desk.pass_time(timedelta(seconds=40))
    await delivery.run()
    assert desk.posted() == ["2607.01001v1"]
    assert await desk.store.outbox.depth() == 0


@each(EVERYTHING)
async def test_a_forum_post_whose_answers_are_all_unreadable_is_there_once(
    desk: Desk, garble: Garble
) -> None:
    forum = forum_of(desk)
    await desk.subscribe(forum)
    desk.discord.fault(*THREADS, garble=garble, times=None)
    await desk.queue(1001)
    await desk.run()
    await settle(desk)
    assert len(forum_posts(desk, forum)) == 1
    assert await desk.failed() == []
    assert await desk.store.outbox.depth() == 0


@each(A_FEW)
async def test_a_reply_whose_answer_is_unreadable_is_there_once(desk: Desk, garble: Garble) -> None:
    first = await posted(desk)
    desk.discord.fault(*POST, garble=garble, times=None)
    await change(desk, version=2, updated=NOW)
    await settle(desk)
    assert desk.posted() == ["2607.01001v1", "2607.01001v2"]
    assert desk.discord.posts(desk.channel)[1]["message_reference"]["message_id"] == first["id"]
    assert await desk.failed() == []


@each(A_FEW)
async def test_so_is_a_digest_with_its_file(desk: Desk, garble: Garble) -> None:
    await desk.subscribe(keyword="TTS", deliver=Deliver.DIGEST)
    papers = [make_paper(number) for number in range(1001, 1026)]
    await desk.store.record(papers, [], desk.clock())
    place = await desk.store.destinations.by_channel(desk.channel)
    assert place is not None
    section = Section("TTS", tuple(paper.id for paper in papers))
    page = DigestPage(NOW.date(), 1, 1, len(papers), (section,), file=True)
    assert await desk.store.digests.run(place.id, page.day, [page], NOW)
    desk.discord.fault(*POST, garble=garble, times=None)
    await desk.run()
    await settle(desk)
    [post] = desk.discord.posts(desk.channel)
    assert post["attachments"]
    assert await desk.failed() == []
    assert await desk.store.outbox.depth() == 0


# --- edits, crossposts, threads ----------------------------------------------------------------------------


@each(BODIES)
async def test_an_edit_that_discord_made_is_done_whatever_it_answered(desk: Desk, garble: Garble) -> None:
    first = await posted(desk)
    desk.discord.fault("PATCH", "/channels/{}/messages/{}", garble=garble, times=None)
    await change(desk, withdrawn=True)
    await desk.queue(1002)
    await desk.run()
    assert "Withdrawn" in str(first["embeds"])
    assert desk.posted() == ["2607.01001v1", "2607.01002v1"]
    assert await desk.store.outbox.depth() == 0
    assert await desk.failed() == []
    assert len(desk.discord.sent("PATCH", "/channels/{channel_id}/messages/{message_id}")) == 1


@each(BODIES)
async def test_an_edit_in_an_archived_post_of_a_forum_is_done_too(desk: Desk, garble: Garble) -> None:
    _, post = await forum_with_a_post(desk)
    await desk.discord.set_thread(post, archived=True)
    desk.discord.fault("PATCH", "/channels/{}", garble=garble, times=None)
    await change(desk, withdrawn=True)
    assert "Withdrawn" in str(desk.discord.posts(post)[0]["embeds"])
    assert await desk.failed() == []
    assert await desk.store.outbox.depth() == 0


@each(BODIES)
async def test_an_archived_post_that_cannot_be_read_is_edited_later(desk: Desk, garble: Garble) -> None:
    """The edit itself is refused since the post is archived; that is not its last word."""
    _, post = await forum_with_a_post(desk)
    await desk.discord.set_thread(post, archived=True)
    desk.discord.fault("GET", f"/channels/{post}", garble=garble)
    await change(desk, withdrawn=True)
    assert await desk.failed() == []
    await settle(desk)
    assert "Withdrawn" in str(desk.discord.posts(post)[0]["embeds"])
    assert await desk.store.outbox.depth() == 0


@each(BODIES)
async def test_a_crosspost_that_discord_made_is_done(desk: Desk, garble: Garble) -> None:
    await desk.queue(1001)
    [row] = await desk.store.outbox.heads(NOW, 1)
    message = desk.discord.add_message(desk.channel, {"content": "a paper"})
    await desk.store.settle(row, Sent(int(message["id"]), announced=True), NOW)
    desk.discord.fault("POST", "/channels/{}/messages/{}/crosspost", garble=garble, times=None)
    crossposter = Crossposter(
        desk.client, desk.store, clock=desk.clock, refusals=InvalidRequests(desk.clock), send_timeout=20
    )
    await crossposter.run()
    desk.pass_time(timedelta(hours=2))
    assert await desk.store.crossposts.due(desk.clock(), 9) == []
    assert len(desk.discord.sent("POST", "/channels/{channel_id}/messages/{message_id}/crosspost")) == 1


async def message_in_a_server(desk: Desk) -> discord.Message:
    server = await desk.client.fetch_guild(desk.guild)
    channel = await server.fetch_channel(desk.channel)
    assert isinstance(channel, discord.TextChannel)
    return await channel.send("a paper")


@each(BODIES)
async def test_a_thread_that_discord_opened_is_open(desk: Desk, garble: Garble) -> None:
    message = await message_in_a_server(desk)
    desk.discord.fault("POST", "/channels/{}/messages/{}/threads", garble=garble)
    assert await open_thread(message, "a paper") == message.id
    assert message.id in desk.discord.channels


@every(status=values(400, 403, 404))
async def test_a_thread_that_discord_refused_is_not_open(desk: Desk, status: int) -> None:
    message = await message_in_a_server(desk)
    desk.discord.fault("POST", "/channels/{}/messages/{}/threads", status=status, garble=BODIES["a web page"])
    with pytest.raises(ValueError, match="Expecting value"):
        await open_thread(message, "a paper")


# --- refusals ----------------------------------------------------------------------------------------------


@every(
    garble=some("nothing", "a web page", "no UTF-8", "too deep", "half of it"),
    status=values(400, 403, 404, 413),
)
async def test_a_refusal_that_is_unreadable_is_still_a_refusal(
    desk: Desk, garble: Garble, status: int
) -> None:
    desk.discord.fault(*POST, status=status, garble=garble, times=2)
    await desk.queue(1001, 1002)
    await desk.run()
    assert desk.posted() == ["2607.01002v1"]
    [failed] = await desk.failed()
    assert failed.error is not None
    assert failed.error.status == status


async def test_an_unreadable_401_is_a_refused_token(desk: Desk) -> None:
    desk.discord.fault(*POST, status=401, garble=BODIES["a web page"])
    await desk.queue(1001)
    await desk.run()
    assert desk.refusals == [True]
    assert (await desk.row()).attempts == 0


@each(some("nothing", "a web page", "null", "an empty object"))
async def test_an_unreadable_429_is_waited_out(desk: Desk, garble: Garble) -> None:
    desk.discord.fault(*POST, status=429, garble=garble)
    await desk.queue(1001)
    await desk.run()
    row = await desk.row()
    assert (row.attempts, row.ambiguous, row.plain) == (1, False, False)
    await settle(desk, times=1)
    assert desk.posted() == ["2607.01001v1"]


@each(some("nothing", "a web page", "null"))
async def test_an_unreadable_server_error_leaves_doubt(desk: Desk, garble: Garble) -> None:
    desk.discord.fault(*POST, status=503, garble=garble)
    await desk.queue(1001)
    await desk.run()
    assert (await desk.row()).ambiguous
    await settle(desk, times=1)
    assert desk.posted() == ["2607.01001v1"]


@every(status=values(403, 404))
async def test_a_refusal_by_something_in_front_of_discord_says_nothing_about_the_message(
    desk: Desk, status: int
) -> None:
    page = BODIES["a web page"]
    desk.discord.fault(*POST, status=status, garble=page, content_type="text/html", times=3)
    await desk.queue(1001)
    await desk.run()
    await settle(desk)
    [post] = desk.discord.posts(desk.channel)
    assert post["embeds"]
