"""The bot goes on where version 0.1.0 stopped: everything that waited is sent, told or still there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.delivery.notices import NoticeSender
from bot.model.subscriptions import State
from bot.store import Store
from tests.delivery.membership_cases import becomes
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import MANAGER, FakeDiscord
from tests.runtime.client_cases import Start, fake, start
from tests.store.store_cases import url_of
from tests.store.upgrade_cases import THEN, OldDatabase, database_of_0_1_0

__all__ = ["fake", "start"]

ANNOUNCEMENTS = 5
LACKING = (
    "I lack the permission Send Messages (and need Embed Links): give it to me in the channel's settings "
    "under Permissions."
)


class Server:
    """A server of Discord's with a channel for each thing that can be unfinished."""

    def __init__(self, fake: FakeDiscord) -> None:
        self.guild = fake.add_guild()
        self.general = fake.add_channel(self.guild, "general")
        fake.guilds[self.guild]["system_channel_id"] = str(self.general)
        self.digest = fake.add_channel(self.guild, "digest")
        self.paused = fake.add_channel(self.guild, "paused")
        self.held = fake.add_channel(self.guild, "held")
        self.news = fake.add_channel(self.guild, "news", ANNOUNCEMENTS)
        self.failed = fake.add_channel(self.guild, "failed")
        self.deleted = fake.snowflake()
        self.announcement = int(fake.add_message(self.news, {"content": "2607.01001"})["id"])


@pytest.fixture
def server(fake: FakeDiscord) -> Server:
    return Server(fake)


@pytest.fixture
async def store(fake: FakeDiscord, server: Server, tmp_path: Path) -> AsyncIterator[Store]:
    with database_of_0_1_0(tmp_path / "papers.db") as old:
        fill(old, server)
    async with await Store.open(url_of(tmp_path)) as opened:
        yield opened


def fill(old: OldDatabase, server: Server) -> None:
    """Leave something unfinished in every channel."""
    query = old.insert("queries", canonical="tts")
    papers = [old.paper(number) for number in (1001, 1002, 1003)]
    for paper in papers:
        old.insert("matches", query_id=query, paper_id=paper)

    def channel(channel_id: int, **values: object) -> int:
        made = old.insert("destinations", channel_id=channel_id, guild_id=server.guild, **values)
        old.insert("subscriptions", destination_id=made, query_id=query)
        return made

    digest = channel(server.digest)
    old.digest(digest, 1, papers[:1], state="sent", message_id=1, attempts=1, settled_at=THEN)
    old.digest(digest, 2, papers[1:])
    old.insert("digest_runs", destination_id=digest, day="2026-07-21")
    paused = channel(server.paused, state="paused", reason=LACKING, state_since=THEN)
    for paper in papers:
        old.post(paused, paper, error=LACKING)
    held = channel(server.held)
    old.post(held, papers[0], state="held")
    news = channel(server.news)
    old.insert(
        "crossposts", destination_id=news, message_id=server.announcement, error="Discord answered 503"
    )
    failed = channel(server.failed)
    old.post(failed, papers[0], state="failed", attempts=2, error="Discord answered 400, code 50035: Bad")
    gone = "The channel no longer exists."
    deleted = channel(server.deleted, state="gone", reason=gone, state_since=THEN)
    old.insert("notices", destination_id=deleted, reason=gone, name="deleted")


async def test_what_0_1_0_left_unfinished_is_finished(
    fake: FakeDiscord, store: Store, start: Start, server: Server
) -> None:
    async with start() as bot:
        await fake.until(bot.is_ready)
        await becomes(store, server.paused, State.ACTIVE)  # the permission is back
        await fake.until(lambda: len(fake.posts(server.paused)) == 3)
        await fake.until(lambda: len(fake.posts(server.digest)) == 1)
        assert "2 of 2" in fake.posts(server.digest)[0]["embeds"][0]["footer"]["text"]
        await bot.jobs["crosspost"]._body()
        assert fake.sent("POST", "/channels/{channel_id}/messages/{message_id}/crosspost")
        await NoticeSender(bot, store, send_timeout=20, clock=bot.clock).run()
        [notice] = fake.posts(server.general)
        assert "#deleted: The channel was deleted." in notice["content"]
    assert await store.outbox.depth() == 0
    assert fake.posts(server.held) == fake.posts(server.failed) == []


@pytest.mark.parametrize(
    ("locale", "sentences"),
    [
        (
            "en-US",
            (
                "I do not have the Send Messages permission (I also need Embed Links).",
                "The channel was deleted.",
                "Discord responded with HTTP 400, error 50035: Bad",
                "1 paper held back",
            ),
        ),
        (
            "de",
            (
                "Mir fehlt die Berechtigung „Nachrichten senden“ (außerdem brauche ich „Links einbetten“).",
                "Der Kanal wurde gelöscht.",
                "Discord hat mit HTTP 400, Fehler 50035 geantwortet: Bad",
                "1 Paper",
            ),
        ),
    ],
)
async def test_status_shows_it_in_the_readers_language(
    fake: FakeDiscord, start: Start, server: Server, locale: str, sentences: tuple[str, ...]
) -> None:
    await fake.deny(server.paused, payloads.SEND_MESSAGES)
    async with start():
        status = await fake.interaction(server.general, replace(MANAGER, locale=locale), "status")
    for sentence in sentences:
        assert sentence in status.text
