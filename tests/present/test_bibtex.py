"""BibTeX that a BibTeX library reads back: the real papers, the wild ones, and names of every kind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import BibliographyData, Entry, parse_string

from bot.arxiv.feed import parse
from bot.model.errors import ArxivError
from bot.model.jsonl import papers_from_jsonl
from bot.model.papers import Paper, PaperId
from bot.present.bibtex.entries import bibtex, plain_keys
from bot.present.bibtex.names import key_of, names
from bot.present.bibtex.text import tex
from tests.fakes.papers import make_paper
from tests.shared import SHARED, needs_shared

NASTY = st.text(st.sampled_from("ab Z5\\{}$&%#_^~@\"',=-[]()<>|é王\n") | st.characters(), max_size=60)


def read(text: str) -> BibliographyData:
    return parse_string(text, "bibtex")


def one(**changes: object) -> Entry:
    [entry] = read(bibtex([make_paper(1, **changes)])).entries.values()
    return entry


def title_of(text: str) -> str:
    return str(one(title=text).fields["title"])


def check_each(papers: Iterable[Paper]) -> BibliographyData:
    """Assert that *papers* are all there, each whole, in fields that LaTeX can read to the end."""
    unique = {paper.id: paper for paper in papers}
    found = read(bibtex(unique.values()))
    assert len(found.entries) == len(unique)
    assert len({key.lower() for key in found.entries}) == len(unique)
    for paper, (key, entry) in zip(unique.values(), found.entries.items(), strict=True):
        assert re.fullmatch(r"[a-z0-9]+(?::[A-Za-z0-9.-]+)?", key)
        assert entry.fields["eprint"] == paper.id.text
        assert entry.fields["archiveprefix"] == "arXiv"
        groups = sum("ollaboration" in name and ": " in name for name in paper.authors)
        juniors = sum(name == "Jr." for name in paper.authors)
        assert len(entry.persons.get("author", ())) == len(paper.authors) + groups - juniors
        for name, value in entry.fields.items():
            assert balanced(value)
            assert name in {"doi", "url"} or not bare_specials(value), value
    return found


def balanced(value: str) -> bool:
    depth = 0
    for mark in re.findall(r"[{}]", value):
        depth += 1 if mark == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def bare_specials(value: str) -> list[str]:
    """Return what LaTeX would stumble over outside of mathematics, and dollars without a partner."""
    outside = re.sub(r"(?<!\\)(\$\$?)(?:\\.|[^\\$])+?\1", "", value)
    return re.findall(r"(?<!\\)[$&%#_^]", re.sub(r"\\[&%#_$^\\]", "", outside))


@needs_shared
def test_every_real_paper_is_read_back() -> None:
    rest = list(papers_from_jsonl(SHARED / "arxiv" / "parity_papers.jsonl.gz"))
    read_back = 0
    while rest:  # some are there in more than one version, and a paper is one entry
        unique = {paper.id: paper for paper in reversed(rest)}
        read_back += len(check_each(unique.values()).entries)
        rest = [paper for paper in rest if unique[paper.id] is not paper]
    print(f"\n{read_back:,} papers read back")  # noqa: T201 - the count is what this test is for
    assert read_back == 5267


@needs_shared
def test_real_authors_by_the_thousand_are_split_and_counted() -> None:
    papers: dict[PaperId, Paper] = {}
    for path in sorted((SHARED / "arxiv" / "atom").glob("*.xml")):
        try:
            page = parse(path.read_bytes())
        except ArxivError:
            continue
        papers |= {paper.id: paper for paper in page.papers}
    found = check_each(papers.values())
    authors = [person for entry in found.entries.values() for person in entry.persons.get("author", ())]
    print(f"\n{len(authors):,} authors of {len(papers)} papers")  # noqa: T201 - as above
    assert len(authors) == 4669


@given(
    st.lists(
        st.builds(
            make_paper,
            st.integers(1, 99_999),
            title=NASTY,
            authors=st.lists(NASTY.map(lambda text: " ".join(text.split())).filter(bool), max_size=4).map(
                tuple
            ),
            journal_ref=st.none() | NASTY,
            doi=st.none() | NASTY,
            primary_category=NASTY,
        ),
        max_size=4,
    )
)
def test_nothing_wild_breaks_an_entry(papers: list[Paper]) -> None:
    unique = {paper.id: paper for paper in papers}
    found = read(bibtex(papers, {paper: paper.text for paper in unique}))
    assert [entry.fields["eprint"] for entry in found.entries.values()] == [each.text for each in unique]
    for entry in found.entries.values():
        assert all(balanced(value) for value in entry.fields.values())


@given(NASTY)
def test_a_note_is_never_latex(note: str) -> None:
    paper = make_paper(1)
    [entry] = read(bibtex([paper], {paper.id: note})).entries.values()
    annote = entry.fields.get("annote", "")
    assert balanced(annote)
    assert not re.search(r"(?<!\\)[$&%#_^~]", annote)


NAMES = {
    "Ada Lovelace": ("Ada", "", "Lovelace", ""),
    "J. R. Smith": ("J. R.", "", "Smith", ""),
    "John E Smith": ("John E", "", "Smith", ""),
    "Ludwig van Beethoven": ("Ludwig", "van", "Beethoven", ""),
    "Juan de la Cruz": ("Juan", "de la", "Cruz", ""),
    "Maria dos Santos Silva": ("Maria", "dos", "Santos Silva", ""),
    "Luc Van Gool": ("Luc", "", "Van Gool", ""),
    "Bin Yu": ("Bin", "", "Yu", ""),
    "Wei Bin Liu": ("Wei Bin", "", "Liu", ""),
    "Martin Luther King Jr.": ("Martin Luther", "", "King", "Jr."),
    "Martin Luther King, Jr.": ("Martin Luther", "", "King", "Jr."),
    "John Smith III": ("John", "", "Smith", "III"),
    "Santiago Ramón y Cajal": ("Santiago", "", "{Ramón y Cajal}", ""),
    "Jean-Luc O'Neil": ("Jean-Luc", "", "O'Neil", ""),
    "Jos\\'e Garc\\'ia": ("José", "", "García", ""),
    "Jane Doe (for the CMS Collaboration)": ("Jane", "", "Doe", ""),
    "The ATLAS Collaboration": ("", "", "{The ATLAS Collaboration}", ""),
    "LIGO Scientific Collaboration": ("", "", "{LIGO Scientific Collaboration}", ""),
    "Gauss, Carl Friedrich": ("Carl Friedrich", "", "Gauss", ""),
    "van der Berg, Anna": ("Anna", "van der", "Berg", ""),
    "Plato": ("", "", "{Plato}", ""),
    "others": ("", "", "{others}", ""),
    "王伟": ("", "", "{王伟}", ""),
    "张 三": ("", "", "{张 三}", ""),
    "Tom and Jerry": ("", "", "{Tom and Jerry}", ""),
    ", Jr": ("", "", "{, Jr}", ""),
    ", 0": ("", "", "{, 0}", ""),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_are_split_as_people_would(name: str) -> None:
    first, von, last, jr = NAMES[name]
    [person, second] = one(authors=(name, "Bob Writer")).persons["author"]
    split = (
        [*person.first_names, *person.middle_names],
        person.prelast_names,
        person.last_names,
        person.lineage_names,
    )
    assert [" ".join(part) for part in split] == [first, von, last, jr]
    assert str(second) == "Writer, Bob"


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("A survey of $O(n^2)$ methods", "A survey of {$O(n^2)$} methods"),
        ("BERT and GPT-4 for the K-theory", "{BERT} and {GPT}-4 for the {K}-theory"),
        ("H$_2$O & 50% of a_b #1", r"{H}{$_2$}{O} \& 50\% of a\_b \#1"),
        (r"Already \& escaped \textit{in vitro}", r"Already \& escaped \textit{in vitro}"),
        (r"G\"odel and \'Etienne", r"{G}\"odel and \'Etienne"),
        ("From $5 to $10", r"From \$5 to \$10"),
        ("From $5-$10", r"From \$5-\$10"),
        ("One { too many", r"One \textbraceleft{} too many"),
        ("One } too many", r"One \textbraceright{} too many"),
        (r"Sets \{a\} and $\{b\}$", r"Sets \textbraceleft{}a\textbraceright{} and {$\lbrace b\rbrace $}"),
        ("Fig.~5 at ~5", r"Fig.~5 at \textasciitilde{}5"),
        ("$x {$ y", r"\$x \textbraceleft{}\$ y"),
        (r"The \(x^2\) of it", "The {$x^2$} of it"),
        ("50% in $x % y$", r"50\% in {$x \% y$}"),
        ("ends with \\", r"ends with \textbackslash{}"),
        ("{BERT} stays", "{BERT} stays"),
        ("One { before {BERT} and GPT", r"One \textbraceleft{} before {BERT} and {GPT}"),
        ("{a {a BERT} GPT", r"\textbraceleft{}a {a BERT} {GPT}"),
        ("{a {B {BERT} C} GPT", r"\textbraceleft{}a {B {BERT} C} {GPT}"),
        ("US$ $ and more", r"{US}\$ \$ and more"),
        ("$a}b{c$", r"\$a\textbraceright{}b\textbraceleft{}c\$"),
        ("$a{b}$", "{$a{b}$}"),
    ],
)
def test_titles_keep_their_latex_and_their_capitals(title: str, written: str) -> None:
    assert title_of(title) == written


def test_what_arxiv_cut_at_a_comma_or_joined_with_a_colon_is_mended() -> None:
    authors = ("LHCb collaboration: R. Aaij", "John Smith", "Jr.", "Bob Writer")
    people = one(authors=authors).persons["author"]
    assert [str(person) for person in people] == [
        "{LHCb collaboration}",
        "Aaij, R.",
        "Smith, Jr., John",
        "Writer, Bob",
    ]


@pytest.mark.parametrize(
    ("authors", "written"),
    [
        (("MiniTest", ":", "Ada Lovelace"), "{MiniTest} and Lovelace, Ada"),
        (("MiniTest:", "Ada Lovelace"), "{MiniTest} and Lovelace, Ada"),
        (("Planck Collaboration", ":", "P. A. R. Ade"), "{Planck Collaboration} and Ade, P. A. R."),
        (
            ("The NA61/SHINE Collaboration", " : ", "N. Abgrall"),
            "{The NA61/SHINE Collaboration} and Abgrall, N.",
        ),
        (("Two Words", ":", "Ada Lovelace"), "{Two Words} and Lovelace, Ada"),
        (("T2K Collaboration: K. Abe",), "{T2K Collaboration} and Abe, K."),
        (("Ada Lovelace", "et al."), "Lovelace, Ada and others"),
        (("Ada Lovelace", "et al"), "Lovelace, Ada and others"),
        (("Ada Lovelace", "Et. al."), "Lovelace, Ada and others"),
        (("Ada Lovelace et al.",), "Lovelace, Ada and others"),
        (("Ada Lovelace, et al.",), "Lovelace, Ada and others"),
        (("Ada Lovelace", "Bob Writer", "and others"), "Lovelace, Ada and Writer, Bob and others"),
        (("Ada Lovelace and others",), "Lovelace, Ada and others"),
        (("Ada Lovelace", "and 20 others"), "Lovelace, Ada and others"),
        (("Ada Lovelace", "& others"), "Lovelace, Ada and others"),
        (("Ada Lovelace", "."), "Lovelace, Ada"),
        (("et al.",), ""),
        ((":",), ""),
        (("Etal Alon",), "Alon, Etal"),
        (("Metal Others",), "Others, Metal"),
    ],
)
def test_groups_before_a_colon_and_others_are_known(authors: tuple[str, ...], written: str) -> None:
    assert names(authors) == written


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Rieks op den Akker", "op den Akker, Rieks"),
        ("Felix am Ende", "am Ende, Felix"),
        ("Jan in 't Veld", "in 't Veld, Jan"),
        ("Jan in ’t Veld", "in ’t Veld, Jan"),
        ("J. H. van 't Hoff", "van 't Hoff, J. H."),
        ("Piet op de Beeck", "op de Beeck, Piet"),
        ("A. van den Berg", "van den Berg, A."),
        ("Anna von der Au", "von der Au, Anna"),
        ("H. auf der Heide", "auf der Heide, H."),
        ("Friedhelm Meyer auf der Heide", "auf der Heide, Friedhelm Meyer"),
        ("Otto zu Solms", "zu Solms, Otto"),
        ("Hans von und zu Berg", "von und zu Berg, Hans"),
        ("Karl uit den Bogaard", "uit den Bogaard, Karl"),
        ("Kees aan de Wiel", "aan de Wiel, Kees"),
        ("Ugo dalla Chiesa", "dalla Chiesa, Ugo"),
        ("Maria de los Angeles", "de los Angeles, Maria"),
        ("Lorenzo de' Medici", "de' Medici, Lorenzo"),
        ("Tom im Hof", "im Hof, Tom"),
    ],
)
def test_a_family_name_may_begin_with_several_small_words(name: str, written: str) -> None:
    assert names([name]) == written
    [person] = one(authors=(name,)).persons["author"]
    assert " ".join([*person.prelast_names, *person.last_names]) == written.partition(",")[0]


def test_a_preprint_is_what_arxiv_itself_would_say() -> None:
    published = datetime(2017, 6, 12, tzinfo=UTC)
    paper = make_paper(
        1,
        id="1706.03762",
        title="Attention Is All You Need",
        authors=("Ashish Vaswani", "Noam Shazeer"),
        published=published,
        doi="10.48550/arXiv.1706.03762",
    )
    assert bibtex([paper]) == (
        "@misc{vaswani2017attention,\n"
        "  title = {Attention Is All You Need},\n"
        "  author = {Vaswani, Ashish and Shazeer, Noam},\n"
        "  year = {2017},\n"
        "  month = jun,\n"
        "  eprint = {1706.03762},\n"
        "  archivePrefix = {arXiv},\n"
        "  primaryClass = {cs.CL},\n"
        "  doi = {10.48550/arXiv.1706.03762},\n"
        "  url = {https://arxiv.org/abs/1706.03762},\n"
        "}\n"
    )


def test_a_clear_journal_reference_becomes_an_article() -> None:
    entry = one(journal_ref="Phys. Rev. D 94, 104001 (2016)")
    fields = entry.fields
    assert entry.type == "article"
    assert (fields["journal"], fields["volume"], fields["pages"]) == ("Phys. Rev. D", "94", "104001")
    assert (fields["year"], "month" in fields, "note" in fields) == ("2016", False, False)
    ranged = one(journal_ref="Nature 521 (3): 436-444 (2015)").fields
    assert (ranged["number"], ranged["pages"]) == ("3", "436--444")


def test_any_other_journal_reference_is_a_note() -> None:
    entry = one(journal_ref="In Proc. of ICML 2019 & friends", withdrawn=True)
    assert entry.type == "misc"
    assert entry.fields["note"] == r"Withdrawn; In Proc. of ICML 2019 \& friends"


def test_two_papers_of_one_name_are_told_apart_whatever_their_order() -> None:
    papers = [make_paper(number, authors=("Ada Author",)) for number in (1, 2)]
    old = make_paper(3, id="hep-th/9901001", authors=("Ada Author",))
    keys = list(read(bibtex([*papers, old, papers[0]])).entries)
    assert keys == [
        "author2026speech:2607.00001",
        "author2026speech:2607.00002",
        "author2026speech:hep-th-9901001",
    ]


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("The X of Order", "author2026order"),
        ("X: On Y", "author2026"),
        ("On-line Learning", "author2026line"),
        ("x" * 30, "author2026" + "x" * 24),
    ],
)
def test_a_key_ends_with_the_first_word_that_says_something(title: str, key: str) -> None:
    paper = make_paper(title=title, authors=("Ada Author",))
    assert key_of(paper) == key
    assert key_of(replace(paper, authors=())) == key.replace("author", "arxiv")


def test_entries_have_the_keys_that_were_given_out() -> None:
    papers = [make_paper(number, authors=("Ada Author",)) for number in (1, 2, 3)]
    assert set(plain_keys(papers).values()) == {"author2026speech"}
    given = {papers[0].id: "author2026speech", papers[1].id: "mine"}
    keys = ["author2026speech", "mine", "author2026speech:2607.00003"]
    assert list(read(bibtex(papers, keys=given)).entries) == keys


@pytest.mark.parametrize(
    ("doi", "kept"),
    [
        ("10.1103/PhysRevD.94.104001 10.1/2", "10.1103/PhysRevD.94.104001"),
        ("10.1007/978-3-030_5", "10.1007/978-3-030_5"),
        ("10.1000/a{b", None),
        ("see journal", None),
    ],
)
def test_a_doi_is_kept_only_where_it_breaks_nothing(doi: str, kept: str | None) -> None:
    assert one(doi=doi).fields.get("doi") == kept


def test_nothing_is_nothing() -> None:
    assert bibtex([]) == ""


@pytest.mark.parametrize(
    ("html", "latex"),
    [
        ("H<sub>2</sub>O", r"H\textsubscript{2}O"),
        ("x<sup>2</sup>", r"x\textsuperscript{2}"),
        ("<i>in vivo</i>", "in vivo"),
        ("R&amp;amp;D", r"R\&D"),
        ("a &lt; b", "a < b"),
        ("p<0.05 and q>0.1", "p<0.05 and q>0.1"),
    ],
)
def test_html_left_in_a_text_is_written_as_latex(html: str, latex: str) -> None:
    assert tex(html) == latex
