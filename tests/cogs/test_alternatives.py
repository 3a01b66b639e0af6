"""What `/subscribe` and `/search` offer for a keyword that finds nothing, or that means something else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import discord
import pytest

from bot.model.subscriptions import Deliver, Options
from bot.present import colours
from bot.query.query import parse
from bot.store import Store
from tests.conftest import MakeBot, World, buttons_of, only, text_of
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import make_papers
from tests.openapi import valid_request
from tests.shared import needs_shared

AMBER, GREEN = colours.AMBER, colours.GREEN
NAME = "Geoffrey Hinton"


def colour_of(result: object) -> int:
    [embed] = getattr(result, "response", result).embeds  # type: ignore[attr-defined]
    return int(embed.colour.value)


@needs_shared
async def test_a_keyword_without_papers_in_a_year_is_amber_and_says_what_to_try(
    world: World, store: Store
) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=NAME)
    text = text_of(result)
    assert "Subscribed to “Geoffrey Hinton”" in text
    assert "No matching papers were submitted in the last year." in text
    assert '`au:"Geoffrey Hinton"`' in text
    assert "`all:Geoffrey AND all:Hinton`" in text
    assert colour_of(result) == AMBER
    assert list(buttons_of(result)) == ["Undo", "Digest instead", "Query", "Follow as author", "Anywhere"]
    assert await only(store)
    request = world.env.http_requests[-1]
    valid_request(request.method, request.path, request.json)


async def test_one_with_papers_is_green_and_has_no_such_buttons(world: World) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword="speech synthesis")
    assert colour_of(result) == GREEN
    assert list(buttons_of(result)) == ["Undo", "Digest instead", "Query"]
    assert "Try instead" not in text_of(result)


async def test_papers_older_than_a_year_are_too_old_to_be_green(
    world: World, arxiv: FakeArxiv, clock: Clock
) -> None:
    old = clock() - timedelta(days=400)
    arxiv.papers = [replace(paper, published=old, updated=old) for paper in make_papers(3)]
    result = await world.manager.slash(world.papers, "subscribe", keyword="speech synthesis")
    assert colour_of(result) == AMBER
    assert "Follow as author" in buttons_of(result)


async def test_what_is_tried_replaces_the_subscription_also_after_a_restart(
    world: World, store: Store, make_bot: MakeBot
) -> None:
    role = world.guild.create_role("Readers", mentionable=True)
    result = await world.manager.slash(
        world.papers, "subscribe", keyword=NAME, deliver="both", mention=role, revisions=True
    )
    before = await only(store)
    await world.env.restart_bot(make_bot())
    await world.manager.click(result.response, label="Anywhere")
    after = await only(store)
    assert after.query == "all:geoffrey AND all:hinton"
    assert after.options == before.options == Options(Deliver.BOTH, role.id, revisions=True)
    assert "Subscribed to" in text_of(result)
    assert after.keyword.replace('"', "") in text_of(result).replace('"', "")
    await world.env.restart_bot(make_bot())
    await world.manager.click(result.response, label="Undo")
    assert await only(store) == before
    assert "The subscription to “Geoffrey Hinton” has been restored." in text_of(result)
    assert buttons_of(result) == {}


async def test_what_was_replaced_comes_back_only_as_long_as_a_removal_can_be_undone(
    world: World, store: Store, clock: Clock
) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=NAME)
    await world.manager.click(result.response, label="Anywhere")
    after = await only(store)
    clock.advance(world.bot.settings.delivery.undo + timedelta(seconds=1))
    refused = await world.manager.click(result.response, label="Undo")
    assert "This can no longer be undone." in text_of(refused)
    assert await only(store) == after


async def test_it_comes_back_only_with_a_role_that_the_person_may_mention(world: World, store: Store) -> None:
    role = world.guild.create_role("Readers", mentionable=False)
    speaker = world.guild.create_role("Speaker", permissions=discord.Permissions(mention_everyone=True))
    held = world.env.backend.get_guild(world.guild.id).members[world.manager.id].role_ids
    held.append(speaker.id)
    result = await world.manager.slash(world.papers, "subscribe", keyword=NAME, mention=role)
    await world.manager.click(result.response, label="Anywhere")
    after = await only(store)
    held.remove(speaker.id)
    refused = await world.manager.click(result.response, label="Undo")
    assert "You are not allowed to mention @Readers" in text_of(refused)
    assert await only(store) == after


async def test_what_is_tried_and_has_papers_is_green(world: World, arxiv: FakeArxiv) -> None:
    arxiv.publish(make_papers(5, first=100, authors=(NAME,)))
    result = await world.manager.slash(world.papers, "subscribe", keyword=NAME)
    assert colour_of(result) == AMBER
    preview = await world.manager.click(result.response, label="Follow as author")
    await world.manager.click(preview.response, label="Follow")
    assert colour_of(preview) == GREEN
    assert list(buttons_of(preview)) == ["Undo", "Digest instead", "Query"]


async def test_it_needs_the_rights_that_subscribing_needs(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=NAME)
    world.env.backend.get_guild(world.guild.id).members[world.manager.id].role_ids.clear()
    for label in ("Follow as author", "Anywhere"):
        refused = await world.manager.click(result.response, label=label)
        assert "You need the Manage Channels permission in #papers" in text_of(refused)
    assert (await only(store)).keyword == NAME


async def test_a_role_that_the_person_may_no_longer_mention_is_not_taken_over(
    world: World, store: Store
) -> None:
    role = world.guild.create_role("Readers", mentionable=False)
    may_mention = discord.Permissions(mention_everyone=True)
    speaker = world.guild.create_role("Speaker", permissions=may_mention)
    held = world.env.backend.get_guild(world.guild.id).members[world.manager.id].role_ids
    held.append(speaker.id)
    result = await world.manager.slash(world.papers, "subscribe", keyword=NAME, mention=role)
    held.remove(speaker.id)
    refused = await world.manager.click(result.response, label="Anywhere")
    assert "You are not allowed to mention @Readers" in text_of(refused)
    assert (await only(store)).keyword == NAME


async def test_a_second_subscription_to_the_same_query_is_refused(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=NAME)
    await world.manager.slash(world.papers, "subscribe", keyword="all:geoffrey AND all:hinton")
    refused = await world.manager.click(result.response, label="Anywhere")
    assert "already has a subscription to" in text_of(refused)
    assert len(await store.subscriptions.all()) == 2


async def test_one_that_has_ended_or_changed_is_not_replaced(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=NAME)
    subscription = await only(store)
    await store.subscriptions.edit(subscription.id, subscription.options, keyword="geoffrey AND hinton")
    refused = await world.manager.click(result.response, label="Follow as author")
    assert "no longer fits the subscription" in text_of(refused)
    await world.manager.slash(world.papers, "unsubscribe", subscription=str(subscription.id))
    refused = await world.manager.click(result.response, label="Anywhere")
    assert "has already ended" in text_of(refused)


async def test_at_the_limit_one_can_still_be_replaced(world: World, store: Store) -> None:
    object.__setattr__(world.bot.settings.limits, "subscriptions_per_server", 1)
    result = await world.manager.slash(world.papers, "subscribe", keyword=NAME)
    await world.manager.click(result.response, label="Anywhere")
    assert (await only(store)).query == "all:geoffrey AND all:hinton"


async def test_the_buttons_stay_when_the_digest_is_chosen(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=NAME)
    await world.manager.click(result.response, label="Digest instead")
    assert list(buttons_of(result)) == ["Undo", "Digest instead", "Query", "Follow as author", "Anywhere"]
    assert colour_of(result) == AMBER
    await world.manager.click(result.response, label="Anywhere")
    assert (await only(store)).options.deliver is Deliver.DIGEST


@pytest.mark.parametrize(
    ("keyword", "query"),
    [("model -survey", "model ANDNOT survey"), ("a || b", "a OR b"), ("LLM, VLM", "LLM OR VLM")],
)
async def test_operators_of_other_search_engines_are_told_and_offered(
    world: World, store: Store, keyword: str, query: str
) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=keyword)
    assert "were read as parts of a phrase" in text_of(result)
    assert f"`{query}`" in text_of(result)
    await world.manager.click(result.response, label="With operators")
    assert (await only(store)).query == parse(query).canonical
    panel = await world.manager.slash(world.papers, "subscriptions")
    await world.manager.select(panel.response, [str((await only(store)).id)])
    assert "were read as parts of a phrase" not in text_of(panel)


async def test_the_panel_tells_them_too(world: World, store: Store) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword="model -survey")
    panel = await world.manager.slash(world.papers, "subscriptions")
    await world.manager.select(panel.response, [str((await only(store)).id)])
    assert "With operators: `model ANDNOT survey`" in text_of(panel)


@pytest.mark.parametrize(("keyword", "category"), [("cs.CL", "cat:cs.CL"), ("hep-th", "cat:hep-th")])
async def test_a_category_is_offered_as_one(world: World, store: Store, keyword: str, category: str) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=keyword)
    await world.manager.click(result.response, label="Follow the category")
    assert (await only(store)).query == category


async def test_papers_in_other_categories_are_told(world: World) -> None:
    result = await world.manager.slash(
        world.papers, "subscribe", keyword="speech synthesis", categories="math"
    )
    assert colour_of(result) == AMBER
    assert "Papers match, but none in the chosen categories" in text_of(result)
    assert list(buttons_of(result)) == ["Undo", "Digest instead", "Query"]


async def test_a_query_that_finds_nothing_is_amber_with_advice(world: World) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword="ti:nonesuch AND abs:nothing")
    assert colour_of(result) == AMBER
    assert "Check the spelling, or use fewer conditions." in text_of(result)


# Search


@needs_shared
async def test_a_search_without_results_offers_others(world: World) -> None:
    result = await world.member.slash(world.papers, "search", query="Nonesuch")
    assert "`all:Nonesuch`" in text_of(result)
    assert list(buttons_of(result)) == ["As author", "Anywhere"]
    request = world.env.http_requests[-1]
    valid_request(request.method, request.path, request.json)


async def test_a_search_is_repeated_with_what_is_offered_also_after_a_restart(
    world: World, arxiv: FakeArxiv, make_bot: MakeBot
) -> None:
    arxiv.publish(make_papers(5, first=100, authors=(NAME,)))
    result = await world.member.slash(world.papers, "search", query=NAME, sort="relevance", category="cs.CL")
    await world.env.restart_bot(make_bot())
    await world.member.click(result.response, label="As author")
    text = text_of(result)
    assert "5 papers on “" in text
    assert text.splitlines()[-2:] == [
        'au:"Geoffrey Hinton"',
        "“Geoffrey Hinton” among the authors · most relevant first · cs.CL Computation and Language",
    ]
    assert "As author" not in buttons_of(result)


async def test_somebody_elses_search_is_answered_in_a_copy(world: World, arxiv: FakeArxiv) -> None:
    arxiv.publish(make_papers(5, first=100, authors=(NAME,)))
    result = await world.member.slash(world.papers, "search", query=NAME)
    copy = await world.manager.click(result.response, label="As author")
    assert copy.ephemeral
    assert "5 papers on “" in text_of(copy)
    assert "Nothing matches" in text_of(result)


async def test_a_search_with_results_tells_only_operators(world: World) -> None:
    result = await world.member.slash(world.papers, "search", query="speech + synthesis")
    text = text_of(result)
    assert "30 papers on “" in text
    assert "`speech AND synthesis`" in text
    assert {"With operators"} == {"With operators", "As author", "Anywhere"} & set(buttons_of(result))
    await world.member.click(result.response, label="With operators")
    assert "speech AND synthesis\n“speech”" in text_of(result)


_LEFT_OUT = "arXiv does not index “a”. Understood: “vitamin”"


async def test_every_answer_to_a_keyword_says_what_was_left_out_of_it(world: World, store: Store) -> None:
    subscribed = await world.manager.slash(world.papers, "subscribe", keyword="vitamin a")
    assert _LEFT_OUT in text_of(subscribed)
    assert _LEFT_OUT in text_of(await world.member.slash(world.papers, "search", query="vitamin a"))
    either = await world.manager.slash(world.papers, "subscribe", keyword="a || b")
    assert "arXiv does not index “a”. Understood: “b”" in text_of(either)
    assert "`a OR b`" in text_of(either)
    [first, _second] = await store.subscriptions.all()
    listing = await world.manager.slash(world.papers, "subscriptions")
    await world.manager.select(listing.response, [str(first.id)])
    assert _LEFT_OUT in text_of(listing)
    form = await world.manager.click(listing.response, label="Edit")
    await world.manager.submit_modal(form, {"keyword": "vitamin C++", "deliver": ["live"]})
    assert "arXiv does not index “++”. Understood: “vitamin c”" in text_of(listing)
