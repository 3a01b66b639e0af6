"""Shows what following an author would bring: papers, names, namesakes and the query, before it is saved.

`bot.interactions.follow` handles the clicks. Where a subscription would go is in the identifiers, and the
message holds its query and options.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import discord

from bot.arxiv.client import Sort
from bot.i18n import gettext as _
from bot.interactions import ask_arxiv
from bot.interactions.context import Interaction
from bot.model.errors import UserError
from bot.model.papers import Paper
from bot.model.subscriptions import Deliver
from bot.present import limits
from bot.present.authors import (
    EVERYBODY,
    FOLLOW,
    NO_OPTIONS,
    WHO_IS_MEANT,
    AuthorOptions,
    AuthorPreview,
    choices_of,
    nobody_embed,
    preview_embed,
)
from bot.present.views import View
from bot.query.person_names import read_name
from bot.query.query import parse
from bot.ranking.authors import (
    AuthorQuery,
    Guard,
    Namesake,
    Namesakes,
    narrow_query,
    narrowed,
    wide_query,
)

_FETCHED = 200  # papers a request
TARGET = rf"(?P<target>s\d+|\d+:(?:{'|'.join(Deliver)}):[01])"
"""Where the subscription goes, in an identifier: see `Target`."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a subscription to an author goes: to a channel, 0 for the one where the person is.

    If *replaces* is the number of a subscription, it takes that one's place and options instead.
    """

    channel: int = 0
    deliver: Deliver = Deliver.LIVE
    revisions: bool = False
    replaces: int = 0

    @classmethod
    def read(cls, text: str) -> Target:
        """Return the target that `str` wrote."""
        if text.startswith("s"):
            return cls(replaces=int(text[1:]))
        channel, deliver, revisions = text.split(":")
        return cls(int(channel), Deliver(deliver), revisions == "1")

    def __str__(self) -> str:
        return (
            f"s{self.replaces}" if self.replaces else f"{self.channel}:{self.deliver}:{int(self.revisions)}"
        )


def preview_button(name: str, label: str, target: Target) -> discord.ui.Button[discord.ui.View] | None:
    """Return the button that leads to the preview of *name*; None if its identifier has no room for it."""
    custom_id = f"papers:author:{target}:{name}"
    return discord.ui.Button(label=label, custom_id=custom_id) if _fits(custom_id) else None


async def show_preview(
    interaction: Interaction,
    name: str,
    target: Target,
    chosen: str = EVERYBODY,
    options: AuthorOptions = NO_OPTIONS,
) -> None:
    """Put the preview of following *name* into the deferred answer; *chosen* is a value of its menu.

    Only papers that *options* admit are looked at.

    Raises:
        UserError: *name* is no name, or the person asked arXiv too often.
        ArxivError: arXiv could not be asked.
    """
    readings = read_name(name)
    papers, total = await _papers(interaction, wide_query(readings), narrow_query(readings), options)
    longest = interaction.client.settings.limits.query_length
    namesakes = await asyncio.to_thread(Namesakes, readings, papers, longest, options.co_author)
    if not namesakes.people:
        await interaction.edit_original_response(embed=nobody_embed(name), view=None)
        return
    person, choice = _chosen(namesakes, chosen)
    choices = await asyncio.to_thread(choices_of, namesakes, chosen)
    today = interaction.client.clock().date()
    preview = AuthorPreview(name, namesakes, choice, person, len(papers), total, options, today)
    view = View()
    view.add_item(
        discord.ui.Button(
            label=_(FOLLOW), custom_id=f"papers:follow:{target}", style=discord.ButtonStyle.primary
        )
    )
    narrow = f"papers:narrow:{target}:{name}"
    if choices and _fits(narrow):
        view.add_item(discord.ui.Select(custom_id=narrow, options=choices, placeholder=_(WHO_IS_MEANT)))
    await interaction.edit_original_response(embed=preview_embed(preview), view=view)


def co_author_query(name: str) -> str:
    """Return a query for the papers of whoever has *name*, in its usual forms.

    Raises:
        UserError: *name* is no name.
    """
    readings = read_name(name)
    return narrow_query(readings) or wide_query(readings)


async def _papers(
    interaction: Interaction, wide: str, narrow: str, options: AuthorOptions
) -> tuple[list[Paper], int]:
    """Return the newest papers that may be by the name, and how many arXiv has.

    If there are more than one answer holds, the usual forms of the name alone are asked for as well.
    """
    found: dict[str, Paper] = {}
    total = 0
    for text in filter(None, (wide, narrow)):
        page = await ask_arxiv.search(
            interaction.client.arxiv,
            parse(narrowed(text, options.categories, options.co_author)).arxiv,
            start=0,
            count=_FETCHED,
            sort=Sort.SUBMITTED,
            asker=ask_arxiv.asker_of(interaction),
        )
        found |= {paper.id.text: paper for paper in page.papers}
        total = page.total
        if page.total <= len(page.papers):
            break
    return list(found.values()), max(total, len(found))


def _chosen(namesakes: Namesakes, chosen: str) -> tuple[Namesake | None, AuthorQuery]:
    """Return the person and the query that the option *chosen* stands for.

    Raises:
        UserError: arXiv's answer has changed so that it stands for nobody.
    """
    if chosen == EVERYBODY:
        return None, namesakes.everybody()
    for person in namesakes.people:
        if any(paper.id.text == chosen[1:] for paper in person.papers):
            choice = namesakes.only(person, Guard(chosen[0]))
            if choice is not None:
                return person, choice
    raise UserError(_("arXiv's papers have changed meanwhile. Please use `/follow author` again."))


def _fits(custom_id: str) -> bool:
    return limits.length(custom_id) <= limits.CUSTOM_ID
