"""XML from the network: what it may cost, and what is refused."""

from __future__ import annotations

import contextlib
import tracemalloc
from collections.abc import Callable

import pytest

from bot.arxiv.announcements import parse_announcements
from bot.arxiv.elements import Element, read_rows
from bot.arxiv.oai import parse_records
from bot.model.errors import ArxivError, MalformedFeed
from tests.arxiv.arxiv_cases import HOSTILE_ROWS

_ROOTS = {
    "oai": (parse_records, b"<OAI-PMH><responseDate>2026-07-27T00:00:00Z</responseDate>%b</OAI-PMH>"),
    "rss": (
        parse_announcements,
        b"<rss><channel><pubDate>Mon, 27 Jul 2026 00:00:00 -0400</pubDate>%b</channel></rss>",
    ),
}


@pytest.mark.parametrize("root", _ROOTS)
@pytest.mark.parametrize("kind", HOSTILE_ROWS)
def test_a_hostile_list_takes_little_memory(kind: str, root: str) -> None:
    parse, frame = _ROOTS[root]
    content = frame % HOSTILE_ROWS[kind](2**15)[: 2**17]
    tracemalloc.start()
    try:
        with contextlib.suppress(ArxivError):
            parse(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**24


@pytest.mark.parametrize("kind", ["deep elements", "flat elements in a row", "attributes", "versions"])
def test_what_no_list_of_arxiv_holds_is_refused(kind: str) -> None:
    content = b"<OAI-PMH>" + HOSTILE_ROWS[kind](600_000) + b"</OAI-PMH>"
    with pytest.raises(MalformedFeed, match="ever have"):
        parse_records(content)


def test_an_entity_bomb_is_refused_before_it_goes_off() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;">]><OAI-PMH>&c;</OAI-PMH>'
    with pytest.raises(MalformedFeed, match="document type"):
        parse_records(bomb)


def test_an_unknown_entity_is_not_well_formed() -> None:
    with pytest.raises(MalformedFeed, match="not well-formed"):
        parse_records(b"<OAI-PMH>&nbsp;</OAI-PMH>", url="https://example.org")


def test_reading_can_take_too_long() -> None:
    late: Callable[[], bool] = iter([False, False, True]).__next__
    with pytest.raises(MalformedFeed, match="takes too long"):
        read_rows(b"<a><b/><c/></a>", (), lambda _row: None, late=late)


def test_rows_are_taken_as_they_end_and_the_rest_is_returned() -> None:
    rows: list[Element] = []
    content = b'<r xmlns:n="u"><head>of <b>all</b> them</head><n:row x="1"><t>\xc3\xa9</t></n:row><row/></r>'
    root = read_rows(content, {"row"}, rows.append)
    assert [row.attributes for row in rows] == [{"x": "1"}, {}]
    assert rows[0].text_of("t") == "é"
    assert [child.name for child in root.children] == ["head"]
    assert root.text_of("head") == "of "
    assert root.text_of("head", "nothing", "at all") == ""
    assert [child.text for child in root.first("head").all("b")] == ["all"]
