from __future__ import annotations

import contextlib
import re
import time
import tracemalloc
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.arxiv.feed import parse
from bot.model.errors import ArxivError, ArxivRefused, MalformedFeed
from bot.model.papers import Paper, PaperId
from tests.fakes.atom import atom, error_feed
from tests.fakes.papers import make_paper, make_papers
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


TEXTS = [
    pytest.param("a < b & c > d", id="comparison"),
    pytest.param("the <i>E. coli</i> genome", id="markup as text"),
    pytest.param("<script>alert(1)</script>", id="script"),
    pytest.param("&lt;already&gt; &amp; escaped &nbsp;", id="entities as text"),
    pytest.param("CAFÉ» Â° Ã©", id="what looks doubly encoded"),
    pytest.param(r"$\alpha<\beta$ \& \% ~ {x}_i", id="LaTeX"),
    pytest.param("Łódź 東京 𝔸 🙂", id="beyond ASCII"),
    pytest.param("]]> and <![CDATA[", id="CDATA marks"),
    pytest.param("http://example.org/?a=1&b=2", id="address"),
    pytest.param("0", id="the shortest title there is"),
]


@pytest.mark.parametrize("text", TEXTS)
def test_text_comes_out_as_arxiv_means_it(text: str):
    paper = make_paper(title=text, abstract=text, comment=text, journal_ref=text, authors=(text,))
    assert parse(atom([paper])).papers == (paper,)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("caf\x80\x9f€ Ÿ", "caf € Ÿ", id="C1 controls"),
        pytest.param("evil\u202etxt.exe", "eviltxt.exe", id="right to left override"),
        pytest.param("super\u00adconductor", "superconductor", id="soft hyphen"),
        pytest.param("zero\u200bwidth\ufeff", "zerowidth", id="zero width"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", id="a joiner within a Persian word"),
        pytest.param("\u200d lone \u200c", "lone", id="a joiner alone"),
        pytest.param("Z" + "\u0301" * 50 + "algo", "Z" + "\u0301" * 4 + "algo", id="piled marks"),
        pytest.param("a\u2028b\u2029c\u0085d", "a b c d", id="other line ends"),
        pytest.param("tag\U000e0041s", "tags", id="tag characters"),
    ],
)
def test_characters_that_nobody_sees_are_left_out(text: str, kept: str) -> None:
    paper = make_paper(title=text, abstract=text, comment=text, journal_ref=text, authors=(text,))
    [read] = parse(atom([paper])).papers
    assert (read.title, read.abstract, read.comment, read.journal_ref, read.authors) == (
        kept, kept, kept, kept, (kept,)
    )  # fmt: skip


@pytest.mark.parametrize("title", [b"", b"<title> </title>", "<title>\u200b</title>".encode()])
def test_an_entry_without_a_title_has_its_identifier_for_one(title: bytes) -> None:
    [paper] = make_papers(1)
    content = re.sub(
        rb"(?<=  <entry>)(.*?)<title>.*?</title>", rb"\1" + title, atom([paper]), flags=re.DOTALL
    )
    [read] = parse(content).papers
    assert read.title == f"arXiv:{paper.id}"
    assert replace(read, title=paper.title) == paper


def test_long_texts_are_cut_and_the_entry_kept() -> None:
    long = "word " * 50_000
    paper = make_paper(
        title=long, abstract=long, comment=long, journal_ref=long, authors=(long[:500],) * 10_100,
        categories=tuple(f"cs.{number}" for number in range(200)),
    )  # fmt: skip
    [read] = parse(atom([paper])).papers
    lengths = len(read.title), len(read.abstract), len(read.comment or ""), len(read.journal_ref or "")
    assert all(
        most - 5 <= length <= most
        for length, most in zip(lengths, (2_000, 20_000, 4_000, 1_000), strict=True)
    )
    assert (len(read.authors), len(read.categories)) == (10_000, 100)


