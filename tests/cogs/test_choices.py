"""Choices that are typed as Discord shows them, or copied, instead of picked: every option with a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot import i18n
from bot.config import Settings
from bot.model.papers import PaperId
from bot.store import Store
from tests.conftest import MakeBot, World, another, only, text_of
from tests.fakes.papers import make_paper
from tests.rows import in_turn, product

LONG = " ".join(["a", *(f"very{number} long keyword" for number in range(8))])
LANGUAGES = pytest.mark.parametrize("language", i18n.languages())  # of the bot, so each is another bot


def every(**arguments: Any) -> Callable[..., Any]:
    return in_turn(product(**arguments), world=another)


def values(*given: str) -> dict[str, str]:
    return {one[:40]: one for one in given}


def pairs(*given: tuple[str, Any]) -> dict[str, tuple[str, Any]]:
    return {f"{one[0]!r}": one for one in given}


@pytest.fixture
def language() -> str:
    return "en"


@pytest.fixture
async def make_bot(make_bot: MakeBot, settings: Settings, language: str) -> MakeBot:
    object.__setattr__(settings, "language", language)
    return make_bot


async def shown(world: World, command: str, option: str, typed: str, **others: Any) -> dict[str, str]:
    """Return what the list shows, each with its value."""
    choices = await world.manager.autocomplete(world.papers, command, option, typed, **others)
    return {choice["name"]: choice["value"] for choice in choices}


@LANGUAGES
@every(
    case=pairs(
        ("machine", "cat:cs.LG"), ("cat:cs.CE", "cat:cs.CE"), ("hep-", "cat:hep-ex"), ("stat", "cat:stat.AP")
    )
)
async def test_a_keyword_of_the_list(
    world: World, store: Store, language: str, case: tuple[str, str]
) -> None:
    typed, query = case
    names = await shown(world, "subscribe", "keyword", typed)
    [name] = [name for name, value in names.items() if value == query]
    assert name != query
    await world.manager.slash(world.papers, "subscribe", keyword=f" {name} ")
    assert (await only(store)).query == query
    assert (await only(store)).keyword == query


@LANGUAGES
@every(
    case=pairs(
        ("machine learning", ("cs.LG",)),
        ("cs.CL,computational eng", ("cs.CL", "cs.CE")),
        ("stat, hep-th,math.AG", ("stat", "hep-th", "math.AG")),
        ("physics.acc", ("physics.acc-ph",)),
    )
)
async def test_categories_of_the_list(
    world: World, store: Store, language: str, case: tuple[str, tuple[str, ...]]
) -> None:
    typed, picked = case
    names = await shown(world, "subscribe", "categories", typed)
    [name] = [name for name, value in names.items() if value == ",".join(picked)]
    await world.manager.slash(world.papers, "subscribe", keyword="model", categories=name)
    assert (await only(store)).options.categories == picked


@LANGUAGES
@every(category=values("cs.CL", "cs.CE", "stat.ML", "astro-ph.GA", "quant-ph"))
async def test_the_category_of_a_search(world: World, arxiv: Any, language: str, category: str) -> None:
    names = await shown(world, "search", "category", category, query="model")
    await world.manager.slash(
        world.papers, "search", query="model", category=next(name for name in names if category in name)
    )
    assert f"cat:{category}" in arxiv.requests[-1].parameters["search_query"]


@LANGUAGES
@every(keyword=values("speech synthesis", "ti:model AND cat:cs.CL", LONG, "C++ · Rust", "2024"))
async def test_a_subscription_of_the_list(world: World, store: Store, language: str, keyword: str) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword=keyword)
    await world.manager.slash(
        world.papers, "subscribe", keyword=keyword, channel=world.guild.create_text_channel("other")
    )
    names = await shown(world, "unsubscribe", "subscription", "")
    assert len(names) == 2
    for name, value in names.items():
        await world.manager.slash(world.papers, "unsubscribe", subscription=name)
        assert value not in {str(one.id) for one in await store.subscriptions.all()}


@LANGUAGES
@every(keyword=values("speech synthesis", LONG, "a · b"), command=values("digest show", "digest markdown"))
async def test_a_keyword_of_a_digest(world: World, language: str, command: str, keyword: str) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword="model")
    await world.manager.slash(world.papers, "subscribe", keyword=keyword)
    names = await shown(world, command, "keyword", keyword[:1])
    [(name, value)] = [(name, value) for name, value in names.items() if name != "model"]
    answers = [
        text_of(await world.manager.slash(world.papers, command, keyword=one)) for one in (name, value)
    ]
    assert answers[0] == answers[1]


@LANGUAGES
@every(
    place=pairs(("berlin", "Europe/Berlin"), ("+5.5", "Asia/Kolkata"), ("UTC+8", "Etc/GMT-8")),
    week=pairs(("", range(7)), ("week", range(5)), ("mon,f", [0, 4])),
)
async def test_the_zone_and_the_days_of_a_digest(
    world: World, store: Store, *, language: str, place: tuple[str, str], week: tuple[str, Any]
) -> None:
    (typed, zone), (days, meant) = place, week
    zones = await shown(world, "digest schedule", "zone", typed, hour=9)
    words = await shown(world, "digest schedule", "days", days, hour=9, zone="UTC")
    await world.manager.slash(
        world.papers, "digest schedule", hour=9, zone=next(iter(zones)), days=next(iter(words))
    )
    destination = await store.destinations.by_channel(world.papers.id)
    assert destination is not None
    assert destination.schedule is not None
    assert (destination.schedule.zone, destination.schedule.days) == (zone, frozenset(meant))


@LANGUAGES
@every(
    title=values(
        "Speech", "A comment on arXiv:2401.00002 and 2401.00003", "One · two · three", "Very long " * 30
    )
)
async def test_a_paper_of_the_reading_list(world: World, store: Store, language: str, title: str) -> None:
    paper = make_paper(1, title=title)
    await store.library.save(world.manager.id, [paper], paper.published, most=9)
    names = await shown(world, "library note", "paper", "2607")
    assert list(names.values()) == [paper.id.text]
    await world.manager.slash(world.papers, "library note", paper=next(iter(names)), text="mine")
    kept = await store.library.get(world.manager.id, PaperId(paper.id.text))
    assert kept is not None
    assert kept.note == "mine"
    await world.manager.slash(world.papers, "library remove", paper=next(iter(names)))
    assert await store.library.count(world.manager.id) == 0
