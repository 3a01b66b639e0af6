"""What the environment names as a proxy is used for arXiv and for Discord."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.cli.arxiv import arxiv_client
from bot.config import ArxivSettings, Settings
from bot.runtime.check import findings
from bot.runtime.proxy import _warn, proxy_for, proxy_refusal
from tests.fakes.atom import atom
from tests.fakes.papers import make_papers

ARXIV, DISCORD = "https://export.arxiv.org/api/query", "https://discord.com/api/v10"
PROXY = "http://proxy.example.org:3128"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name.upper()}_PROXY", raising=False)


@pytest.mark.parametrize(
    ("environ", "url", "proxy"),
    [
        ({}, ARXIV, None),
        ({"HTTPS_PROXY": PROXY}, ARXIV, PROXY),
        ({"https_proxy": PROXY}, DISCORD, PROXY),
        ({"HTTPS_PROXY": "http://me:secret@proxy:3128"}, DISCORD, "http://me:secret@proxy:3128"),
        ({"HTTPS_PROXY": "proxy:3128"}, ARXIV, "http://proxy:3128"),
        ({"HTTPS_PROXY": ""}, ARXIV, None),
        ({"HTTP_PROXY": PROXY}, ARXIV, None),
        ({"HTTP_PROXY": PROXY}, "http://arxiv.example.org/api", PROXY),
        ({"ALL_PROXY": PROXY}, ARXIV, PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "arxiv.org"}, ARXIV, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "arxiv.org"}, DISCORD, PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, DISCORD, None),
        ({"HTTP_PROXY": PROXY}, "http://127.0.0.1:8080/api", None),
        ({"HTTPS_PROXY": PROXY}, "https://localhost/api", None),
    ],
)
def test_the_environment_names_a_proxy(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], url: str, proxy: str | None
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(url) == proxy


@pytest.mark.parametrize(
    ("variable", "proxy"),
    [
        ("ALL_PROXY", "socks5://me:hunter2@proxy.example.org:1080"),
        ("all_proxy", "socks5h://proxy.example.org:1080"),
        ("HTTPS_PROXY", "socks4://proxy.example.org"),
        ("https_proxy", "SOCKS5://proxy.example.org"),
        ("HTTPS_PROXY", "ftp://proxy.example.org"),
        ("HTTPS_PROXY", "://proxy.example.org"),
    ],
)
def test_a_proxy_that_does_not_speak_http_is_refused_and_passed_over(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, variable: str, proxy: str
) -> None:
    monkeypatch.setenv(variable, proxy)
    _warn.cache_clear()  # another test may have had this warning
    refusal = proxy_refusal(ARXIV)
    assert refusal is not None
    assert refusal.startswith(f"{variable.upper()} names a proxy whose address does not begin with http://")
    assert "hunter2" not in refusal
    assert [proxy_for(ARXIV), proxy_for(DISCORD), proxy_for(ARXIV)] == [None] * 3
    [line] = caplog.messages
    assert line == f"{variable.upper()} is not used: it names neither an http:// nor an https:// proxy"


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"HTTPS_PROXY": "HTTPS://proxy.example.org", "ALL_PROXY": "socks5://proxy.example.org"},
        {"HTTPS_PROXY": "proxy:3128"},
        {"ALL_PROXY": "socks5://proxy.example.org", "NO_PROXY": "*"},
        {"HTTP_PROXY": "socks5://proxy.example.org"},
    ],
)
def test_a_proxy_that_can_be_used_or_is_not_needed_is_not_refused(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert proxy_refusal(ARXIV) is None


async def test_check_refuses_a_proxy_that_does_not_speak_http(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy.example.org:1080")
    [refused] = [one async for one in findings(Settings(), source=None) if one.subject == "proxy"]
    assert refused.exit_code == 2
    assert refused.text.startswith("ALL_PROXY names a proxy")


async def test_arxiv_is_asked_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(str(request.url))
        return web.Response(body=atom(make_papers(2)), content_type="application/atom+xml")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        monkeypatch.setenv("HTTP_PROXY", str(server.make_url("/")))
        settings = ArxivSettings(api_url="http://arxiv.example.org/api/query", contact="you@example.org")
        async with arxiv_client(settings) as client:
            page = await client.search("ti:x", max_results=2)
    assert len(page.papers) == 2
    assert [url.partition("?")[0] for url in asked] == ["http://arxiv.example.org/api/query"]
