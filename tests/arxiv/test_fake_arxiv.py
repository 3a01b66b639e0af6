"""The fake OAI-PMH and feeds write what arXiv writes, and answer as arXiv's code does."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.model.papers import Paper
from tests.fakes import oai, rss
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.oai import RawRecord, RawVersion
from tests.fakes.papers import make_paper, make_papers
from tests.fakes.rss import FeedItem
from tests.fakes.tex import to_tex
from tests.shared import SHARED, needs_shared

OAI = "{http://www.openarchives.org/OAI/2.0/}"
RAW = "{http://arxiv.org/OAI/arXivRaw/}"
ARXIV = "{http://arxiv.org/schemas/atom}"
DUBLIN = "{http://purl.org/dc/elements/1.1/}"
FOLDER = SHARED / "arxiv"
ANSWERED = datetime(2026, 1, 2, 4, tzinfo=UTC)
TOKEN = "verb%3DListRecords%26metadataPrefix%3DarXivRaw%26from%3D2026-01-01%26skip%3D120"
SUNDAY_EVENING = datetime(2026, 7, 27, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def tree(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314 - our own, or recorded


# The bytes


def raw_records(content: bytes) -> list[RawRecord]:
    return [_record(each) for each in tree(content).iter(f"{OAI}record")]


def _record(each: ET.Element) -> RawRecord:
    raw = each.find(f"{OAI}metadata/{RAW}arXivRaw")

    def text(name: str) -> Any:
        return raw.findtext(f"{RAW}{name}")

    return RawRecord(
        id=text("id"),
        datestamp=date.fromisoformat(each.findtext(f"{OAI}header/{OAI}datestamp")),
        sets=[one.text for one in each.iterfind(f"{OAI}header/{OAI}setSpec")],
        submitter=text("submitter"),
        versions=[_version(one) for one in raw.iterfind(f"{RAW}version")],
        title=text("title"),
        authors=text("authors"),
        categories=text("categories"),
        comments=text("comments"),
        proxy=text("proxy"),
        report_no=text("report-no"),
        acm_class=text("acm-class"),
        msc_class=text("msc-class"),
        journal_ref=text("journal-ref"),
        doi=text("doi"),
        license=text("license"),
        abstract=text("abstract"),
    )


def _version(one: ET.Element) -> RawVersion:
    at = datetime.strptime(one.findtext(f"{RAW}date"), "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    size, source = one.findtext(f"{RAW}size"), one.findtext(f"{RAW}source_type", "")
    return RawVersion(int(one.get("version")[1:]), at, int(size.removesuffix("kb")), source)


@needs_shared
@pytest.mark.parametrize(
    ("name", "asked"),
    [
        (
            "official_ListRecords_arXivRaw_120_with_token.xml",
            {"request": ' verb="ListRecords" metadataPrefix="arXivRaw" from="2026-01-01"', "token": TOKEN},
        ),
        (
            "official_ListRecords_arXivRaw_last_page_empty_token.xml",
            {"request": f" verb='ListRecords' resumptionToken='{TOKEN}'", "resumed": True},
        ),
    ],
)
def test_a_list_of_records_is_written_as_arxiv_writes_it(name: str, asked: dict[str, Any]):
    real = (FOLDER / "oai" / name).read_bytes()
    assert oai.listing(raw_records(real), ANSWERED, **asked) == real


@needs_shared
@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("badArgument", {"reason": "until date too late"}),
        ("badResumptionToken", {"verb": "ListRecords"}),
        ("noRecordsMatch", {"verb": "ListRecords"}),
    ],
)
def test_an_error_is_written_as_arxiv_writes_it(code: str, more: dict[str, str]):
    real = (FOLDER / "oai" / f"official_error_{code}_http200.xml").read_bytes()
    if code == "noRecordsMatch":
        more = {}  # the real one was made without its arguments
        real = re.sub(rb"<request [^>]*>", b"<request>", real)
    assert oai.error(code, ANSWERED, **more) == real


def _items(content: bytes) -> list[FeedItem]:
    return [
        FeedItem(
            id=re.search(r"org:(.*)v\d+", item.findtext("guid"))[1],
            version=int(re.search(r"v(\d+)$", item.findtext("guid"))[1]),
            kind=item.findtext(f"{ARXIV}announce_type"),
            title=item.findtext("title"),
            abstract=item.findtext("description").partition("Abstract: ")[2],
            authors=item.findtext(f"{DUBLIN}creator"),
            categories=[category.text for category in item.iterfind("category")],
            rights=item.findtext(f"{DUBLIN}rights"),
            doi=item.findtext(f"{ARXIV}DOI"),
            journal_ref=item.findtext(f"{ARXIV}journal_reference"),
        )
        for item in tree(content).iter("item")
    ]


@needs_shared
@pytest.mark.parametrize("query", ["cs+eess", "cs.AI"])
@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_feed_is_written_as_arxiv_writes_it(form: str, query: str):
    name = "empty_weekend" if query == "cs.AI" else "cs+eess_50items"
    real = (FOLDER / "rss" / f"official_{form}_{name}.xml").read_bytes()
    items = _items((FOLDER / "rss" / f"official_rss_{name}.xml").read_bytes())
    built = datetime(2026, 11, 22, 10, 26, 45, tzinfo=UTC)
    written = (rss.rss if form == "rss" else rss.atom)(query, items, built)
    updated = re.compile(rb"<updated>[^<]*")  # the moment when each entry was written
    assert updated.sub(b"", written) == updated.sub(b"", real)


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("Schrödinger's naïve café", "Schr\\\"{o}dinger's na\\\"{i}ve caf\\'{e}"),
        ("π and 漢", "{\\pi} and 漢"),
    ],
)
def test_text_is_written_in_tex(text: str, tex: str):
    assert to_tex(text) == tex


# What OAI-PMH answers


def listed(arxiv: FakeArxiv, **parameters: str) -> tuple[list[str], str]:
    """Return the identifiers of one page and the token, or an error's code."""
    root = tree(arxiv.oai.answer({"verb": "ListRecords", **parameters}))
    if (error := root.find(f"{OAI}error")) is not None:
        return [], error.get("code")
    return [raw.findtext(f"{RAW}id") for raw in root.iter(f"{RAW}arXivRaw")], root.findtext(
        f"{OAI}ListRecords/{OAI}resumptionToken", "none"
    )


