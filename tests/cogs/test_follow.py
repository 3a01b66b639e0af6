from __future__ import annotations

from dataclasses import replace

import discord
import pytest
from simcord.env import Env

from bot.model.papers import Paper
from bot.model.subscriptions import Deliver, Options
from bot.present import colours
from bot.query.query import parse
from bot.store import Store
from tests.conftest import MakeBot, World, buttons_of, only, text_of
from tests.fakes.arxiv import FakeArxiv, rate_exceeded
from tests.fakes.papers import make_paper
from tests.openapi import valid_request
from tests.shared import needs_shared


def by(number: int, *authors: str, category: str = "cs.LG") -> Paper:
    return make_paper(number, authors=authors, categories=(category,), primary_category=category)


ONE = [by(101, "Ada Lovelace", "Charles Babbage"), by(102, "A. Lovelace", "Charles Babbage")]
TWO = [
    *(by(number, "Tom Brown", "Ben Mann", "Nick Ryder") for number in (111, 112, 113)),
    *(by(number, "Tom Brown", "Jonas Hörsch", category="physics.soc-ph") for number in (114, 115)),
]


def menu_of(message: object) -> dict[str, str]:
    """Return the options of the only menu below *message*: labels and values."""
    [menu] = [
        item
        for row in message.components  # type: ignore[attr-defined]
        for item in row["components"]
        if item["type"] == discord.ComponentType.select.value
    ]
    return {option["label"]: option["value"] for option in menu["options"]}


def colour_of(result: object) -> int:
    [embed] = getattr(result, "response", result).embeds  # type: ignore[attr-defined]
    return int(embed.colour.value)


@pytest.fixture(autouse=True)
def published(arxiv: FakeArxiv) -> None:
    arxiv.publish([*ONE, *TWO])


@needs_shared
async def test_what_following_brings_is_shown_before_anything_is_saved(
    world: World, store: Store, make_bot: MakeBot
) -> None:
    result = await world.manager.slash(world.papers, "follow author", name="Lovelace, Ada")
    assert result.ephemeral
    text = text_of(result)
    assert "Papers by Lovelace, Ada" in text
    assert "There seems to be nobody else of this name." in text
    assert "The query finds 2 of 2 papers. Nothing is saved yet." in text
    assert "A Lovelace (1), Ada Lovelace (1)" in text
    assert all(paper.title in text for paper in ONE)
    assert 'au:"Ada Lovelace" OR au:"A Lovelace"\n' in text
    assert buttons_of(result) == {"Follow": True}
    request = world.env.http_requests[-1]
    valid_request(request.method, request.path, request.json)
    assert await store.subscriptions.all() == []

    await world.env.restart_bot(make_bot())
    await world.manager.click(result.response, label="Follow")
    saved = await only(store)
    assert saved.query == parse('au:"ada lovelace" OR au:"a lovelace"').canonical
    assert saved.options == Options()
    assert saved.destination.channel_id == world.papers.id
    assert "Subscribed to" in text_of(result)
    assert colour_of(result) == colours.GREEN


async def test_the_options_are_those_of_the_command(world: World, store: Store) -> None:
    other = world.guild.create_text_channel("other")
    result = await world.manager.slash(
        world.papers, "follow author", name="Ada Lovelace", channel=other, deliver="both", revisions=True
    )
    await world.manager.click(result.response, label="Follow")
    saved = await only(store)
    assert saved.destination.channel_id == other.id
    assert saved.options == Options(deliver=Deliver.BOTH, revisions=True)


async def test_a_role_and_categories_are_kept_through_the_menu_and_a_restart(
    world: World, store: Store, make_bot: MakeBot, arxiv: FakeArxiv
) -> None:
    arxiv.publish([by(116, "Tom Brown", "Eve Elsewhere", category="hep-ex")])
    role = world.guild.create_role("Readers", mentionable=True)
    result = await world.manager.slash(
        world.papers, "follow author", name="Tom Brown", mention=role, categories="cs.LG, physics"
    )
    text = text_of(result)
    assert "There seem to be 2 people of this name" in text, "without the one in hep-ex"
    assert f"Only in\n`cs.LG`, `physics`\nMentions\n<@&{role.id}>" in text
    await world.env.restart_bot(make_bot())
    option = menu_of(result.response)["2. Tom Brown with Jonas Hörsch"]
    await world.manager.select(result.response, [option])
    assert "`cs.LG`, `physics`" in text_of(result)
    await world.manager.click(result.response, label="Follow")
    saved = await only(store)
    assert saved.options == Options(role_id=role.id, categories=("cs.LG", "physics"))
    assert saved.query == parse('au:"tom brown" AND au:"jonas horsch"').canonical


