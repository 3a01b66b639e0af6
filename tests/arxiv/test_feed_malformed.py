from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.arxiv.feed import parse
from bot.model.errors import REASON_LENGTH, ArxivError, ArxivRefused, MalformedFeed
from tests.fakes.atom import atom, error_feed
from tests.fakes.papers import make_paper, make_papers

CROWD = b"".join(b"a%d='' " % number for number in range(1_000))
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b']><feed xmlns="http://www.w3.org/2005/Atom"><title>&j;</title></feed>'
)
FOREIGN = (
    b'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<feed xmlns="http://www.w3.org/2005/Atom"><title>&x;</title></feed>'
)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b" \n", id="blank"),
        pytest.param(b"\x00" * 100, id="zeros"),
        pytest.param(b"Rate exceeded.", id="plain text"),
        pytest.param(b"<!DOCTYPE html><html><body>Access denied</body></html>", id="web page"),
        pytest.param(b"<html><body><p>Access denied<br></body></html>", id="web page without type"),
        pytest.param(b'<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', id="XHTML"),
        pytest.param(b'{"error": "busy"}', id="JSON"),
        pytest.param(b"<rss version='2.0'><channel><title>x</title></channel></rss>", id="RSS"),
        pytest.param(b'<feed xmlns="http://www.w3.org/2005/Atom"/>', id="feed of another kind"),
        pytest.param(
            atom([make_paper()]).replace(b">1</opensearch:total", b">one</opensearch:total"), id="total"
        ),
        pytest.param(
            atom([]).replace(b">0</opensearch:total", b">" + b"9" * 5000 + b"</opensearch:total"), id="huge"
        ),
        pytest.param(atom([make_paper()])[:-40], id="truncated"),
        pytest.param(atom([make_paper()]) + atom([make_paper()]), id="two answers in one"),
        pytest.param(atom([make_paper(title="x")]).replace(b">x<", b">\xff\xfe<"), id="invalid UTF-8"),
        pytest.param(atom([make_paper(title="x")]).replace(b">x<", b">\x0b<"), id="control character"),
        pytest.param(atom([make_paper(title="x")]).replace(b">x<", b">&nbsp;<"), id="undeclared entity"),
        pytest.param(atom([]).replace(b"'UTF-8'", b"'klingon'"), id="unknown encoding"),
        pytest.param(BOMB, id="entity bomb"),
        pytest.param(atom([]).replace(b"<feed ", b"<feed " + CROWD), id="a thousand attributes"),
        pytest.param(FOREIGN, id="external entity"),
        pytest.param(b"<!DOCTYPE feed SYSTEM 'http://example.org/x.dtd'>" + b"<feed/>", id="document type"),
    ],
)
def test_what_is_no_feed_of_arxiv_is_malformed(content: bytes):
    with pytest.raises(MalformedFeed) as malformed:
        parse(content, url="https://example.org/query")
    assert malformed.value.url == "https://example.org/query"
    assert malformed.value.retry


def test_more_elements_than_arxiv_ever_sends_are_malformed(monkeypatch: pytest.MonkeyPatch):
    content = atom(make_papers(2))
    elements = len(re.findall(rb"<[a-z]", content))
    monkeypatch.setattr("bot.arxiv.feed._MOST_ELEMENTS", elements)
    assert len(parse(content).papers) == 2
    monkeypatch.setattr("bot.arxiv.feed._MOST_ELEMENTS", elements - 1)
    with pytest.raises(MalformedFeed):
        parse(content)


def test_a_tag_longer_than_any_of_arxivs_is_malformed_and_text_of_that_length_is_not() -> None:
    feed = atom(make_papers(1))
    start = feed.index(b"<entry")
    longest, too_long = (
        feed[:start] + b"<x a='" + b"y" * n + b"'/>" + feed[start:] for n in (65_000, 65_536)
    )
    assert len(parse(longest).papers) == 1
    with pytest.raises(MalformedFeed, match="longer tag"):
        parse(too_long)


def test_parsing_that_takes_too_long_is_given_up() -> None:
    asked = iter([False] * 10)
    with pytest.raises(MalformedFeed, match="takes too long"):
        parse(atom(make_papers(5)), late=lambda: next(asked, True))
    assert len(parse(atom(make_papers(5)), late=lambda: False).papers) == 5


