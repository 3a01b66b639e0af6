"""`/status` and `/help`."""

from __future__ import annotations

import enum
from dataclasses import replace
from datetime import datetime

import discord
from discord import app_commands
from discord.ext import commands

from bot import __version__
from bot.delivery import rights
from bot.i18n import format_number, ngettext
from bot.i18n import gettext as _
from bot.interactions import components
from bot.interactions.access import managed_destinations, visible_destinations
from bot.interactions.context import Bot, Interaction
from bot.interactions.place import name_of
from bot.interactions.subscriptions import require_managed, visible_subscriptions
from bot.model.errors import UserError
from bot.model.subscriptions import Destination, State, Subscription
from bot.present import limits, places
from bot.present.help import help_embed
from bot.present.status import (
    FailedPost,
    HeldChannel,
    LastRound,
    OperatorReport,
    OverflowChannel,
    StatusReport,
    StoppedChannel,
    status_embed,
)
from bot.present.views import View
from bot.rules.digest import next_due
from bot.rules.pace import day_of

_FAILED = 5
_NAME = 40


class HeldChoice(enum.StrEnum):
    """What becomes of held papers; the values are part of the identifiers of posted buttons."""

    POST = "post"
    DIGEST = "digest"
    DROP = "drop"


class Decide(components.Action, template=rf"papers:held:(?P<id>\d+):(?P<decision>{'|'.join(HeldChoice)})"):
    """Decides on the papers that are held back in a channel."""

    @classmethod
    def choices(cls, destination: Destination, name: str) -> list[Decide]:
        """Return the buttons for a channel that is called *name*."""
        listed = _("{channel}: put them in the digest") if destination.schedule else _("{channel}: list them")
        labels = {
            HeldChoice.POST: _("{channel}: post them"),
            HeldChoice.DIGEST: listed,
            HeldChoice.DROP: _("{channel}: drop them"),
        }
        styles = {HeldChoice.DROP: discord.ButtonStyle.danger}
        return [
            cls(
                f"papers:held:{destination.id}:{decision}",
                label=label.format(channel=name[:_NAME]),
                style=styles.get(decision, discord.ButtonStyle.secondary),
            )
            for decision, label in labels.items()
        ]

    async def run(self, interaction: Interaction) -> None:
        bot = interaction.client
        destination = await bot.store.destinations.get(int(self.state["id"]))
        if destination is None or not await visible_destinations(interaction, [destination]):
            raise UserError(
                _("That channel no longer has any subscriptions. Use `/subscribe` to start again.")
            )
        await require_managed(interaction, destination)
        await interaction.response.defer()
        answer = await self._decide(bot, destination)
        await interaction.edit_original_response(content=answer, view=None)

    async def _decide(self, bot: Bot, destination: Destination) -> str:
        held = bot.store.held
        match HeldChoice(self.state["decision"]):
            case HeldChoice.POST:
                papers = await held.post(destination.id, bot.clock())
                answer = ngettext(
                    "{count} paper will be posted in {where}.",
                    "{count} papers will be posted in {where}.",
                    papers,
                )
                bot.wake_delivery()
            case HeldChoice.DIGEST:
                papers = await held.to_digest(destination.id, bot.clock())
                answer = ngettext(
                    "{count} paper will be listed in {where}.",
                    "{count} papers will be listed in {where}.",
                    papers,
                )
            case HeldChoice.DROP:
                papers = await held.drop(destination.id)
                answer = ngettext(
                    "{count} paper will not be posted in {where}.",
                    "{count} papers will not be posted in {where}.",
                    papers,
                )
        if not papers:
            answer = _("No papers are held back in {where} any longer.")
        return answer.format(count=format_number(papers), where=places.mention(destination.place))


