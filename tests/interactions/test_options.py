from __future__ import annotations

import pytest

from bot.interactions.options import (
    choose_subscription,
    read_categories,
    read_category,
    suggest_keywords,
    suggest_subscriptions,
)
from bot.model.errors import UserError
from bot.model.subscriptions import Destination, Options, Subscription
from bot.model.taxonomy import ARCHIVES, CATEGORIES
from bot.present import categories, limits
from bot.query.query import parse, parse_typed
from tests.fakes.papers import EPOCH

HERE, THERE = 7, 8


def subscribed(number: int, keyword: str, channel: int = HERE) -> Subscription:
    return Subscription(
        id=number,
        destination=Destination(channel, 1, channel),
        keyword=keyword,
        query=parse(keyword).canonical,
        options=Options(),
        since=None,
        created_at=EPOCH,
    )


KNOWN = [
    subscribed(10, "speech synthesis"),
    subscribed(11, "TTS"),
    subscribed(12, "ti:diffusion AND cat:cs.CV"),
    subscribed(13, "TTS", THERE),
    subscribed(14, "text-to-speech", THERE),
    subscribed(15, "graph neural networks", THERE),
    subscribed(16, "graph transformers", THERE),
]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        pytest.param("12", 12, id="picked from the list"),
        pytest.param("speech synthesis", 10, id="its keyword"),
        pytest.param("  Speech   SYNTHESIS", 10, id="in another case"),
        pytest.param("(ti:diffusion) AND cat:cs.CV", 12, id="another spelling of its query"),
        pytest.param("tts", 11, id="the nearer of two"),
        pytest.param("diffusion", 12, id="a part of one keyword"),
        pytest.param("text-to", 14, id="a part of one in another channel"),
    ],
)
def test_a_subscription_is_found_by(typed: str, number: int) -> None:
    assert choose_subscription(KNOWN, typed, here=HERE).id == number


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("graph", "could mean several subscriptions"),
        ("quantum", "no subscription to “quantum”"),
        ("999", "no subscription to “999”"),
        ('ti:"open', "no subscription to"),
    ],
)
def test_what_names_none_or_several_is_refused(typed: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        choose_subscription(KNOWN, typed, here=HERE)


def test_without_subscriptions_the_way_to_one_is_told() -> None:
    with pytest.raises(UserError, match="`/subscribe`"):
        choose_subscription([], "anything", here=HERE)


def test_suggestions_begin_with_this_channel() -> None:
    assert [one.id for one in suggest_subscriptions(KNOWN, "t", here=HERE)][:3] == [11, 12, 10]
    assert [one.id for one in suggest_subscriptions(KNOWN, "TTS", here=THERE)] == [13, 11]
    many = [subscribed(n, f"keyword {n}") for n in range(100)]
    assert len(suggest_subscriptions(many, "", here=HERE)) == 25


def test_categories_are_read_whatever_their_case() -> None:
    assert read_categories("CS.cl, stat  cs.CL,Astro-Ph.co") == ("cs.CL", "stat", "astro-ph.CO")
    assert read_categories(" , ") == ()


@pytest.mark.parametrize("category", [*ARCHIVES, *CATEGORIES])
def test_every_category_is_read_back_as_a_choice_shows_it(category: str) -> None:
    name = categories.name(category)
    for shown in (
        f"{category} · {name}",
        f" {category.upper()}·{name.lower()} ",
        f"{category} · {name[:12]}",
    ):
        assert read_category(shown) == category
        assert read_categories(f"cs.CL,{shown}") == tuple(dict.fromkeys(("cs.CL", category)))
        assert parse_typed(f"cat:{shown}").canonical == f"cat:{category}"
        assert parse_typed(shown).canonical == f"cat:{category}"
    added = read_categories(f"{category} · {name}, stat cs.CL")
    assert added == tuple(dict.fromkeys((category, "stat", "cs.CL")))


@pytest.mark.parametrize("typed", ["cs.LG · Machine Vision", "cs.LG · x", "foo · bar", "· Machine Learning"])
def test_other_text_after_a_middle_dot_is_no_name(typed: str) -> None:
    with pytest.raises(UserError, match="not an arXiv category"):
        read_categories(typed)


@pytest.mark.parametrize(
    ("typed", "hint"), [("cs.LL", "cs."), ("computer vision", "cs.CV"), ("machne learning", "")]
)
def test_an_unknown_category_is_answered_with_the_nearest(typed: str, hint: str) -> None:
    with pytest.raises(UserError, match="not an arXiv category") as refusal:
        read_categories(typed.replace(" ", "\N{NO-BREAK SPACE}"))
    assert hint in str(refusal.value)


@pytest.mark.parametrize("typed", ["cat", "machine", "cat:cs.L", "cat:", "CS.LG", "c"])
def test_categories_are_offered_as_keywords(typed: str) -> None:
    assert ("cat:cs.LG", "Machine Learning") in suggest_keywords([], typed)


def test_keywords_of_the_server_come_first() -> None:
    mine = ["deep machine", "Machine translation", "x" * 101, "Machine translation"]
    assert [value for value, _ in suggest_keywords(mine, "machine")][:3] == [
        "Machine translation",
        "deep machine",
        "cat:cs.LG",
    ]
    assert suggest_keywords(mine, " ") == [("deep machine", ""), ("Machine translation", "")]
    assert len(suggest_keywords([f"c{number}" for number in range(99)], "c")) == limits.CHOICES


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "cs.CM",
            "“cs.CM” is not an arXiv category.{use} Did you mean `cs.SC`, `cs.MS` or `cs.MM`?",
        ),
        ("speech", "“speech” is not an arXiv category.{use} Did you mean `eess.AS`?"),
        ("x" * 80, f"“{'x' * 60}” is not an arXiv category.{{use}}"),
    ],
)
def test_a_category_that_does_not_exist_is_answered_with_up_to_three_that_do(typed: str, said: str) -> None:
    with pytest.raises(UserError) as refused:
        read_category(typed)
    assert str(refused.value) == said.format(use=" Use one such as `cs.CL` or `stat`.")
