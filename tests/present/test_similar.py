from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.present import categories, colours, limits
from bot.present.similar import similar_embed
from tests.fakes.papers import make_paper

TODAY = date(2026, 7, 24)
PAPER = replace(make_paper(1), title="Latent [Spaces]")


def test_each_paper_is_numbered_with_its_facts_and_what_is_shared() -> None:
    one, two = make_paper(2), make_paper(3)
    embed = similar_embed(PAPER, [(one, ("latent space", "A* search", "third")), (two, ())], TODAY)
    assert embed.title == r"More like “Latent \[Spaces\]”"
    assert embed.url == PAPER.abs_url
    lines = (embed.description or "").split("\n")
    assert lines[0].startswith("**1** **[")
    assert one.versioned in lines[0]
    assert lines[2] == r"*latent space, A\* search*"
    assert lines[3].startswith("**2** **[")
    assert len(lines) == 5
    assert embed.footer.text == "In italics: what they share"
    assert embed.colour is not None
    assert embed.colour.value == categories.colour(PAPER.primary_category)


def test_without_anything_close_it_says_so() -> None:
    embed = similar_embed(PAPER, [], TODAY)
    assert (embed.description, embed.footer.text) == ("Nothing close is stored.", None)
    assert embed.colour is not None
    assert embed.colour.value == colours.GREY


@pytest.mark.parametrize(("sign", "last"), [("x", 10), ("*", 7), ("\\\\", 10)])
def test_the_longest_list_fits_and_ends_with_a_whole_entry(sign: str, last: int) -> None:
    long = replace(make_paper(2), title=sign * 900, authors=(sign * 300,) * 2, journal_ref=sign * 300)
    embed = similar_embed(long, [(long, (sign * 40,) * 3)] * 10, TODAY)
    assert len(embed.title or "") <= limits.EMBED_TITLE
    description = embed.description or ""
    assert len(description) <= limits.EMBED_DESCRIPTION
    numbers = [line.split()[0].strip("*") for line in description.split("\n") if long.abs_url in line]
    assert numbers == [str(number) for number in range(1, last + 1)]
    assert description.endswith("*")