def test_a_list_is_resumed_to_its_end_by_tokens_whose_from_advances():
    clock = Clock(SUNDAY_EVENING)
    arxiv = FakeArxiv(clock=clock)
    arxiv.oai.page = 4
    for first in (1, 8):
        arxiv.publish(make_papers(7, first=first))
        clock.advance(DAY)
    found, token = listed(arxiv, metadataPrefix="arXivRaw", **{"from": "2026-07-27"})
    tokens = [token]
    while token not in {"", "none"}:
        page, token = listed(arxiv, resumptionToken=token)
        found += page
        tokens.append(token)
    assert found == [f"2607.{n:05d}" for n in range(1, 15)]
    assert "2026-07-28" in tokens[1]
    assert tokens[-1] == ""


def test_one_page_has_no_token_and_an_empty_day_is_an_error():
    arxiv = FakeArxiv(clock=Clock(SUNDAY_EVENING))
    arxiv.publish([make_paper(1)])
    assert listed(arxiv, metadataPrefix="arXivRaw", **{"from": "2026-07-27"}) == (["2607.00001"], "none")
    assert listed(arxiv, metadataPrefix="arXivRaw", **{"from": "2026-07-28"}) == ([], "noRecordsMatch")


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"metadataPrefix": "arXivRaw", "until": "2026-08-30"}, "badArgument"),
        ({"metadataPrefix": "arXivRaw", "from": "yesterday"}, "badArgument"),
        ({"metadataPrefix": "marc"}, "cannotDisseminateFormat"),
        ({"resumptionToken": "nonsense"}, "badResumptionToken"),
        ({"resumptionToken": "skip%3D1", "metadataPrefix": "arXivRaw"}, "badArgument"),
        ({"verb": "Dance"}, "badVerb"),
    ],
)
def test_oai_refuses_with_a_code(parameters: dict[str, str], code: str):
    assert listed(FakeArxiv(make_papers(3)), **parameters) == ([], code)


