"""The demo's arXiv: the query API over real HTTP on this machine, with the sample papers.

It evaluates any query, with arXiv's paging, sorting, submission dates and error feeds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

from aiohttp import web

from bot.demo import sample
from bot.model.errors import UserError
from bot.model.papers import Paper, PaperId
from bot.query.query import parse
from bot.query.text import AnalyzedPaper, analyze_paper

HISTORY = 400  # three weeks of papers, so that any search has many pages
BATCH = 14  # papers in the announcement that the demo starts with
_HISTORY_EVERY = timedelta(hours=1, minutes=15)
_FAST_FOR = timedelta(minutes=1)
_FAST_EVERY = timedelta(seconds=8)
_WINDOW_OF_THE_INDEX = 10_000
_ATOM = "http://www.w3.org/2005/Atom"
_SEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_ARXIV = "http://arxiv.org/schemas/atom"


class SampleArxiv:
    """An arXiv on this machine that announces papers as *clock* advances.

    It announces `HISTORY` papers before *opening* and `BATCH` papers a minute after it. From `live` on, once
    that is set, it announces one paper each *every*; in the first minute they come faster, so that a visitor
    soon sees papers arrive.
    """

    def __init__(self, clock: Callable[[], datetime], *, opening: datetime, every: timedelta) -> None:
        self.live: datetime | None = None
        self._clock = clock
        self._opening = opening
        self._every = every
        self._papers: list[AnalyzedPaper] = []

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/api/query", self._answer)
        app.router.add_post("/api/query", self._answer)
        return app

    def papers(self) -> list[AnalyzedPaper]:
        """Return all papers announced so far, oldest first."""
        now = self._clock()
        while (at := self._announcement(len(self._papers))) is not None and at <= now:
            self._papers.append(analyze_paper(sample.paper(len(self._papers), at)))
        return list(self._papers)

    def _announcement(self, index: int) -> datetime | None:
        """Return when paper number *index* is announced, None if that is not known yet."""
        if index < HISTORY:
            return self._opening - (HISTORY - index) * _HISTORY_EVERY
        if index < HISTORY + BATCH:
            return self._opening + timedelta(minutes=1, seconds=index - HISTORY)
        fast = _FAST_FOR // _FAST_EVERY
        index -= HISTORY + BATCH
        slow = max(0, index - fast)
        return self.live and self.live + (index - slow) * _FAST_EVERY + slow * self._every

    async def _answer(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        given = {**request.query, **form}
        try:
            start, size = _number(given, "start", 0), _number(given, "max_results", 10)
            papers = self._search(given)
        except UserError as error:
            return _respond(_error_feed(str(error), self._clock()), status=400)
        if start + size > _WINDOW_OF_THE_INDEX:
            return web.Response(status=500, text="Internal Server Error")
        return _respond(_feed(papers[start : start + size], len(papers), start, size, self._clock()))

    def _search(self, given: Mapping[str, str]) -> list[Paper]:
        wanted = _identifiers(given["id_list"]) if given.get("id_list") else None
        query = parse(given["search_query"]) if given.get("search_query") else None
        matching = []
        for each in self.papers():
            words = query.matches(each) if query else ()
            if words is not None and (wanted is None or each.paper.id in wanted):
                matching.append((each.paper, len(words)))
        by = given.get("sortBy", "relevance")
        descending = given.get("sortOrder", "descending") == "descending"
        if by == "relevance":
            matching.sort(key=lambda each: (each[1], each[0].id), reverse=descending)
        else:
            matching.sort(key=lambda each: (_date(each[0], by), each[0].id), reverse=descending)
        return [paper for paper, _ in matching]


def _number(given: Mapping[str, str], key: str, default: int) -> int:
    text = given.get(key, str(default))
    if not text.isascii() or not text.isdecimal():
        raise UserError(f"{key} must be a non-negative integer")
    return int(text)


def _identifiers(text: str) -> set[PaperId]:
    try:
        return {PaperId.parse(each)[0] for each in text.split(",")}
    except UserError:
        raise UserError(f"incorrect id format for {text}") from None


def _date(paper: Paper, by: str) -> datetime:
    return paper.updated if by == "lastUpdatedDate" else paper.published


def _respond(feed: ET.Element, *, status: int = 200) -> web.Response:
    body = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return web.Response(status=status, body=body, content_type="application/atom+xml", charset="utf-8")


def _feed(papers: list[Paper], total: int, start: int, size: int, now: datetime) -> ET.Element:
    feed = ET.Element(f"{{{_ATOM}}}feed")
    for tag, text in (("id", "https://arxiv.org/"), ("title", "arXiv Search Results"), ("updated", _z(now))):
        _add(feed, _ATOM, tag, text)
    for tag, number in (("itemsPerPage", size), ("totalResults", total), ("startIndex", start)):
        _add(feed, _SEARCH, tag, str(number))
    for paper in papers:
        _entry(feed, paper)
    return feed


def _entry(feed: ET.Element, paper: Paper) -> None:
    entry = ET.SubElement(feed, f"{{{_ATOM}}}entry")
    _add(entry, _ATOM, "id", f"http://arxiv.org/abs/{paper.versioned}")
    _add(entry, _ATOM, "title", paper.title)
    _add(entry, _ATOM, "updated", _z(paper.updated))
    _add(entry, _ATOM, "link", href=paper.abs_url, rel="alternate", type="text/html")
    _add(entry, _ATOM, "link", href=paper.pdf_url, rel="related", type="application/pdf", title="pdf")
    _add(entry, _ATOM, "summary", paper.abstract)
    for category in paper.categories:
        _add(entry, _ATOM, "category", term=category, scheme=_ARXIV)
    _add(entry, _ATOM, "published", _z(paper.published))
    if paper.comment:
        _add(entry, _ARXIV, "comment", paper.comment)
    _add(entry, _ARXIV, "primary_category", term=paper.primary_category)
    for name in paper.authors:
        _add(ET.SubElement(entry, f"{{{_ATOM}}}author"), _ATOM, "name", name)


def _error_feed(message: str, now: datetime) -> ET.Element:
    feed = _feed([], 1, 0, 1, now)
    entry = ET.SubElement(feed, f"{{{_ATOM}}}entry")
    _add(entry, _ATOM, "id", "https://arxiv.org/api/errors#demo")
    _add(entry, _ATOM, "title", "Error")
    _add(entry, _ATOM, "updated", _z(now))
    _add(entry, _ATOM, "summary", message)
    _add(ET.SubElement(entry, f"{{{_ATOM}}}author"), _ATOM, "name", "arXiv api core")
    return feed


def _add(parent: ET.Element, namespace: str, tag: str, text: str | None = None, **attributes: str) -> None:
    ET.SubElement(parent, f"{{{namespace}}}{tag}", attributes).text = text


def _z(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


for _prefix, _namespace in (("", _ATOM), ("opensearch", _SEARCH), ("arxiv", _ARXIV)):
    ET.register_namespace(_prefix, _namespace)
