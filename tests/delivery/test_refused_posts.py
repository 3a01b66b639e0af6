"""What Discord refuses is posted plainly or given up, or pauses its channel, and holds up nothing else."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from bot.model.subscriptions import State
from tests.delivery.delivery_cases import POST, Desk, desk, fake, lost_answer, unavailable
from tests.fakes import discord_payloads as payloads

__all__ = ["desk", "fake"]


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
    assert failed.error is not None
    assert (failed.error.status, failed.error.error) == (400, 50035)
    assert "given up" in caplog.text


@pytest.mark.parametrize("denied", [payloads.VIEW_CHANNEL, payloads.SEND_MESSAGES, payloads.EMBED_LINKS])
async def test_without_permission_the_channel_is_paused_and_loses_nothing(
    desk: Desk, denied: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bot.delivery.loop")
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
    assert await desk.destination_state() == (State.PAUSED, "The channel was deleted.")


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
    assert await desk.run() > 60
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
        await desk.store.subscriptions.remove(subscription.id, desk.clock())
    desk.pass_time(timedelta(minutes=1))
    await desk.run()
    assert desk.posted() == []
    assert await desk.store.outbox.depth() == 0
