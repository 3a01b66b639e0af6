"""ArXiv on loopback, over real HTTP: its query API, OAI-PMH and feeds, of the same papers and clock.

    async with FakeArxiv(make_papers(30)) as arxiv:
        arxiv.fail(rate_exceeded(), empty_page())
        arxiv.oai.fail(status(503, retry_after="0"))
        ...  # ask arxiv.url, arxiv.oai_url, arxiv.rss_url; look at arxiv.requests, arxiv.oai.requests, …

The query API evaluates queries. Paging limits, error feeds and defaults are those of arXiv's backend since
November 2025. What is published at *clock*'s time is announced under the day that begins next.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.model.errors import QueryError, UserError
from bot.model.papers import Paper, PaperId
from bot.query.query import parse
from bot.query.text import AnalyzedPaper, analyze_paper
from tests.fakes.announced import Ledger
from tests.fakes.arxiv_faults import (
    Fault,
    Faults,
    Request,
    claims,
    disordered,
    empty_page,
    gzipped,
    hang,
    ignores_dates,
    nothing_found,
    rate_exceeded,
    reset,
    serves,
    short_page,
    status,
    truncated,
    web_page,
)
from tests.fakes.atom import atom, error_feed
from tests.fakes.oai import FakeOai
from tests.fakes.rss import FakeFeeds

__all__ = [
    "FakeArxiv",
    "Fault",
    "Request",
    "atom",
    "claims",
    "disordered",
    "empty_page",
    "error_feed",
    "gzipped",
    "hang",
    "ignores_dates",
    "nothing_found",
    "rate_exceeded",
    "reset",
    "serves",
    "short_page",
    "status",
    "truncated",
    "web_page",
]

_WINDOW = 10_000
_DATES = re.compile(r"\s+AND\s+submittedDate:\[\d+ TO \d+\]")
_LOOKS_RIGHT = re.compile(r"\d{4}\.\d{4,5}(v\d+)?")
_SORTS = ("relevance", "lastUpdatedDate", "submittedDate")


class _Refusal(Exception):
    def __init__(self, message: str, anchor: str = "") -> None:
        super().__init__(message)
        self.anchor = anchor or message.replace(" ", "_")


class FakeArxiv(Faults):
    """A server on a loopback port that shows *papers*, which may change between requests.

    Its own faults and requests are those of the query API.
    """

    def __init__(self, papers: Iterable[Paper] = (), *, clock: Callable[[], datetime] | None = None) -> None:
        super().__init__()
        self.papers: list[Paper] = list(papers)
        self.url = self.oai_url = self.rss_url = ""
        self.ledger = Ledger()
        self.clock = clock or (lambda: datetime(2026, 7, 24, 8, tzinfo=UTC))
        self.oai = FakeOai(lambda: self.papers, self.ledger, self.clock)
        self.feeds = FakeFeeds(lambda: self.papers, self.ledger, self.clock)
        self._open = 0
        self._released = asyncio.Event()
        self._arrived = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._analysed: dict[str, AnalyzedPaper] = {}

    @property
    def all_requests(self) -> list[Request]:
        """The requests to all interfaces, in order."""
        return sorted([*self.requests, *self.oai.requests, *self.feeds.requests], key=lambda one: one.at)

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> str:
        application = web.Application()
        application.router.add_route("*", "/api/query", self._answer)
        application.router.add_route("*", "/oai", self._answer_oai)
        application.router.add_get("/{form:rss|atom}/{query}", self._answer_feed)
        self._runner = web.AppRunner(application, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        host, port = self._runner.addresses[0][:2]
        base = f"http://{host}:{port}"
        self.url, self.oai_url, self.rss_url = f"{base}/api/query", f"{base}/oai", base
        return self.url

    async def close(self) -> None:
        self._released.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def publish(self, papers: Iterable[Paper]) -> None:
        """Announce *papers*; a new version replaces the previous one, as in arXiv's index."""
        known = {paper.id: paper for paper in self.papers}
        for paper in papers:
            self.ledger.note(paper, known.pop(paper.id, None), self.clock())
            known[paper.id] = paper
        self.papers = list(known.values())

    async def asked(self, count: int = 1, interface: Faults | None = None) -> None:
        """Wait until an *interface*, by default the query API, has got *count* requests in total."""
        while len((interface or self).requests) < count:
            self._arrived.clear()
            await self._arrived.wait()

    def serve(self, content: bytes, *, code: int = 200) -> None:
        """Answer every request to the query API from now on with *content*."""
        self.always = serves(content, code=code)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        return await self._through(self, request, self._respond)

    async def _respond(
        self, request: web.Request, parameters: Mapping[str, str], fault: Fault
    ) -> web.StreamResponse:
        answer = partial(self.answer, parameters, fault)
        return await self._carry_out(request, fault, answer, "application/atom+xml")

    async def _answer_oai(self, request: web.Request) -> web.StreamResponse:
        async def respond(
            request: web.Request, parameters: Mapping[str, str], fault: Fault
        ) -> web.StreamResponse:
            return await self._carry_out(
                request, fault, lambda: (200, self.oai.answer(parameters)), "text/xml"
            )

        return await self._through(self.oai, request, respond)

    async def _answer_feed(self, request: web.Request) -> web.StreamResponse:
        form, query = request.match_info["form"], request.match_info["query"]

        async def respond(
            request: web.Request, _parameters: Mapping[str, str], fault: Fault
        ) -> web.StreamResponse:
            answer = partial(self.feeds.answer, form, query)
            return await self._carry_out(request, fault, answer, f"application/{form}+xml")

        return await self._through(self.feeds, request, respond)

    async def _through(
        self,
        interface: Faults,
        request: web.Request,
        respond: Callable[[web.Request, Mapping[str, str], Fault], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Note *request* and answer it as *interface* does, with its next fault."""
        form = {key: str(value) for key, value in (await request.post()).items()}
        parameters = {**request.query, **form}
        self._open += 1
        headers = dict(request.headers)
        interface.requests.append(
            Request(parameters, request.method, headers, time.monotonic(), self._open, request.path)
        )
        self._arrived.set()
        try:
            return await respond(request, parameters, interface.take())
        finally:
            self._open -= 1

    async def _carry_out(
        self,
        request: web.Request,
        fault: Fault,
        answer: Callable[[], tuple[int, bytes]],
        content_type: str,
    ) -> web.StreamResponse:
        if fault.hang:
            await self._released.wait()
        if (fault.reset or fault.hang) and request.transport is not None:
            request.transport.abort()
            return web.Response()
        if fault.body is not None:
            return web.Response(status=fault.status, body=fault.body, headers=dict(fault.headers))
        code, content = answer()
        if fault.truncated:
            content = content[: len(content) * 2 // 3]
        return web.Response(status=code, body=content, content_type=content_type)

    def answer(self, parameters: Mapping[str, str], fault: Fault | None = None) -> tuple[int, bytes]:
        """Return status and body of arXiv's answer to *parameters*."""
        fault = fault or Fault()
        try:
            start, size = _number(parameters, "start", 0), _number(parameters, "max_results", 10)
            _require_one_of(parameters, "sortBy", _SORTS)
            _require_one_of(parameters, "sortOrder", ("ascending", "descending"))
            found = self._find(parameters, fault)
        except _Refusal as refusal:
            return 400, error_feed(str(refusal), anchor=refusal.anchor)
        if not size or start + size > _WINDOW or 1 + round(start / size) > _WINDOW // size:
            return 500, b"Internal Server Error"
        page = found[start : start + size]
        if fault.entries is not None:
            page = page[: fault.entries]
        return 200, atom(
            page,
            total=len(found) if fault.total is None else fault.total,
            start=start,
            per_page=size,
            query=parameters.get("search_query", ""),
            id_list=parameters.get("id_list", ""),
        )

    def _find(self, parameters: Mapping[str, str], fault: Fault) -> list[Paper]:
        text, ids = parameters.get("search_query", ""), parameters.get("id_list", "")
        if fault.ignores_dates:
            text = _DATES.sub("", text)
        found = self._named(ids) if ids else list(self.papers)
        if text:
            found = self._matching(text, found)
        elif not ids:
            found = []
        return _sorted(found, parameters, fault)

    def _named(self, ids: str) -> list[Paper]:
        wanted: dict[PaperId, int | None] = {}
        for text in ids.split(","):
            try:
                paper, version = PaperId.parse(text)
            except UserError:
                if _LOOKS_RIGHT.fullmatch(text):
                    continue
                raise _Refusal(f"incorrect id format for {text}") from None
            wanted[paper] = version
        return [
            paper for paper in self.papers if paper.id in wanted and wanted[paper.id] in {None, paper.version}
        ]

    def _matching(self, text: str, papers: Sequence[Paper]) -> list[Paper]:
        try:
            query = parse(f"({text})")
        except QueryError:
            raise _Refusal(f"Invalid query string: '{text}'", "https://arxiv.org/api/errors") from None
        return [paper for paper in papers if query.matches(self._analyse(paper)) is not None]

    def _analyse(self, paper: Paper) -> AnalyzedPaper:
        known = self._analysed.get(paper.versioned)
        if known is None or known.paper is not paper:
            known = self._analysed[paper.versioned] = analyze_paper(paper)
        return known


def _number(parameters: Mapping[str, str], name: str, default: int) -> int:
    text = parameters.get(name, str(default))
    try:
        number = int(text)
    except ValueError:
        raise _Refusal(f"{name} must be an integer") from None
    if number < 0:
        raise _Refusal(f"{name} must be non-negative")
    return number


def _require_one_of(parameters: Mapping[str, str], name: str, known: Sequence[str]) -> None:
    if name in parameters and parameters[name] not in known:
        raise _Refusal(
            f"{name} must be in: {', '.join(known)}", "https://arxiv.org/help/api/user-manual#sort"
        )


def _sorted(papers: list[Paper], parameters: Mapping[str, str], fault: Fault) -> list[Paper]:
    if fault.disordered:
        return random.Random(len(papers)).sample(papers, len(papers))  # noqa: S311 - disorder, not secrecy
    by = parameters.get("sortBy", "relevance")
    if by == "relevance":
        return papers
    newest_first = parameters.get("sortOrder", "descending") == "descending"
    return sorted(
        papers,
        key=lambda paper: paper.updated if by == "lastUpdatedDate" else paper.published,
        reverse=newest_first,
    )


def revised(paper: Paper, **changes: Any) -> Paper:
    """Return the next version of *paper*."""
    return replace(paper, version=paper.version + 1, **changes)
