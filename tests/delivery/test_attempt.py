"""One attempt to send: what is caught, when the claim is taken back, and what an unclear answer means."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import discord
import pytest
from discord.http import Route

from bot.delivery.attempt import Attempt, Attempts, judge
from bot.delivery.unreadable import UnreadableAnswer
from bot.model.outcomes import Fail, Later, Outcome, Sent
from bot.model.reasons import Reason, ReasonCode
from tests.delivery.delivery_cases import POST, Desk, desk, fake

__all__ = ["desk", "fake"]


@dataclass
class Case:
    """Attempts on a real client, and what they called."""

    desk: Desk
    called: list[str] = field(default_factory=list)

    async def make(self, *, within: float = 20) -> Attempt | None:
        attempts = Attempts(
            self.desk.client, on_token_refused=lambda: self.called.append("token"), timeout=within
        )
        return await attempts.make(self._send, release=self._release)

    async def decide(
        self, raised: Exception | None, found: Outcome, *, otherwise: Outcome, hang: bool = False
    ) -> Outcome | None:
        async def look() -> Outcome:
            if hang:
                await asyncio.sleep(20)
            if raised is not None:
                raise raised
            return found

        attempts = Attempts(
            self.desk.client, on_token_refused=lambda: self.called.append("token"), timeout=0.2
        )
        return await attempts.decide(look, otherwise=otherwise)

    async def _send(self) -> discord.abc.Snowflake:
        return await self.desk.client.get_partial_messageable(self.desk.channel).send("a paper", nonce="1")

    async def _release(self) -> None:
        self.called.append("release")


@pytest.fixture
def case(desk: Desk) -> Case:
    return Case(desk)


async def test_an_answer_is_kept_with_its_message(case: Case) -> None:
    made = await case.make()
    assert made is not None
    assert isinstance(made.answer, discord.Message)
    assert case.called == []


@pytest.mark.parametrize(
    ("status", "in_doubt"), [(400, False), (403, False), (404, False), (499, False), (503, True)]
)
async def test_a_refusal_is_caught_and_only_an_error_of_discords_leaves_doubt(
    case: Case, status: int, in_doubt: bool
) -> None:
    case.desk.discord.fault(*POST, status=status)
    made = await case.make()
    assert made is not None
    assert isinstance(made.answer, discord.HTTPException)
    assert made.answer.status == status
    assert made.in_doubt is in_doubt
    assert case.called == []


async def test_a_refusal_after_a_lost_answer_leaves_the_doubt(case: Case) -> None:
    """discord.py repeats what was answered with 502, and tells of the last answer alone."""
    case.desk.discord.fault(*POST, status=502, lost=True)
    case.desk.discord.fault(*POST, status=403, code=50013)
    made = await case.make()
    assert made is not None
    assert isinstance(made.answer, discord.Forbidden)
    assert made.in_doubt


async def test_without_a_connection_nothing_was_sent_and_nothing_is_in_doubt(
    case: Case, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.setattr(Route, "BASE", f"http://127.0.0.1:{unused_tcp_port}")
    made = await case.make()
    assert made is not None
    assert isinstance(made.answer, OSError)
    assert not made.in_doubt


async def test_an_attempt_that_takes_too_long_is_in_doubt(case: Case) -> None:
    case.desk.discord.fault(*POST, hang=True)
    made = await case.make(within=0.2)
    assert made is not None
    assert isinstance(made.answer, TimeoutError)
    assert made.in_doubt


async def test_a_refused_token_takes_the_claim_back(case: Case) -> None:
    case.desk.discord.fault(*POST, status=401)
    assert await case.make() is None
    assert case.called == ["token", "release"]


async def test_a_refused_token_keeps_a_claim_in_doubt(case: Case) -> None:
    case.desk.discord.fault(*POST, status=502, lost=True)
    case.desk.discord.fault(*POST, status=401)
    assert await case.make() is None
    assert case.called == ["token"]


async def test_a_closed_client_keeps_the_claim(case: Case) -> None:
    await case.desk.client.close()
    assert await case.make() is None
    assert case.called == []


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("now", [False, True])
def test_any_doubt_makes_a_later_attempt_ambiguous(before: bool, now: bool) -> None:
    attempt = Attempt(discord.RateLimited(5.0), in_doubt=now)
    outcome = judge(attempt, number=1, plain=False, in_doubt=before, chance=lambda: 1.0, nonce_only=True)
    assert isinstance(outcome, Later)
    assert outcome.after == timedelta(seconds=5)
    assert outcome.ambiguous is (before or now)


def test_an_unanswered_attempt_is_ambiguous_although_nothing_else_is_in_doubt() -> None:
    attempt = Attempt(TimeoutError(), in_doubt=False)
    outcome = judge(attempt, number=1, plain=False, in_doubt=False, chance=lambda: 1.0, nonce_only=True)
    assert isinstance(outcome, Later)
    assert outcome.ambiguous


def test_doubt_changes_no_other_outcome() -> None:
    sent = judge(
        Attempt(discord.Object(7), in_doubt=True),
        number=1,
        plain=True,
        in_doubt=True,
        chance=float,
        nonce_only=True,
    )
    assert sent == Sent(7)
    failed = judge(
        Attempt(ValueError("x"), in_doubt=False),
        number=1,
        plain=True,
        in_doubt=True,
        chance=float,
        nonce_only=True,
    )
    assert isinstance(failed, Fail)


BUGS = [
    TypeError("'NoneType' object is not subscriptable"),
    KeyError("id"),
    ValueError("Expecting value: line 1 column 1 (char 0)"),
    RecursionError("maximum recursion depth exceeded"),
    AttributeError("'int' object has no attribute 'get'"),
    IndexError("list index out of range"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    AssertionError(),
    OverflowError("int too large"),
    RuntimeError("Unreachable code in HTTP handling"),
    discord.InvalidData("Unknown channel type"),
    discord.ClientException("Guild data not found"),
    MemoryError(),
]


@pytest.mark.parametrize("error", BUGS, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("plain", [False, True])
def test_whatever_is_raised_once_a_request_went_out_is_doubt(error: Exception, *, plain: bool) -> None:
    attempt = Attempt(error, in_doubt=True, performed=True)
    outcome = judge(
        attempt, number=1, plain=plain, in_doubt=False, chance=float, nonce_only=True, identifier_needed=True
    )
    assert isinstance(outcome, Later)
    assert outcome.ambiguous
    assert outcome.reason.code is ReasonCode.ANSWER_UNREADABLE


@pytest.mark.parametrize("error", BUGS, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("performed", [False, True])
def test_what_needs_no_identifier_is_done_when_discord_has_done_it(
    error: Exception, *, performed: bool
) -> None:
    attempt = Attempt(error, in_doubt=True, performed=performed)
    outcome = judge(attempt, number=1, plain=True, in_doubt=False, chance=float, nonce_only=True)
    assert isinstance(outcome, Sent if performed else Later)


@pytest.mark.parametrize("in_doubt", [False, True])
def test_an_unreadable_answer_before_the_message_was_sent_waits(*, in_doubt: bool) -> None:
    attempt = Attempt(UnreadableAnswer("TypeError: x"), in_doubt=False)
    outcome = judge(attempt, number=1, plain=True, in_doubt=in_doubt, chance=float, nonce_only=True)
    assert isinstance(outcome, Later)
    assert outcome.ambiguous is in_doubt


async def test_a_request_that_discord_has_performed_is_known(case: Case) -> None:
    case.desk.discord.fault(*POST, garble=lambda _: None)
    made = await case.make()
    assert made is not None
    assert isinstance(made.answer, TypeError)
    assert (made.in_doubt, made.performed) == (True, True)


async def test_a_refusal_that_discord_py_cannot_parse_is_known_by_its_status(case: Case) -> None:
    other = discord.HTTPException
    for status, kind in ((400, other), (403, discord.Forbidden), (404, discord.NotFound), (429, other)):
        case.desk.discord.fault(*POST, status=status, garble=lambda _: b"{")
        made = await case.make()
        assert made is not None
        assert type(made.answer) is kind
        assert isinstance(made.answer, other)
        assert made.answer.status == status
        assert not made.in_doubt
    case.desk.discord.fault(*POST, status=401, garble=lambda _: b"{")
    assert await case.make() is None
    assert case.called == ["token", "release"]


# --- what a refusal is about --------------------------------------------------------------------------------


async def test_what_is_found_decides_and_without_an_answer_what_is_known(
    case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    found, known = Sent(7), Fail(Reason(ReasonCode.DISCORD_ERROR))
    for raised, decision, logged in (
        (None, found, False),
        (discord.RateLimited(5.0), known, False),
        (TimeoutError(), known, False),
        (UnreadableAnswer("KeyError: x"), known, False),
        (KeyError("x"), known, True),
    ):
        caplog.clear()
        assert await case.decide(raised, found, otherwise=known) == decision
        assert bool(caplog.records) is logged
    assert await case.decide(None, found, otherwise=known, hang=True) == known
    assert case.called == []


async def test_nothing_is_decided_once_nothing_can_be_sent(case: Case) -> None:
    known = Fail(Reason(ReasonCode.DISCORD_ERROR))
    case.desk.discord.fault(*POST, status=401)
    with pytest.raises(discord.HTTPException) as refused:
        await case.desk.client.get_partial_messageable(case.desk.channel).send("a paper")
    assert await case.decide(refused.value, known, otherwise=known) is None
    assert case.called == ["token"]
    await case.desk.client.close()
    assert await case.decide(TimeoutError(), known, otherwise=known) is None
    assert case.called == ["token"]


async def test_what_was_posted_just_before_the_client_closed_counts(case: Case) -> None:
    attempts = Attempts(case.desk.client, on_token_refused=lambda: None, timeout=20)

    async def send() -> discord.abc.Snowflake:
        await case.desk.client.close()
        return discord.Object(7)

    made = await attempts.make(send)
    assert made is not None
    assert made.answer == discord.Object(7)
