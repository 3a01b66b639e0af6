"""Buttons, menus and forms work without being kept in memory."""

from __future__ import annotations

import gc

import discord

from bot.store import Store
from tests.conftest import World, only

NEXT = "\N{BLACK RIGHT-POINTING TRIANGLE}"


def kept() -> int:
    """Return how many views and forms this process holds, also those of other tests."""
    gc.collect()
    return sum(isinstance(each, discord.ui.View | discord.ui.Modal) for each in gc.get_objects())


async def test_no_button_menu_or_form_stays_in_memory(world: World, store: Store) -> None:
    before = kept()
    await world.manager.slash(world.papers, "subscribe", keyword="speech synthesis")
    for _ in range(3):
        panel = (await world.manager.slash(world.papers, "subscriptions")).response
        await world.manager.select(panel, [str((await only(store)).id)])
        await world.manager.click(panel, label="Edit")  # a form, which is never sent
        await world.manager.click(panel, label="Pause")
        await world.manager.click(panel, label="Resume")
        found = (await world.member.slash(world.papers, "search", query="speech")).response
        await world.member.click(found, label="1 of 6")  # another form
        await world.member.click(found, label=NEXT)
        await world.member.slash(world.papers, "paper", paper="2607.00001")
        await world.member.slash(world.papers, "privacy erase")
    assert kept() == before
