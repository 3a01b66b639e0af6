"""Buttons, menus and forms that survive a restart: what they need is in their identifier or message.

To add one, subclass `Action` (`PageButton` for a list with pages, `Menu` for a choice) and register the class
once with `bot.add_dynamic_items`. discord.py then creates an instance at every click, so there is no view to
keep in memory and none to lose at a restart. An identifier has at most 100 characters. discord.py has nothing
like that for forms: a cog listens to all interactions, and `form_answer` recognizes the answers.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

import discord

from bot.interactions.context import FromDiscord, Interaction
from bot.interactions.error_answers import answer_error
from bot.present import audience
from bot.present.paging import TURN_LABELS, Turn, turns
from bot.present.views import View


class Action(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template="papers:none"):
    """A button that does one thing; `state` holds the named groups of its template.

    Errors are answered as by `answering`.
    """

    def __init__(
        self,
        custom_id: str,
        *,
        label: str | None = None,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        disabled: bool = False,
    ) -> None:
        super().__init__(discord.ui.Button(custom_id=custom_id, label=label, style=style, disabled=disabled))
        match = self.template.fullmatch(custom_id)
        self.state: dict[str, str] = match.groupdict() if match else {}

    @classmethod
    async def from_custom_id(
        cls, _interaction: FromDiscord, _item: discord.ui.Item[discord.ui.View], match: re.Match[str], /
    ) -> Self:
        return cls(match[0])

    async def run(self, interaction: Interaction) -> None:
        """Answer the click."""
        raise NotImplementedError

    async def callback(self, interaction: FromDiscord) -> None:
        async with answering(interaction):
            await self.run(interaction)


class Menu(discord.ui.DynamicItem[discord.ui.Select[discord.ui.View]], template="papers:no-menu"):
    """A menu from which one option is picked; the message keeps its options. `state` is as in `Action`."""

    def __init__(
        self, custom_id: str, options: list[discord.SelectOption], *, placeholder: str | None = None
    ) -> None:
        super().__init__(discord.ui.Select(custom_id=custom_id, options=options, placeholder=placeholder))
        match = self.template.fullmatch(custom_id)
        self.state: dict[str, str] = match.groupdict() if match else {}

    @classmethod
    async def from_custom_id(
        cls, _interaction: FromDiscord, item: discord.ui.Item[discord.ui.View], match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, discord.ui.Select)  # noqa: S101 - the template is no other item's
        return cls(match[0], item.options)

    async def pick(self, interaction: Interaction, value: str) -> None:
        """Answer the person who picked the option with this *value*."""
        raise NotImplementedError

    async def pick_all(self, interaction: Interaction, values: Sequence[str]) -> None:
        """Answer the person who picked the options with these *values*; most menus take one."""
        await self.pick(interaction, values[0])

    async def callback(self, interaction: FromDiscord) -> None:
        async with answering(interaction):
            await self.pick_all(interaction, self.item.values)


@asynccontextmanager
async def answering(interaction: Interaction) -> AsyncIterator[None]:
    """Use the person's language, and answer errors as those of commands are answered.

    discord.py only logs errors in components and listeners, and the person would wait in vain.
    """
    audience.use_language_of(interaction)
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the person must get an answer to any error
        await answer_error(interaction, error)


def form_answer(
    interaction: Interaction, form: re.Pattern[str]
) -> tuple[dict[str, str], dict[str, list[str]]] | None:
    """Return the named groups of *form*, the pattern of a form's identifiers, and the values of each field.

    None if *interaction* is not the answer to such a form.
    """
    if interaction.type is not discord.InteractionType.modal_submit:
        return None
    data: Any = interaction.data or {}
    match = form.fullmatch(str(data.get("custom_id", "")))
    return (match.groupdict(), dict(_fields(data.get("components", ())))) if match else None


def _fields(components: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield the identifier and the values of every field, at any depth."""
    for component in components:
        yield from _fields(component.get("components", ()))
        inner = component.get("component")
        if inner:
            yield from _fields([inner])
        if "custom_id" in component:
            values = component.get("values", [component.get("value")])
            yield component["custom_id"], [value for value in values if value]


def page_template(name: str, state: str = "") -> str:
    """Return the template of a `PageButton`: its identifiers begin with `papers:NAME:` and hold *state*."""
    return rf"papers:{name}:{state}:(?P<page>\d{{1,6}}):(?P<turn>{'|'.join(Turn)})"


class PageButton(Action, template=page_template("none")):
    """A button below a list that leads to one of its pages; pages count from 0."""

    @classmethod
    def buttons(cls, prefix: str, page: int, pages: int) -> View | None:
        """Return the buttons below *page* of a list with *pages*; None if there is only one.

        *prefix* is the part of the identifiers before the page, `papers:NAME:STATE`.
        """
        if pages <= 1:
            return None
        view = View()
        for turn, target, leads in turns(page, pages):
            view.add_item(cls(f"{prefix}:{target}:{turn}", label=TURN_LABELS[turn], disabled=not leads))
        return view

    @property
    def page(self) -> int:
        return int(self.state["page"])
