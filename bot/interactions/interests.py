"""The interests of channels and people: shown, added to, and reset, by commands, buttons and a form.

A channel's are shown to all who see the channel, and changed by those who manage it. A person's own are their
reading list, and theirs alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import discord

from bot.i18n import gettext as _
from bot.interactions import components
from bot.interactions.ask_arxiv import find_paper
from bot.interactions.context import Interaction
from bot.interactions.given_papers import GivenPapers
from bot.interactions.paper_buttons import OfPaper
from bot.interactions.permissions import require_manage_channels, require_manager, require_visible
from bot.interactions.place import ChosenChannel, name_of, place_of
from bot.interactions.reading_list import counting_channel
from bot.model.errors import UserError
from bot.model.interests import Verdict
from bot.model.papers import PaperId
from bot.model.subscriptions import Destination, Place
from bot.present import interests, limits
from bot.present.buttons import PAPER
from bot.present.views import Form, View
from bot.relevance.scoring import Learnt

INTEREST_FORM = re.compile(r"papers:interest-form:(?P<channel>\d+)")
_PAPERS = "papers"


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose interest is meant: that of a *place* or (None) of the person who asks."""

    place: Place | None = None

    @property
    def channel_id(self) -> int:
        """The channel, 0 for the person."""
        return self.place.channel_id if self.place else 0


def whose_of(interaction: Interaction, chosen: ChosenChannel | None, *, mine: bool) -> Whose:
    """Return whose interest a command means: in direct messages and with *mine* the person's own."""
    if mine or interaction.guild_id is None or interaction.context.private_channel:
        return Whose()
    return Whose(place_of(interaction, chosen))


async def destination_of(interaction: Interaction, whose: Whose) -> Destination | None:
    """Return the destination of a channel's interest; None if it gets no papers, or for a person's own."""
    if whose.place is None:
        return None
    return await interaction.client.store.destinations.by_channel(whose.channel_id)


async def learnt_of(interaction: Interaction, whose: Whose) -> Learnt:
    """Return the interest, which may be empty."""
    known = interaction.client.interests
    if whose.place is None:
        return await known.of_person(interaction.user.id)
    destination = await destination_of(interaction, whose)
    return await known.of_channel(destination.id if destination else 0)


async def shown(interaction: Interaction, whose: Whose, *, manages: bool) -> tuple[discord.Embed, View]:
    """Return an interest in words, and the buttons for it; those that change it where one *manages* it."""
    learnt = await learnt_of(interaction, whose)
    words = await interaction.client.interests.in_words(learnt)
    name = name_of(interaction, whose.place) if whose.place else ""
    embed = interests.interest_embed(
        interests.ShownInterest(
            name,
            learnt.evidence,
            learnt.is_enough,
            most=words.most,
            some=words.some,
            less=words.less,
        )
    )
    view, channel = View(), whose.channel_id
    if manages:
        style = discord.ButtonStyle.primary
        view.add_item(ChangeInterest(f"papers:interest:add:{channel}", label=_("Add papers"), style=style))
    view.add_item(ShowSources(f"papers:sources:{channel}", label=_("Sources")))
    if manages and whose.place:
        style = discord.ButtonStyle.danger
        view.add_item(ChangeInterest(f"papers:interest:reset:{channel}", label=_("Reset"), style=style))
    return embed, view


async def add(interaction: Interaction, whose: Whose, given: GivenPapers) -> discord.Embed:
    """Give papers to an interest, which its owner may change; return the answer."""
    bot, now = interaction.client, interaction.client.clock()
    if whose.place is None:
        most = bot.settings.limits.saved_papers
        became = await bot.store.library.save(interaction.user.id, given.papers, now, most=most)
    else:
        destination = await bot.store.destinations.ensure(whose.place, now)
        became = await bot.store.feedback.give(destination.id, given.papers, Verdict.MORE, now)
    by_id = {paper.id: paper for paper in given.papers}
    added = [by_id[paper] for paper in became.added]
    return interests.added_embed(
        added, len(became.known), given.notes, left=len(became.left), own=whose.place is None
    )


async def take_back(interaction: Interaction, whose: Whose, paper: PaperId) -> discord.Embed:
    """Let an interest forget a paper; return the answer.

    Raises:
        UserError: it was not learnt from that paper.
    """
    store, now = interaction.client.store, interaction.client.clock()
    if whose.place is None:
        gone = bool(await store.library.remove(interaction.user.id, paper))
        gone = bool(await store.feedback.undislike(interaction.user.id, paper)) or gone
    else:
        destination = await destination_of(interaction, whose)
        gone = destination is not None and await store.feedback.take_back(destination.id, paper, now)
    if not gone:
        raise UserError(_("This interest was not learnt from {paper}.").format(paper=paper))
    known = await store.papers.get(paper)
    return interests.removed_embed(known.title if known else paper.text)


