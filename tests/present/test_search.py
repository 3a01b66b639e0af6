from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.errors import UserError
from bot.present import colours, limits
from bot.present.search import ResultsPage, SortOrder, query_of, results_embed, searched_in_words, turnable
from bot.query.query import parse
from tests.fakes.papers import make_paper, make_papers

PAGE = ResultsPage("speech", "in words", make_papers(5), SortOrder.NEWEST, "", page=0, pages=7, total=34)


def test_a_page_names_each_paper_with_a_link() -> None:
    embed = results_embed(PAGE)
    assert embed.title == "34 papers on “speech”"
    assert embed.description is not None
    assert embed.description.count("https://arxiv.org/abs/2607.") == 5
    assert embed.description.split("\n\n")[2] == (
        "**3** **[Speech synthesis with model 3](https://arxiv.org/abs/2607.00003v1)**\n"
        "We study speech synthesis and present model number 3.\n"
        "Author3\u00a0&\u00a0Writer\u00a0· 20\u00a0Jul\u00a02026"
    )
    assert embed.footer.text == "speech\nin words · newest first"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("test generation", "phrase in title or abstract"),
        ("speech", "word in title and abstract"),
        ('ti:"test generation"', "“test generation” as a phrase in the title"),
    ],
)
def test_the_footer_does_not_repeat_a_word_or_phrase(typed: str, words: str) -> None:
    assert searched_in_words(parse(typed)) == words


def test_a_later_page_goes_on_counting_and_leaves_out_this_year() -> None:
    page = replace(PAGE, papers=make_papers(1), page=2, first=11, today=date(2026, 8, 1))
    text = results_embed(page).description or ""
    assert text.startswith("**11** **[Speech")
    assert text.endswith("20\u00a0Jul")


def test_a_category_is_named_in_words() -> None:
    embed = results_embed(replace(PAGE, category="cs.CL", sort=SortOrder.RELEVANCE))
    assert (embed.footer.text or "").endswith("most relevant first · cs.CL Computation and Language")


NOTHING = replace(PAGE, query="metamorhpic testing", papers=[], total=0, pages=0)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (96, "Did you mean **metamorphic testing** (96 papers)?"),
        (1, "Did you mean **metamorphic testing** (1 paper)?"),
        (1_234, "Did you mean **metamorphic testing** (1,234 papers)?"),
    ],
)
def test_without_results_what_was_probably_meant_is_said(count: int, said: str) -> None:
    embed = results_embed(replace(NOTHING, meant=("metamorphic testing", count)))
    assert embed.title == "Nothing matches “metamorhpic testing”"
    assert embed.description == said
    assert embed.colour.value == colours.GREY


def test_what_was_meant_is_shown_as_it_is_written() -> None:
    embed = results_embed(replace(NOTHING, meant=('ti:"deep_learning" *', 2)))
    assert embed.description == 'Did you mean **ti:"deep\\_learning" \\*** (2 papers)?'


def test_without_a_suggestion_nothing_else_is_said() -> None:
    embed = results_embed(NOTHING)
    assert embed.title == "Nothing matches “metamorhpic testing”"
    assert embed.description is None
    assert embed.colour.value == colours.GREY
    assert (embed.footer.text or "").endswith("in words · newest first")


def test_five_papers_of_the_worst_kind_fit() -> None:
    worst = make_papers(5, title="*_`~|" * 400, abstract="[](" * 2_000, authors=("_*" * 500,) * 900)
    embed = results_embed(replace(PAGE, query="x" * 1_000, papers=worst))
    assert len(embed.description or "") <= limits.EMBED_DESCRIPTION
    assert limits.size(embed) <= limits.EMBED_TOTAL
    assert (embed.description or "").count("https://arxiv.org/abs/2607.") == 5


def test_five_papers_of_characters_that_count_twice_fit() -> None:
    sloths = "*_~\N{SLOTH}" * 60
    worst = make_papers(5, title=sloths * 9, abstract=f"{sloths} " * 50, authors=(sloths,) * 9)
    text = results_embed(replace(PAGE, words=sloths * 9, papers=worst)).description or ""
    assert limits.length(text) <= limits.EMBED_DESCRIPTION
    assert text.count("https://arxiv.org/abs/2607.") == 5


def test_long_papers_are_listed_all_the_same() -> None:
    text = results_embed(PAGE).description or ""
    assert text.count("We study speech synthesis") == 5
    longest = make_papers(
        5,
        title="x" * 600,
        authors=("_" * 600,) * 3_000,
        abstract=f"study {'_ ' * 400}",
        primary_category="cond-mat.mes-hall",
        published=datetime(2026, 9, 20, tzinfo=UTC),
    )
    text = results_embed(replace(PAGE, papers=longest, words="*" * 900)).description or ""
    assert text.count("https://arxiv.org/abs/2607.") == 5
    assert limits.length(text) <= limits.EMBED_DESCRIPTION


def test_a_paper_mentions_nobody() -> None:
    embed = results_embed(replace(PAGE, papers=[make_paper(title="@everyone <@&123>", abstract="<@1>")]))
    assert "@everyone" not in (embed.description or "")
    assert "<@&123>" not in (embed.description or "")


@given(st.text(min_size=1, max_size=500).map(lambda text: " ".join(text.split())).filter(bool))
def test_the_query_comes_back_from_the_message(query: str) -> None:
    assert query_of([results_embed(replace(PAGE, query=query, papers=[]))]) == query


def test_a_query_that_is_too_long_to_keep_is_left_out() -> None:
    embed = results_embed(
        replace(
            PAGE, query="\N{SLOTH}" * 501, papers=make_papers(5, title="long " * 90, abstract="long " * 900)
        )
    )
    assert not turnable("\N{SLOTH}" * 501)
    assert embed.footer.text == "in words · newest first"
    with pytest.raises(UserError):
        query_of([embed])


@pytest.mark.parametrize("embeds", [[], [results_embed(PAGE).remove_footer()]])
def test_a_message_without_its_search_is_refused(embeds: list) -> None:
    with pytest.raises(UserError, match="search again"):
        query_of(embeds)


@pytest.mark.parametrize(("length", "fits"), [(1_000, True), (1_001, False)])
def test_a_query_that_would_crowd_the_results_out_cannot_be_turned(length: int, fits: bool) -> None:
    assert turnable("x" * length) is fits
