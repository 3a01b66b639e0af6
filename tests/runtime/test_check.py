"""What `check` says of Discord's answers, and of requests that found none."""

from __future__ import annotations

import errno
import os
import ssl
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.client_reqrep import ConnectionKey
from yarl import URL

from bot.config import DiscordSettings, Settings
from bot.runtime import check
from bot.runtime.check import Finding

KEY = ConnectionKey("discord.com", 443, True, True, None, None, None)
REFUSED = OSError(errno.ECONNREFUSED, "refused")
INFO: Any = aiohttp.RequestInfo(URL("http://proxy"), "GET", None, URL("http://proxy"))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (aiohttp.ClientHttpProxyError(INFO, (), status=407), "the proxy responds with HTTP 407"),
        (aiohttp.ClientConnectorDNSError(KEY, OSError()), "the name of its host is not known"),
        (aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError()), "no secure connection can be made"),
        (aiohttp.ClientProxyConnectionError(KEY, REFUSED), "no connection to the proxy"),
        (TimeoutError(), "no answer within 15 seconds"),
        (aiohttp.ClientConnectorError(KEY, REFUSED), os.strerror(errno.ECONNREFUSED).lower()),
        (aiohttp.ClientConnectorError(KEY, OSError()), "no connection"),
        (aiohttp.ClientPayloadError(), "the connection was lost"),
        (aiohttp.ServerDisconnectedError(), "the connection was lost"),
        (OSError(), "the connection was lost"),
        (ValueError(), "its answer is not one of Discord's"),
        (AttributeError(), "its answer is not one of Discord's"),
    ],
)
def test_why_a_request_failed_is_told_in_a_few_words(error: Exception, words: str) -> None:
    assert check._in_words(error) == words


class Answers:
    """A server that answers every request in one way."""

    status, body = 200, "{}"

    async def handle(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bot a.b.c"
        return web.Response(status=self.status, text=self.body)


@pytest.fixture
async def answers(unused_tcp_port: int) -> AsyncIterator[tuple[Answers, str]]:
    answers, app = Answers(), web.Application()
    app.router.add_get("/users/@me", answers.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    yield answers, f"http://127.0.0.1:{unused_tcp_port}"
    await runner.cleanup()


async def test_what_discord_says_of_the_token(answers: tuple[Answers, str]) -> None:
    server, base = answers
    settings = Settings(discord=DiscordSettings(token="a.b.c", api_base=base))
    rejected = "it rejects the token"
    rows = [
        (200, '{"username": "papers"}', 0, "the token belongs to papers."),
        (200, "{}", 0, "the token belongs to the bot."),
        (200, "[]", 1, "its answer is not one of Discord's"),
        (200, "<html>", 1, "its answer is not one of Discord's"),
        (401, "{}", 2, rejected),
        (400, '{"code": 40001}', 2, rejected),
        (400, '{"code": 50035}', 1, "responds with HTTP 400"),
        (400, "[]", 1, "responds with HTTP 400"),
        (403, '{"code": 40001}', 1, "responds with HTTP 403"),
        (204, "", 1, "responds with HTTP 204"),
        (500, "{}", 1, "responds with HTTP 500"),
    ]
    async with aiohttp.ClientSession() as session:
        for status, body, exit_code, said in rows:
            server.status, server.body = status, body
            found = await check._discord(session, settings)
            assert (found.subject, found.exit_code, said in found.text) == ("Discord", exit_code, True), body


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (Finding("arXiv", "it responds."), "ok      arXiv: it responds."),
        (Finding("arXiv", "it does not.", 1), "failed  arXiv: it does not."),
        (Finding("arXiv", "not checked.", skipped=True), "skipped arXiv: not checked."),
        (Finding("feeds", "they do not.", warning=True), "warning feeds: they do not."),
    ],
)
def test_a_finding_is_one_line(finding: Finding, line: str) -> None:
    assert str(finding) == line
