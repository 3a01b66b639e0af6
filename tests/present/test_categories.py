from __future__ import annotations

import pytest

from bot.present import categories


@pytest.mark.parametrize(
    ("category", "words"),
    [
        ("cs.CL", "Computation and Language"),
        ("hep-th", "High Energy Physics - Theory"),
        ("cs", "Computer Science"),
        ("cmp-lg", "Computation and Language"),
        ("68T50", "68T50"),
    ],
    ids=["category", "archive_and_category", "archive", "closed_archive", "not_arxivs"],
)
def test_categories_are_named_in_words(category: str, words: str) -> None:
    assert categories.name(category) == words


def test_all_155_categories_and_20_archives_are_found() -> None:
    everything = categories.search("", limit=1000)
    assert sum("." in category for category in everything) == 146
    assert len({*everything}) == len(everything) == 146 + 20  # 9 of the 20 archives are categories themselves
    assert all(categories.is_category(category) for category in everything)
    assert not any(categories.name(category) == category for category in everything)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("cs.cl", "cs.CL"),
        ("CS", "cs"),
        ("machine", "cs.LG"),
        ("machine learning", "cs.LG"),
        ("quant-ph", "quant-ph"),
        ("systems", "cs.SY"),
    ],
)
def test_what_is_typed_finds_the_category(typed: str, first: str) -> None:
    assert categories.search(typed)[0] == first


def test_autocomplete_offers_as_many_as_discord_shows() -> None:
    assert len(categories.search("")) == 25
    assert categories.search("no such thing") == []
    assert categories.search("language computation")[0] == "cs.CL"


def test_every_archive_has_a_colour() -> None:
    assert categories.colour("hep-th") == categories.colour("hep-ph") != categories.colour("cs.CL")
    assert all(0 < categories.colour(category) <= 0xFFFFFF for category in categories.search("", limit=1000))
