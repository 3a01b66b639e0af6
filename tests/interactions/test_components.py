"""Buttons, menus and forms work without being kept in memory."""

from __future__ import annotations

import gc
import re
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.interactions import components
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


FORM = re.compile(r"papers:form:(?P<id>\d+)")
SUBMIT, CLICK = discord.InteractionType.modal_submit, discord.InteractionType.component


def sent(kind: discord.InteractionType, data: Any) -> Any:
    return SimpleNamespace(type=kind, data=data)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (CLICK, {"custom_id": "papers:form:1"}),
        (SUBMIT, {"custom_id": "papers:form:1:2"}),
        (SUBMIT, {"custom_id": "papers:form:"}),
        (SUBMIT, {}),
        (SUBMIT, None),
    ],
)
def test_what_is_no_answer_to_the_form_is_none(kind: discord.InteractionType, data: Any) -> None:
    assert components.form_answer(sent(kind, data), FORM) is None


def test_the_values_of_a_form_are_found_at_any_depth() -> None:
    row = {"type": 1, "components": [{"custom_id": "a", "value": "text"}, {"custom_id": "b", "value": ""}]}
    label = {"type": 18, "component": {"custom_id": "c", "values": ["1", "", "2"]}}
    nested = {"type": 18, "component": {"type": 1, "components": [{"custom_id": "d", "value": "deep"}]}}
    data = {"custom_id": "papers:form:7", "components": [row, label, nested, {"type": 10}]}
    state = {"id": "7"}
    values = {"a": ["text"], "b": [], "c": ["1", "2"], "d": ["deep"]}
    assert components.form_answer(sent(SUBMIT, data), FORM) == (state, values)
    assert components.form_answer(sent(SUBMIT, {"custom_id": "papers:form:7"}), FORM) == (state, {})


@pytest.mark.parametrize(
    ("page", "pages", "disabled"),
    [(0, 0, None), (0, 1, None), (0, 2, [True, True, False, False]), (1, 2, [False, False, True, True])],
)
async def test_a_list_with_pages_has_buttons_that_turn_them(
    page: int, pages: int, disabled: list[bool] | None
) -> None:
    view = components.PageButton.buttons("papers:none:", page, pages)
    shown: list[Any] = view.children if view else []
    buttons = [each for each in shown if isinstance(each, components.PageButton)]
    assert ([each.item.disabled for each in buttons] or None) == disabled
    assert all(each.page in {0, 1} and each.item.label for each in buttons)