class Status(commands.Cog):
    """Says whether papers arrive, and if not, why; and what the bot can do."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(description="Check whether papers arrive here, and if not, why")
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def status(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        report = await self._report(interaction)
        view = await self._decisions(interaction, report)
        await interaction.edit_original_response(embed=status_embed(report), view=view)

    @app_commands.command(description="What this bot does, and how to write keywords")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def help(self, interaction: Interaction) -> None:
        await interaction.response.send_message(embed=help_embed(), ephemeral=True)

    async def _decisions(self, interaction: Interaction, report: StatusReport) -> View | None:
        """Return the buttons for the held papers that the person may decide on, a row for each channel."""
        view = View()
        for held in report.held:
            destination = await self.bot.store.destinations.by_channel(held.place.channel_id)
            if destination is None or not await managed_destinations(interaction, [destination]):
                continue
            row = len(view.children) // len(HeldChoice)
            for button in Decide.choices(destination, name_of(interaction, destination.place)):
                button.row = row
                view.add_item(button)
            if row == limits.ACTION_ROWS - 1:
                break
        return view if view.children else None

    async def _report(self, interaction: Interaction) -> StatusReport:
        bot, store = self.bot, self.bot.store
        subscriptions, visible = await self._subscriptions_and_channels(interaction)
        shown = {one.id for one in visible}
        now = bot.clock()
        report = StatusReport(
            version=__version__,
            uptime=now - bot.started_at,
            requests=bot.arxiv.requests,
            queries=len(await store.queries.active()),
            subscriptions=len(subscriptions),
            channels=len({one.destination.id for one in subscriptions}),
            waiting=await store.outbox.depth(shown),
            paused=[StoppedChannel(one.place, one.reason) for one in visible if one.state is State.PAUSED],
            ended=[StoppedChannel(one.place, one.reason) for one in visible if one.state is State.GONE],
            unread=[
                one.place
                for one in visible
                if one.state is State.ACTIVE and not rights.may_look_back(bot, one)
            ],
            failed=[
                FailedPost(row.subject, row.destination.place, row.error)
                for row in await store.outbox.failed(shown, _FAILED)
            ],
            held=[
                HeldChannel(one.destination.place, one.papers, one.since)
                for one in await store.held.waiting(shown)
            ],
            overflow=[
                OverflowChannel(one.destination.place, one.papers, one.destination.schedule is not None)
                for one in await store.overflow.waiting(day_of(None, now))
                if one.destination.id in shown
            ],
            next_digest=await self._next_digest(visible, interaction.channel_id),
            operator=await self._for_operators() if await bot.is_owner(interaction.user) else None,
            now=now,
        )
        if bot.poller is None:
            return report
        polls = bot.poller.report
        return replace(
            report,
            state=polls.state,
            state_since=polls.since,
            last_poll=polls.when,
            next_poll=polls.next,
            error=polls.error,
            requests=bot.poller.requests,
            roads=bot.poller.roads,
            checked=polls.checked,
        )

    async def _subscriptions_and_channels(
        self, interaction: Interaction
    ) -> tuple[list[Subscription], list[Destination]]:
        """Return the subscriptions and the channels of the server that the person can see, or their own."""
        store = self.bot.store
        if interaction.guild_id is None:
            own = await store.subscriptions.of_user(interaction.user.id)
            return own, list({one.destination.id: one.destination for one in own}.values())
        destinations = await store.destinations.of_guild(interaction.guild_id)
        return await visible_subscriptions(interaction), await visible_destinations(interaction, destinations)

    async def _next_digest(self, destinations: list[Destination], channel_id: int | None) -> datetime | None:
        """Return when the digest of the channel is due where the command was typed."""
        here = next((one for one in destinations if one.channel_id == channel_id), None)
        if here is None or here.schedule is None:
            return None
        return next_due(here.schedule, await self.bot.store.digests.last_run(here.id), self.bot.clock())

    async def _for_operators(self) -> OperatorReport:
        """Return what concerns the whole process, and so only its owner."""
        bot, store = self.bot, self.bot.store
        last_round = None
        if bot.poller is not None:
            polls = bot.poller.report
            last_round = LastRound(polls.requests, polls.papers, polls.matched, polls.unclaimed)
        return OperatorReport(
            servers=len(bot.guilds),
            shards=len(bot.shards),
            channels=await store.destinations.counts(),
            queued=await store.outbox.depth(),
            papers=await store.papers.count(),
            arxiv_responded_at=bot.arxiv.last_success,
            arxiv_error=bot.arxiv.last_error,
            failing={job.name: job.last_error for job in bot.jobs.values() if job.last_error},
            last_round=last_round,
        )


async def setup(bot: Bot) -> None:
    """Register the commands, and the buttons of earlier answers."""
    bot.add_dynamic_items(Decide)
    await bot.add_cog(Status(bot))
