"""`/status` and `/help`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import discord
from discord import app_commands
from discord.ext import commands

from bot import __version__
from bot.delivery import rights
from bot.i18n import format_number, gettext_noop, ngettext
from bot.i18n import gettext as _
from bot.interactions import components, permissions
from bot.interactions.context import Bot, Interaction
from bot.interactions.place import name_of
from bot.model.errors import UserError
from bot.model.subscriptions import Destination, State, Subscription
from bot.present import limits
from bot.present.help import help_embed
from bot.present.status import FailedPost, HeldPlace, OverflowPlace, PausedPlace, StatusReport, status_embed
from bot.rules.digest import next_due
from bot.rules.pace import day_of

_FAILED = 5
_NAME = 40
_STATES = (
    gettext_noop("active"),
    gettext_noop("paused"),
    gettext_noop("gone"),
)  # as the store counts channels


class Decide(components.Action, template=r"papers:held:(?P<id>\d+):(?P<how>post|digest|drop)"):
    """Decide on the papers that are held back from a channel."""

    @classmethod
    def choices(cls, destination: Destination, name: str) -> list[Decide]:
        """Return the buttons for a channel that people call *name*."""
        listed = _("{channel}: into the digest") if destination.schedule else _("{channel}: as a list")
        labels = {"post": _("{channel}: post them"), "digest": listed, "drop": _("{channel}: drop them")}
        styles = {"drop": discord.ButtonStyle.danger}
        return [
            cls(
                f"papers:held:{destination.id}:{how}",
                label=label.format(channel=name[:_NAME]),
                style=styles.get(how, discord.ButtonStyle.secondary),
            )
            for how, label in labels.items()
        ]

    async def run(self, interaction: Interaction) -> None:
        bot = interaction.client
        destination = await bot.store.destinations.get(int(self.state["id"]))
        if destination is None:
            raise UserError(
                _("That channel is not subscribed to anything any more; `/subscribe` begins anew.")
            )
        place = destination.place
        permissions.require_manager(interaction, place)
        await interaction.response.defer()
        held, how = bot.store.held, self.state["how"]
        if how == "post":
            papers = await held.post(destination.id, bot.clock())
            said = ngettext("{count} paper will be posted.", "{count} papers will be posted.", papers)
            bot.wake_delivery()
        elif how == "digest":
            papers = await held.to_digest(destination.id, bot.clock())
            said = ngettext("{count} paper will be listed.", "{count} papers will be listed.", papers)
        else:
            papers = await held.drop(destination.id)
            said = ngettext("{count} paper will be left out.", "{count} papers will be left out.", papers)
        if not papers:
            said = _("Nothing is held back there any more.")
        said = said.format(count=format_number(papers))
        await interaction.edit_original_response(content=f"{place.mention}: {said}", view=None)


class Status(commands.Cog):
    """Say whether papers arrive, and if not, why; and what can be asked of the bot."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(description="Whether papers arrive here, and if not, why")
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def status(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        report = await self._report(interaction)
        view = await self._decisions(interaction, report)
        await interaction.edit_original_response(embed=status_embed(report), view=view)

    @app_commands.command(description="What this bot does, and how keywords are written")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def help(self, interaction: Interaction) -> None:
        await interaction.response.send_message(embed=help_embed(), ephemeral=True)

    async def _decisions(self, interaction: Interaction, report: StatusReport) -> components.View | None:
        """Return the buttons for the held papers that the person may decide on."""
        view = components.View(timeout=None)
        for held in report.held:
            one = await self.bot.store.destinations.by_channel(held.channel_id)
            if one is None or not permissions.may_manage(interaction, one.place):
                continue
            row = len(view.children) // 3
            for button in Decide.choices(one, name_of(interaction, one.place)):
                button.row = row
                view.add_item(button)
            if row == limits.ACTION_ROWS - 1:
                break
        return view if view.children else None

    async def _report(self, interaction: Interaction) -> StatusReport:
        bot, store = self.bot, self.bot.store
        subscriptions, visible = await self._known(interaction)
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
            paused=[PausedPlace(one.channel_id, one.reason) for one in visible if one.state is State.PAUSED],
            ended=[PausedPlace(one.channel_id, one.reason) for one in visible if one.state is State.GONE],
            unread=[
                one.channel_id
                for one in visible
                if one.state is State.ACTIVE and not rights.may_look_back(bot, one)
            ],
            failed=[
                FailedPost(row.subject, row.destination.channel_id, row.error)
                for row in await store.outbox.failed(shown, _FAILED)
            ],
            held=[
                HeldPlace(one.destination.channel_id, one.papers, one.since)
                for one in await store.held.waiting(shown)
            ],
            overflow=[
                OverflowPlace(one.destination.channel_id, one.papers, one.destination.schedule is not None)
                for one in await store.overflow.waiting(day_of(None, now))
                if one.destination.id in shown
            ],
            next_digest=await self._next_digest(visible, interaction.channel_id),
            operator=await self._for_operators() if await bot.is_owner(interaction.user) else (),
            conversation=next((one.channel_id for one in visible if one.user_id), None),
        )
        if bot.poller is None:
            return report
        polls = bot.poller.report
        return replace(
            report,
            state=polls.state or "",
            state_since=polls.since,
            last_poll=polls.when,
            next_poll=polls.next,
            error=polls.error,
        )

    async def _known(self, interaction: Interaction) -> tuple[list[Subscription], list[Destination]]:
        """Return what the server or person subscribed to, and the channels of it that the person sees."""
        store = self.bot.store
        if interaction.guild_id is None:
            own = await store.subscriptions.of_user(interaction.user.id)
            return own, list({one.destination.id: one.destination for one in own}.values())
        visible = [
            one
            for one in await store.destinations.of_guild(interaction.guild_id)
            if permissions.can_see(interaction, one.place)
        ]
        return await store.subscriptions.of_guild(interaction.guild_id), visible

    async def _next_digest(self, destinations: list[Destination], channel_id: int | None) -> datetime | None:
        """Return when the digest of the channel is due in which the question was asked."""
        here = next((one for one in destinations if one.channel_id == channel_id), None)
        if here is None or here.schedule is None:
            return None
        return next_due(here.schedule, await self.bot.store.digests.last_run(here.id), self.bot.clock())

    async def _for_operators(self) -> list[tuple[str, str]]:
        """Return what concerns the whole process, and therefore its owner alone."""
        bot, store = self.bot, self.bot.store
        counts = await store.destinations.counts()
        answered = bot.arxiv.last_success
        broken = [f"{job.name}: {job.last_error}" for job in bot.jobs.values() if job.last_error]
        facts = [
            (
                _("Servers"),
                _("{count}, shards: {shards}").format(
                    count=format_number(len(bot.guilds)), shards=len(bot.shards)
                ),
            ),
            (
                _("Channels"),
                ", ".join(f"{format_number(count)} {_(state)}" for state, count in counts.items()),
            ),
            (_("Outbox"), _("{count} to send").format(count=format_number(await store.outbox.depth()))),
            (_("Papers stored"), format_number(await store.papers.count())),
            (_("arXiv last answered"), f"{answered:%Y-%m-%d %H:%M} UTC" if answered else _("never")),
            (_("arXiv's last error"), bot.arxiv.last_error or _("none")),
            (_("Jobs"), "; ".join(broken) or _("all work")),
        ]
        if bot.poller is not None:
            last = bot.poller.report
            found = _(
                "requests: {requests}, papers: {papers}, matches: {matches}, unclaimed: {unclaimed}"
            ).format(
                requests=format_number(last.requests),
                papers=format_number(last.papers),
                matches=format_number(last.matched),
                unclaimed=format_number(last.unclaimed),
            )
            facts.append((_("Last round"), found))
        return facts


async def setup(bot: Bot) -> None:
    """Register the commands, and the buttons of earlier answers."""
    bot.add_dynamic_items(Decide)
    await bot.add_cog(Status(bot))
