"""The message menus, and the buttons under a paper, driven through the real tree."""

from __future__ import annotations

import pytest
from pybtex.database import parse_string

from bot.config import Settings
from bot.interactions import paper_buttons
from bot.model.papers import PaperId
from bot.present.buttons import under_paper
from bot.present.views import View
from bot.store import Store
from tests.cogs.library_cases import SAVE, SHOW, file_of, say
from tests.conftest import MakeBot, World, buttons_of, text_of
from tests.fakes import arxiv as faults
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import EPOCH, make_paper, make_papers
from tests.store.store_cases import subscribe


async def test_an_empty_list_says_how_it_is_filled(world: World) -> None:
    result = await world.member.slash(world.papers, "library show")
    assert result.ephemeral
    assert "Your reading list is empty" in text_of(result)
    assert buttons_of(result) == {}


async def test_links_in_a_message_are_unfurled_with_one_request(world: World, arxiv: FakeArxiv) -> None:
    arxiv.publish([make_paper(1, id="hep-th/9901001", title="Old strings")])
    message = await say(world, "https://arxiv.org/abs/hep-th/9901001 and arXiv:2607.00007v1, 2607.00007")
    result = await world.member.context_menu(world.papers, SHOW, message)
    assert result.ephemeral
    assert "Old strings" in text_of(result.response)
    assert [text_of(each).split("\n")[0] for each in result.followups] == ["Speech synthesis with model 7"]
    assert buttons_of(result.response) == dict.fromkeys(("Abstract", "PDF", "Save", "Cite"), True)
    assert len(arxiv.requests) == 1


async def test_no_more_than_five_papers_are_unfurled(world: World, arxiv: FakeArxiv) -> None:
    message = await say(world, " ".join(f"2607.{number:05}" for number in range(1, 8)))
    result = await world.member.context_menu(world.papers, SHOW, message)
    assert "The first 5 of 7 papers." in text_of(result.response)
    assert len(result.followups) == 4


async def test_what_arxiv_does_not_know_is_said(world: World) -> None:
    message = await say(world, "2607.00007 2607.99999")
    result = await world.member.context_menu(world.papers, SHOW, message)
    assert "Left out: 2607.99999. arXiv has no such paper." in text_of(result)
    assert "model 7" in text_of(result)
    unknown = await world.member.context_menu(world.papers, SHOW, await say(world, "2607.99999"))
    assert "arXiv has no paper 2607.99999" in text_of(unknown)


async def test_a_message_without_papers_is_answered_at_once(world: World, arxiv: FakeArxiv) -> None:
    message = await say(world, "see https://example.org/abs/1")
    for menu in (SHOW, SAVE):
        result = await world.member.context_menu(world.papers, menu, message)
        assert result.ephemeral
        assert "found no arXiv paper" in text_of(result)
    assert not arxiv.requests


async def test_stored_papers_are_shown_while_arxiv_is_down(
    world: World, arxiv: FakeArxiv, store: Store
) -> None:
    await store.record([make_paper(7)], [], EPOCH)
    arxiv.always = faults.status(503)
    result = await world.member.context_menu(world.papers, SHOW, await say(world, "2607.00007, 2607.00008"))
    assert "model 7" in text_of(result)
    assert "Left out: 2607.00008. arXiv is busy." in text_of(result)
    other = await world.member.context_menu(world.papers, SHOW, await say(world, "2607.00009"))
    assert "arXiv is busy" in text_of(other)


async def test_papers_of_a_message_are_saved(world: World, store: Store) -> None:
    message = await say(world, "2607.00007 https://arxiv.org/pdf/2607.00008v1.pdf")
    result = await world.member.context_menu(world.papers, SAVE, message)
    assert result.ephemeral
    assert "Saved to your reading list" in text_of(result)
    again = await world.member.context_menu(world.papers, SAVE, message)
    assert "Already on your reading list" in text_of(again)
    assert {kept.paper.id.number for kept in await store.library.all(world.member.id)} == {7, 8}
    assert await store.library.count(world.manager.id) == 0


async def test_papers_in_the_embeds_of_a_bot_are_found(world: World) -> None:
    shown = await world.member.slash(world.papers, "paper", paper="2607.00007")
    result = await world.manager.context_menu(world.papers, SAVE, shown.response)
    assert "Speech synthesis with model 7" in text_of(result)


async def test_asking_arxiv_counts_as_a_search(world: World, clock: Clock) -> None:
    for number in range(6):
        await world.member.slash(world.papers, "search", query=f"word{number}")
    refused = await world.member.context_menu(world.papers, SHOW, await say(world, "2607.00007"))
    assert "try again in 60 seconds" in text_of(refused)


@pytest.mark.parametrize("menu", [SHOW, SAVE])
async def test_who_asked_too_often_gets_the_stored_papers_and_hears_why_others_are_missing(
    world: World, store: Store, menu: str
) -> None:
    await store.record([make_paper(7)], [], EPOCH)
    for number in range(6):
        await world.member.slash(world.papers, "search", query=f"word{number}")
    message = await say(world, "2607.00007, 2607.00008, 2607.00009")
    result = await world.member.context_menu(world.papers, menu, message)
    text = text_of(result)
    assert "model 7" in text
    assert "Left out: 2607.00008, 2607.00009. You have searched 6 times" in text
    assert "no such paper" not in text
    assert "not responding" not in text
    known = await world.member.context_menu(world.papers, menu, await say(world, "2607.00007"))
    assert "Left out" not in text_of(known), "the stored paper serves"