@pytest.mark.parametrize(("depth", "parsed"), [(38, True), (39, False)])
def test_elements_are_no_deeper_than_arxivs(depth: int, parsed: bool) -> None:
    feed = atom(make_papers(1)).replace(b"</entry>", b"<x>" * depth + b"</x>" * depth + b"</entry>")
    if parsed:
        assert len(parse(feed).papers) == 1
        return
    with pytest.raises(MalformedFeed, match="deeper"):
        parse(feed)


def test_bytes_are_never_taken_for_a_file_name(tmp_path: Path):
    path = tmp_path / "feed.xml"
    path.write_bytes(atom([make_paper()]))
    with pytest.raises(MalformedFeed):
        parse(bytes(path))


def test_refusal_keeps_arxivs_words():
    with pytest.raises(ArxivRefused, match="Invalid query string: 'ti:foo AND'") as refusal:
        parse(error_feed("Invalid query string: 'ti:foo AND'"))
    assert not refusal.value.retry


def test_a_refusal_of_any_length_has_a_bounded_reason():
    with pytest.raises(ArxivRefused) as refusal:
        parse(error_feed("Invalid\u202e query: " + "x." * 30_000))
    assert str(refusal.value).startswith("Invalid query: x.x.")
    assert len(str(refusal.value)) == REASON_LENGTH


@pytest.mark.parametrize(
    "feed",
    [
        pytest.param(
            error_feed("No.", anchor="https://arxiv.org/help/api/user-manual#sort"), id="by title and author"
        ),
        pytest.param(error_feed("No.").replace(b"Error</title>", b"Sorry</title>"), id="by identifier"),
    ],
)
def test_a_refusal_is_recognized(feed: bytes):
    with pytest.raises(ArxivRefused, match="No"):
        parse(feed)


def test_other_encodings_than_utf8_are_read():
    paper = make_paper(title="Über Straßen")
    text = atom([paper]).decode()
    assert parse(text.replace("'UTF-8'", "'ISO-8859-1'").encode("latin-1")).papers == (paper,)
    assert parse(text.replace("'UTF-8'", "'UTF-16'").encode("utf-16")).papers == (paper,)


SAMPLE = atom(make_papers(2, comment="c", doi="10.1/x", journal_ref="j"))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300))
def test_arbitrary_bytes_raise_typed_errors_only(content: bytes):
    with pytest.raises(ArxivError):
        parse(content)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(SAMPLE)),
            st.integers(0, 40),
            st.binary(max_size=6)
            | st.sampled_from(
                b"< > </entry> <entry> &amp; <svg> <width> </width> <link> <content> <id>http://[</id> "
                b"<category/> <image> <title> <source/> xmlns= type='xhtml'".split()
            ),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_mutated_feed_parses_or_raises_typed_errors(cuts: list[tuple[int, int, bytes]]):
    content = SAMPLE
    for at, length, patch in cuts:
        content = content[:at] + patch + content[at + length :]
    try:
        page = parse(content)
    except ArxivError:
        return
    assert len(page.papers) + page.skipped <= content.count(b"<entry")


ELEMENTS = [
    "entry",
    "title",
    "summary",
    "id",
    "link",
    "author",
    "name",
    "category",
    "content",
    "image",
    "url",
]
ELEMENTS += [
    "width",
    "source",
    "tags",
    "svg",
    "math",
    "div",
    "textinput",
    "published",
    "updated",
    "generator",
]


@given(
    st.recursive(
        st.sampled_from(ELEMENTS).map(lambda name: f"<{name}>x</{name}>"),
        lambda inner: st.tuples(
            st.sampled_from(ELEMENTS),
            st.sampled_from(
                ["", ' type="xhtml"', ' type="html"', ' mode="base64"', ' rel="self"', ' href="http://["']
            ),
            st.lists(inner, max_size=3),
        ).map(lambda node: f"<{node[0]}{node[1]}>{''.join(node[2])}</{node[0]}>"),
        max_leaves=12,
    )
)
def test_well_formed_nonsense_after_an_entry_changes_nothing_or_is_a_typed_error(nonsense: str):
    paper = make_paper()
    content = atom([paper]).replace(b"</entry>", f"</entry>{nonsense}".encode())
    try:
        page = parse(content)
    except MalformedFeed:
        # feedparser stumbles over elements inside those that hold text, and over nothing else.
        assert re.search("<(title|summary|content)", nonsense)
        return
    assert page.papers[0] == paper