HOSTILE = {
    "deep elements": lambda n: b"<a>" * n,
    "flat elements": lambda n: b"<a/>" * n,
    "flat elements with text": lambda n: b"<title>x</title>" * (n // 5),
    "nested namespaces": lambda n: b"".join(b'<a xmlns:n%d="u%d">' % (i, i) for i in range(n // 8)),
    "flat namespaces": lambda n: b"".join(b'<a xmlns:n%d="u%d"/>' % (i, i) for i in range(n // 8)),
    "categories": lambda n: b"<entry>" + b'<category term="c"/>' * (n // 8) + b"</entry>",
    "authors": lambda n: b"<entry>" + b"<author><name>A</name></author>" * (n // 10) + b"</entry>",
    "one long text": lambda n: b"<entry><summary>" + b"x" * (4 * n) + b"</summary></entry>",
    "attributes": lambda n: b"<a " + b"".join(b'x%d="" ' % i for i in range(n // 4)) + b"/>",
    "empty entries": lambda n: b"<entry></entry>" * (n // 6),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_feed_takes_little_memory(kind: str) -> None:
    """A few megabytes, whatever the feed repeats: with 32 MiB of content that is below twice its size."""
    limit = 2**18
    content = (atom([]).removesuffix(b"</feed>") + HOSTILE[kind](limit // 4))[: limit - 7] + b"</feed>"
    tracemalloc.start()
    try:
        with contextlib.suppress(ArxivError):
            parse(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**22


@pytest.mark.parametrize("kind", ["deep elements", "flat namespaces", "nested namespaces", "attributes"])
def test_what_no_feed_of_arxiv_holds_is_refused(kind: str) -> None:
    content = atom([]).removesuffix(b"</feed>") + HOSTILE[kind](400_000) + b"</feed>"
    with pytest.raises(MalformedFeed, match="than its feeds ever"):
        parse(content)


def test_html_typed_text_is_not_sanitised():
    content = atom([make_paper(title="x <b>y</b> <script>z</script>")])
    content = content.replace(b"<title>x", b'<title type="html">x')
    assert parse(content).papers[0].title == "x <b>y</b> <script>z</script>"


words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cn", "Cs", "Mn", "Me")),
    min_size=1,
).map(lambda text: " ".join(text.split()) or "word")


@given(
    title=words,
    abstract=words,
    comment=words | st.none(),
    authors=st.lists(words, max_size=3).map(tuple),
    journal=words | st.none(),
)
def test_what_is_written_is_read(
    title: str, abstract: str, comment: str | None, authors: tuple[str, ...], journal: str | None
):
    paper = make_paper(
        title=title, abstract=abstract, comment=comment, authors=authors, journal_ref=journal, withdrawn=False
    )
    if comment and "withdrawn" in comment.lower():
        return
    page = parse(atom([paper], total=7, start=3, per_page=2))
    assert page.papers == (paper,)
    assert (page.total, page.start, page.per_page, page.skipped) == (7, 3, 2, 0)


@pytest.mark.parametrize(
    ("written", "identifier", "version"),
    [
        ("http://arxiv.org/abs/2202.12139v3", "2202.12139", 3),
        ("https://arxiv.org/abs/2202.12139v1", "2202.12139", 1),
        ("http://arxiv.org/abs/hep-th/9901001v2", "hep-th/9901001", 2),
        ("http://arxiv.org/abs/math.GT/0309136v1", "math.GT/0309136", 1),
        ("http://arxiv.org/abs/0704.0156v12", "0704.0156", 12),
        ("http://arxiv.org/abs/2202.12139", "2202.12139", 1),
    ],
)
def test_identifier_of_either_age_is_split_from_its_version(written: str, identifier: str, version: int):
    content = atom([make_paper()]).replace(b"http://arxiv.org/abs/2607.00001v1", written.encode())
    (paper,) = parse(content).papers
    assert (paper.id, paper.version) == (PaperId(identifier), version)


def test_of_several_dois_the_first_is_kept():
    content = atom([make_paper(doi="10.1/first")]).replace(
        b"</arxiv:doi>",
        b"</arxiv:doi>\n<arxiv:doi>10.2/second</arxiv:doi>",
    )
    content = content.replace(
        b"  </entry>",
        b'    <link rel="related" href="https://doi.org/10.2/second" title="doi"/>\n  </entry>',
    )
    assert parse(content).papers[0].doi == "10.1/first"


def test_a_doi_is_read_from_its_link_where_there_are_several():
    content = atom([make_paper(doi="10.1/a<b")])
    content = content.replace(b"https://doi.org/10.1/a&lt;b", b"https://doi.org/10.1/a%3Cb").replace(
        b"  </entry>", b'    <link href="https://doi.org/10.2/second" title="doi"/>\n  </entry>'
    )
    assert parse(content).papers[0].doi == "10.1/a<b"


@pytest.mark.parametrize(
    ("comment", "withdrawn"),
    [
        ("This paper has been withdrawn", True),
        ("WITHDRAWN by arXiv administrators", True),
        ("12 pages, 3 figures", False),
        (None, False),
    ],
)
def test_withdrawal_is_read_from_the_comment(comment: str | None, withdrawn: bool):
    assert parse(atom([make_paper(comment=comment)])).papers[0].withdrawn is withdrawn


Damage = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda entry: entry.replace(b"/abs/2607.00002v1<", b"/abs/nonsense<"), id="identifier"),
        pytest.param(lambda entry: entry.replace(b"/abs/2607", "/abs/٢٦٠٧".encode()), id="foreign digits"),
        pytest.param(lambda entry: re.sub(rb"<id>.*</id>", b"", entry), id="no identifier"),
        pytest.param(lambda entry: re.sub(rb"(<published>).*(</)", rb"\1soon\2", entry), id="date"),
        pytest.param(lambda entry: re.sub(rb"(<updated>)....", rb"\g<1>0000", entry), id="year 0"),
        pytest.param(lambda entry: re.sub(rb"<(published|updated)>.*</\1>", b"", entry), id="no dates"),
    ],
)
def test_bad_entry_is_skipped_and_counted(damage: Damage):
    good, bad, last = make_papers(3)
    first, second, third = (
        atom([paper]).split(b"  <entry>")[1].split(b"</feed>")[0] for paper in (good, bad, last)
    )
    head = atom([], total=3).removesuffix(b"</feed>")
    damaged = damage(second)
    assert damaged != second
    page = parse(head + b"".join(b"  <entry>" + entry for entry in (first, damaged, third)) + b"</feed>")
    assert page.papers == (good, last)
    assert page.skipped == 1


def test_missing_update_time_is_that_of_the_submission():
    paper = make_paper()
    content = re.sub(rb"    <updated>.*</updated>\n", b"", atom([paper]))
    assert parse(content).papers == (paper,)


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the machine's zone be another than UTC."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_new_york")
def test_times_without_a_zone_are_utc():
    paper = make_paper()
    content = re.sub(rb"(<(?:published|updated)>[^<]*)Z</", rb"\1</", atom([paper]))
    assert parse(content).papers == (paper,)


def test_strange_but_harmless_elements_are_overlooked():
    content = atom([make_paper(comment="12 pages")])
    content = content.replace(b"<arxiv:comment>", b'<arxiv:comment xml:lang="en">')
    content = content.replace(b"<arxiv:primary_category term=", b"<arxiv:primary_category not=")
    (paper,) = parse(content).papers
    assert paper.comment is None
    assert paper.primary_category == "cs.CL"


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


def test_bytes_are_never_taken_for_a_file_name(tmp_path: Path):
    path = tmp_path / "feed.xml"
    path.write_bytes(atom([make_paper()]))
    with pytest.raises(MalformedFeed):
        parse(bytes(path))


def test_refusal_keeps_arxivs_words():
    with pytest.raises(ArxivRefused, match="Invalid query string: 'ti:foo AND'") as refusal:
        parse(error_feed("Invalid query string: 'ti:foo AND'"))
    assert not refusal.value.retry


@pytest.mark.parametrize(
    "feed",
    [
        pytest.param(
            error_feed("No.", anchor="https://arxiv.org/help/api/user-manual#sort"), id="by title and author"
        ),
        pytest.param(error_feed("No.").replace(b"Error</title>", b"Sorry</title>"), id="by identifier"),
    ],
)
def test_a_refusal_is_recognised(feed: bytes):
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