async def test_with_a_co_author_only_their_papers_are_looked_at_and_followed(
    world: World, store: Store
) -> None:
    result = await world.manager.slash(
        world.papers, "follow author", name="Tom Brown", **{"with": "Ryder, Nick"}
    )
    text = text_of(result)
    assert "There seems to be nobody else of this name. The query finds 3 of 3 papers." in text
    assert 'Only with\n`au:"nick ryder" OR au:"n ryder"`' in text
    await world.manager.click(result.response, label="Follow")
    query = '(au:"tom brown") AND (au:"nick ryder" OR au:"n ryder")'
    assert (await only(store)).query == parse(query).canonical


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"categories": "cs.XX"}, "“cs.XX” is not an arXiv category."),
        ({"with": "c++"}, "“c++” is not a person's name."),
    ],
)
async def test_options_that_say_nothing_are_refused_before_arxiv_is_asked(
    world: World, arxiv: FakeArxiv, options: dict[str, str], said: str
) -> None:
    asked = len(arxiv.requests)
    result = await world.manager.slash(world.papers, "follow author", name="Tom Brown", **options)
    assert said in text_of(result)
    assert len(arxiv.requests) == asked


async def test_a_role_that_one_may_not_mention_is_refused(world: World, arxiv: FakeArxiv) -> None:
    role, asked = world.guild.create_role("Quiet"), len(arxiv.requests)
    result = await world.manager.slash(world.papers, "follow author", name="Tom Brown", mention=role)
    assert "You are not allowed to mention @Quiet" in text_of(result)
    assert len(arxiv.requests) == asked


async def test_others_of_the_name_are_counted_and_can_be_left_out(
    world: World, store: Store, make_bot: MakeBot
) -> None:
    result = await world.manager.slash(world.papers, "follow author", name="Tom Brown")
    assert "There seem to be 2 people of this name" in text_of(result)
    assert colour_of(result) == colours.AMBER
    options = menu_of(result.response)
    assert list(options) == [
        "Everybody of this name",
        "1. Tom Brown in cs.LG",
        "1. Tom Brown with Ben Mann or Nick Ryder",
        "2. Tom Brown in physics.soc-ph",
        "2. Tom Brown with Jonas Hörsch",
    ]
    await world.env.restart_bot(make_bot())
    await world.manager.select(result.response, [options["2. Tom Brown in physics.soc-ph"]])
    text = text_of(result)
    assert "There seems to be 1 other person of this name. The query finds 2 of 2 papers." in text
    assert all(paper.title in text for paper in TWO[3:])
    assert all(paper.title not in text for paper in TWO[:3])
    await world.manager.select(result.response, [options["2. Tom Brown with Jonas Hörsch"]])
    assert '(au:"Tom Brown") AND (au:"Jonas Hörsch")' in text_of(result)
    await world.manager.click(result.response, label="Follow")
    assert (await only(store)).query == parse('au:"tom brown" AND au:"jonas horsch"').canonical


async def test_a_menu_for_papers_that_are_gone_is_refused(
    world: World, arxiv: FakeArxiv, make_bot: MakeBot
) -> None:
    result = await world.manager.slash(world.papers, "follow author", name="Tom Brown")
    value = menu_of(result.response)["2. Tom Brown in physics.soc-ph"]
    arxiv.papers = TWO[:3]
    await world.env.restart_bot(make_bot())  # which forgets what arXiv said
    refused = await world.manager.select(result.response, [value])
    assert "arXiv's papers have changed meanwhile." in text_of(refused)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Nobody Nowhere", "arXiv has no author of this name."),
        ("c++ 20", "is not a person's name"),
    ],
)
async def test_without_such_an_author_the_answer_says_what_to_try(world: World, name: str, said: str) -> None:
    result = await world.manager.slash(world.papers, "follow author", name=name)
    assert said in text_of(result)
    assert "`Y. LeCun`" in text_of(result)
    assert buttons_of(result) == {}


