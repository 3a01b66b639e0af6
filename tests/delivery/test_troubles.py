"""Discord in trouble: what was lost, cut off, limited or interrupted is posted exactly once later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.model.reasons import ReasonCode
from tests.delivery.delivery_cases import HOUR, LONG_AGO, POST, Desk, desk, fake, lost_answer, unavailable

__all__ = ["desk", "fake"]


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
    delivery.attempts.timeout = 20
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


async def test_what_a_closed_client_answers_is_no_refusal(desk: Desk) -> None:
    """It may have been closed under a message that was on its way."""
    await desk.queue(1001)
    await desk.client.close()
    assert await desk.run() > 60
    row = await desk.row()
    assert (row.attempts, row.ambiguous, row.plain) == (1, True, False)


async def test_what_nobody_wants_any_more_after_an_attempt_is_given_up(desk: Desk) -> None:
    await unavailable(desk)
    await desk.queue(1001)
    await desk.run()
    [subscription] = await desk.store.subscriptions.all()
    await desk.store.subscriptions.remove(subscription.id, desk.clock())
    desk.pass_time(HOUR)
    await desk.run()
    assert desk.posted() == []
    assert [row.error.code for row in await desk.failed() if row.error] == [ReasonCode.NO_SUBSCRIPTION]
