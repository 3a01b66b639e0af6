from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import pytest
from aiohttp import web

from bot.delivery.verdicts import FIRST_WAIT, LONGEST_WAIT, outcome_of, token_refused
from bot.model.outcomes import Fail, Later, Outcome, Pause, Plainly, Sent
from bot.model.reasons import DETAIL_LENGTH, Reason, ReasonCode


@pytest.fixture
async def ask() -> AsyncIterator[Any]:
    """A function that lets discord.py itself turn an answer over HTTP into its exception."""
    answer: dict[str, Any] = {}

    async def handle(_: web.Request) -> web.Response:
        body = {"code": answer["code"], "message": "refused"}
        headers = {"Content-Type": "application/json"} | answer["headers"]
        return web.Response(status=answer["status"], body=json.dumps(body).encode(), headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]

    async def ask(status: int, code: int = 0, headers: dict[str, str] | None = None) -> discord.HTTPException:
        answer.update(status=status, code=code, headers=headers or {})
        async with aiohttp.ClientSession() as session, session.get(f"http://{host}:{port}/") as response:
            data = json.loads(await response.text())
            kind = {403: discord.Forbidden, 404: discord.NotFound}.get(status, discord.HTTPException)
            if status >= 500:
                kind = discord.DiscordServerError
            return kind(response, data)

    yield ask
    await runner.cleanup()


def judged(answer: Any, *, attempts: int = 1, plain: bool = False) -> Outcome:
    return outcome_of(answer, attempts=attempts, plain=plain, chance=lambda: 1.0, nonce_only=True)


def test_a_message_is_sent() -> None:
    assert judged(discord.Object(77)) == Sent(77)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (403, 50001, Pause),
        (403, 50013, Pause),
        (403, 0, Pause),
        (404, 10003, Pause),
        (404, 0, Pause),
        (404, 10008, Sent),
        (400, 50035, Plainly),
        (400, 40067, Plainly),
        (400, 50083, Pause),
        (400, 160005, Pause),
        (413, 40005, Plainly),
        (429, 0, Later),
        (500, 0, Later),
        (502, 0, Later),
        (503, 0, Later),
        (524, 0, Later),
    ],
)
async def test_what_a_status_means(ask: Any, status: int, code: int, expected: type[Outcome]) -> None:
    assert isinstance(judged(await ask(status, code)), expected)


@pytest.mark.parametrize("status", [400, 405, 413])
async def test_what_is_refused_even_plainly_has_failed(ask: Any, status: int) -> None:
    outcome = judged(await ask(status, 50035), plain=True)
    assert isinstance(outcome, Fail)
    assert outcome.reason == Reason(ReasonCode.DISCORD_ERROR, status=status, error=50035, detail="refused")


async def test_a_message_that_someone_deleted_counts_as_sent(ask: Any) -> None:
    assert judged(await ask(404, 10008)) == Sent(0)


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientPayloadError("cut off"),
        ConnectionResetError(104, "reset"),
        OSError(54, "reset"),
    ],
    ids=repr,
)
def test_silence_may_mean_that_it_was_posted(error: Exception) -> None:
    outcome = judged(error)
    assert isinstance(outcome, Later)
    assert outcome.ambiguous


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_server_error_may_mean_that_it_was_posted(ask: Any, status: int) -> None:
    outcome = judged(await ask(status))
    assert isinstance(outcome, Later)
    assert outcome.ambiguous


async def test_without_a_connection_nothing_was_posted(unused_tcp_port: int) -> None:
    async with aiohttp.ClientSession() as session:
        try:
            await session.get(f"http://127.0.0.1:{unused_tcp_port}/")
        except aiohttp.ClientError as error:
            outcome = judged(error)
    assert isinstance(outcome, Later)
    assert not outcome.ambiguous


def test_a_rate_limit_is_waited_out_as_long_as_discord_asks() -> None:
    outcome = judged(discord.RateLimited(45.5))
    assert isinstance(outcome, Later)
    assert (outcome.after, outcome.ambiguous) == (timedelta(seconds=45.5), False)


@pytest.mark.parametrize(
    ("header", "least"), [({"Retry-After": "120"}, 120), ({"Retry-After": "soon"}, 5), ({}, 5)]
)
async def test_a_429_from_before_discord_is_waited_out_too(
    ask: Any, header: dict[str, str], least: int
) -> None:
    outcome = judged(await ask(429, 0, header))
    assert isinstance(outcome, Later)
    assert outcome.after == timedelta(seconds=least)
    assert not outcome.ambiguous


