from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.arxiv.feed import parse
from bot.model.errors import ArxivRefused, MalformedFeed
from bot.model.papers import Paper, PaperId
from tests.shared import SHARED, needs_shared

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
FOLDER = SHARED / "arxiv" / "atom"
RECORDED = sorted(FOLDER.glob("*.xml"))


def collapsed(element: ET.Element | None) -> str:
    """Return an element's text as it is kept: control characters are blanks, white space is collapsed."""
    text = (element.text if element is not None else None) or ""
    return " ".join("".join(" " if "\x80" <= char <= "\x9f" else char for char in text).split())


def moment(element: ET.Element | None) -> datetime:
    return datetime.strptime(collapsed(element), "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC)


def read_independently(entry: ET.Element) -> dict[str, object]:
    """Read an entry with the standard library alone, as the feed's own words."""
    link = collapsed(entry.find(f"{ATOM}id"))
    match = re.fullmatch(r"http://arxiv\.org/abs/(.+)v(\d+)", link)
    assert match
    comment = collapsed(entry.find(f"{ARXIV}comment"))
    primary = entry.find(f"{ARXIV}primary_category")
    assert primary is not None
    return {
        "id": PaperId(match[1]),
        "version": int(match[2]),
        "title": collapsed(entry.find(f"{ATOM}title")),
        "abstract": collapsed(entry.find(f"{ATOM}summary")),
        "authors": tuple(collapsed(name) for name in entry.iterfind(f"{ATOM}author/{ATOM}name")),
        "categories": tuple(category.get("term") for category in entry.iterfind(f"{ATOM}category")),
        "primary_category": primary.get("term"),
        "published": moment(entry.find(f"{ATOM}published")),
        "updated": moment(entry.find(f"{ATOM}updated")),
        "comment": comment or None,
        "journal_ref": collapsed(entry.find(f"{ARXIV}journal_ref")) or None,
        "doi": collapsed(entry.find(f"{ARXIV}doi")) or None,
        "withdrawn": "withdrawn" in comment.lower(),
    }


@needs_shared
def test_every_recorded_answer_is_looked_at():
    assert len(RECORDED) == 63
    assert {path.name for path in RECORDED} == {path.name for path in FOLDER.iterdir()}


@needs_shared
@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_recorded_answer_parses_to_what_it_says(path: Path):
    content = path.read_bytes()
    root = ET.fromstring(content)  # noqa: S314 - a recorded file
    if "error" in path.name or "http400" in path.name:
        with pytest.raises(ArxivRefused) as refusal:
            parse(content, url="https://example.org/query")
        assert collapsed(root.find(f"{ATOM}entry/{ATOM}summary")) in str(refusal.value)
        assert refusal.value.id == collapsed(root.find(f"{ATOM}entry/{ATOM}id"))
        assert refusal.value.url == "https://example.org/query"
        return
    page = parse(content)
    assert page.total == int(collapsed(root.find(f"{SEARCH}totalResults")))
    assert page.start == int(collapsed(root.find(f"{SEARCH}startIndex")))
    assert page.per_page == int(collapsed(root.find(f"{SEARCH}itemsPerPage")))
    assert page.skipped == 0
    entries = root.findall(f"{ATOM}entry")
    read = [{name: getattr(paper, name) for name in Paper.__slots__} for paper in page.papers]
    assert read == [read_independently(entry) for entry in entries]


@needs_shared
def test_overlapping_slices_of_one_search_agree():
    pages = [parse(path.read_bytes()) for path in sorted(FOLDER.glob("es_q_testing_s*.xml"))]
    whole = [paper.versioned for paper in max(pages, key=lambda page: page.per_page).papers]
    assert len(pages) == 11
    for page in pages:
        assert [paper.versioned for paper in page.papers] == whole[page.start : page.start + page.per_page]


@needs_shared
@pytest.mark.parametrize("name", ["es_q_testing_s0_m10_http200", "lucene_two_response"])
def test_no_truncation_passes_for_a_whole_answer(name: str):
    content = (FOLDER / f"{name}.xml").read_bytes().rstrip()
    for end in range(0, len(content) - 1, max(1, len(content) // 300)):
        with pytest.raises(MalformedFeed):
            parse(content[:end])
