"""Buttons that outlive the process: all they need stands in their identifier or in the message itself.

A cog subclasses `Action` (or `PageButton`, for a list with pages) and registers the class once with
`bot.add_dynamic_items`. discord.py then builds the button anew at every click, so there is no view to keep in
memory and none to lose at a restart. Discord allows an identifier 100 characters.
"""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from bot import audience, tongues
from bot.present.turning import TURNS, turns

Interaction = discord.Interaction[Any]
View = discord.ui.View


class Action(discord.ui.DynamicItem[discord.ui.Button[View]], template="papers:none"):
    """A button that does one thing. `state` holds the named groups of the template.

    An error in it goes where the errors of commands go.
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
        cls, _interaction: Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match[0])

    async def run(self, interaction: Interaction) -> None:
        """Answer the click."""
        raise NotImplementedError

    async def callback(self, interaction: Interaction) -> None:
        audience.listen(interaction)
        try:
            await self.run(interaction)
        except Exception as error:  # noqa: BLE001 - discord.py would log it and leave the person waiting
            await report(interaction, error)


async def report(interaction: Interaction, error: Exception) -> None:
    """Answer the person whose click or form ended in *error*, as a command's errors are answered."""
    await interaction.client.tree.on_error(interaction, error)


def page_template(name: str, state: str = "") -> str:
    """Return the template of a `PageButton` whose identifiers begin with `papers:NAME:` and hold *state*."""
    return rf"papers:{name}:{state}:(?P<page>\d{{1,6}}):(?P<turn>{'|'.join(TURNS)})"


class PageButton(Action, template=page_template("none")):
    """A button under a list that leads to one of its pages; pages count from 0."""

    @classmethod
    def buttons(cls, prefix: str, page: int, pages: int) -> View | None:
        """Return the buttons under *page* of a list of *pages*; None where there is nothing to turn.

        *prefix* is what stands before the page in the identifiers, `papers:NAME:STATE`.
        """
        if pages <= 1:
            return None
        view = View(timeout=None)
        for turn, target, leads in turns(page, pages):
            view.add_item(cls(f"{prefix}:{target}:{turn}", label=TURNS[turn], disabled=not leads))
        return view

    async def callback(self, interaction: Interaction) -> None:
        """Turn the page in the language of the message, which everybody may see."""
        tongues.speak(audience.of_message(interaction))
        try:
            await self.run(interaction)
        except Exception as error:  # noqa: BLE001 - see `Action.callback`
            audience.listen(interaction)
            await report(interaction, error)

    @property
    def page(self) -> int:
        return int(self.state["page"])
