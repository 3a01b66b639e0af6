"""What the environment names as a proxy is used for arXiv and for Discord."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.cli.arxiv import arxiv_client
from bot.config import Arxiv
from bot.runtime.proxy import proxy_for
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


async def test_arxiv_is_asked_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(str(request.url))
        return web.Response(body=atom(make_papers(2)), content_type="application/atom+xml")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        monkeypatch.setenv("HTTP_PROXY", str(server.make_url("/")))
        settings = Arxiv(api_url="http://arxiv.example.org/api/query", contact="you@example.org")
        async with arxiv_client(settings) as client:
            page = await client.search("ti:x", max_results=2)
    assert len(page.papers) == 2
    assert [url.partition("?")[0] for url in asked] == ["http://arxiv.example.org/api/query"]
