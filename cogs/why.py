"""`/why`: the history of any paper in the channels of this server, or in one's direct messages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import discord
from discord import app_commands
from discord.ext import commands

from bot.arxiv.calendar import last_announced, next_announced
from bot.i18n import gettext as _
from bot.interactions import permissions
from bot.interactions.access import visible_destinations
from bot.interactions.ask_arxiv import asker_of, fetch_papers
from bot.interactions.context import Bot, Interaction
from bot.interactions.place import ChannelOption, ChosenChannel, place_of
from bot.interactions.subscriptions import destination_of
from bot.model.errors import ArxivError, UserError
from bot.model.history import Arrival, History
from bot.model.links import read_paper
from bot.model.papers import Paper, PaperId
from bot.model.subscriptions import Destination
from bot.present import places
from bot.present.why import ShownCloseness, why_embed
from bot.query.text import analyze_paper
from bot.rules.why import Explanation, explain

_NEAREST = 3  # channels shown if the paper concerns none
_CLOSEST = 5  # channels for which the paper is compared with what is saved


class Why(commands.Cog):
    """Explains what became of a paper; arXiv is asked about papers that no poll has found for them."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(description="Explain why a paper was posted here, when and where, or why not")
    @app_commands.describe(
        paper="An identifier or link, such as 2607.16206, hep-th/9901001, or https://arxiv.org/abs/…",
        channel="Only this channel (default: all channels that you can see)",
    )
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def why(self, interaction: Interaction, paper: str, channel: ChannelOption | None = None) -> None:
        wanted, _version = read_paper(paper)
        await interaction.response.defer(ephemeral=True, thinking=True)
        channels = await self._channels(interaction, channel)
        history = await self.bot.store.history.of(wanted, channels)
        found_at = history.found_at
        # Without a look-up, the answer would tell that somebody else's poll has found the paper.
        known = history.paper if history.paper and found_at else await self._look_up(interaction, wanted)
        reach = timedelta(days=self.bot.settings.poll.deep_look_back_days)
        explanations = await asyncio.to_thread(_explanations, history, known, self.bot.clock(), reach)
        embed = why_embed(
            known,
            explanations,
            first_seen=found_at,
            forums=_forums(interaction, channels),
            where=_where(interaction, channel),
            closeness=await self._closeness(known, history, explanations),
        )
        await interaction.edit_original_response(embed=embed)

    async def _closeness(
        self, paper: Paper, history: History, explanations: Sequence[Explanation]
    ) -> dict[int, ShownCloseness]:
        """Return how close *paper* is to what is saved in the channels that got it, or would."""
        arrivals = {channel.destination.id: channel.arrival for channel in history.channels}
        return {
            one.destination.id: await self._closeness_in(
                paper, one.destination.id, arrivals[one.destination.id]
            )
            for one in explanations[:_CLOSEST]
            if one.is_relevant
        }

    async def _closeness_in(self, paper: Paper, destination: int, arrival: Arrival | None) -> ShownCloseness:
        known, choices = self.bot.interests, self.bot.store.choices
        mark = (await choices.marks(destination, [paper.id])).get(paper.id)
        learnt = await known.of_channel(destination)
        terms, nearest, standing, late = mark.terms if mark else (), None, None, False
        if learnt.is_enough:
            terms = terms or (await (await known.scoring()).reasons(learnt, [paper]))[paper.id]
            nearest = await known.nearest(learnt, paper)
        if arrival is not None:
            day = last_announced(arrival.at), next_announced(arrival.at)
            standing = await choices.standing(destination, paper.id, *day)
            late = standing is not None and standing.place <= arrival.beyond_best
        return ShownCloseness(mark, terms, nearest, standing, late)

    async def _channels(self, interaction: Interaction, channel: ChosenChannel | None) -> list[Destination]:
        """Return the channel that was chosen, or all that the person can see, the present one first.

        Raises:
            UserError: they cannot see the channel.
        """
        if interaction.guild_id is None or channel is not None:
            place = place_of(interaction, channel)
            await permissions.require_visible(interaction, place, channel)
            one = await destination_of(self.bot, place)
            return [one] if one is not None else []
        of_server = await self.bot.store.destinations.of_guild(interaction.guild_id)
        visible = await visible_destinations(interaction, of_server)
        return sorted(visible, key=lambda one: one.channel_id != interaction.channel_id)

    async def _look_up(self, interaction: Interaction, wanted: PaperId) -> Paper:
        """Return a paper that no poll has found for these channels, as arXiv has it now.

        Raises:
            UserError: arXiv has no such paper or cannot be asked, or the person asked too often.
        """
        try:
            papers = await fetch_papers(self.bot.arxiv, [wanted], asker=asker_of(interaction))
        except ArxivError as error:
            raise UserError(
                _(
                    "No poll has found {paper} for a channel that you can see, so it was not posted there. I "
                    "cannot say why, because arXiv is not responding. Please try again in a few minutes."
                ).format(paper=wanted)
            ) from error
        if wanted not in papers:
            raise UserError(
                _(
                    "No poll has found {paper} for a channel that you can see, and arXiv has no such paper. "
                    "Please check the number on the paper's page."
                ).format(paper=wanted)
            )
        return papers[wanted]


def _explanations(history: History, paper: Paper, now: datetime, reach: timedelta) -> list[Explanation]:
    """Return the explanations of the relevant channels; if there are none, of the closest ones."""
    analyzed = analyze_paper(paper)
    highest: Mapping[int, int] = history.highest
    explanations = [
        explain(channel, analyzed, highest=highest, now=now, reach=reach) for channel in history.channels
    ]
    if relevant := [one for one in explanations if one.is_relevant]:
        return relevant
    return sorted(explanations, key=lambda one: -one.closeness)[:_NEAREST]


def _forums(interaction: Interaction, channels: list[Destination]) -> set[int]:
    guild = interaction.guild
    return {
        one.channel_id
        for one in channels
        if guild is not None and isinstance(guild.get_channel(one.channel_id), discord.ForumChannel)
    }


def _where(interaction: Interaction, channel: ChosenChannel | None) -> str:
    if interaction.guild_id is not None and channel is None:
        return _("this server")
    return places.mention(place_of(interaction, channel))


async def setup(bot: Bot) -> None:
    """Register the command."""
    await bot.add_cog(Why(bot))
