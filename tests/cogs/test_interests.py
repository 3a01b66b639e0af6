"""`/interests` and `/library import`, driven through the real tree."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import discord
import pytest

from bot.interactions import given_papers
from bot.interactions.interests import LessLikeThis
from bot.model.interests import Verdict
from bot.model.subscriptions import Place
from bot.present.views import View
from bot.store import Store, feedback
from tests.conftest import MakeBot, World, buttons_of, text_of
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import make_paper

EMPTY = (
    "Three saves are enough to start: then the papers closest to them come first and get a ★. To start "
    "today, add papers you like: arXiv links, a .bib file or a Zotero export."
)
BIB = b"""@article{one, title={A}, eprint={2607.00002}}
@misc{two, url={https://arxiv.org/abs/2607.00003v1}, doi={10.48550/arXiv.2607.00001}}
"""


async def destination(world: World, store: Store, clock: Clock) -> int:
    return (await store.destinations.ensure(Place(world.guild.id, world.papers.id), clock())).id


async def test_at_first_it_says_how_to_start(world: World) -> None:
    result = await world.member.slash(world.papers, "interests show")
    assert result.ephemeral
    assert "Interests of #papers" in text_of(result)
    assert EMPTY in text_of(result)
    assert set(buttons_of(result)) == {"Sources"}
    managed = await world.manager.slash(world.papers, "interests show")
    assert set(buttons_of(managed)) == {"Add papers", "Sources", "Reset"}


async def test_three_added_papers_make_an_interest(world: World, store: Store) -> None:
    added = await world.manager.slash(
        world.papers, "interests add", paper="2607.00001 https://arxiv.org/abs/2607.00002 2607.00003"
    )
    assert "Added 3 papers." in text_of(added)
    again = await world.manager.slash(world.papers, "interests add", paper="2607.00001")
    assert "1 was there already." in text_of(again)
    result = await world.member.slash(world.papers, "interests show")
    text = text_of(result)
    assert "**Most**\u00a0· speech synthesis" in text
    assert "Learnt from 3 added papers. What is close to them comes first" in text
    await world.member.click(result.response, label="Sources")
    [sources] = [one for one in result.followups if "Papers behind" in str(one.embeds)] or [None]
    assert sources is None or "Speech synthesis with model 3" in str(sources.embeds)


async def test_saves_count_without_names(world: World, store: Store, clock: Clock) -> None:
    here = await destination(world, store, clock)
    await store.feedback.give(here, [make_paper(n) for n in (1, 2, 3)], Verdict.MORE, clock())
    await store.feedback.give(
        here, [make_paper(4, title="Cooking", abstract="We cook pasta.")], Verdict.LESS, clock()
    )
    text = text_of(await world.member.slash(world.papers, "interests show"))
    assert "**Less**\u00a0· " in text
    assert "pasta" in text


async def test_only_managers_change_them(world: World, store: Store, clock: Clock) -> None:
    for name, options in (
        ("add", {"paper": "2607.00001"}),
        ("remove", {"paper": "2607.00001"}),
        ("reset", {}),
    ):
        result = await world.member.slash(world.papers, f"interests {name}", **options)
        assert "You need the Manage Channels permission" in text_of(result)
    assert (await store.feedback.of_channel(await destination(world, store, clock))).added == ()


async def test_a_paper_is_taken_back(world: World, store: Store, clock: Clock) -> None:
    await world.manager.slash(world.papers, "interests add", paper="2607.00001")
    result = await world.manager.slash(world.papers, "interests remove", paper="2607.00001")
    assert "no longer counts Speech synthesis with model 1" in text_of(result)
    again = await world.manager.slash(world.papers, "interests remove", paper="2607.00001")
    assert "This interest was not learnt from 2607.00001." in text_of(again)
    assert (await store.feedback.of_channel(await destination(world, store, clock))).added == ()


async def test_resetting_asks_first(world: World, store: Store, clock: Clock, make_bot: MakeBot) -> None:
    await world.manager.slash(world.papers, "interests add", paper="2607.00001")
    here = await destination(world, store, clock)
    result = await world.manager.slash(world.papers, "interests reset")
    assert "Begin anew?" in text_of(result)
    assert (await store.feedback.of_channel(here)).added
    await world.env.restart_bot(make_bot())
    await world.manager.click(result.response, label="Begin anew")
    assert "Forgotten." in text_of(result)
    assert (await store.feedback.of_channel(here)).added == ()


async def test_ones_own_are_the_reading_list(world: World, store: Store) -> None:
    await world.member.slash(
        world.papers, "interests add", paper="2607.00001 2607.00002 2607.00003", mine=True
    )
    assert await store.library.count(world.member.id) == 3
    text = text_of(await world.member.slash(world.papers, "interests show", mine=True))
    assert "Your interests" in text
    assert "Learnt from 3 papers on your reading list." in text
    await world.member.slash(world.papers, "interests remove", paper="2607.00001", mine=True)
    assert await store.library.count(world.member.id) == 2
    own = await world.member.slash(world.papers, "interests reset", mine=True)
    assert "are forgotten" in text_of(own)
    assert await store.library.count(world.member.id) == 2


async def test_what_is_not_stored_is_asked_of_arxiv(world: World, store: Store, arxiv: FakeArxiv) -> None:
    result = await world.member.slash(world.papers, "interests add", paper="2607.00004 2607.99999", mine=True)
    assert "Added 1 paper." in text_of(result)
    assert "1 paper was left out. arXiv has no such paper." in text_of(result)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"paper": "nothing here"}, "I found no arXiv paper there"),
        ({}, "Name papers, or attach a file with arXiv links."),
    ],
)
async def test_what_names_no_paper_is_refused(world: World, options: dict[str, Any], said: str) -> None:
    assert said in text_of(await world.manager.slash(world.papers, "interests add", **options))


async def test_less_like_this_is_told_to_the_channel_or_to_oneself(
    world: World, store: Store, clock: Clock
) -> None:
    post = await less_button(world)
    result = await world.member.click(post, label="Less like this")
    assert "come later for you from now on" in text_of(result)
    assert len((await store.feedback.of_person(world.member.id)).less) == 1
    here = await destination(world, store, clock)
    result = await world.member.click(post, label="Less like this")
    assert "come later for you and in this channel" in text_of(result)
    assert (await store.feedback.of_channel(here)).less == (make_paper(1).id,)


async def test_less_like_this_is_taken_back_by_the_person_who_said_it(
    world: World, store: Store, clock: Clock
) -> None:
    here = await destination(world, store, clock)
    result = await world.member.click(await less_button(world), label="Less like this")
    await world.member.click(result.response, label="Take back")
    assert "Papers like Speech synthesis with model 1 no longer come later because of you." in text_of(result)
    assert buttons_of(result) == {}
    assert (await store.feedback.of_channel(here)).less == ()
    assert (await store.feedback.of_person(world.member.id)).less == ()


async def test_a_member_does_not_outvote_what_a_manager_added(
    world: World, store: Store, clock: Clock
) -> None:
    await world.manager.slash(world.papers, "interests add", paper="2607.00001")
    here = await destination(world, store, clock)
    result = await world.member.click(await less_button(world), label="Less like this")
    assert "come later for you from now on" in text_of(result)
    evidence = await store.feedback.of_channel(here)
    assert (evidence.added, evidence.less) == ((make_paper(1).id,), ())


async def test_what_does_not_fit_is_not_said_to_be_there(
    world: World, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback, "MOST_GIVEN", 2)
    three = "2607.00001 2607.00002 2607.00003"
    text = text_of(await world.manager.slash(world.papers, "interests add", paper=three))
    assert "Added 2 papers." in text
    assert "**No room** for 1 paper: this channel has as many added papers as it can hold." in text
    assert "already" not in text
    text = text_of(await world.manager.slash(world.papers, "interests add", paper=three))
    assert "2 were there already." in text
    assert "**No room** for 1 paper" in text
    for number in (8, 9):
        await store.feedback.dislike(world.member.id, make_paper(number), clock())
    result = await world.member.click(await less_button(world), label="Less like this")
    assert "There is no room for more “Less like this” choices, so this one was not saved." in text_of(result)


async def less_button(world: World) -> discord.Message:
    view = View()
    view.add_item(LessLikeThis.of(make_paper(1).id, "Less like this"))
    return await world.bot.get_channel(world.papers.id).send("A paper", view=view)


async def test_a_bibliography_is_read(world: World, store: Store) -> None:
    result = await world.member.slash(world.papers, "library import", file=("mine.bib", BIB))
    assert "Added 3 papers." in text_of(result)
    added = await world.manager.slash(
        world.papers, "interests add", file=("mine.bib", BIB + "ä".encode("latin-1"))
    )
    assert "Added 3 papers." in text_of(added)
    assert await store.library.count(world.member.id) == 3


async def test_a_file_that_comes_too_slowly_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_url: str) -> bytes:
        await asyncio.Event().wait()
        return b""

    monkeypatch.setattr(given_papers, "_PATIENCE", timedelta())
    monkeypatch.setattr(world.env.bot.http, "get_from_cdn", hang)
    result = await world.member.slash(world.papers, "library import", file=("mine.bib", BIB))
    assert text_of(result) == "Discord did not provide the file. Please try again."


async def test_a_large_file_is_refused_and_a_long_one_cut(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given_papers, "MOST_AT_ONCE", 2)
    result = await world.member.slash(world.papers, "library import", file=("mine.bib", BIB))
    assert "Only the first 2 of 3 papers were read" in text_of(result)
    monkeypatch.setattr(given_papers, "_LARGEST", 10)
    result = await world.member.slash(world.papers, "library import", file=("mine.bib", BIB))
    assert "This file is too large: at most 0 kB are read." in text_of(result)