async def reset(interaction: Interaction, whose: Whose) -> discord.Embed:
    """Let an interest begin anew; return the answer. A person's reading list stays as it is."""
    store = interaction.client.store
    if whose.place is None:
        await store.feedback.undislike(interaction.user.id)
        return interests.own_reset_embed()
    if destination := await destination_of(interaction, whose):
        await store.feedback.reset(destination.id, interaction.client.clock())
    return interests.reset_embed()


async def ask_reset(interaction: Interaction, place: Place) -> None:
    """Ask whether a channel's interest is to be reset, and say what it is."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    learnt = await learnt_of(interaction, Whose(place))
    words = await interaction.client.interests.in_words(learnt)
    view = View()
    style = discord.ButtonStyle.danger
    view.add_item(
        ChangeInterest(f"papers:interest:forget:{place.channel_id}", label=_("Begin anew"), style=style)
    )
    embed = interests.reset_question(name_of(interaction, place), words.most)
    await interaction.edit_original_response(embed=embed, view=view)


def _whose_is(interaction: Interaction, channel_id: int) -> Whose:
    """Return whose interest a component names: that of a channel of this server, or (0) the person's own."""
    return Whose(Place(interaction.guild_id or 0, channel_id)) if channel_id else Whose()


class ShowSources(components.Action, template=r"papers:sources:(?P<channel>\d+)"):
    """Lists the papers behind an interest."""

    async def run(self, interaction: Interaction) -> None:
        whose = _whose_is(interaction, int(self.state["channel"]))
        if whose.place:
            await require_visible(interaction, whose.place)
        await interaction.response.defer(ephemeral=True, thinking=True)
        given = list((await learnt_of(interaction, whose)).evidence.given)
        papers = await interaction.client.store.papers.get_many(given[: limits.CHOICES])
        name = name_of(interaction, whose.place) if whose.place else ""
        await interaction.edit_original_response(embed=interests.sources_embed(name, papers, len(given)))


class ChangeInterest(
    components.Action, template=r"papers:interest:(?P<action>add|reset|forget):(?P<channel>\d+)"
):
    """Opens the form to add papers, asks whether to reset an interest, or does so."""

    async def run(self, interaction: Interaction) -> None:
        whose = _whose_is(interaction, int(self.state["channel"]))
        if whose.place:
            await require_manager(interaction, whose.place)
        match self.state["action"]:
            case "add":
                await interaction.response.send_modal(_form(whose))
            case "reset" if whose.place:
                await ask_reset(interaction, whose.place)
            case _:
                await interaction.response.edit_message(embed=await reset(interaction, whose), view=None)


def _form(whose: Whose) -> discord.ui.Modal:
    form = Form(title=_("Add papers"), custom_id=f"papers:interest-form:{whose.channel_id}")
    text: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id=_PAPERS, style=discord.TextStyle.paragraph, max_length=limits.TEXT_INPUT
    )
    explained = _("arXiv links or identifiers. For a file, use /interests add.")
    form.add_item(discord.ui.Label(text=_("Papers that you like"), description=explained, component=text))
    return form


async def whose_of_form(interaction: Interaction, state: dict[str, str]) -> Whose:
    """Return whose interest a form was opened for, which the person may change.

    Raises:
        UserError: they may not, or no longer.
    """
    whose = _whose_is(interaction, int(state["channel"]))
    if whose.place:
        rights = await require_visible(interaction, whose.place)
        require_manage_channels(interaction, whose.place, rights)
    return whose


def typed_in_form(filled: dict[str, list[str]]) -> str:
    """Return what a person typed into the form."""
    return " ".join(filled.get(_PAPERS, []))


class LessLikeThis(OfPaper, template=rf"papers:less:{PAPER}"):
    """Stores that a person wants fewer such papers; in a channel with papers it counts there, like a save."""

    name = "less"

    async def run(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        store, now = interaction.client.store, interaction.client.clock()
        paper = await find_paper(interaction, self.paper)
        channel = await counting_channel(interaction)
        if not await store.feedback.dislike(interaction.user.id, paper, now, channel_id=channel):
            raise UserError(interests.no_room_for_less())
        destination = await store.destinations.by_channel(channel) if channel else None
        # Not where a manager added the paper, nor from people whose saves do not count.
        counts = destination and paper.id in (await store.feedback.of_channel(destination.id)).less
        view = View()
        view.add_item(TakeBackLess.of(paper.id, _("Take back")))
        embed = interests.less_embed(paper, in_channel=bool(counts))
        await interaction.edit_original_response(embed=embed, view=view)


class TakeBackLess(OfPaper, template=rf"papers:unless:{PAPER}"):
    """Takes back that a person wants fewer such papers, under the answer that says so."""

    name = "unless"

    async def run(self, interaction: Interaction) -> None:
        store = interaction.client.store
        if not await store.feedback.undislike(interaction.user.id, self.paper):
            raise UserError(_("You have taken that back already."))
        known = await store.papers.get(self.paper)
        embed = interests.less_taken_back_embed(known.title if known else self.paper.text)
        await interaction.response.edit_message(embed=embed, view=None)
