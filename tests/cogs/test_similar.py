from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.interactions import similar
from bot.model.papers import Paper
from bot.store import Store
from tests.conftest import World, buttons_of, text_of
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import make_paper

ASKED, ALIKE, OTHER = (
    make_paper(number, title=title, abstract=abstract)
    for number, title, abstract in (
        (101, "Splatting gardens", "We render gardens with Gaussian splatting and radiance fields."),
        (102, "Splatting rooms", "We render rooms with Gaussian splatting and radiance fields."),
        (103, "Walking", "Legged robots walk on ice with a learned policy."),
    )
)


@pytest.fixture(autouse=True)
async def stored(store: Store, clock: Clock) -> Sequence[Paper]:
    papers = (ASKED, ALIKE, OTHER)
    await store.record(papers, [], clock())
    return papers


async def test_the_command_lists_similar_papers_in_private(world: World) -> None:
    result = await world.member.slash(world.papers, "similar", paper=ASKED.id.text)
    assert result.ephemeral
    text = text_of(result)
    assert "More like “Splatting gardens”" in text
    assert ALIKE.versioned in text
    assert "gaussian splatting" in text
    assert OTHER.versioned not in text
    assert buttons_of(result) == {}


async def test_a_paper_that_is_not_stored_is_fetched_and_an_unknown_one_is_said(
    world: World, arxiv: FakeArxiv
) -> None:
    new = make_paper(104, title="More splatting", abstract=ASKED.abstract)
    arxiv.publish([new])
    assert ASKED.versioned in text_of(await world.member.slash(world.papers, "similar", paper=new.id.text))
    missing = await world.member.slash(world.papers, "similar", paper="2607.09999")
    assert "2607.09999" in text_of(missing)


async def test_it_says_that_nothing_close_is_stored(world: World) -> None:
    result = await world.member.slash(world.papers, "similar", paper=OTHER.id.text)
    assert "Nothing close is stored." in text_of(result)


async def test_the_menu_on_a_message_takes_the_first_paper_that_it_names(world: World) -> None:
    message = await world.member.send(world.papers, f"see {ASKED.abs_url} and {OTHER.abs_url}")
    result = await world.member.context_menu(world.papers, "Similar arXiv papers", message)
    assert "More like “Splatting gardens”" in text_of(result)


async def test_a_manager_subscribes_to_an_edited_query_made_of_the_paper(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "similar", paper=ASKED.id.text)
    form = await world.manager.click(result.response, label="Subscribe to papers like this")
    assert form.modal is not None
    [label] = form.modal["components"]
    assert label["component"]["value"].startswith('abs:"gaussian splatting" AND abs:')
    saved = await world.manager.submit_modal(form, {"query": "Gaussian splatting"})
    assert "Subscribed" in text_of(saved)
    (subscription,) = await store.subscriptions.of_guild(world.guild.id)
    assert subscription.keyword == "Gaussian splatting"


async def test_the_form_is_empty_if_its_query_takes_longer_than_discord_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar, "_PATIENCE", timedelta())
    result = await world.manager.slash(world.papers, "similar", paper=ASKED.id.text)
    form = await world.manager.click(result.response, label="Subscribe to papers like this")
    assert form.modal is not None
    [label] = form.modal["components"]
    assert not label["component"].get("value")
    assert "Subscribed" in text_of(await world.manager.submit_modal(form, {"query": "Gaussian splatting"}))


async def test_an_empty_form_subscribes_to_nothing(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "similar", paper=ASKED.id.text)
    form = await world.manager.click(result.response, label="Subscribe to papers like this")
    refused = await world.manager.submit_modal(form, {"query": "   "})
    assert "Type a keyword or a query." in text_of(refused)
    assert await store.subscriptions.of_guild(world.guild.id) == []
