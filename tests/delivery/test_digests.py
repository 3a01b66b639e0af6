"""A digest in the channel: one message with its first page, buttons for the others, and a file of all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import discord
import pytest

from bot.delivery.digest_queue import DigestJob
from bot.model.outbox import DigestPage, QuietNote, Section, WeeklyTop
from bot.model.papers import PaperId
from bot.model.subscriptions import Deliver, Schedule, State
from bot.present.digest_markdown import render_sections
from bot.rules.digest import issue
from tests.delivery.delivery_cases import LONG_AGO, POST, Desk, desk, fake, forum_of, forum_posts
from tests.fakes import discord_payloads as payloads
from tests.fakes.papers import make_paper
from tests.store.store_cases import subscribe

__all__ = ["desk", "fake"]

DAY = date(2026, 7, 21)
NUMBERS = range(1001, 1026)


@pytest.fixture(autouse=True)
async def subscribed(desk: Desk) -> None:
    await desk.subscribe(keyword="TTS", deliver=Deliver.DIGEST)


def section(numbers: Sequence[int], keyword: str = "TTS", **changes: Any) -> Section:
    return Section(keyword, tuple(make_paper(number).id for number in numbers), **changes)


async def queue(desk: Desk, *pages: DigestPage | None, channel: int = 0) -> None:
    """Queue the pages of one day, of papers that are known."""
    kept = [page for page in pages if page is not None]
    papers = [
        make_paper(int(paper.text[-4:])) for page in kept for one in page.sections for paper in one.papers
    ]
    await desk.store.record(papers, [], desk.clock())
    destination = await desk.store.destinations.by_channel(channel or desk.channel)
    assert destination is not None
    assert await desk.store.digests.run(destination.id, DAY, kept, desk.clock())


def addresses(text: str) -> list[str]:
    return re.findall(r"abs/([\d.]+)v", text)


def buttons(post: dict[str, Any]) -> dict[str, bool]:
    """Return the identifiers of the buttons under a post, and whether each can be clicked."""
    return {
        button["custom_id"]: not button.get("disabled", False)
        for row in post["components"]
        for button in row["components"]
    }


async def test_a_digest_is_one_message_with_its_first_page_and_all_of_it_in_a_file(desk: Desk) -> None:
    sections = [section(NUMBERS), section([1030], "vocoder")]
    await queue(desk, issue(DAY, sections, file=True))
    await desk.run()
    [post] = desk.discord.posts(desk.channel)
    [embed] = post["embeds"]
    assert embed["footer"]["text"] == "26 papers\u00a0· page 1 of 2"
    assert len(addresses(embed["description"])) == 20
    assert post["content"] == "**26 new papers, 21 July**"
    assert list(buttons(post).values()) == [True, True, False, False, True]  # two menus, ◀, where, ▶
    papers = [(one.keyword, await desk.store.papers.get_many(one.papers)) for one in sections]
    assert desk.files(post) == {"digest-2026-07-21.md": render_sections(papers)}
    assert len(set(addresses(render_sections(papers)))) == 26


async def test_a_digest_of_one_page_has_only_the_menus(desk: Desk) -> None:
    await queue(desk, issue(DAY, [section([1001])]))
    await desk.run()
    [post] = desk.discord.posts(desk.channel)
    assert list(buttons(post)) == ["papers:open-here:0", "papers:save-some:0"]
    assert desk.files(post) == {}


def top(*numbers: int) -> WeeklyTop:
    counts = tuple((make_paper(number).id, 9 - place) for place, number in enumerate(numbers))
    return WeeklyTop(DAY - timedelta(days=7), DAY - timedelta(days=1), counts)


async def test_what_was_saved_most_stands_below_and_can_be_opened(desk: Desk) -> None:
    await desk.store.record([make_paper(1040)], [], desk.clock())
    await queue(desk, issue(DAY, [section([1001, 1002])], top=top(1040, 1002, 1099)))
    desk.discord.fault(*POST, lost=True)
    await desk.run()
    desk.pass_time(LONG_AGO)
    await desk.run()
    [post] = desk.discord.posts(desk.channel)
    _digest, saved = post["embeds"]
    assert saved["title"] == "Saved most this week"
    assert addresses(saved["description"]) == ["2607.01040", "2607.01002"]
    assert saved["footer"]["text"].replace("\u00a0", " ") == "14 Jul – 20 Jul · counts only, never names"
    menu, save = (row["components"][0] for row in post["components"])
    assert [option["label"].split("  ")[0] for option in menu["options"]] == ["1", "2", "★ 9"]
    assert len(save["options"]) == 2


async def test_a_plain_digest_says_it_too(desk: Desk) -> None:
    await queue(desk, issue(DAY, [section([1001])], top=top(1001)))
    desk.discord.fault(*POST, status=400, code=50035)
    await desk.run()
    [post] = desk.discord.posts(desk.channel)
    assert "\nSaved most this week\n**★ 9** · [" in post["content"]


async def test_the_note_of_a_quiet_day_leads_to_what_was_saved_and_is_there_once(desk: Desk) -> None:
    await queue(desk, issue(DAY, [], note=QuietNote(("TTS",), 0, 9, 2), file=True))
    desk.discord.fault(*POST, lost=True)
    await desk.run()
    desk.pass_time(LONG_AGO)
    await desk.run()
    [post] = desk.discord.posts(desk.channel)
    assert (buttons(post), desk.files(post)) == ({"papers:top:week:channel": True}, {})
    [embed] = post["embeds"]
    assert embed["description"] == "**21 July: nothing new** on TTS.\nLast 7 days: 9 papers, 2 saved here."
    assert await desk.store.outbox.depth() == 0


async def test_the_note_in_direct_messages_has_no_button(desk: Desk) -> None:
    """Saves are counted in servers only."""
    conversation = int(desk.discord.dm(9)["id"])
    await subscribe(desk.store, channel=conversation, guild=0, user=9)
    await queue(desk, issue(DAY, [], note=QuietNote()), channel=conversation)
    await desk.run()
    [post] = desk.discord.posts(conversation)
    assert buttons(post) == {}


async def test_an_answer_that_was_lost_makes_no_second_digest(desk: Desk) -> None:
    await queue(desk, issue(DAY, [section(NUMBERS)], file=True))
    delivery = desk.delivery()
    desk.discord.fault(*POST, lost=True, status=502)
    await delivery.run()
    [post] = desk.discord.posts(desk.channel)
    assert list(desk.files(post)) == ["digest-2026-07-21.md"]
    assert desk.discord.repeated == 1
    assert await desk.store.outbox.depth() == 0


@pytest.mark.parametrize("file", [False, True])
@pytest.mark.parametrize("arrived", [False, True])
async def test_a_digest_is_there_once_after_a_restart_and_is_what_was_queued(
    desk: Desk, file: bool, arrived: bool
) -> None:
    """Whether it comes with a file was decided when it was queued, whatever the schedule says by then."""
    await queue(desk, issue(DAY, [section(NUMBERS)], file=file))
    desk.discord.fault(*POST, lost=arrived, reset=not arrived)
    await desk.run()
    assert await desk.store.outbox.depth() == 1
    destination = await desk.store.destinations.by_channel(desk.channel)
    assert destination is not None
    await desk.store.destinations.schedule(destination.id, Schedule(9, "UTC", file=not file), desk.clock())
    desk.pass_time(LONG_AGO)
    await desk.run()
    [post] = desk.discord.posts(desk.channel)
    assert list(desk.files(post)) == ["digest-2026-07-21.md"] * file
    assert await desk.store.outbox.depth() == 0


async def test_a_digest_in_a_forum_has_its_file_and_buttons_and_is_there_once(desk: Desk) -> None:
    forum = forum_of(desk)
    await desk.subscribe(forum, deliver=Deliver.DIGEST)
    await queue(desk, issue(DAY, [section(NUMBERS)], file=True), channel=forum)
    desk.discord.fault("POST", "/channels/{}/threads", lost=True)
    await desk.run()
    desk.pass_time(LONG_AGO)
    await desk.run()
    [thread] = forum_posts(desk, forum)
    [post] = desk.discord.posts(int(thread["id"]))
    assert len(addresses("".join(desk.files(post).values()))) == 25
    # The forum is the place whose pages they are; the post is a thread in it.
    assert f"papers:issue:{forum}:digest:2026-07-21:1:next" in buttons(post)


async def test_without_the_right_to_attach_files_the_digest_is_posted_all_the_same(desk: Desk) -> None:
    await desk.discord.deny(desk.channel, payloads.ATTACH_FILES)
    await queue(desk, issue(DAY, [section(NUMBERS)], file=True))
    await desk.run()
    [post] = desk.discord.posts(desk.channel)
    assert desk.files(post) == {}
    assert any(buttons(post).values())
    assert await desk.destination_state() == (State.ACTIVE, "")
    # Whether we may was not known to this client, which has no cache: so it was tried.
    assert [request.status for request in desk.discord.sent("POST", "/channels/{channel_id}/messages")] == [
        403,
        200,
    ]


async def test_without_that_right_in_a_forum_there_is_one_post(desk: Desk) -> None:
    forum = forum_of(desk)
    await desk.subscribe(forum, deliver=Deliver.DIGEST)
    await desk.discord.deny(forum, payloads.ATTACH_FILES)
    await queue(desk, issue(DAY, [section(NUMBERS)], file=True), channel=forum)
    await desk.run()
    assert len(forum_posts(desk, forum)) == 1
    assert await desk.store.outbox.depth() == 0


async def test_where_nothing_may_be_posted_the_channel_is_paused(desk: Desk) -> None:
    await desk.discord.deny(desk.channel, payloads.SEND_MESSAGES)
    await queue(desk, issue(DAY, [section(NUMBERS)], file=True))
    await desk.run()
    assert (await desk.destination_state())[0] is State.PAUSED
    assert await desk.store.outbox.depth() == 1


async def test_what_the_server_does_not_take_whole_is_split(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queue(desk, issue(DAY, [section(NUMBERS), section(range(1030, 1050), "vocoder")], file=True))
    monkeypatch.setattr(discord.utils, "DEFAULT_FILE_SIZE_LIMIT_BYTES", 8000)
    await desk.run()
    [post] = desk.discord.posts(desk.channel)
    files = desk.files(post)
    assert list(files) == ["digest-2026-07-21-1.md", "digest-2026-07-21-2.md"]
    assert [len(addresses(text)) for text in files.values()] == [25, 20]
    assert all(text.startswith("## ") for text in files.values())


async def test_what_cannot_be_split_is_compressed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await queue(desk, issue(DAY, [section(NUMBERS)], file=True))
    monkeypatch.setattr(discord.utils, "DEFAULT_FILE_SIZE_LIMIT_BYTES", 2000)
    await desk.run()
    [post] = desk.discord.posts(desk.channel)
    [(name, text)] = desk.files(post).items()
    assert name == "digest-2026-07-21.md.gz"
    assert len(addresses(text)) == 25


async def test_what_no_message_can_carry_is_left_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await queue(desk, issue(DAY, [section(NUMBERS)], file=True))
    monkeypatch.setattr(discord.utils, "DEFAULT_FILE_SIZE_LIMIT_BYTES", 100)
    await desk.run()
    [post] = desk.discord.posts(desk.channel)
    assert desk.files(post) == {}
    assert any("too large for Discord" in record.message for record in caplog.records)


@pytest.mark.parametrize("status", [400, 413])
async def test_a_digest_whose_file_is_too_large_after_all_is_posted_without_it(
    desk: Desk, status: int
) -> None:
    await queue(desk, issue(DAY, [section(NUMBERS)], file=True))
    desk.discord.fault(*POST, status=status, code=40005)
    await desk.run()
    [post] = desk.discord.posts(desk.channel)
    assert post["content"] == "**25 new papers, 21 July**"
    assert desk.files(post) == {}
    assert any(buttons(post).values())


async def test_a_digest_that_is_refused_comes_once_more_plainly_without_its_file(desk: Desk) -> None:
    await queue(desk, issue(DAY, [section(NUMBERS)], file=True))
    desk.discord.fault(*POST, status=400, code=50035)
    await desk.run()
    [post] = desk.discord.posts(desk.channel)
    assert post["content"].startswith("**25 new papers, 21 July**\n### TTS · 25\n**1** [")
    assert desk.files(post) == {}
    assert any(buttons(post).values())


async def test_pages_that_an_earlier_version_queued_are_sent_as_they_are(desk: Desk) -> None:
    pages = [
        DigestPage(DAY, number, 3, 45, (section(range(1000 + 15 * number, 1015 + 15 * number)),))
        for number in (1, 2, 3)
    ]
    await queue(desk, *pages)
    await desk.run()
    posts = desk.discord.posts(desk.channel)
    assert [post["embeds"][0]["footer"]["text"] for post in posts] == [
        f"45 papers\u00a0· page {number} of 3" for number in (1, 2, 3)
    ]
    shown = [paper for post in posts for paper in addresses(post["embeds"][0]["description"])]
    assert len(shown) == len(set(shown)) == 45
    assert [(buttons(post), desk.files(post)) for post in posts] == [({}, {})] * 3


async def test_the_digest_job_and_delivery_make_one_message_of_any_number(desk: Desk) -> None:
    await desk.queue(*NUMBERS)
    destination = await desk.store.destinations.by_channel(desk.channel)
    assert destination is not None
    await desk.store.destinations.schedule(
        destination.id, Schedule(9, "UTC", file=True), desk.clock() - LONG_AGO
    )
    desk.clock.now = desk.clock().replace(hour=10)
    await DigestJob(desk.store, clock=desk.clock, on_queued=lambda: None).run()
    await desk.run()
    posts = [post for post in desk.discord.posts(desk.channel) if post["attachments"]]
    assert len(posts) == 1
    found = {PaperId(text) for text in addresses("".join(desk.files(posts[0]).values()))}
    assert found == {make_paper(number).id for number in NUMBERS}
