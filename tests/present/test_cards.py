"""Compact posts: what is on each line, what a mark changes, and how a new version looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot import i18n
from bot.model.outbox import Posting
from bot.model.papers import Paper, PaperId
from bot.model.subscriptions import Style
from bot.present import colours
from bot.present.cards import card_embed, headline, post_embed, revision_embed
from bot.present.names import authors_line, surnames
from tests.fakes.papers import make_paper
from tests.present.embed_cases import parity_papers
from tests.shared import needs_shared

TODAY = date(2026, 3, 3)
PAPER = make_paper(
    id="2602.15552",
    title="Latent Regularization in Generative Test Input Generation",
    abstract="Testing is hard. This study investigates *regularization* of latent spaces. We evaluate it.",
    authors=("Giorgi Merabishvili", "Oliver Weißl", "Andrea Stocco"),
    primary_category="cs.SE",
    published=datetime(2026, 2, 17, tzinfo=UTC),
    comment="Accepted at DeepTest 2026. Code: https://github.com/a/b",
)


def shown(paper: Paper = PAPER, *, subscribed: int = 1, keywords: tuple[str, ...] = ("a",)) -> Any:
    return card_embed(Posting(paper, keywords, subscribed=subscribed), TODAY)


def test_a_card_has_four_lines() -> None:
    embed = shown()
    assert embed.title == "Latent Regularization in Generative Test Input Generation"
    assert embed.url == "https://arxiv.org/abs/2602.15552v1"
    assert embed.description == (
        "This study investigates \\*regularization\\* of latent spaces.\n"
        "cs.SE\u00a0· DeepTest\u00a02026\u00a0· [PDF](https://arxiv.org/pdf/2602.15552v1)"
        "\u00a0· [Code](https://github.com/a/b)"
    )
    assert embed.footer.text == "Giorgi Merabishvili … Andrea Stocco (3)\u00a0· 17\u00a0Feb"
    assert not embed.fields


def test_keywords_are_named_where_there_are_several_subscriptions() -> None:
    embed = shown(subscribed=2, keywords=("test *generation*", "test oracle"))
    assert embed.footer.text.splitlines()[1] == "“test *generation*”, “test oracle”"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        pytest.param(
            {"comment": "12 pages, 3 figures"}, "cs.SE\u00a0· 12\u00a0pages\u00a0· [PDF]", id="pages"
        ),
        pytest.param({"comment": None}, "cs.SE\u00a0· [PDF]", id="nothing"),
        pytest.param(
            {"comment": "Accepted by IEEE Transactions on Reliability"},
            "cs.SE\u00a0· IEEE Transactions on Reliability\u00a0· [PDF]",
            id="long_venues_may_break",
        ),
    ],
)
def test_the_line_of_facts(changes: dict[str, Any], line: str) -> None:
    assert (shown(replace(PAPER, **changes)).description or "").splitlines()[1].startswith(line)


@pytest.mark.parametrize(
    ("published", "version", "updated", "footer"),
    [
        (datetime(2025, 2, 17, tzinfo=UTC), 1, None, "17\u00a0Feb\u00a02025"),
        (datetime(2025, 2, 17, tzinfo=UTC), 2, datetime(2026, 3, 1, tzinfo=UTC), "v2,\u00a01\u00a0Mar"),
    ],
)
def test_the_date_has_a_year_if_it_is_not_this_one(
    published: datetime, version: int, updated: datetime | None, footer: str
) -> None:
    paper = replace(PAPER, published=published, version=version, updated=updated or published)
    assert (shown(paper).footer.text or "").endswith(f"\u00a0· {footer}")
    assert "\u00a02026" in (card_embed(Posting(PAPER, ()), None).footer.text or "")


def test_a_title_is_cut_at_a_word_and_one_without_letters_is_quoted() -> None:
    assert shown(replace(PAPER, title="words " * 40)).title == "words " * 17 + "words…"
    assert shown(replace(PAPER, title="0")).title == "“0”"
    assert shown(replace(PAPER, title="")).title == "2602.15552v1"


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        (
            "This paper has been withdrawn due to an error in Lemma 8",
            "⚠️ **Withdrawn** due to an error in Lemma 8.",
        ),
        ("withdrawn by arXiv administrators", "⚠️ **Withdrawn** by arXiv administrators."),
        ("This paper has been withdrawn", "⚠️ **Withdrawn** by the authors."),
        (None, "⚠️ **Withdrawn** by the authors."),
    ],
)
def test_a_withdrawn_paper_is_grey_says_why_and_has_no_pdf(comment: str | None, said: str) -> None:
    paper = replace(PAPER, withdrawn=True, comment=comment)
    embed = shown(paper)
    assert embed.description == f"{said}\ncs.SE"
    assert embed.colour.value == colours.GREY
    assert headline(Posting(paper, (), marked=("a",))) is None
    assert (
        post_embed(Posting(paper, (), marked=("a",)), Style.COMPACT, today=TODAY).to_dict() == embed.to_dict()
    )


@pytest.mark.parametrize("style", Style)
def test_a_marked_post_is_gold_and_has_its_title_above_the_card(style: Style) -> None:
    posting = Posting(PAPER, ("a",), marked=("test generation", "latent space"))
    embed = post_embed(posting, style, today=TODAY)
    assert embed.title is None
    assert embed.url == "https://arxiv.org/abs/2602.15552v1"
    assert embed.colour.value == 0xF0B132
    assert (embed.footer.text or "").splitlines()[-1] == "★ like your saves: test generation, latent space"
    assert headline(posting) == (
        "★ **[Latent Regularization in Generative Test Input "
        "Generation](<https://arxiv.org/abs/2602.15552v1>)**"
    )


@pytest.mark.parametrize(
    ("terms", "shown"),
    [
        (("speech", "error", "rate"), "speech, error"),
        (("streaming speech", "embedded devices"), "streaming speech"),
        (("variational autoencoders for speech",), "variational autoencoders for speech"),
    ],
)
def test_a_mark_names_the_terms_that_fit_one_line(terms: tuple[str, ...], shown: str) -> None:
    embed = post_embed(Posting(PAPER, ("a",), marked=terms), Style.COMPACT, today=TODAY)
    assert (embed.footer.text or "").splitlines()[-1] == f"★ like your saves: {shown}"


def test_a_mark_without_terms_says_only_that() -> None:
    embed = post_embed(Posting(PAPER, ("a",), marked=()), Style.COMPACT, today=TODAY)
    assert (embed.footer.text or "").splitlines()[-1] == "★ like your saves"


def test_a_new_version_says_what_the_authors_say_of_it() -> None:
    paper = replace(
        PAPER,
        version=9,
        published=datetime(2024, 9, 10, tzinfo=UTC),
        updated=datetime(2026, 5, 8, tzinfo=UTC),
        comment="Somehow re-uploaded *the old* version",
    )
    embed = revision_embed(Posting(paper, ()), TODAY)
    assert embed.title == "Version 9 of “Latent Regularization in Generative Test Input Generation”"
    assert embed.url == "https://arxiv.org/abs/2602.15552v9"
    assert embed.description == (
        "Authors: “Somehow re-uploaded \\*the old\\* version”\n"
        "cs.SE\u00a0· [PDF](https://arxiv.org/pdf/2602.15552v9)"
        "\u00a0· [All versions](https://arxiv.org/abs/2602.15552)"
    )
    assert embed.footer.text == "v9,\u00a08\u00a0May\u00a0· first\u00a010\u00a0Sep\u00a02024"
    assert revision_embed(Posting(replace(paper, comment=None), ()), TODAY).description.startswith("cs.SE")


def test_a_withdrawn_version_says_so() -> None:
    embed = revision_embed(Posting(replace(PAPER, withdrawn=True, comment=None), ()), TODAY)
    assert embed.description.startswith("⚠️ **Withdrawn** by the authors.\ncs.SE\u00a0· [All versions]")


def test_dates_and_labels_are_in_the_readers_language() -> None:
    with i18n.in_language("de"):
        assert (shown().footer.text or "").endswith("17.\u00a0Feb.")
    with i18n.in_language("zh-CN"):
        assert (shown().footer.text or "").endswith("2月17日")


@pytest.mark.parametrize(
    ("authors", "line", "short"),
    [
        (("Iain Moffatt",), "Iain Moffatt", "Moffatt"),
        (("Max Hort", "Leon Moonen"), "Max Hort, Leon Moonen", "Hort\u00a0&\u00a0Moonen"),
        (
            ("H. Garcilazo", "A. Valcarce", "J. Vijande"),
            "H. Garcilazo, A. Valcarce, J. Vijande",
            "Garcilazo … Vijande",
        ),
        (
            ("Ye Shang", *["Quanjun von Zhang"] * 4, "Zhenyu Chen Jr."),
            "Ye Shang … Zhenyu Chen Jr. (6)",
            "Shang … Chen",
        ),
        (("R. Aaij", *["A. Name"] * 967), "R. Aaij and 967 more", "Aaij … Name"),
        (
            ("The CMS", "LHCb Collaborations: V. Khachatryan", *["A. Name"] * 2829),
            "CMS and LHCb Collaborations (2,831 authors)",
            "CMS and LHCb Collaborations (2,831 authors)",
        ),
        (("ATLAS Collaboration",), "ATLAS Collaboration", "ATLAS Collaboration"),
        ((r"Erd\H{o}s",), "Erdős", "Erdős"),
        ((), "", ""),
    ],
)
def test_authors_fit_one_line(authors: tuple[str, ...], line: str, short: str) -> None:
    paper = make_paper(authors=authors)
    assert authors_line(paper) == line
    assert surnames(paper) == short


@pytest.mark.parametrize(
    ("authors", "when", "line"),
    [
        (("Katharina Götz", "Adina Deiner", "Gordon Fraser"), "13 Feb", "Katharina Götz … Gordon Fraser (3)"),
        (("Katharina Götz", "Adina Deiner", "Gordon Fraser"), "13 Feb 2022", "Götz … Fraser (3)"),
        (
            ("Fitsum Kifetew", "Davide Prandi", "Angelo Susi"),
            "16 Jan 2025",
            "Fitsum Kifetew … Angelo Susi (3)",
        ),
        (("Yauhen Leanidavich Arnatovich", "Lipo Wang"), "30 Dec 2018", "Arnatovich\u00a0&\u00a0Wang"),
        (("Yauhen Leanidavich Arnatovich Wang of Singapore",), "30 Dec", None),
    ],
)
def test_names_that_would_break_the_line_with_the_date_are_surnames(
    authors: tuple[str, ...], when: str, line: str | None
) -> None:
    assert authors_line(make_paper(authors=authors), when) == (line or authors[0])


@needs_shared
def test_real_cards_are_short() -> None:
    """A reader knows what a paper is about after few characters."""
    lengths = sorted(
        len(embed.title or "") + len((embed.description or "").partition("\n")[0])
        for embed in (shown(paper) for paper in parity_papers()[:500])
    )
    assert lengths[len(lengths) // 2] <= 230
    assert lengths[-1] <= 330


def test_every_paper_is_found_again_by_its_address() -> None:
    old = replace(PAPER, id=PaperId("hep-th/9901001"))
    for marked in (None, ("a",)):
        for style in Style:
            embed = post_embed(Posting(old, (), marked=marked), style, today=TODAY)
            assert embed.url == "https://arxiv.org/abs/hep-th/9901001v1"
