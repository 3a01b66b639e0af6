"""The papers that were saved most in a channel or in the whole server, and the buttons below that list.

A list for everybody is of the channel where it is posted. That of another channel, or of the whole server,
depends on which channels its reader sees, so only they get it.
"""

from __future__ import annotations

from typing import Self

from bot.i18n import gettext as _
from bot.i18n import gettext_noop
from bot.interactions import access, components
from bot.interactions.context import Interaction
from bot.interactions.paper_buttons import can_discuss
from bot.interactions.permissions import require_visible
from bot.interactions.reading_list import channel_with_papers
from bot.model.subscriptions import Place
from bot.present.listing import open_menu
from bot.present.top import MOST, MostSaved, Period, Scope, top_embed
from bot.present.views import View

_LABELS = {
    Period.WEEK: gettext_noop("This week"),
    Period.MONTH: gettext_noop("This month"),
    Scope.CHANNEL: gettext_noop("This channel"),
    Scope.SERVER: gettext_noop("Whole server"),
}


class ShowTop(
    components.Action,
    template=rf"papers:top:(?P<period>{'|'.join(Period)}):(?P<scope>{'|'.join(Scope)})(?::(?P<chosen>\d+))?",
):
    """Shows another list: to the owner of a private one in its place, to everybody else in a copy."""

    @classmethod
    def buttons(cls, period: Period, scope: Scope, chosen: int = 0) -> tuple[Self, Self]:
        """Return the two buttons below the list of *period* and *scope*: each changes one of these.

        The other period is that of the *chosen* channel, too; 0 is the one where the person is.
        """
        other_period = Period.MONTH if period is Period.WEEK else Period.WEEK
        other_scope = Scope.SERVER if scope is Scope.CHANNEL else Scope.CHANNEL
        channel = f":{chosen}" if chosen else ""
        return (
            cls(f"papers:top:{other_period}:{scope}{channel}", label=_(_LABELS[other_period])),
            cls(f"papers:top:{period}:{other_scope}", label=_(_LABELS[other_scope])),
        )

    async def run(self, interaction: Interaction) -> None:
        message, chosen = interaction.message, int(self.state["chosen"] or 0)
        if chosen:
            await require_visible(interaction, Place(interaction.guild_id or 0, chosen))
        if message is not None and message.flags.ephemeral:
            await interaction.response.defer()
        else:
            await interaction.response.defer(ephemeral=True, thinking=True)
        await show_top(interaction, Period(self.state["period"]), Scope(self.state["scope"]), chosen)


async def show_top(interaction: Interaction, period: Period, scope: Scope, chosen: int = 0) -> None:
    """Put the list into the deferred answer: that of the *chosen* channel, which the person can see."""
    bot, now = interaction.client, interaction.client.clock()
    saved = await bot.store.feedback.most_saved(
        [chosen] if chosen else await _channels(interaction, scope), since=period.began(now), most=MOST
    )
    ranked = [MostSaved(paper, people) for paper, people in saved]
    view = View()
    if ranked:
        numbered = [(number, one.paper) for number, one in enumerate(ranked, 1)]
        view.add_item(open_menu(0, numbered, now.date(), discuss=await can_discuss(interaction)))
    for button in ShowTop.buttons(period, scope, chosen):
        view.add_item(button)
    await interaction.edit_original_response(embed=top_embed(ranked, period, now), view=view)


async def _channels(interaction: Interaction, scope: Scope) -> list[int]:
    """Return the channels whose saves count: the one where the person is, or all that they can see."""
    if scope is Scope.CHANNEL:
        channel = await channel_with_papers(interaction)
        return [channel] if channel else []  # 0 is where all saves outside of such channels are
    of_server = await interaction.client.store.destinations.of_guild(interaction.guild_id or 0)
    return [one.channel_id for one in await access.visible_destinations(interaction, of_server)]
