"""The bot meets Discord: real discord.py over real HTTP and a real gateway."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import discord
import pytest
from discord import app_commands

from bot.config import DeliverySettings
from bot.interactions import components
from bot.model.errors import ArxivBusy, ConfigError, DiscordUnreachable, StoreFull, UserError
from bot.model.outcomes import Pause, Sent
from bot.model.reasons import Reason, ReasonCode
from bot.present.views import View
from bot.query.query import parse
from bot.runtime.client import COGS, PERMISSIONS, PaperBot
from bot.store import Store
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import MANAGER, FakeDiscord
from tests.fakes.papers import make_paper
from tests.runtime.client_cases import Start, channel, fake, guild
from tests.runtime.client_cases import start as plain_start
from tests.store.store_cases import (
    KEEP,
    NOW,
    record,
    store,
    subscribe,
)

__all__ = ["channel", "fake", "guild", "plain_start", "store"]

SYNC = ("PUT", "/applications/{application_id}/commands")
ERRORS: dict[str, Exception] = {
    "yours": UserError("There is no such keyword here."),
    "busy": ArxivBusy("HTTP 429", status=429),
    "full": StoreFull("No space is left on the disk."),
    "bug": ZeroDivisionError("secret detail"),
}


class Retry(components.Action, template=r"papers:retry:(?P<error>\w+)"):
    async def run(self, interaction: discord.Interaction[Any]) -> None:
        raise ERRORS[self.state["error"]]


@app_commands.command(description="Fail")
async def fail(interaction: discord.Interaction[Any], error: str, deferred: bool = False) -> None:
    if deferred:
        await interaction.response.defer(ephemeral=True)
    if error == "button":
        view = View()
        view.add_item(Retry("papers:retry:yours", label="Retry"))
        await interaction.response.send_message("Failed?", view=view)
    else:
        raise ERRORS[error]


@fail.autocomplete("error")
async def _errors(_: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=each, value=each) for each in ERRORS if each.startswith(typed)]


@pytest.fixture
def start(plain_start: Start) -> Start:
    """Start a bot that also has the command and the button that fail."""

    def add(bot: PaperBot) -> None:
        bot.tree.add_command(fail)
        bot.add_dynamic_items(Retry)

    return partial(plain_start, prepare=add)


async def test_it_offers_its_commands_and_answers(fake: FakeDiscord, start: Start) -> None:
    channel = fake.add_channel(fake.add_guild())
    async with start() as bot:
        assert set(bot.extensions) == set(COGS)
        offered = {command["name"] for command in fake.commands.values()}
        assert {"subscribe", "unsubscribe", "subscriptions", "search", "paper", "digest", "status"} <= offered
        answer = await fake.interaction(channel, MANAGER, "help")
        assert answer.embeds
        assert not fake.gateway.identifies[0]["intents"] & ~discord.Intents(guilds=True).value


async def test_commands_are_told_again_only_when_they_changed(fake: FakeDiscord, start: Start) -> None:
    async with start():
        pass
    async with start():
        assert len(fake.sent(*SYNC)) == 1
    fake.application_id = 4343
    fake.bot = payloads.user(4343, "papers", bot=True)
    async with start():
        assert len(fake.sent(*SYNC)) == 2


async def test_commands_that_discord_does_not_take_are_told_later(fake: FakeDiscord, start: Start) -> None:
    fault = fake.fault("PUT", "/applications/{}/commands", status=503)
    async with start(connected=False) as bot:
        await fault.hit.wait()
        await fake.gateway.connected()
        assert bot.jobs["delivery"].running
        bot.jobs["commands"].wake()
        await fake.until(lambda: fake.commands)


async def test_the_invite_link_asks_for_what_is_needed_and_no_more(
    fake: FakeDiscord, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.runtime.client")
    async with start() as bot:
        link = urlsplit(bot.invite_link)
        query = parse_qs(link.query)
        assert query["client_id"] == [str(fake.application_id)]
        assert query["permissions"] == [str(PERMISSIONS.value)]
        assert query["scope"] == ["bot applications.commands"]
        assert not PERMISSIONS.administrator
        assert bot.invite_link in caplog.text


# --- posting ------------------------------------------------------------------------------------------------


async def test_what_is_queued_meanwhile_is_posted_at_once(
    fake: FakeDiscord, store: Store, start: Start, channel: int
) -> None:
    async with start() as bot:
        await record(store, make_paper(1001))
        bot.wake_delivery()
        await fake.until(lambda: fake.posts(channel))
        await fake.until(lambda: not bot.delivery.in_flight)


async def test_a_channel_that_lets_the_bot_in_again_gets_its_backlog(
    fake: FakeDiscord, store: Store, start: Start, channel: int, caplog: pytest.LogCaptureFixture
) -> None:
    await record(store, make_paper(1001), make_paper(1002))
    await fake.deny(channel, payloads.SEND_MESSAGES)
    async with start():
        await fake.until(lambda: "is paused" in caplog.text)
        await fake.deny(channel, 0)
        await fake.until(lambda: len(fake.posts(channel)) == 2)


async def test_a_right_that_comes_back_during_the_refusal_is_not_overlooked(
    fake: FakeDiscord, store: Store, start: Start, channel: int
) -> None:
    await record(store, make_paper(1001))
    refusal = fake.fault("POST", "/channels/{}/messages", status=403, code=50013, hang=True)
    async with start() as bot:
        await refusal.hit.wait()
        seen = asyncio.Event()

        async def see(*_: object) -> None:
            await asyncio.sleep(0)  # after the bot's own handler
            seen.set()

        bot.add_listener(see, "on_guild_channel_update")
        await fake.deny(channel, 0)
        await seen.wait()
        refusal.release()
        await fake.until(lambda: fake.posts(channel))


async def test_ending_waits_for_what_is_being_sent(
    fake: FakeDiscord, store: Store, start: Start, channel: int
) -> None:
    await record(store, make_paper(1001))
    hanging = fake.fault("POST", "/channels/{}/messages", hang=True, lost=True)
    async with start() as bot:
        await hanging.hit.wait()
        closing = asyncio.create_task(bot.close())
        await asyncio.sleep(0)
        hanging.release()
        await closing
    assert len(fake.posts(channel)) == 1
    assert not any(job.running for job in bot.jobs.values())


# --- the gateway --------------------------------------------------------------------------------------------


async def test_an_invalidated_session_begins_anew_at_the_same_discord(
    fake: FakeDiscord, start: Start
) -> None:
    channel = fake.add_channel(fake.add_guild())
    async with start():
        await fake.gateway.invalidate()
        await fake.gateway.connected()
        assert len(fake.gateway.identifies) == 2
        assert (await fake.interaction(channel, MANAGER, "help")).embeds


async def test_a_lost_connection_is_resumed(fake: FakeDiscord, start: Start) -> None:
    channel = fake.add_channel(fake.add_guild())
    async with start():
        await fake.gateway.reconnect()
        await fake.gateway.connected()
        assert len(fake.gateway.resumes) == 1
        assert (await fake.interaction(channel, MANAGER, "help")).embeds


# --- a token that Discord refuses ---------------------------------------------------------------------------


async def test_a_wrong_token_is_a_sentence_without_it(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    async with start(token="MTIz.wrong.token", connected=False) as bot:
        with pytest.raises(ConfigError, match=r"^discord\.token: Discord refused the token; ") as caught:
            await bot.running
    assert "MTIz" not in str(caught.value) + caplog.text


async def test_a_token_revoked_at_the_gateway_ends_the_bot(fake: FakeDiscord, start: Start) -> None:
    async with start() as bot:
        await fake.gateway.drop(4004)
        with pytest.raises(ConfigError, match="Discord refused the token"):
            await asyncio.wait_for(bot.running, 10)


async def test_a_token_revoked_while_posting_ends_the_bot(
    fake: FakeDiscord, store: Store, start: Start, channel: int
) -> None:
    async with start() as bot:
        fake.fault("POST", "/channels/{}/messages", status=401, times=None)
        await record(store, make_paper(1001))
        bot.wake_delivery()
        with pytest.raises(ConfigError, match="Discord refused the token"):
            await asyncio.wait_for(bot.running, 10)
    assert await store.outbox.depth() == 1


@pytest.mark.parametrize("job", ["notices", "crosspost"])
async def test_so_does_one_revoked_while_telling_managers_or_passing_on(
    fake: FakeDiscord, store: Store, start: Start, job: str
) -> None:
    guild = fake.add_guild()
    fake.add_channel(guild, "general")
    channel = fake.add_channel(guild)
    await subscribe(store, channel=channel, guild=guild)
    await record(store, make_paper(1001))
    [row] = await store.outbox.heads(NOW, 1)
    if job == "crosspost":
        await store.settle(row, Sent(77, announced=True), NOW)
    else:
        await fake.deny(channel, payloads.SEND_MESSAGES)
        await store.settle(row, Pause(Reason(ReasonCode.NOT_ALLOWED)), NOW)
    fake.fault("POST", "/channels/{}/messages", status=401, times=None)
    fake.fault("POST", "/channels/{}/messages/{}/crosspost", status=401, times=None)
    async with start() as bot:
        await fake.until(bot.is_ready)
        bot.clock.advance(timedelta(hours=1))
        bot.jobs[job].wake()
        with pytest.raises(ConfigError, match="Discord refused the token"):
            await asyncio.wait_for(bot.running, 10)
    notices, crossposts = await store.notices.waiting(), await store.crossposts.due(NOW, 9)
    assert (len(notices), len(crossposts)) == ((1, 0) if job == "notices" else (0, 1))
    assert not any(notice.ambiguous for notice in notices), "nothing was posted"


async def test_a_discord_that_is_away_is_a_sentence_and_can_be_tried_again(
    fake: FakeDiscord, start: Start
) -> None:
    fake.fault("GET", "/users/@me", status=503)
    async with start(connected=False) as bot:
        with pytest.raises(DiscordUnreachable, match="Discord cannot be reached at http"):
            await bot.running
        bot.running = asyncio.create_task(bot.start(fake.token))
        await fake.gateway.connected()


# --- errors of commands -------------------------------------------------------------------------------------


@pytest.mark.parametrize("deferred", [False, True])
@pytest.mark.parametrize(
    ("error", "told", "level"),
    [
        ("yours", "There is no such keyword here.", None),
        ("busy", "arXiv is busy", "INFO"),
        ("full", "Nothing that was saved is lost", "ERROR"),
        ("bug", "incident ", "ERROR"),
    ],
)
async def test_an_error_is_told_to_both_its_audiences(
    fake: FakeDiscord,
    start: Start,
    caplog: pytest.LogCaptureFixture,
    *,
    error: str,
    told: str,
    level: str | None,
    deferred: bool,
) -> None:
    channel = fake.add_channel(fake.add_guild())
    caplog.set_level(logging.INFO, "bot.interactions.error_answers")
    async with start():
        answer = await fake.interaction(channel, MANAGER, "fail", {"error": error, "deferred": deferred})
    assert answer.ephemeral
    assert told in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert "secret detail" not in answer.text
    records = [record for record in caplog.records if record.name == "bot.interactions.error_answers"]
    assert [record.levelname for record in records] == ([level] if level else [])
    assert [record.exc_info is not None for record in records if error == "bug"] == [True] * (error == "bug")
    if error == "bug":
        incident = answer.text.partition("incident ")[2].rstrip(".")
        assert incident in caplog.text


async def test_an_unreadable_query_is_answered_with_its_column(fake: FakeDiscord, start: Start) -> None:
    channel = fake.add_channel(fake.add_guild())
    query = 'ti:"speech'
    with pytest.raises(UserError) as caught:
        parse(query)
    ERRORS["query"] = caught.value
    try:
        async with start():
            answer = await fake.interaction(channel, MANAGER, "fail", {"error": "query"})
    finally:
        del ERRORS["query"]
    assert answer.ephemeral
    assert "^" in answer.text


async def test_a_button_that_fails_is_answered_like_a_command(fake: FakeDiscord, start: Start) -> None:
    channel = fake.add_channel(fake.add_guild())
    async with start():
        asked = await fake.interaction(channel, MANAGER, "fail", {"error": "button"})
        answer = await fake.click(channel, MANAGER, asked.last, asked.custom_id("Retry"))
    assert answer.ephemeral
    assert "There is no such keyword here." in answer.text


async def test_choices_are_offered_while_typing(fake: FakeDiscord, start: Start) -> None:
    channel = fake.add_channel(fake.add_guild())
    async with start():
        choices = await fake.autocomplete(channel, MANAGER, "fail", "error", typed="bu")
    assert [choice["value"] for choice in choices] == ["busy", "bug"]


@pytest.mark.parametrize("code", [10015, 10062, 40060, 50027])
async def test_an_expired_interaction_is_one_line(
    fake: FakeDiscord, start: Start, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    channel = fake.add_channel(fake.add_guild())
    async with start():
        fault = fake.fault("POST", "/interactions/{}/{}/callback", status=404, code=code)
        asking = asyncio.create_task(fake.interaction(channel, MANAGER, "help"))
        await fault.hit.wait()
        logger = "bot.interactions.error_answers"
        await fake.until(lambda: [each for each in caplog.records if each.name == logger])
        asking.cancel()
    [record] = [each for each in caplog.records if each.name == logger]
    assert (record.levelname, record.exc_info) == ("WARNING", None)


async def test_an_error_that_cannot_be_told_is_logged_and_survived(
    fake: FakeDiscord, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    channel = fake.add_channel(fake.add_guild())
    async with start():
        fault = fake.fault("POST", "/interactions/{}/{}/callback", reset=True)
        asking = asyncio.create_task(fake.interaction(channel, MANAGER, "fail", {"error": "yours"}))
        await fault.hit.wait()
        await fake.until(lambda: "could not be answered" in caplog.text)
        asking.cancel()
        assert (await fake.interaction(channel, MANAGER, "help")).embeds


async def test_a_message_may_take_as_long_as_the_configuration_says(start: Start) -> None:
    async with start(connected=False, delivery=DeliverySettings(send_timeout=75)) as bot:
        assert bot.delivery.attempts.timeout == 75


async def test_old_data_is_deleted_once_a_week_no_matter_how_often_the_bot_restarts(
    start: Start, fake: FakeDiscord, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await subscribe(store)
    await record(store, make_paper(1, published=NOW - 2 * KEEP), announce=False, now=NOW - 2 * KEEP)
    kept = await store.papers.count() - 1
    for papers in (kept, kept + 1):
        async with start() as bot:
            while not bot.jobs["prune"].last_success:  # noqa: ASYNC110 - no event of ours
                await asyncio.sleep(0.01)
            assert await store.papers.count() == papers
        await record(store, make_paper(2, published=NOW - 2 * KEEP), announce=False, now=NOW - 2 * KEEP)
    said = [each.getMessage() for each in caplog.records if "deleted what is older" in each.getMessage()]
    assert said == [
        "deleted what is older than 365 days: papers 1, queries 0, sent messages 0, papers seen 0"
    ]
