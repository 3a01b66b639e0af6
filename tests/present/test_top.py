from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.model.outbox import WeeklyTop
from bot.present import colours, limits
from bot.present.top import MOST, MostSaved, Period, top_embed, weekly_top_embed, weekly_top_titles
from tests.fakes.papers import make_paper

NOW = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)


def test_each_paper_is_listed_with_its_count_and_a_line_of_facts() -> None:
    paper = replace(
        make_paper(1),
        title="Tests of $n$ Bodies",
        authors=("Ada Lovelace", "Grace Hopper"),
        comment="ICST 2026",
    )
    embed = top_embed([MostSaved(paper, 5), MostSaved(make_paper(2), 1)], Period.WEEK, NOW)
    assert (embed.title, embed.colour.value if embed.colour else 0) == ("Saved most this week", colours.GOLD)
    first, facts, second, _ = (embed.description or "").split("\n")
    assert first == f"**★ 5** · [Tests of n Bodies](https://arxiv.org/abs/{paper.versioned})"
    assert facts.replace("\u00a0", " ") == "Lovelace & Hopper · ICST 2026"
    assert second.startswith("**★ 1** · [")


@pytest.mark.parametrize(
    ("period", "days"),
    [(Period.WEEK, "24 Feb – 2 Mar"), (Period.MONTH, "1 Feb – 2 Mar")],
)
def test_the_footer_names_the_first_and_the_last_day(period: Period, days: str) -> None:
    footer = top_embed([MostSaved(make_paper(1), 1)], period, NOW).footer.text or ""
    assert footer.replace("\u00a0", " ") == f"{days} · counts only, never names"


def test_the_names_of_authors_are_no_markdown() -> None:
    paper = replace(make_paper(1), authors=("Ann *Lee*",))
    assert r"\*Lee\*" in (top_embed([MostSaved(paper, 1)], Period.WEEK, NOW).description or "")


@pytest.mark.parametrize(("period", "word"), [(Period.WEEK, "week"), (Period.MONTH, "month")])
def test_without_saves_it_says_so(period: Period, word: str) -> None:
    embed = top_embed([], period, NOW)
    assert embed.description == f"Nobody saved a paper this {word}."
    assert embed.colour is not None
    assert embed.colour.value == colours.GREY


def test_a_period_begins_with_its_first_day() -> None:
    assert Period.WEEK.began(NOW) == datetime(2026, 2, 24, tzinfo=UTC)
    assert NOW - Period.MONTH.began(NOW) < timedelta(days=30)


def test_the_longest_list_fits() -> None:
    long = replace(make_paper(1), title="[*_]" * 75, authors=("\\*" * 200,) * 3, comment="9 pages")
    embed = top_embed([MostSaved(long, 1_000_000)] * MOST, Period.MONTH, NOW)
    assert len(embed.description or "") < limits.EMBED_DESCRIPTION
    assert (embed.description or "").count("★") == MOST


def test_a_digest_shows_the_week_before_it() -> None:
    paper, today = make_paper(1), date(2026, 3, 3)
    top = WeeklyTop(date(2026, 2, 24), date(2026, 3, 2), ((paper.id, 5), (make_paper(2).id, 1)))
    embed = weekly_top_embed(top, {paper.id: paper}, today)
    assert embed is not None
    assert embed.title in weekly_top_titles()
    assert (embed.description or "").count("★") == 1
    assert (embed.footer.text or "").startswith("24\u00a0Feb – 2\u00a0Mar")
    assert weekly_top_embed(top, {}, today) is None