def test_versions_have_their_dates_and_an_edit_changes_only_the_day():
    clock = Clock(SUNDAY_EVENING)
    arxiv = FakeArxiv(clock=clock)
    first = make_paper(1)
    for version in (1, 2, 3):
        paper = Paper(**{**_fields(first), "version": version, "updated": first.published + version * DAY})
        arxiv.publish([paper if version > 1 else first])
        clock.advance(DAY)
    dates = arxiv.ledger.versions(paper)
    assert dates == [first.published, first.published + 2 * DAY, first.published + 3 * DAY]
    arxiv.ledger.touch([first.id], clock())
    assert listed(arxiv, metadataPrefix="arXivRaw", **{"from": f"{clock():%Y-%m-%d}"})[0] == [first.id.text]
    assert arxiv.ledger.versions(paper) == dates


def _fields(paper: Paper) -> dict[str, Any]:
    return {name: getattr(paper, name) for name in Paper.__slots__}


# What the feeds answer


def kinds(arxiv: FakeArxiv, query: str) -> dict[str, str]:
    _status, content = arxiv.feeds.answer("rss", query)
    return {item.id: item.kind for item in _items(content)}


def test_the_day_that_begins_lists_what_the_evening_announced_by_kind():
    clock = Clock(SUNDAY_EVENING)
    old = make_paper(1, categories=("cs.CL", "stat.ML"))
    arxiv = FakeArxiv([old], clock=clock)
    arxiv.publish([make_paper(2), make_paper(3, categories=("stat.ML", "cs.CL"), primary_category="stat.ML")])
    arxiv.publish([Paper(**{**_fields(old), "version": 2})])
    assert kinds(arxiv, "cs") == {}
    clock.advance(timedelta(hours=4))
    assert kinds(arxiv, "cs") == {"2607.00001": "replace", "2607.00002": "new", "2607.00003": "cross"}
    assert kinds(arxiv, "stat.ML") == {"2607.00001": "replace-cross", "2607.00003": "new"}
    assert kinds(arxiv, "math+eess.AS") == {}
    clock.advance(DAY)
    assert kinds(arxiv, "cs") == {}


def test_above_its_limit_a_feed_leaves_out_new_papers_first_and_never_lists_a_sixth_version():
    clock = Clock(SUNDAY_EVENING)
    old = make_papers(5)
    arxiv = FakeArxiv(old, clock=clock)
    arxiv.publish(Paper(**{**_fields(paper), "version": 5 + (n == 0)}) for n, paper in enumerate(old))
    arxiv.publish(make_papers(4, first=10))
    clock.advance(timedelta(hours=4))
    assert len(kinds(arxiv, "cs")) == 8
    arxiv.feeds.limit = 6
    assert sorted(kinds(arxiv, "cs").values()) == ["new"] * 2 + ["replace"] * 4


def test_a_stale_feed_shows_the_day_before_and_looks_fresh():
    clock = Clock(SUNDAY_EVENING)
    arxiv = FakeArxiv(clock=clock)
    arxiv.publish([make_paper(1)])
    clock.advance(DAY)
    arxiv.publish([make_paper(2)])
    clock.advance(timedelta(hours=4))
    arxiv.feeds.stale.add("cs.CL")
    assert kinds(arxiv, "cs.CL") == {"2607.00001": "new"}
    assert kinds(arxiv, "cs") == {"2607.00002": "new"}


def test_an_unknown_archive_is_refused_with_http_400():
    status, content = FakeArxiv().feeds.answer("rss", "cs+nonsense")
    assert status == 400
    assert b"Bad archive" in content
