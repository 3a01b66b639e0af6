"""The outbox meets a Discord that misbehaves: real store, real discord.py, real HTTP."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
from discord.http import Route

from bot import once, tongues
from bot.delivery import Delivery
from bot.digest_job import DigestJob
from bot.nonces import NONCE_KEPT
from bot.outgoing import of_digest
from bot.papers import Deliver, DigestPage, OutboxRow, Section, State
from bot.present.embeds import digest_embeds
from bot.store import Store
from tests.database import lay_out
from tests.fakes import discord_payloads as payloads
from tests.fakes.clock import Clock
from tests.fakes.discord import MEMBER, FakeDiscord
from tests.fakes.papers import make_paper
from tests.store_cases import NOW, record, subscribe

POST = ("POST", "/channels/{}/messages")
HISTORY = ("GET", "/channels/{}/messages")
LONG_AGO = NONCE_KEPT + timedelta(minutes=2)


@dataclass
class Desk:
    """A store with a subscribed channel, and the delivery that serves it."""

    discord: FakeDiscord
    store: Store
    client: discord.AutoShardedClient
    clock: Clock
    guild: int
    channel: int
    refusals: list[bool] = field(default_factory=list)
    made: list[Delivery] = field(default_factory=list)

    def delivery(self, **options: Any) -> Delivery:
        """Return a delivery as a fresh process has it."""
        made = Delivery(
            self.client,
            self.store,
            clock=self.clock,
            chance=lambda: 1.0,
            on_token_refused=lambda: self.refusals.append(True),
            **({"concurrency": 4, "send_timeout": 20} | options),
        )
        self.made.append(made)
        return made

    async def run(self, **options: Any) -> float:
        return await self.delivery(**options).run()

    async def subscribe(self, channel: int = 0, **options: Any) -> None:
        await subscribe(self.store, channel=channel or self.channel, guild=self.guild, **options)

    async def queue(self, *numbers: int, **changes: Any) -> None:
        await record(self.store, *(make_paper(number, **changes) for number in numbers), now=self.clock())

    async def failed(self) -> list[OutboxRow]:
        places = await self.store.destinations.of_guild(self.guild)
        return await self.store.outbox.failed([place.id for place in places], 10)

    def posted(self, channel: int = 0) -> list[str]:
        """Return the papers in the channel, as their addresses end, in the order of posting."""
        found = []
        for post in self.discord.posts(channel or self.channel):
            urls = [embed["url"] for embed in post["embeds"] if "url" in embed]
            found += [url.rpartition("/")[2] for url in urls or post["content"].splitlines()[-1:]]
        return found

    def files(self, post: dict[str, Any]) -> dict[str, str]:
        """Return the texts of what is attached to a post, by name."""
        found = {file["filename"]: self.discord.files[file["id"]] for file in post["attachments"]}
        return {
            name: (gzip.decompress(content) if name.endswith(".gz") else content).decode()
            for name, content in found.items()
        }

    def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)
        self.discord.skipped += by.total_seconds()

    async def row(self) -> OutboxRow:
        """Return the oldest row that is still to be sent, due or not."""
        [row, *_] = await self.store.outbox.heads(self.clock() + timedelta(days=30), 10)
        return row

    async def destination_state(self) -> tuple[State, str]:
        found = await self.store.destinations.by_channel(self.channel)
        assert found is not None
        return found.state, found.reason


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as fake:
        yield fake
        assert fake.invalid == []


@pytest.fixture
async def desk(fake: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(Route, "BASE", fake.api_base)
    guild = fake.add_guild()
    channel = fake.add_channel(guild)
    clock = Clock(NOW)
    fake.skipped = NOW.timestamp() - fake.now()
    lay_out(tmp_path / "papers.db")
    async with (
        await Store.open(f"sqlite:///{tmp_path}/papers.db") as store,
        discord.AutoShardedClient(
            intents=discord.Intents(guilds=True), max_ratelimit_timeout=30, http_trace=once.trace()
        ) as client,
    ):
        await client.login(fake.token)
        desk = Desk(fake, store, client, clock, guild, channel)
        await desk.subscribe()
        yield desk
        for made in desk.made:
            await made.stop(grace=0)


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
    assert [post["embeds"][0]["title"] for post in posts] == ["40 more papers, 23 July 2026"]
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
    assert "author" not in first["embeds"][0]
    assert second["embeds"][0]["author"]["name"] == "Revised: version 2"


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
    assert {key: digest["embeds"][0][key] for key in ("title", "description")} == {
        key: expected[key] for key in ("title", "description")
    }
    assert note["embeds"][0]["title"].startswith("No new papers")


# --- forums ------------------------------------------------------------------------------------------------


def forum_of(desk: Desk, **extra: Any) -> int:
    tags = [
        {"id": str(number), "name": name, "moderated": name == "Mod", "emoji_id": None, "emoji_name": None}
        for number, name in enumerate(("Mod", "Other", "cs.CL"), 1)
    ]
    return desk.discord.add_channel(desk.guild, "forum", payloads.FORUM, available_tags=tags, **extra)


def forum_posts(desk: Desk, forum: int) -> list[dict[str, Any]]:
    return [each for each in desk.discord.channels.values() if each.get("parent_id") == str(forum)]


async def test_a_forum_gets_a_post_a_paper_with_a_fitting_tag(desk: Desk) -> None:
    forum = forum_of(desk)
    await desk.subscribe(forum)
    await desk.queue(1001)
    await desk.run()
    [post] = forum_posts(desk, forum)
    assert post["name"] == "Speech synthesis with model 1001"
    assert post["applied_tags"] == ["3"]
    assert desk.posted(int(post["id"])) == ["2607.01001v1"]


async def test_a_forum_that_demands_a_tag_gets_one(desk: Desk) -> None:
    forum = forum_of(desk, flags=1 << 4)
    await desk.subscribe(forum)
    await desk.queue(1001, categories=("hep-th",), primary_category="hep-th")
    await desk.run()
    assert [post["applied_tags"] for post in forum_posts(desk, forum)] == [["2"]]


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
    """discord.py repeats what Discord answers with 502; a post has no nonce by which to recognise that."""
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


# --- Discord in trouble ------------------------------------------------------------------------------------


async def lost_answer(desk: Desk) -> None:
    desk.discord.fault(*POST, lost=True)


async def unavailable(desk: Desk) -> None:
    desk.discord.fault(*POST, status=503)


async def reset(desk: Desk) -> None:
    desk.discord.fault(*POST, reset=True)


async def rate_limited(desk: Desk) -> None:
    desk.discord.fault(*POST, status=429, retry_after=45.0)


async def banned_by_the_network(desk: Desk) -> None:
    desk.discord.fault(*POST, status=429, retry_after=45.0, via=False)


async def channel_lookup_fails(desk: Desk) -> None:
    desk.discord.fault("GET", "/channels/{}", status=503)


@pytest.mark.parametrize(
    "trouble", [lost_answer, unavailable, reset, rate_limited, banned_by_the_network, channel_lookup_fails]
)
@pytest.mark.parametrize("wait", [timedelta(minutes=1), LONG_AGO], ids=["soon", "late"])
async def test_what_went_wrong_once_is_posted_exactly_once_later(
    desk: Desk, trouble: Callable[[Desk], Awaitable[None]], wait: timedelta
) -> None:
    await trouble(desk)
    await desk.queue(1001, 1002)
    rest = await desk.run()
    assert 0 < rest <= 60
    assert await desk.store.outbox.depth() == 2
    desk.pass_time(wait)
    await desk.run()
    assert desk.posted() == ["2607.01001v1", "2607.01002v1"]
    assert await desk.store.outbox.depth() == 0


async def test_a_silent_discord_is_given_up_and_asked_again(desk: Desk) -> None:
    fault = desk.discord.fault(*POST, hang=True, lost=True)
    await desk.queue(1001)
    delivery = desk.delivery(send_timeout=0.2)
    await delivery.run()
    assert fault.hits == 1
    assert (await desk.row()).ambiguous
    desk.pass_time(timedelta(minutes=1))
    delivery.send_timeout = 20
    await delivery.run()
    assert desk.posted() == ["2607.01001v1"]
    assert desk.discord.repeated == 1


async def test_a_nonce_is_made_from_the_row_and_short_enough(desk: Desk) -> None:
    await unavailable(desk)
    await desk.queue(1001, 1002)
    await desk.run()
    desk.pass_time(timedelta(minutes=1))
    await desk.run()
    first, again, second = (
        request.body["nonce"] for request in desk.discord.sent("POST", "/channels/{channel_id}/messages")
    )
    assert first == again != second  # each run is as by another process
    assert 0 < len(first) <= 25


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


@pytest.mark.parametrize("language", tongues.languages())
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
        with tongues.speaking(language):
            [embed] = of_digest(row, {paper.id: paper}).embeds
        desk.discord.add_message(desk.channel, {"embeds": [embed.to_dict()]})
        desk.pass_time(LONG_AGO)
        await desk.run()
        assert await desk.store.outbox.depth() == 0
    assert len(desk.discord.posts(desk.channel)) == 2


def talk(desk: Desk, messages: int) -> None:
    """Let people write in the channel for an hour."""
    for _ in range(messages):
        desk.pass_time(timedelta(hours=1) / messages)
        desk.discord.add_message(desk.channel, {"content": "so what?"}, author=MEMBER.account)


async def repeated_and_limited(desk: Desk) -> None:
    desk.discord.fault(*POST, status=429, retry_after=45.0)


async def repeated_and_cut_off(desk: Desk) -> None:
    await desk.discord.stop()


async def repeated_and_refused_the_token(desk: Desk) -> None:
    desk.discord.fault(*POST, status=401)


@pytest.mark.parametrize("then", [repeated_and_limited, repeated_and_cut_off, repeated_and_refused_the_token])
async def test_what_discord_py_repeats_is_in_doubt_whatever_the_last_answer_was(
    desk: Desk, then: Callable[[Desk], Awaitable[None]]
) -> None:
    """Answered with 502 a message may be there; discord.py asks again, and tells of the second answer."""
    port = int(desk.discord.api_base.split(":")[2].partition("/")[0])
    first = desk.discord.fault(*POST, status=502, lost=True)
    await desk.queue(1001)
    run = asyncio.create_task(desk.run())
    await first.hit.wait()
    await desk.discord.until(desk.posted)
    await then(desk)
    await run
    if then is repeated_and_cut_off:
        await desk.discord.start(port)
    assert (await desk.row()).ambiguous
    desk.pass_time(LONG_AGO)
    await desk.run()
    assert desk.posted() == ["2607.01001v1"]
    assert await desk.store.outbox.depth() == 0


async def test_what_was_clearly_refused_needs_no_look(desk: Desk) -> None:
    await rate_limited(desk)
    await desk.queue(1001)
    await desk.run()
    assert not (await desk.row()).ambiguous
    desk.pass_time(LONG_AGO)
    await desk.run()
    assert desk.posted() == ["2607.01001v1"]
    assert desk.discord.sent("GET", "/channels/{channel_id}/messages") == []


AHEAD = timedelta(hours=1)


@pytest.mark.parametrize("posted_before", [False, True])
async def test_a_clock_that_was_ahead_and_is_set_back_posts_nothing_twice(
    desk: Desk, posted_before: bool
) -> None:
    """By the corrected clock the try lies in the future, and the nonce seems fresh for an hour."""
    if posted_before:
        await desk.queue(1001)
        await desk.run()
    desk.clock.advance(AHEAD)
    await lost_answer(desk)
    await desk.queue(1002)
    await desk.run()
    desk.clock.advance(-AHEAD)
    desk.pass_time(timedelta(hours=2))
    await desk.run()
    assert desk.posted().count("2607.01002v1") == 1
    assert await desk.store.outbox.depth() == 0


async def test_a_clock_that_was_a_little_ahead_posts_nothing_twice(desk: Desk) -> None:
    desk.clock.advance(timedelta(minutes=3))
    await lost_answer(desk)
    await desk.queue(1001)
    await desk.run()
    desk.clock.advance(timedelta(minutes=-3))
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


async def test_doubt_about_an_earlier_try_outlives_a_clear_refusal(desk: Desk) -> None:
    await lost_answer(desk)
    await desk.queue(1001)
    await desk.run()
    desk.discord.fault(*POST, status=429, retry_after=200.0)
    desk.pass_time(timedelta(seconds=10))
    await desk.run()
    desk.pass_time(LONG_AGO)
    await desk.run()
    assert desk.posted() == ["2607.01001v1"]


async def test_what_someone_deleted_is_not_posted_again(desk: Desk) -> None:
    await lost_answer(desk)
    await desk.queue(1001)
    await desk.run()
    desk.discord.messages[desk.channel].clear()
    desk.pass_time(timedelta(seconds=10))
    await desk.run()
    assert desk.posted() == []
    assert await desk.store.outbox.depth() == 0


async def test_a_crash_between_sending_and_noting_it_posts_nothing_twice(desk: Desk) -> None:
    hanging = desk.discord.fault(*POST, hang=True, lost=True)
    await desk.queue(1001)
    run = asyncio.create_task(desk.delivery().run())
    await hanging.hit.wait()
    await desk.discord.until(desk.posted)
    run.cancel()
    for made in desk.made:
        await made.stop(grace=0)
    row = await desk.row()
    assert (row.attempts, row.ambiguous) == (1, True)
    hanging.release()
    await desk.run()
    assert desk.posted() == ["2607.01001v1"]


# --- refusals ----------------------------------------------------------------------------------------------


async def test_what_discord_finds_malformed_is_posted_as_title_and_link(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.discord.fault(*POST, status=400, code=50035)
    await desk.queue(1001, 1002)
    await desk.run()
    assert desk.posted() == ["2607.01001v1", "2607.01002v1"]
    plain, _ = desk.discord.posts(desk.channel)
    assert plain["content"].splitlines()[-1] == "https://arxiv.org/abs/2607.01001v1"
    assert plain["embeds"] == []
    assert '"embeds"' in caplog.text


async def test_what_is_refused_twice_is_kept_as_failed_and_holds_up_nothing(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.discord.fault(*POST, status=400, code=50035, times=2)
    await desk.queue(1001, 1002)
    await desk.run()
    assert desk.posted() == ["2607.01002v1"]
    [failed] = await desk.failed()
    assert "50035" in failed.error
    assert "given up" in caplog.text


@pytest.mark.parametrize("denied", [payloads.VIEW_CHANNEL, payloads.SEND_MESSAGES, payloads.EMBED_LINKS])
async def test_without_permission_the_channel_is_paused_and_loses_nothing(
    desk: Desk, denied: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bot.delivery")
    await desk.discord.deny(desk.channel, denied)
    await desk.queue(1001, 1002)
    await desk.run()
    await desk.run()
    state, reason = await desk.destination_state()
    assert state is State.PAUSED
    assert "permission" in reason
    assert len(caplog.records) == 1
    await desk.discord.deny(desk.channel, 0)
    assert await desk.delivery().resume()
    await desk.run()
    assert desk.posted() == ["2607.01001v1", "2607.01002v1"]


async def test_a_deleted_channel_is_paused(desk: Desk) -> None:
    await desk.discord.delete_channel(desk.channel)
    await desk.queue(1001)
    await desk.run()
    assert await desk.destination_state() == (State.PAUSED, "The channel no longer exists.")


async def test_a_pause_does_not_forget_a_try_in_doubt(desk: Desk) -> None:
    await lost_answer(desk)
    await desk.queue(1001)
    await desk.run()
    await desk.discord.deny(desk.channel, payloads.SEND_MESSAGES)
    desk.pass_time(timedelta(seconds=10))
    await desk.run()
    await desk.discord.deny(desk.channel, 0)
    desk.pass_time(timedelta(days=1))
    await desk.delivery().resume()
    await desk.run()
    assert desk.posted() == ["2607.01001v1"]


async def test_a_refused_token_ends_delivery_and_loses_nothing(desk: Desk) -> None:
    desk.discord.fault(*POST, status=401)
    await desk.queue(1001, 1002)
    await desk.run()
    assert desk.refusals == [True]
    assert desk.posted() == []
    assert (await desk.row()).attempts == 0
    await desk.run()
    assert desk.posted() == ["2607.01001v1", "2607.01002v1"]


async def test_what_nobody_asks_for_any_more_is_not_sent(desk: Desk) -> None:
    await unavailable(desk)
    await desk.queue(1001)
    await desk.run()
    for subscription in await desk.store.subscriptions.of_channel(desk.channel):
        await desk.store.subscriptions.remove(subscription.id)
    desk.pass_time(timedelta(minutes=1))
    await desk.run()
    assert desk.posted() == []
    assert await desk.store.outbox.depth() == 0


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
    with pytest.raises(Exception, match=r".+"):
        await delivery.run()