async def test_a_closed_arxiv_is_a_sentence(world: World, arxiv: FakeArxiv) -> None:
    arxiv.always = rate_exceeded()
    result = await world.manager.slash(world.papers, "follow author", name="Tom Brown")
    assert "Please try again" in text_of(result)


async def test_a_frequent_name_costs_two_requests_at_most(world: World, arxiv: FakeArxiv) -> None:
    arxiv.papers = [by(number, "Wei Zhang", f"Co Author{number}") for number in range(1, 260)]
    before = len(arxiv.requests)
    result = await world.manager.slash(world.papers, "follow author", name="Wei Zhang")
    assert len(arxiv.requests) - before == 2
    assert "Only the newest 200 papers with such names were looked at." in text_of(result)


async def test_above_the_quota_arxiv_is_not_asked(world: World, arxiv: FakeArxiv) -> None:
    most = world.bot.settings.limits.searches_per_minute
    for number in range(most):
        await world.manager.slash(world.papers, "follow author", name=f"Nobody{'abcdefghij'[number % 10]} X")
    asked = len(arxiv.requests)
    refused = await world.manager.slash(world.papers, "follow author", name="Tom Brown")
    assert len(arxiv.requests) == asked
    assert "Tom Brown" not in text_of(refused)


async def test_it_needs_the_rights_that_subscribing_needs(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "follow author", name="Ada Lovelace")
    world.env.backend.get_guild(world.guild.id).members[world.manager.id].role_ids.clear()
    refused = await world.manager.click(result.response, label="Follow")
    assert "You need the Manage Channels permission" in text_of(refused)
    assert await store.subscriptions.all() == []


async def test_a_name_as_a_keyword_leads_there_and_is_replaced(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword="Tom Brown", deliver="digest")
    keyword = await only(store)
    preview = await world.manager.click(result.response, label="Follow as author")
    assert preview.ephemeral
    assert await only(store) == keyword, "a look changes nothing"
    await world.manager.click(preview.response, label="Follow")
    followed = await only(store)
    assert followed.query == 'au:"tom brown"'
    assert followed.options == keyword.options
    await world.manager.click(preview.response, label="Undo")
    assert await only(store) == keyword


async def test_a_search_for_a_name_leads_there_for_those_who_may_subscribe(
    world: World, store: Store
) -> None:
    result = await world.member.slash(world.papers, "search", query="Tom Brown")
    assert "Follow as author" not in buttons_of(result)
    result = await world.manager.slash(world.papers, "search", query="Tom Brown")
    preview = await world.manager.click(result.response, label="Follow as author")
    await world.manager.click(preview.response, label="Follow")
    assert (await only(store)).query == 'au:"tom brown"'


async def test_the_authors_of_a_paper_are_a_menu_under_its_abstract(
    world: World, arxiv: FakeArxiv, store: Store
) -> None:
    result = await world.manager.slash(world.papers, "paper", paper=ONE[0].versioned)
    answer = await world.manager.click(result.response, label="Abstract")
    assert menu_of(answer.response) == {"Ada Lovelace": "0", "Charles Babbage": "1"}
    preview = await world.manager.select(answer.response, ["1"])
    assert "Papers by Charles Babbage" in text_of(preview)
    await world.manager.click(preview.response, label="Follow")
    assert (await only(store)).query == 'au:"charles babbage"'

    crowd = replace(ONE[0], authors=tuple(f"Given{number} Family" for number in range(3_000)))
    arxiv.papers = [crowd]
    answer = await world.member.click(result.response, label="Abstract")
    assert "Save" in buttons_of(answer)
    menus = [item for row in answer.response.components for item in row["components"] if item["type"] == 3]
    assert menus == [], "for those who may not subscribe"


async def test_in_direct_messages_one_follows_for_oneself(env: Env, store: Store) -> None:
    ann = env.create_user("ann")
    result = await ann.slash("follow author", name="Ada Lovelace")
    await ann.click(result.response, label="Follow")
    assert (await only(store)).destination.place.user_id == ann.id
