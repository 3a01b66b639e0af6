"""Every row of the digest stands in a real GitHub-flavoured parser, and every cell keeps its text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.model.papers import Paper, PaperId
from bot.present.digest_markdown import render, render_table

TODAY = date(2026, 2, 2)
PAPER = Paper(
    id=PaperId("2601.00001"),
    version=2,
    title="A title",
    abstract="An abstract.",
    authors=("Ada Lovelace",),
    categories=("cs.CL",),
    primary_category="cs.CL",
    published=datetime(2026, 1, 1, tzinfo=UTC),
    updated=datetime(2026, 1, 31, 23, 30, tzinfo=UTC),
    comment=None,
)
HEADER = "| **Title** | **Link** | **Abstract** | **Date** | **Comment** |\n| --- | --- | --- | --- | --- |\n"

# What people write, and what could make a parser see something else in it.
FRAGMENTS = [
    *"|\\`*_~[]()<>&;#!-'\"$ \n\t:/@a1",
    *[
        "\\|",
        "\\\\",
        "\\]",
        "``",
        "```",
        "**",
        "](",
        "](http://x.org)",
        "[x](y)",
        "![x](y)",
        "<b>",
        "</p>",
        "<br/>",
    ],
    *[
        "</details>",
        "</summary>",
        "<!--",
        "-->",
        "<!D",
        "<?",
        "?>",
        "<![CDATA[",
        "]]>",
        "<script>",
        "<a href='",
    ],
    *[
        "&amp;",
        "&lt",
        "&lt;",
        "&#124;",
        "&#x7c;",
        "&bogus;",
        "<http://x.org>",
        "<x@y.org>",
        "https://x.org/a_b",
    ],
    *[
        "$x_{i|j}$",
        "$|x|<y$",
        "\\textbf{",
        "}",
        "\\cite{x}",
        "H$_2$O",
        "ünï",
        "日本",
        "😀",
        "\u2028",
        "\x0b",
        "word",
    ],
]
WILD = st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join) | st.text(
    st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30
)


@cache
def github() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")


@cache
def without_links() -> MarkdownIt:
    """As GitHub, but links and emphasis stay text: what is left is what an escape could get wrong."""
    return MarkdownIt("commonmark", {"html": True}).enable("table").disable(["emphasis", "link", "image"])


@cache
def bare() -> MarkdownIt:
    """Nothing but backslash escapes and code: how a text reads where nothing around it breaks it."""
    return MarkdownIt("zero").enable(["escape", "backticks"])


def collapsed(text: str) -> str:
    return " ".join(text.split())


def plain(text: str) -> str:
    """*text* as it reads in Markdown, were it alone."""
    return "".join(child.content for child in bare().parseInline(text)[0].children or ())


def cells(tokens: Sequence[Token]) -> list[list[Token]]:
    """The body of the only table of a digest: the inline token of each cell, by row."""
    rows: list[list[Token]] = []
    for before, token in pairwise(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif before.type == "td_open":
            rows[-1].append(token)
    assert sum(token.type == "table_open" for token in tokens) == 1
    return [row for row in rows if row]


def the_row(paper: Paper, keyword: str = "TTS", *, parser: MarkdownIt | None = None) -> list[Token]:
    rows = cells((parser or github()).parse(render([(keyword, [paper])], TODAY)))
    assert [len(row) for row in rows] == [5]
    return rows[0]


def tags_and_text(cell: Token) -> tuple[list[str], list[str]]:
    """The tags of a cell, and the text before, between and after them."""
    tags: list[str] = []
    texts = [""]
    for child in cell.children or ():
        if child.type == "html_inline":
            tags.append(child.content)
            texts.append("")
        else:
            texts[-1] += child.content
    return tags, texts


def stands(title: str, abstract: str, comment: str) -> None:
    """Assert that a paper of these texts has its five cells, its one link and all of its text."""
    title, abstract, comment = map(collapsed, (title, abstract, comment))
    paper = replace(PAPER, title=title, abstract=abstract, comment=comment or None)

    linked = the_row(paper)[0].children or []
    kinds = [
        (child.type, child.attrs.get("href")) for child in linked if child.type != "text" or child.content
    ]
    assert kinds[:2] == [("strong_open", None), ("link_open", "https://arxiv.org/abs/2601.00001v2")]
    assert kinds[-2:] == [("link_close", None), ("strong_close", None)]
    assert [kind for kind, _ in kinds].count("link_open") == 1

    row = the_row(paper, parser=without_links())
    tags, texts = tags_and_text(row[0])
    assert tags == []
    assert texts == [f"**[{plain(title)}](https://arxiv.org/abs/2601.00001v2)**"]
    assert row[1].content == ""
    tags, texts = tags_and_text(row[2])
    assert tags == ["<details>", "<summary>", "</summary>", "<p>", "</p>", "</details>"]
    assert texts == ["", "", "Show", "", plain(abstract), "", ""]
    assert row[3].content == "2026-01-31"
    tags, texts = tags_and_text(row[4])
    if len(comment) <= 20:
        assert (tags, texts) == ([], [plain(comment)])
    else:
        assert tags == ["<details>", "<summary>", "</summary>", "<p>", "</p>", "</details>"]
        assert texts == ["", "", plain(comment[:5] + "..."), "", plain(comment), "", ""]


@given(WILD, WILD, WILD)
def test_no_text_breaks_a_row(title: str, abstract: str, comment: str) -> None:
    stands(title, abstract, comment)


@pytest.mark.parametrize(
    "text",
    [
        "a | b",
        r"norms \|x\| and |y|",
        r"\\|",
        "`a|b` and ``c|`|d``",
        r"`a\|b`",
        "ends in a backslash\\",
        r"ends in two \\",
        "<b>bold</b> </details></p>",
        "<!-- hidden",
        "<!DOCTYPE",
        "<?php ?>",
        "<http://x.org> <a@b.org>",
        "0 <x and y> 1",
        "p < 0.05 & q > 1 &amp; &#124; &bogus;",
        "[Re] balanced [brackets]",
        "half [open, and ] closed",
        "a [link](http://x.org) inside",
        "`code ] with [` a bracket",
        "`unclosed | code",
        "line\nbreak\r\n\u2028and\ttab",
        "> # - + 1. not at the start of anything",
        "|",
        "",
    ],
)
def test_what_people_write_keeps_its_text(text: str) -> None:
    stands(text, text, text)
    stands(text, text, f"{text} and so on, longer than twenty characters")
    stands(text, text, text[:20])


@given(WILD)
def test_no_keyword_breaks_its_heading(keyword: str) -> None:
    tokens = without_links().parse(render([(keyword, [PAPER])], TODAY))
    headings = [
        after for before, after in pairwise(tokens) if before.type == "heading_open" and before.tag == "h2"
    ]
    assert len(headings) == 1
    assert tags_and_text(headings[0]) == ([], [plain(collapsed(keyword))])
    assert len(cells(tokens)[0]) == 5


def row_of(paper: Paper) -> str:
    return render([("TTS", [paper])], TODAY).splitlines()[-1]


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({}, "| **[A title](https://arxiv.org/abs/2601.00001v2)** |  | <details>"),
        ({}, "<p>An abstract.</p></details> | 2026-01-31 |  |"),
        ({"title": "a|b [c"}, r"**[a\|b \[c](https"),
        ({"title": "[Re] x_y *z* $\\alpha$"}, "**[[Re] x_y *z* $\\alpha$](https"),
        ({"abstract": "a <b> c &lt; d < e &c; x<y"}, "<p>a &lt;b> c &amp;lt; d < e &c; x<y</p>"),
        ({"comment": "ICLR 2026, 20 letter"}, "| ICLR 2026, 20 letter |"),
        (
            {"comment": "ICLR 2026, 21 letters"},
            "| <details><summary>ICLR ...</summary><p>ICLR 2026, 21 letters</p></details> |",
        ),
        ({"updated": datetime(2026, 2, 1, 0, 30, tzinfo=UTC) - timedelta(hours=1)}, "| 2026-01-31 |"),
        ({"id": PaperId("hep-th/9901001"), "version": 1}, "(https://arxiv.org/abs/hep-th/9901001v1)"),
    ],
    ids=["title", "empty_comment", "escapes", "untouched", "html", "short", "long", "utc", "old_identifier"],
)
def test_a_row_is_written_as_the_contract_says(change: dict[str, Any], part: str) -> None:
    assert part in row_of(replace(PAPER, **change))


def test_a_digest_is_laid_out_as_the_contract_says() -> None:
    empty = render([], TODAY)
    assert empty.splitlines()[0] == "# Daily Papers"
    assert empty.endswith("\nLast update: 2026-02-02\n")
    text = render([("a b", [PAPER]), ("C#", [])], TODAY)
    assert text == f"{empty}\n## a b\n{HEADER}{row_of(PAPER)}\n\n## C#\n{HEADER}"


def test_rows_are_newest_first_and_capped_and_ties_keep_arxivs_order() -> None:
    papers = [
        replace(PAPER, id=PaperId(f"2601.{number:05}"), updated=PAPER.updated + timedelta(hours=number % 3))
        for number in range(1, 9)
    ]
    text = render([("x", papers)], TODAY, max_per_keyword=7)
    assert re.findall(r"/2601\.0000(\d)v2\)", text) == list("2581473")


# -- the short table


@given(WILD, WILD, WILD)
def test_no_text_breaks_a_row_of_the_short_table(keyword: str, title: str, comment: str) -> None:
    paper = replace(PAPER, title=title, comment=comment or None)
    tokens = github().parse(render_table([(keyword, [paper])]))
    assert [len(row) for row in cells(tokens)] == [3]
    whole = the_row(paper)
    title_cell, day, comment_cell = cells(tokens)[0]
    assert (title_cell.content, comment_cell.content) == (whole[0].content, whole[4].content)
    assert day.content == "2026-01-31"


def test_a_short_table_is_laid_out_for_an_issue() -> None:
    text = render_table([("a b", [replace(PAPER, comment="12 pages")]), ("C#", [])])
    header = "| **Title** | **Date** | **Comment** |\n| --- | --- | --- |\n"
    row = "| **[A title](https://arxiv.org/abs/2601.00001v2)** | 2026-01-31 | 12 pages |\n"
    assert text == f"## a b\n{header}{row}\n## C#\n{header}"


def test_a_short_table_has_fifteen_rows_a_keyword_the_newest_first() -> None:
    papers = [
        replace(PAPER, id=PaperId(f"2601.{number:05}"), updated=PAPER.updated + timedelta(hours=number))
        for number in range(1, 21)
    ]
    text = render_table([("x", papers), ("y", papers[:2])])
    assert re.findall(r"/2601\.000(\d\d)v2\)", text) == [
        *(f"{number:02}" for number in range(20, 5, -1)),
        *("02", "01"),
    ]
