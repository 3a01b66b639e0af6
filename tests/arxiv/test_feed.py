from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv.feed import parse
from bot.model.papers import PaperId
from tests.fakes.atom import atom
from tests.fakes.papers import make_paper, make_papers

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
