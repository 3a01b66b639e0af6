from __future__ import annotations

from datetime import timedelta

import discord
from simcord.builders import ChannelHandle

from bot.interactions.top import ShowTop
from bot.model.papers import Paper
from bot.model.subscriptions import Place
from bot.present.views import View
from bot.store import Store
from tests.conftest import World, buttons_of, text_of
from tests.fakes.clock import Clock
from tests.fakes.papers import make_paper


async def saved_in(store: Store, clock: Clock, channel: ChannelHandle, person: int, *papers: Paper) -> None:
    await store.destinations.ensure(Place(channel.guild.id, channel.id), clock())
    await store.library.save(person, papers, clock(), most=50, channel_id=channel.id)


async def test_everybody_sees_what_was_saved_in_the_channel_and_nobody_by_whom(
    world: World, store: Store, clock: Clock
) -> None:
    one, two = make_paper(1), make_paper(2)
    await saved_in(store, clock, world.papers, 101, one, two)
    await saved_in(store, clock, world.papers, 102, two)
    result = await world.member.slash(world.papers, "top")
    assert not result.ephemeral
    text = text_of(result)
    assert text.index(two.versioned) < text.index(one.versioned)
    assert "★ 2" in text
    assert "101" not in text.replace(one.versioned, "").replace(two.versioned, "")


async def test_the_list_of_the_server_is_private_and_holds_what_its_reader_sees(
    world: World, store: Store, clock: Clock
) -> None:
    hidden = world.guild.create_text_channel(
        "hidden", overwrites={world.guild.default_role: discord.PermissionOverwrite(view_channel=False)}
    )
    other = world.guild.create_text_channel("other")
    secret, open_one = make_paper(1), make_paper(2)
    await saved_in(store, clock, hidden, 101, secret)
    await saved_in(store, clock, other, 101, open_one)
    result = await world.member.slash(world.papers, "top")
    assert "Nobody saved a paper this week." in text_of(result)
    assert buttons_of(result) == {"This month": True, "Whole server": True}

    copy = await world.member.click(result.response, label="Whole server")
    assert copy.ephemeral
    assert open_one.versioned in text_of(copy)
    assert secret.versioned not in text_of(copy)
    assert buttons_of(copy) == {"This month": True, "This channel": True}
    assert "Nobody saved" in text_of(result), "the list for everybody stays as it was"


async def test_a_private_list_changes_in_its_place(world: World, store: Store, clock: Clock) -> None:
    await saved_in(store, clock, world.papers, 101, make_paper(1))
    clock.advance(timedelta(days=10))
    result = await world.member.slash(world.papers, "top", where="server")
    assert result.ephemeral
    assert "Nobody saved" in text_of(result)
    changed = await world.member.click(result.response, label="This month")
    assert make_paper(1).versioned in text_of(changed)
    assert "Saved most this month" in text_of(changed)
    picked = await world.member.select(changed.response, [make_paper(1).id.text])
    assert make_paper(1).title in text_of(picked)


async def test_what_was_saved_elsewhere_does_not_show_in_a_channel_that_gets_no_papers(
    world: World, store: Store, clock: Clock
) -> None:
    """A save in direct messages, or where no papers come, belongs to no channel."""
    private = make_paper(1)
    await store.library.save(101, [private], clock(), most=50, channel_id=0)
    result = await world.member.slash(world.guild.create_text_channel("chat"), "top")
    assert "Nobody saved a paper this week." in text_of(result)


async def test_the_list_of_a_chosen_channel_is_private_and_keeps_it_when_it_changes(
    world: World, store: Store, clock: Clock
) -> None:
    other = world.guild.create_text_channel("other")
    await saved_in(store, clock, other, 101, make_paper(1))
    await saved_in(store, clock, world.papers, 101, make_paper(2))
    result = await world.member.slash(world.papers, "top", channel=other)
    assert result.ephemeral
    assert make_paper(1).versioned in text_of(result)
    assert make_paper(2).versioned not in text_of(result)
    changed = await world.member.click(result.response, label="This month")
    assert make_paper(1).versioned in text_of(changed)
    assert make_paper(2).versioned not in text_of(changed)
    here = await world.member.slash(world.papers, "top", channel=world.papers)
    assert not here.ephemeral, "it is the list for everybody"
    assert make_paper(2).versioned in text_of(here)


async def test_the_list_of_a_channel_that_one_cannot_see_is_refused(
    world: World, store: Store, clock: Clock
) -> None:
    hidden = world.guild.create_text_channel(
        "hidden", overwrites={world.guild.default_role: discord.PermissionOverwrite(view_channel=False)}
    )
    await saved_in(store, clock, hidden, 101, make_paper(1))
    view = View()
    view.add_item(ShowTop(f"papers:top:week:channel:{hidden.id}", label="Top"))
    post = await world.bot.get_channel(world.papers.id).send("A list", view=view)
    result = await world.member.click(post, label="Top")
    assert "You cannot see that channel." in text_of(result)
    assert make_paper(1).versioned not in text_of(result)


async def test_a_channel_and_the_whole_server_are_not_chosen_together(world: World) -> None:
    both = await world.member.slash(world.papers, "top", channel=world.papers, where="server")
    assert "Choose either a channel or the whole server." in text_of(both)
