"""A try in doubt whose nonce is too old: our own post is looked for, also by a clock that was wrong."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot import i18n
from bot.delivery.messages import digest_message
from bot.model.outbox import DigestPage, Section
from bot.model.subscriptions import Deliver
from tests.delivery.delivery_cases import HISTORY, LONG_AGO, Desk, desk, fake, lost_answer, unavailable
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import MEMBER
from tests.fakes.papers import make_paper
from tests.store.store_cases import NOW

__all__ = ["desk", "fake"]


async def test_an_old_nonce_is_not_relied_on(desk: Desk) -> None:
    await lost_answer(desk)
    await desk.queue(1001)
    await desk.run()
    desk.pass_time(timedelta(minutes=30))
    await desk.run()
    assert desk.posted() == ["2607.01001v1"]
    assert len(desk.discord.sent("POST", "/channels/{channel_id}/messages")) == 1


async def test_a_machine_that_slept_does_not_rely_on_a_nonce_of_before(desk: Desk) -> None:
    """The process goes on where it was, and its own clock has not counted the time."""
    await lost_answer(desk)
    await desk.queue(1001)
    delivery = desk.delivery()
    await delivery.run()
    desk.pass_time(timedelta(hours=8))
    await delivery.run()
    assert desk.posted() == ["2607.01001v1"]


@pytest.mark.parametrize("posted_before", [False, True])
@pytest.mark.parametrize(("people_before", "people_after"), [(0, 700), (700, 0), (700, 700)])
async def test_our_post_is_found_in_a_channel_where_people_talk_a_lot(
    desk: Desk, posted_before: bool, people_before: int, people_after: int
) -> None:
    if posted_before:
        await desk.queue(1001)
        await desk.run()
    talk(desk, people_before)
    await lost_answer(desk)
    await desk.queue(1002)
    await desk.run()
    talk(desk, people_after)
    desk.pass_time(LONG_AGO)
    await desk.run()
    assert desk.posted().count("2607.01002v1") == 1
    assert await desk.store.outbox.depth() == 0


def talk(desk: Desk, messages: int) -> None:
    """Let people write in the channel for an hour."""
    for _ in range(messages):
        desk.pass_time(timedelta(hours=1) / messages)
        desk.discord.add_message(desk.channel, {"content": "so what?"}, author=MEMBER.account)


@pytest.mark.parametrize("language", i18n.languages())
async def test_a_digest_is_found_in_whatever_language_it_was_posted(desk: Desk, language: str) -> None:
    """At a restart servers, and so their languages, are known only after a while."""
    await desk.subscribe(keyword="TTS", deliver=Deliver.DIGEST)
    await desk.queue(1001)
    paper = make_paper(1001)
    destination = await desk.store.destinations.by_channel(desk.channel)
    assert destination is not None
    pages = {
        22: DigestPage(date(2026, 7, 22), 1, 1, 1, (Section("TTS", (paper.id,)),)),
        23: DigestPage(date(2026, 7, 23), 1, 1, 0, ()),
    }
    for page in pages.values():
        await desk.store.digests.run(destination.id, page.day, [page], NOW)
        await unavailable(desk)
        await desk.run()
        row = await desk.row()
        with i18n.in_language(language):
            message = digest_message(row, {paper.id: paper})
        embeds = [embed.to_dict() for embed in message.embeds]
        desk.discord.add_message(desk.channel, {"content": message.content or "", "embeds": embeds})
        desk.pass_time(LONG_AGO)
        await desk.run()
        assert await desk.store.outbox.depth() == 0
    assert len(desk.discord.posts(desk.channel)) == 2


async def test_answers_to_commands_and_other_peoples_links_are_no_posts(desk: Desk) -> None:
    await unavailable(desk)
    await desk.queue(1001)
    await desk.run()
    link = {"content": "https://arxiv.org/abs/2607.01001v1"}
    desk.discord.add_message(desk.channel, link, author=MEMBER.account)
    asked_for = desk.discord.add_message(desk.channel, link)
    asked_for["webhook_id"] = asked_for["application_id"] = str(desk.discord.application_id)
    desk.pass_time(LONG_AGO)
    await desk.run()
    assert len(desk.discord.sent("POST", "/channels/{channel_id}/messages")) == 2


async def test_without_the_right_to_read_the_history_it_is_sent_all_the_same(desk: Desk) -> None:
    await unavailable(desk)
    await desk.queue(1001)
    await desk.run()
    await desk.discord.deny(desk.channel, payloads.READ_MESSAGE_HISTORY)
    desk.pass_time(LONG_AGO)
    await desk.run()
    assert desk.posted() == ["2607.01001v1"]


async def test_a_failed_look_at_the_history_sends_nothing(desk: Desk) -> None:
    await lost_answer(desk)
    await desk.queue(1001)
    await desk.run()
    desk.discord.fault(*HISTORY, status=503)
    desk.pass_time(LONG_AGO)
    await desk.run()
    row = await desk.row()
    assert (row.attempts, row.ambiguous) == (2, True)
    desk.pass_time(LONG_AGO)
    await desk.run()
    assert desk.posted() == ["2607.01001v1"]


# --- a clock that was wrong --------------------------------------------------------------------------------


AHEAD = timedelta(hours=1)


async def lost_while_ahead(desk: Desk, ahead: timedelta, paper: int) -> None:
    """Post *paper* by a clock that is *ahead*, lose the answer, and set the clock right."""
    desk.clock.advance(ahead)
    await lost_answer(desk)
    await desk.queue(paper)
    await desk.run()
    desk.clock.advance(-ahead)


@pytest.mark.parametrize("posted_before", [False, True])
async def test_a_clock_that_was_ahead_and_is_set_back_posts_nothing_twice(
    desk: Desk, posted_before: bool
) -> None:
    """By the corrected clock the try lies in the future, and the nonce seems fresh for an hour."""
    if posted_before:
        await desk.queue(1001)
        await desk.run()
    await lost_while_ahead(desk, AHEAD, 1002)
    desk.pass_time(timedelta(hours=2))
    await desk.run()
    assert desk.posted().count("2607.01002v1") == 1
    assert await desk.store.outbox.depth() == 0


async def test_a_clock_that_was_a_little_ahead_posts_nothing_twice(desk: Desk) -> None:
    await lost_while_ahead(desk, timedelta(minutes=3), 1001)
    desk.pass_time(timedelta(minutes=6))
    await desk.run()
    assert desk.posted() == ["2607.01001v1"]


async def test_what_was_queued_while_the_clock_was_ahead_does_not_wait_for_it(desk: Desk) -> None:
    desk.clock.advance(timedelta(days=400))
    await desk.queue(1001, 1002)
    await desk.discord.deny(desk.channel, payloads.READ_MESSAGE_HISTORY)
    await unavailable(desk)
    await desk.run()
    desk.clock.advance(-timedelta(days=400))
    assert await desk.store.outbox.next_due(desk.clock()) == desk.clock()
    await desk.run()
    assert desk.posted() == ["2607.01001v1", "2607.01002v1"]


@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(days=40)])
async def test_a_post_made_while_the_clock_was_ahead_is_found_where_people_talk_a_lot(
    desk: Desk, ahead: timedelta
) -> None:
    """The try seems to lie in the future, so that little or nothing follows it; our post before it helps."""
    await desk.queue(1001)
    await desk.run()
    await lost_while_ahead(desk, ahead, 1002)
    talk(desk, 700)
    desk.pass_time(LONG_AGO)
    await desk.store.make_due(desk.clock())
    await desk.run()
    assert desk.posted() == ["2607.01001v1", "2607.01002v1"]
    assert await desk.store.outbox.depth() == 0
