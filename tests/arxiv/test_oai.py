"""OAI-PMH's answers: arXiv's own, the fake's, and what is no answer at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.arxiv.oai import BadToken, parse_identity, parse_records
from bot.model.errors import ArxivRefused, MalformedFeed
from tests.fakes import oai
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.oai import RawRecord, RawVersion
from tests.fakes.papers import make_paper
from tests.shared import SHARED, needs_shared

NOW = datetime(2026, 7, 27, 2, 30, tzinfo=UTC)
FOLDER = SHARED / "arxiv" / "oai"


def raw(identifier: str = "2607.00001", **changes: object) -> RawRecord:
    fields = {
        "id": identifier,
        "datestamp": date(2026, 7, 27),
        "sets": ["cs:cs:CL"],
        "submitter": "Ada",
        "versions": [RawVersion(1, datetime(2026, 7, 24, 12, tzinfo=UTC))],
        "title": "A title",
        "authors": "Ada Author",
        "categories": "cs.CL cs.SD",
        "abstract": "  An abstract.",
    }
    return RawRecord(**(fields | changes))  # type: ignore[arg-type]


@needs_shared
@pytest.mark.parametrize(
    ("name", "records", "resumed"),
    [
        ("official_ListRecords_arXivRaw_120_with_token.xml", 120, True),
        ("official_ListRecords_arXivRaw_last_page_empty_token.xml", 40, False),
    ],
)
def test_every_real_record_is_read(name: str, records: int, *, resumed: bool):
    page = parse_records((FOLDER / name).read_bytes())
    assert (len(page.records), page.skipped, page.token is not None) == (records, 0, resumed)
    assert page.responded == datetime(2026, 1, 2, 4, tzinfo=UTC)
    for record in page.records:
        paper = record.paper
        assert paper.title
        assert paper.abstract
        assert paper.authors
        assert paper.primary_category == paper.categories[0]
        assert paper.published <= paper.updated


@needs_shared
def test_a_real_record_says_what_it_says():
    page = parse_records((FOLDER / "official_ListRecords_arXivRaw_120_with_token.xml").read_bytes())
    assert page.token == "verb%3DListRecords%26metadataPrefix%3DarXivRaw%26from%3D2026-01-01%26skip%3D120"
    [record] = [each for each in page.records if each.paper.id.text == "0806.4129"]
    paper = record.paper
    assert record.changed == date(2014, 12, 15)
    assert (paper.version, paper.categories) == (6, ("math-ph", "math.MP"))
    assert paper.published == datetime(2008, 6, 25, 15, 29, 38, tzinfo=UTC)
    assert paper.updated == datetime(2014, 12, 12, 13, 15, 28, tzinfo=UTC)
    assert (paper.journal_ref, paper.doi) == ("AIP Conf.Proc.1316:466-477,2010", "10.1063/1.3536454")
    assert paper.comment == "15 pages. This version corrects some misprints of the published version"


@needs_shared
@pytest.mark.parametrize("file", sorted(FOLDER.glob("hepcrawl_*.xml")), ids=lambda file: file.stem)
def test_another_format_is_no_record(file: Path):
    """These are of the format `arXiv`, which has no versions; some are bare records."""
    try:
        page = parse_records(file.read_bytes())
    except MalformedFeed:
        return
    assert page.records == ()


def test_what_the_fake_shows_is_read_as_the_paper_itself():
    clock = Clock(NOW)
    arxiv = FakeArxiv(clock=clock)
    first = make_paper(1, authors=("Erwin Schrödinger", "Łukasz Ångström"), title="Moiré π-flux")
    later = make_paper(
        1,
        **{name: getattr(first, name) for name in ("authors", "published")},
        title="Moiré bands",
        version=2,
        updated=first.published + timedelta(days=4),
        comment="9 pages, à paraître",
        journal_ref="Ann. Phys. 5",
        doi="10.1000/5",
    )
    for paper in (first, later):
        arxiv.publish([paper])
        page = parse_records(arxiv.oai.answer({"verb": "ListRecords", "metadataPrefix": "arXivRaw"}))
        assert [record.paper for record in page.records] == [paper]


def test_a_day_without_records_is_an_empty_page():
    page = parse_records(oai.error("noRecordsMatch", NOW))
    assert (page.records, page.token, page.responded) == ((), None, NOW)


def test_errors_come_with_http_200_and_are_raised():
    with pytest.raises(BadToken):
        parse_records(oai.error("badResumptionToken", NOW))
    with pytest.raises(ArxivRefused, match="until date too late") as refused:
        parse_records(oai.error("badArgument", NOW, "until date too late"))
    assert refused.value.id == "badArgument"
    assert not refused.value.retry


@pytest.mark.parametrize(
    "broken",
    [
        {"versions": []},
        {"id": "not an identifier"},
        {"versions": [RawVersion(1, NOW), RawVersion(-2, NOW)]},
    ],
    ids=["no version", "no identifier", "a strange version"],
)
def test_a_record_that_cannot_be_read_is_skipped_and_counted(broken: dict[str, object]):
    content = oai.listing([raw(), raw("2607.00002", **{"id": "2607.00002"} | broken)], NOW)
    page = parse_records(content.replace(b"v-2", b"latest"))
    assert [record.paper.id.text for record in page.records] == ["2607.00001"]
    assert page.skipped == 1


def test_a_deleted_record_is_none():
    content = oai.listing([raw()], NOW).replace(b"<header>", b'<header status="deleted">')
    assert (parse_records(content).records, parse_records(content).skipped) == ((), 0)


def test_versions_count_by_their_number_not_by_their_place():
    versions = [RawVersion(3, NOW), RawVersion(1, NOW - timedelta(days=9))]
    [record] = parse_records(oai.listing([raw(versions=versions)], NOW)).records
    assert (record.paper.version, record.paper.updated, record.paper.published) == (
        3,
        NOW,
        NOW - timedelta(days=9),
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body>Access denied</body></html>",
        b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"></feed>',
        oai.listing([raw()], NOW)[:-300],
        oai.listing([raw()], NOW).replace(b"2026-07-27T02:30:00Z", b"yesterday"),
        oai.listing([raw()], NOW).replace(b"ListRecords>", b"Identify>"),
        oai.listing([], NOW, token="t" * 5_000),
        b'<!DOCTYPE OAI-PMH [<!ENTITY a "b">]>' + oai.listing([raw()], NOW).partition(b"\n")[2],
    ],
    ids=[
        "nothing",
        "a web page",
        "another feed",
        "half",
        "no date",
        "another verb",
        "a token",
        "a document type",
    ],
)
def test_what_is_no_list_of_records_is_refused(content: bytes):
    with pytest.raises(MalformedFeed):
        parse_records(content, url="https://oai.example.org")


@pytest.mark.parametrize(
    "content", [b"", b"<html></html>", oai.listing([raw()], NOW)], ids=["nothing", "a web page", "a list"]
)
def test_what_does_not_say_who_answers_is_refused(content: bytes):
    with pytest.raises(MalformedFeed):
        parse_identity(content)