async def test_buttons_under_a_paper_work_for_everybody_after_a_restart(
    world: World, store: Store, make_bot: MakeBot
) -> None:
    message = await world.env.bot.get_channel(world.papers.id).send("x", view=under_paper(make_paper(7)))
    await world.env.restart_bot(make_bot())
    for person in (world.member, world.manager):
        saved = await person.click(message, label="Save")
        assert saved.ephemeral
        assert "★ Saved: **[Speech synthesis with model 7]" in text_of(saved)
        assert list(buttons_of(saved)) == ["Take back", "Add a note", "My list"]
        assert await store.library.count(person.id) == 1
    shown = await world.member.click(message, label="Cite")
    assert shown.ephemeral
    assert "@misc{author72026speech," in text_of(shown)


async def test_a_single_paper_that_a_message_names_is_saved_like_one_of_a_post(
    world: World, store: Store
) -> None:
    saved = await world.member.context_menu(world.papers, SAVE, await say(world, "see 2607.00007"))
    assert "★ Saved: **[Speech synthesis with model 7]" in text_of(saved)
    await world.member.click(saved.response, label="Take back")
    assert await store.library.count(world.member.id) == 0
    both = await say(world, "see 2607.00006 and 2607.00007")
    assert buttons_of(await world.member.context_menu(world.papers, SAVE, both)) == {}


async def test_save_says_how_many_saved_the_paper_here_and_never_removes(world: World, store: Store) -> None:
    await subscribe(store, channel=world.papers.id, guild=world.guild.id)
    message = await world.env.bot.get_channel(world.papers.id).send("x", view=under_paper(make_paper(7)))
    first = await world.member.click(message, label="Save")
    assert text_of(first).endswith("\nYour list has 1 paper.")
    second = await world.manager.click(message, label="Save")
    assert text_of(second).endswith("\nYour list has 1 paper. 2 people here saved this one.")
    again = await world.member.click(message, label="Save")
    assert text_of(again).startswith("★ Already on your list: ")
    assert await store.library.count(world.member.id) == 1


async def test_a_save_is_taken_back_annotated_and_found_in_the_list(
    world: World, store: Store, make_bot: MakeBot
) -> None:
    message = await world.env.bot.get_channel(world.papers.id).send("x", view=under_paper(make_paper(7)))
    saved = await world.member.click(message, label="Save")
    await world.env.restart_bot(make_bot())
    assert "Your reading list: 1 paper" in text_of(await world.member.click(saved.response, label="My list"))
    form = await world.member.click(saved.response, label="Add a note")
    assert form.modal is not None
    assert form.modal["title"] == "Note on a paper"
    taken = await world.member.click(saved.response, label="Take back")
    assert "Removed from your reading list" in text_of(taken)
    assert await store.library.count(world.member.id) == 0
    assert list(buttons_of(taken)) == ["Save it again"]
    late = await world.member.click(message, label="Save")
    await store.library.remove(world.member.id, make_paper(7).id)
    assert "is not on your reading list" in text_of(
        await world.member.click(late.response, label="Take back")
    )


async def test_a_full_list_is_told_from_a_saved_paper(world: World, store: Store) -> None:
    most = Settings().limits.saved_papers
    await store.library.save(world.member.id, make_papers(most, first=100), EPOCH, most=most)
    message = await world.env.bot.get_channel(world.papers.id).send("x", view=under_paper(make_paper(7)))
    full = await world.member.click(message, label="Save")
    assert "No room" in text_of(full)
    assert buttons_of(full) == {}


async def test_a_long_entry_comes_as_a_file(world: World, store: Store) -> None:
    crowd = tuple(f"Ada Author{number}" for number in range(3000))
    paper = make_paper(1, id="hep-ex/0501001", authors=crowd)
    await store.record([paper], [], EPOCH)
    message = await world.env.bot.get_channel(world.papers.id).send("x", view=under_paper(paper))
    name, content = await file_of(await world.member.click(message, label="Cite"))
    assert name == "hep-ex-0501001.bib"
    [entry] = parse_string(content.decode(), "bibtex").entries.values()
    assert len(entry.persons["author"]) == 3000


async def test_the_whole_abstract_is_shown_with_all_authors(world: World, store: Store) -> None:
    named = tuple(f"Ada Author{number}" for number in range(30))
    paper = make_paper(1, authors=named, abstract=f"Begins. {'word ' * 380} $\\alpha$ ends.")
    await store.record([paper], [], EPOCH)
    message = await world.env.bot.get_channel(world.papers.id).send("x", view=under_paper(paper))
    shown = await world.member.click(message, label="Abstract")
    assert shown.ephemeral
    assert all(name in text_of(shown) for name in named)
    assert "α ends." in text_of(shown)
    assert shown.response.attachments == []
    assert list(buttons_of(shown)) == ["Save", "Cite", "More like this", "Less like this"]


async def test_more_authors_than_a_message_holds_come_as_a_file(world: World, store: Store) -> None:
    paper = make_paper(1, authors=tuple(f"Ada Author{number}" for number in range(3000)))
    await store.record([paper], [], EPOCH)
    message = await world.env.bot.get_channel(world.papers.id).send("x", view=under_paper(paper))
    shown = await world.member.click(message, label="Abstract")
    assert "Ada Author29 and 2,970 more" in text_of(shown)
    assert paper.abstract in text_of(shown)
    name, content = await file_of(shown)
    assert name == "2607.00001.txt"
    assert b"Ada Author2999" in content


@pytest.mark.parametrize("text", ["2607.16206", "0704.0001", "hep-th/9901001", "math.GT/0309136"])
def test_buttons_carry_any_identifier(text: str) -> None:
    assert paper_buttons.Save.of(PaperId(text)).paper == PaperId(text)
    assert paper_buttons.Bibtex.of(PaperId(text)).custom_id == f"papers:bibtex:{text}"
    view = View()
    view.add_item(paper_buttons.Save.of(PaperId(text)))
    assert view.is_persistent()
