"""ArXiv's query API on loopback, over real HTTP: it evaluates queries and misbehaves on demand.

    async with FakeArxiv(make_papers(30)) as arxiv:
        arxiv.fail(rate_exceeded(), empty_page())
        ...  # ask arxiv.url; look at arxiv.requests

Each request uses up one fault, in order. Paging limits, error feeds and defaults are those of arXiv's backend
since November 2025.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.model.errors import QueryError, UserError
from bot.model.papers import Paper, PaperId
from bot.query.query import parse
from bot.query.text import AnalyzedPaper, analyze_paper
from tests.fakes.atom import atom, error_feed

__all__ = ["FakeArxiv", "Fault", "Request", "atom", "error_feed"]

_WINDOW = 10_000
_DATES = re.compile(r"\s+AND\s+submittedDate:\[\d+ TO \d+\]")
_LOOKS_RIGHT = re.compile(r"\d{4}\.\d{4,5}(v\d+)?")
_SORTS = ("relevance", "lastUpdatedDate", "submittedDate")


@dataclass(frozen=True)
class Fault:
    """What is wrong with one answer; the functions below create them."""

    status: int = 200
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    hang: bool = False
    reset: bool = False
    truncated: bool = False
    entries: int | None = None
    total: int | None = None
    disordered: bool = False
    ignores_dates: bool = False


def status(code: int, *, retry_after: str | None = None, body: bytes = b"upstream error") -> Fault:
    headers = (("Retry-After", retry_after),) if retry_after is not None else ()
    return Fault(status=code, body=body, headers=headers)


def rate_exceeded(retry_after: str | None = None) -> Fault:
    return status(429, retry_after=retry_after, body=b"Rate exceeded.")


def serves(content: bytes, *, code: int = 200) -> Fault:
    return Fault(status=code, body=content)


def gzipped(content: bytes) -> Fault:
    return Fault(body=content, headers=(("Content-Encoding", "gzip"),))


def web_page() -> Fault:
    return Fault(body=b"<!DOCTYPE html><html><body>Access denied<br></body></html>")


def hang() -> Fault:
    return Fault(hang=True)


def reset() -> Fault:
    return Fault(reset=True)


def truncated() -> Fault:
    return Fault(truncated=True)


def empty_page() -> Fault:
    """HTTP 200 with the correct count, but no entries."""
    return Fault(entries=0)


def short_page(entries: int) -> Fault:
    return Fault(entries=entries)


def nothing_found() -> Fault:
    """HTTP 200 without entries and with a count of zero."""
    return Fault(entries=0, total=0)


def claims(total: int) -> Fault:
    return Fault(total=total)


def disordered() -> Fault:
    """ArXiv ignores the sort order, as in November 2025."""
    return Fault(disordered=True)


def ignores_dates() -> Fault:
    """ArXiv ignores the requested dates and the sort order."""
    return Fault(ignores_dates=True, disordered=True)


@dataclass(frozen=True)
class Request:
    """One request: *at* is its monotonic time, *concurrent* the number of requests then, including it."""

    parameters: Mapping[str, str]
    method: str
    headers: Mapping[str, str]
    at: float
    concurrent: int

    @property
    def search_query(self) -> str:
        return self.parameters.get("search_query", "")

    @property
    def start(self) -> int:
        return int(self.parameters.get("start", "0"))


class _Refusal(Exception):
    def __init__(self, message: str, anchor: str = "") -> None:
        super().__init__(message)
        self.anchor = anchor or message.replace(" ", "_")


class FakeArxiv:
    """A server on a loopback port that searches *papers*, which may change between requests."""

    def __init__(self, papers: Iterable[Paper] = ()) -> None:
        self.papers: list[Paper] = list(papers)
        self.requests: list[Request] = []
        self.always: Fault | None = None
        self.url = ""
        self._faults: deque[Fault | None] = deque()
        self._open = 0
        self._released = asyncio.Event()
        self._arrived = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._analysed: dict[str, AnalyzedPaper] = {}

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> str:
        application = web.Application()
        application.router.add_route("*", "/api/query", self._answer)
        self._runner = web.AppRunner(application, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/api/query"
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
        for paper in papers:
            self.papers = [known for known in self.papers if known.id != paper.id] + [paper]

    def fail(self, *faults: Fault | None) -> None:
        """Answer the next requests with *faults*; None stands for a correct answer."""
        self._faults.extend(faults)

    async def asked(self, count: int = 1) -> None:
        """Wait until *count* requests have arrived in total."""
        while len(self.requests) < count:
            self._arrived.clear()
            await self._arrived.wait()

    def serve(self, content: bytes, *, code: int = 200) -> None:
        """Answer every request from now on with *content*."""
        self.always = serves(content, code=code)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        form = {key: str(value) for key, value in (await request.post()).items()}
        parameters = {**request.query, **form}
        self._open += 1
        headers = dict(request.headers)
        self.requests.append(Request(parameters, request.method, headers, time.monotonic(), self._open))
        self._arrived.set()
        fault = (self._faults.popleft() if self._faults else self.always) or Fault()
        try:
            return await self._respond(request, parameters, fault)
        finally:
            self._open -= 1

    async def _respond(
        self, request: web.Request, parameters: Mapping[str, str], fault: Fault
    ) -> web.StreamResponse:
        if fault.hang:
            await self._released.wait()
        if (fault.reset or fault.hang) and request.transport is not None:
            request.transport.abort()
            return web.Response()
        if fault.body is not None:
            return web.Response(status=fault.status, body=fault.body, headers=dict(fault.headers))
        code, content = self.answer(parameters, fault)
        if fault.truncated:
            content = content[: len(content) * 2 // 3]
        return web.Response(status=code, body=content, content_type="application/atom+xml")

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