@pytest.mark.parametrize("error", [ValueError("embeds"), KeyError("title"), RuntimeError("bug")], ids=repr)
def test_a_message_that_cannot_be_built_is_tried_plainly_and_then_given_up(error: Exception) -> None:
    assert isinstance(judged(error), Plainly)
    assert isinstance(judged(error, plain=True), Fail)


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (404, 10003, ReasonCode.CHANNEL_DELETED),
        (404, 10004, ReasonCode.SERVER_UNKNOWN),
        (403, 50001, ReasonCode.CHANNEL_HIDDEN),
        (403, 50007, ReasonCode.DIRECT_MESSAGES_CLOSED),
        (403, 50013, ReasonCode.NOT_ALLOWED),
        (400, 50083, ReasonCode.THREAD_ARCHIVED),
        (400, 160005, ReasonCode.THREAD_LOCKED),
    ],
)
async def test_discords_error_code_is_the_reason_of_a_pause(
    ask: Any, status: int, code: int, reason: ReasonCode
) -> None:
    assert judged(await ask(status, code)) == Pause(Reason(reason), gone=code == 10003)


async def test_another_refusal_keeps_what_discord_said(ask: Any) -> None:
    reason = Reason(ReasonCode.POSTING_REFUSED, status=403, error=40001, detail="refused")
    assert judged(await ask(403, 40001)) == Pause(reason)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (discord.RateLimited(60), Reason(ReasonCode.RATE_LIMITED)),
        (TimeoutError("late"), Reason(ReasonCode.NO_RESPONSE)),
        (
            aiohttp.ServerDisconnectedError(),
            Reason(ReasonCode.CONNECTION_FAILED, detail="Server disconnected"),
        ),
        (ConnectionResetError(), Reason(ReasonCode.CONNECTION_FAILED, detail="ConnectionResetError")),
        (KeyError("title"), Reason(ReasonCode.NOT_WRITTEN, detail="KeyError: 'title'")),
        (ValueError(), Reason(ReasonCode.NOT_WRITTEN, detail="ValueError")),
    ],
    ids=repr,
)
def test_what_is_no_answer_is_told_apart(error: Exception, reason: Reason) -> None:
    outcome = judged(error)
    assert isinstance(outcome, Later | Plainly)
    assert outcome.reason == reason


def test_an_error_message_is_kept_on_one_line_and_cut() -> None:
    outcome = judged(OSError("two\n lines " + "long" * 100))
    assert isinstance(outcome, Later)
    assert outcome.reason.detail.startswith("two lines long")
    assert len(outcome.reason.detail) == DETAIL_LENGTH


@pytest.mark.parametrize(
    ("status", "code", "refused"),
    [
        (401, 0, True),
        (401, 40001, True),
        (400, 40001, True),
        (400, 0, False),
        (400, 50035, False),
        (400, 40002, False),
        (403, 0, False),
        (403, 40001, False),
        (404, 40001, False),
        (429, 40001, False),
        (503, 40001, False),
    ],
)
async def test_which_answers_mean_that_the_token_is_refused(
    ask: Any, status: int, code: int, *, refused: bool
) -> None:
    assert token_refused(await ask(status, code)) is refused


@pytest.mark.parametrize(
    ("error", "refused"),
    [(discord.LoginFailure("x"), True), (TimeoutError(), False), (discord.RateLimited(9), False)],
    ids=repr,
)
def test_which_failures_mean_that_the_token_is_refused(error: Exception, *, refused: bool) -> None:
    assert token_refused(error) is refused


async def test_an_unknown_message_in_answer_to_a_reply_is_a_refusal(ask: Any) -> None:
    answer = await ask(404, 10008)
    outcome = outcome_of(answer, attempts=1, plain=False, chance=float, nonce_only=False)
    assert isinstance(outcome, Pause)


@pytest.mark.parametrize("status", [403, 404])
async def test_a_refusal_that_is_not_discords_is_waited_out_for_hours(ask: Any, status: int) -> None:
    answer = await ask(status, 0, {"Content-Type": "text/html"})
    assert isinstance(judged(answer), Later)
    assert isinstance(judged(answer, attempts=11), Later)
    assert isinstance(judged(answer, attempts=12), Pause)


def wait(attempts: int, *, chance: float = 1.0) -> timedelta:
    outcome = outcome_of(
        TimeoutError(), attempts=attempts, plain=False, chance=lambda: chance, nonce_only=True
    )
    assert isinstance(outcome, Later)
    return outcome.after


def test_waits_double_up_to_a_ceiling() -> None:
    waits = [wait(attempts) for attempts in range(1, 60)]
    assert waits[:3] == [FIRST_WAIT, FIRST_WAIT * 2, FIRST_WAIT * 4]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


@pytest.mark.parametrize("attempts", [0, 1, 7, 10**9])
def test_half_of_a_wait_is_left_to_chance(attempts: int) -> None:
    assert wait(attempts, chance=0.0) * 2 == wait(attempts, chance=1.0)
