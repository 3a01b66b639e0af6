"""Which jobs run at once after what, and that a refused token ends the bot once."""

from __future__ import annotations

import asyncio

import pytest

from tests.conftest import MakeBot


@pytest.mark.parametrize(
    ("what", "woken"),
    [
        ("wake_delivery", {"delivery"}),
        ("_wake_senders", {"delivery", "notices", "crosspost"}),
        ("_wake_notices", {"notices"}),
    ],
)
async def test_only_the_jobs_that_it_concerns_are_woken(
    make_bot: MakeBot, what: str, woken: set[str]
) -> None:
    async with make_bot() as bot:
        getattr(bot, what)()
        assert {name for name, job in bot.jobs.items() if job._woken} == woken


async def test_several_requests_with_a_refused_token_end_the_bot_once(make_bot: MakeBot) -> None:
    async with make_bot() as bot:
        bot._end_refused()
        ending = bot._ending
        bot._end_refused()
        assert bot._ending is ending
        assert ending is not None
        await asyncio.wait_for(ending, 10)
        assert bot.is_closed()
