"""The answer to *Abstract*: what is in bold, which links there are, and what does not fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.model.papers import PaperId
from bot.present import colours
from bot.present.abstracts import abstract_embed
from tests.fakes.papers import make_paper

PAPER = make_paper(
    id="2602.15552",
    abstract="Testing is *hard*. We propose $\\alpha$. Then it ends.",
    authors=("Ada Author", "Bob Writer"),
    published=datetime(2026, 2, 17, tzinfo=UTC),
    comment="Accepted at DeepTest 2026. Code: https://github.com/a/b",
    doi="10.1/2",
)


def test_the_sentence_that_says_what_is_new_is_bold() -> None:
    embed, text = abstract_embed(PAPER)
    assert embed.description == (
        "Ada Author, Bob Writer\n\n"
        "Testing is \\*hard\\*. **We propose α.** Then it ends.\n\n"
        "[PDF](https://arxiv.org/pdf/2602.15552v1)\u00a0· [HTML](https://arxiv.org/html/2602.15552v1)"
        "\u00a0· [Code](https://github.com/a/b)\u00a0· [DOI](https://doi.org/10.1/2)"
    )
    assert embed.footer.text == (
        "arXiv:2602.15552v1\u00a0· 17\u00a0February\u00a02026\n"
        "Accepted at DeepTest 2026. Code: https://github.com/a/b"
    )
    assert text == ""


def test_a_single_sentence_is_not_bold() -> None:
    assert "\n\nWe act.\n\n" in str(abstract_embed(replace(PAPER, abstract="We act."))[0].description)


def test_arxiv_has_no_html_of_papers_before_december_2023() -> None:
    for number, has in (("2311.00001", False), ("2312.00001", True), ("hep-th/9901001", False)):
        shown = str(abstract_embed(replace(PAPER, id=PaperId(number)))[0].description)
        assert ("[HTML]" in shown) is has


def test_a_withdrawn_paper_is_grey_and_has_no_pdf() -> None:
    embed, _ = abstract_embed(replace(PAPER, withdrawn=True, comment="withdrawn due to an error", doi=None))
    assert (embed.description or "").startswith("⚠️ **Withdrawn** due to an error.\n\nAda Author")
    assert "[PDF]" not in (embed.description or "")
    assert embed.colour.value == colours.GREY


def test_what_does_not_fit_comes_as_text() -> None:
    crowd = tuple(f"Ada Author{number}" for number in range(42))
    embed, text = abstract_embed(replace(PAPER, authors=crowd))
    assert "Ada Author29 and 12 more" in (embed.description or "")
    assert "Ada Author41" in text
    long = replace(PAPER, abstract="We propose one. " + "word " * 2_000)
    embed, text = abstract_embed(long)
    assert "**" not in (embed.description or "")
    assert "…\n\n[PDF]" in (embed.description or "")
    assert text.count("word") == 2_000
