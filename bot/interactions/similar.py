"""Papers like a given one, for whoever asks; and a subscription to such papers, whose query they can edit."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import discord

from bot.i18n import gettext as _
from bot.interactions import permissions
from bot.interactions.ask_arxiv import find_paper
from bot.interactions.context import Interaction
from bot.interactions.paper_buttons import OfPaper, can_discuss
from bot.interactions.place import place_of
from bot.interactions.subscribe import subscribe_place
from bot.model.errors import UserError
from bot.model.papers import PaperId
from bot.model.subscriptions import Options
from bot.present import limits
from bot.present.buttons import PAPER
from bot.present.listing import open_menu, save_menu
from bot.present.similar import similar_embed
from bot.present.views import Form, View
from bot.query.query import read_query

_PATIENCE = timedelta(seconds=1.5)  # Discord opens a form within three seconds of the click or never
SIMILAR_FORM = re.compile(r"papers:similar-form:")
_QUERY = "query"


class MoreLikeThis(OfPaper, template=rf"papers:similar:{PAPER}"):
    """Shows the stored papers that are most like this one to whoever clicks."""

    name = "similar"

    async def run(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_similar(interaction, self.paper)


class SubscribeToSimilar(OfPaper, template=rf"papers:like:{PAPER}"):
    """Opens a form with a query for papers like this one, to which the channel is subscribed.

    The form is empty if it takes too long to make the query.
    """

    name = "like"

    async def run(self, interaction: Interaction) -> None:
        bot = interaction.client
        await permissions.require_manager(interaction, place_of(interaction, None))
        longest = bot.settings.limits.query_length
        form = Form(title=_("Subscribe to papers like this"), custom_id="papers:similar-form:")
        field: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
            custom_id=_QUERY,
            default=(await self._query(interaction))[:longest] or None,
            max_length=min(longest, limits.TEXT_INPUT),
        )
        form.add_item(discord.ui.Label(text=_("Keyword or query"), component=field))
        await interaction.response.send_modal(form)

    async def _query(self, interaction: Interaction) -> str:
        """Return a query for papers like this one; "" if none can be made in time."""
        bot = interaction.client
        try:
            async with asyncio.timeout(_PATIENCE.total_seconds()):
                paper = await bot.store.papers.get(self.paper) or bot.arxiv.remembered(self.paper)
                return await bot.similar.query_for(paper) if paper else ""
        except TimeoutError:
            return ""


async def show_similar(interaction: Interaction, wanted: PaperId) -> None:
    """Put the papers that are most like the one *wanted* into the deferred answer.

    Raises:
        UserError: the person searched too often, or nobody knows the paper.
        ArxivError: arXiv could not be asked, and the paper is not stored.
    """
    bot = interaction.client
    paper = await find_paper(interaction, wanted)
    alike = await bot.similar.to(paper)
    today = bot.clock().date()
    embed = similar_embed(paper, [(one.paper, one.terms) for one in alike], today)
    numbered = list(enumerate((one.paper for one in alike), 1))
    view = View()
    if numbered:
        view.add_item(open_menu(0, numbered, today, discuss=await can_discuss(interaction)))
        view.add_item(save_menu("papers:save-some:0", numbered, today))
    if permissions.may_subscribe_here(interaction):
        view.add_item(SubscribeToSimilar.of(paper.id))
    await interaction.edit_original_response(embed=embed, view=view if view.children else None)


async def subscribe_to_typed(
    interaction: Interaction, _state: dict[str, str], filled: dict[str, list[str]]
) -> None:
    """Subscribe the channel to the query in a filled form, as `/subscribe` does.

    Raises:
        UserError: the query is not valid, or what `subscribe_place` raises.
    """
    typed = " ".join(filled.get(_QUERY, []))
    if not typed.strip():
        raise UserError(_("Type a keyword or a query."))
    await interaction.response.defer(ephemeral=True, thinking=True)
    place = place_of(interaction, None)
    await permissions.require_manager(interaction, place)
    query = read_query(typed, interaction.client.settings.limits.query_length)
    await subscribe_place(interaction, place, query, Options())
