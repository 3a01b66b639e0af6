from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import aiohttp
import discord
import pytest
import simcord

from bot.model.errors import ArxivUnreachable, StoreBusy
from bot.runtime import jobs
from bot.runtime.jobs import Job

NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)
EXCEPTIONS = (
    KeyError("x"),
    ZeroDivisionError("x"),
    sqlite3.OperationalError("database is locked"),
    discord.RateLimited(40.0),
    discord.ClientException("x"),
    aiohttp.ClientError("x"),
    TimeoutError(),
    OSError(104, "reset"),
    ArxivUnreachable("arXiv does not answer"),
    ExceptionGroup("several", [ValueError("x")]),
    StopAsyncIteration(),
    asyncio.CancelledError(),
)


class Body:
    """Does what *plan* says, run by run, and waits for ever after that; `runs` is awaited by tests."""

    def __init__(self, plan: Iterable[float | BaseException]) -> None:
        self.plan = list(plan)
        self.runs = 0
        self.ran = asyncio.Event()
        self.finished = asyncio.Event()

    async def __call__(self) -> float:
        self.runs += 1
        self.ran.set()
        if not self.plan:
            self.finished.set()
            return 3600.0
        step = self.plan.pop(0)
        if isinstance(step, BaseException):
            raise step
        return step


@pytest.fixture
async def make() -> AsyncIterator[Callable[..., Job]]:
    made: list[Job] = []

    def make(body: Callable[[], Any], **options: float) -> Job:
        waits = {"on_failure_wait": 0.0} | options
        made.append(Job("poll", body, clock=lambda: NOW, **waits))
        return made[-1]

    yield make
    for job in made:
        await job.stop()


@pytest.mark.parametrize("error", EXCEPTIONS, ids=lambda error: type(error).__name__)
async def test_no_exception_ends_a_job(make: Callable[..., Job], error: BaseException) -> None:
    body = Body([error])
    job = make(body)
    job.start()
    await body.finished.wait()
    assert job.running
    assert body.runs == 2


@pytest.mark.parametrize("wait", [float("nan"), -5.0, "soon", None])
async def test_a_senseless_wait_is_survived(make: Callable[..., Job], wait: Any) -> None:
    body = Body([wait])
    make(body).start()
    await body.finished.wait()


async def test_a_break_and_the_recovery_are_each_logged_once(
    make: Callable[..., Job], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.runtime.jobs")
    body = Body([0.0, *(StoreBusy("another process holds the database") for _ in range(5)), 0.0, 0.0])
    job = make(body)
    job.start()
    await body.finished.wait()
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert "another process holds the database" in caplog.records[0].getMessage()
    assert caplog.records[0].exc_info is None
    assert job.last_error == ""


async def test_a_bug_is_logged_with_its_traceback(
    make: Callable[..., Job], caplog: pytest.LogCaptureFixture
) -> None:
    body = Body([ZeroDivisionError("x")])
    make(body).start()
    await body.finished.wait()
    assert caplog.records[0].exc_info is not None
    assert caplog.records[0].exc_info[0] is ZeroDivisionError


async def test_it_remembers_what_went_wrong_and_when_it_last_worked(make: Callable[..., Job]) -> None:
    body = Body([KeyError("x")])
    job = make(body, on_failure_wait=3600.0)
    assert (job.last_success, job.last_error) == (None, "")
    job.start()
    await body.ran.wait()
    await asyncio.sleep(0)
    assert (job.last_success, job.last_error) == (None, "'x'")
    job.wake()
    await body.finished.wait()
    await asyncio.sleep(0)
    assert (job.last_success, job.last_error) == (NOW, "")


async def test_waking_ends_the_rest(make: Callable[..., Job]) -> None:
    body = Body([3600.0])
    job = make(body)
    job.start()
    await body.ran.wait()
    job.wake()
    await asyncio.wait_for(body.finished.wait(), 5)


async def test_waking_a_job_at_work_makes_it_run_once_more(make: Callable[..., Job]) -> None:
    at_work, go_on, second = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def body() -> float:
        if at_work.is_set():
            second.set()
        at_work.set()
        await go_on.wait()
        return 3600.0

    job = make(body)
    job.start()
    await at_work.wait()
    job.wake()
    go_on.set()
    await asyncio.wait_for(second.wait(), 5)


async def test_starting_twice_starts_one(make: Callable[..., Job]) -> None:
    body = Body([])
    job = make(body)
    job.start()
    job.start()
    await body.finished.wait()
    assert body.runs == 1


async def test_stopping_ends_a_rest_at_once(make: Callable[..., Job]) -> None:
    body = Body([])
    job = make(body)
    job.start()
    await body.finished.wait()
    await asyncio.wait_for(job.stop(grace=60), 5)
    assert not job.running
    assert body.runs == 1
    assert asyncio.all_tasks() == {asyncio.current_task()}, "no sleep is left over"


async def test_stopping_lets_a_run_finish_within_its_grace(make: Callable[..., Job]) -> None:
    at_work, go_on = asyncio.Event(), asyncio.Event()
    finished: list[bool] = []

    async def body() -> float:
        at_work.set()
        await go_on.wait()
        finished.append(True)
        return 0.0

    job = make(body)
    job.start()
    await at_work.wait()
    stopping = asyncio.create_task(job.stop(grace=60))
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.wait_for(stopping, 5)
    assert finished == [True]


async def test_stopping_cancels_a_run_that_takes_longer(make: Callable[..., Job]) -> None:
    at_work, cleaned = asyncio.Event(), asyncio.Event()

    async def body() -> float:
        at_work.set()
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()
        return 0.0

    job = make(body)
    job.start()
    await at_work.wait()
    await asyncio.wait_for(job.stop(), 5)
    assert cleaned.is_set()
    assert not job.running


async def test_a_run_that_cannot_be_cancelled_is_named_and_not_waited_for(
    make: Callable[..., Job], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    at_work, refused, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def body() -> float:
        at_work.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        refused.set()
        await go_on.wait()
        return 0.0

    monkeypatch.setattr(jobs, "_CLEAN_UP", 0.01)
    job = make(body)
    job.start()
    await at_work.wait()
    await asyncio.wait_for(job.stop(), 5)
    assert refused.is_set()
    assert caplog.messages == ["job poll does not stop"]
    go_on.set()


async def test_stopping_a_job_that_never_started_does_nothing(make: Callable[..., Job]) -> None:
    await make(Body([])).stop(grace=60)


async def test_a_simulated_clock_sees_a_job_at_rest_and_lets_its_time_pass() -> None:
    class Client(discord.Client):
        async def setup_hook(self) -> None:
            job.start()

    body = Body([600.0, 600.0, 600.0])
    job = Job("poll", body, on_failure_wait=600.0)
    async with simcord.run(Client(intents=discord.Intents.none())) as env:
        assert body.runs == 1
        await env.advance_time(599)
        assert body.runs == 1
        await env.advance_time(1)
        assert body.runs == 2
        await env.advance_time(1200)
        assert body.runs == 4
        await job.stop()
