"""`/digest`: the next digest so far, the newest papers as Markdown, and the schedule."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

import discord
from discord import app_commands
from discord.ext import commands

from bot.i18n import gettext as _
from bot.i18n import gettext_noop
from bot.interactions import components, permissions
from bot.interactions.access import rights_in
from bot.interactions.context import Bot, Interaction
from bot.interactions.options import choose_subscription, keyword_label, suggest_subscriptions
from bot.interactions.paper_buttons import can_discuss
from bot.interactions.place import ChannelOption, name_of, place_of
from bot.interactions.subscriptions import channel_subscriptions, destination_of, visible_subscriptions
from bot.model.errors import UserError
from bot.model.outbox import DigestPage, Kind
from bot.model.papers import Paper
from bot.model.subscriptions import Deliver, Place, Schedule, State, Subscription
from bot.present import places
from bot.present.digest_files import digest_files, issue_files
from bot.present.digest_markdown import render, render_table
from bot.present.digest_schedule import empty_digest_embed, scheduled_embed, unscheduled_embed
from bot.present.digests import digest_embeds, issue_embeds, issue_head
from bot.present.paging import ISSUE, issue_prefix, under_page
from bot.present.uploads import Upload, uploads
from bot.relevance.digest_contents import digest_of
from bot.rules import schedules, zones
from bot.rules.digest import next_due, pages_of, papers_on, papers_shown

_HIDDEN = gettext_noop("That digest belongs to a channel that you cannot see.")


class DigestTurn(
    components.PageButton,
    template=components.page_template("digest", r"(?P<channel>\d+):(?P<subscription>\d+)"),
):
    """Turns the pages of `/digest show`."""

    async def run(self, interaction: Interaction) -> None:
        place = Place(interaction.guild_id or 0, int(self.state["channel"]))
        if interaction.guild_id is None:
            place = place_of(interaction, None)
        if not (await rights_in(interaction, place)).view_channel:
            raise UserError(_(_HIDDEN))
        pending = await _pending(interaction, place, int(self.state["subscription"]))
        content, embeds, view = await _page(interaction, place, pending, self.page)
        await interaction.response.edit_message(content=content, embeds=embeds, view=view)


class IssueTurn(components.PageButton, template=components.page_template("issue", ISSUE)):
    """Turns the pages of a posted digest or list, in an answer to whoever clicks: the post is everybody's."""

    async def run(self, interaction: Interaction) -> None:
        store, kind = interaction.client.store, Kind(self.state["kind"])
        channel, day = int(self.state["channel"]), date.fromisoformat(self.state["day"])
        if not _stands_in(interaction, channel):
            raise UserError(_(_HIDDEN))
        whole = await store.digests.issue(channel, kind, day)
        if whole is None:
            raise UserError(
                _(
                    "The pages of that digest are no longer stored. If a file is attached to the "
                    "message, it contains all of the papers."
                )
            )
        sheets = pages_of(whole, kind)
        sheet = sheets[min(self.page, len(sheets) - 1)]
        papers = {paper.id: paper for paper in await store.papers.get_many(papers_shown(sheet))}
        embeds = issue_embeds(kind, sheet, papers)
        prefix, discuss = issue_prefix(channel, kind, day), await can_discuss(interaction)
        view = under_page(prefix, kind, sheet, papers, discuss=discuss)
        if interaction.message is not None and interaction.message.flags.ephemeral:
            await interaction.response.edit_message(embeds=embeds, view=view)
        else:
            await interaction.response.send_message(
                f"**{issue_head(kind, sheet)}**",
                embeds=embeds,
                view=view or discord.utils.MISSING,
                ephemeral=True,
            )


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
class DigestCommands(
    commands.GroupCog, group_name="digest", group_description="A channel's digest of papers"
):
    """Shows, downloads and schedules digests; a job posts them."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(description="Show what the next digest contains so far")
    @app_commands.describe(
        channel="The digest's channel (default: this one)",
        keyword="Only papers that match this keyword",
    )
    async def show(
        self, interaction: Interaction, channel: ChannelOption | None = None, keyword: str = ""
    ) -> None:
        place = place_of(interaction, channel)
        await permissions.require_visible(interaction, place, channel)
        subscriptions = await self._subscriptions(interaction, place)
        chosen = (
            choose_subscription(subscriptions, keyword, here=place.channel_id).id if keyword.strip() else 0
        )
        await interaction.response.defer(thinking=True, ephemeral=True)
        pending = await _pending(interaction, place, chosen)
        content, embeds, view = await _page(interaction, place, pending, 0)
        files = await _files(interaction, pending)
        await interaction.edit_original_response(content=content, embeds=embeds, view=view, attachments=files)

    @app_commands.command(description="Download the newest papers of each keyword as a Markdown file")
    @app_commands.describe(
        channel="The channel whose keywords to use (default: this one)",
        keyword="Only papers that match this keyword",
        table="15 papers per keyword without abstracts, to paste into a GitHub issue (default: no)",
    )
    async def markdown(
        self,
        interaction: Interaction,
        *,
        channel: ChannelOption | None = None,
        keyword: str = "",
        table: bool = False,
    ) -> None:
        place = place_of(interaction, channel)
        await permissions.require_visible(interaction, place, channel)
        subscriptions = await self._subscriptions(interaction, place)
        if keyword.strip():
            subscriptions = [choose_subscription(subscriptions, keyword, here=place.channel_id)]
        # The keywords of another channel are not for everybody here.
        elsewhere = place.channel_id != interaction.channel_id
        await interaction.response.defer(thinking=True, ephemeral=elsewhere)
        most = self.bot.settings.digest.max_per_keyword
        sections = [(one.keyword, await self._newest(one, most)) for one in subscriptions]
        if not any(papers for _keyword, papers in sections):
            raise UserError(
                _("No paper on these keywords is stored yet. Try again after the next poll of arXiv.")
            )
        today = self.bot.clock().date()
        write = render_table if table else partial(render, today=today)
        name = f"papers-{today}{'-table' if table else ''}"
        files = await asyncio.to_thread(digest_files, sections, write, name, interaction.filesize_limit)
        await interaction.edit_original_response(attachments=uploads(files))

    async def _subscriptions(self, interaction: Interaction, place: Place) -> list[Subscription]:
        subscriptions = await channel_subscriptions(self.bot, place)
        if not subscriptions:
            where = name_of(interaction, place)
            raise UserError(
                _("There are no subscriptions in {where} yet. Use `/subscribe` with a keyword first.").format(
                    where=where
                )
            )
        return subscriptions

    async def _newest(self, subscription: Subscription, most: int) -> list[Paper]:
        return await self.bot.store.papers.newest(subscription.query, most, options=subscription.options)

    @show.autocomplete("keyword")
    @markdown.autocomplete("keyword")
    async def _complete_keyword(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        chosen = interaction.namespace.channel
        here = chosen.id if chosen else interaction.channel_id or 0
        visible = await visible_subscriptions(interaction, here)
        return [
            app_commands.Choice(name=keyword_label(one), value=str(one.id))
            for one in suggest_subscriptions(visible, typed, here=here)
        ]

    @app_commands.command(description="Post a digest every day, or on some days, at the hour you choose")
    @app_commands.describe(
        hour="The hour in that time zone, 0 to 23",
        zone="The time zone, such as Europe/Berlin",
        days="daily, weekdays, or days such as mon,thu (default: daily)",
        quiet="Also post a note on days without papers (default: no)",
        file="Attach a Markdown file of its papers to each digest (default: no)",
        top="Once a week, show what was saved most, as counts without names (default: no)",
        channel="The digest's channel (default: this one)",
    )
    async def schedule(
        self,
        interaction: Interaction,
        *,
        hour: app_commands.Range[int, 0, 23],
        zone: str,
        days: str = "daily",
        quiet: bool = False,
        file: bool = False,
        top: bool = False,
        channel: ChannelOption | None = None,
    ) -> None:
        place = place_of(interaction, channel)
        await permissions.require_manager(interaction, place, channel)
        schedule = Schedule(
            hour,
            schedules.read_zone(zone, self.bot.clock()),
            schedules.read_days(days),
            quiet=quiet,
            top=top,
            file=file,
        )
        if top and not place.guild_id:
            raise UserError(_("What was saved most is counted in servers only. Leave out `top` here."))
        await permissions.require_bot_can_post(interaction, place)
        now, store = self.bot.clock(), self.bot.store
        destination = await store.destinations.ensure(place, now)
        await store.destinations.schedule(destination.id, schedule, now)
        if destination.state is State.PAUSED:  # the bot can post there again, as has just been checked
            await store.destinations.resume(destination.id, now)
            self.bot.wake_delivery()
        self.bot.jobs["digest"].wake()
        due = next_due(schedule, await store.digests.last_run(destination.id), now)
        collecting = any(
            one.options.deliver is not Deliver.LIVE for one in await channel_subscriptions(self.bot, place)
        )
        attaching = await permissions.bot_can_attach(interaction, place)
        embed = scheduled_embed(
            schedule, where=places.mention(place), due=due, collecting=collecting, attaching=attaching
        )
        await interaction.response.send_message(embed=embed, ephemeral=True)

    @schedule.autocomplete("zone")
    async def _complete_zone(self, _interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        # In a thread: the first call in a language takes a tenth of a second to read the names.
        suggested = await asyncio.to_thread(zones.suggest, typed)
        now = self.bot.clock()
        return [app_commands.Choice(name=zone.in_words(now), value=zone.id) for zone in suggested]

    @schedule.autocomplete("days")
    async def _complete_days(self, _interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        suggested = schedules.suggest_days(typed)
        return [app_commands.Choice(name=words, value=days) for days, words in suggested.items()]

    @app_commands.command(description="Stop posting the digest")
    @app_commands.describe(channel="The digest's channel (default: this one)")
    async def off(self, interaction: Interaction, channel: ChannelOption | None = None) -> None:
        place = place_of(interaction, channel)
        await permissions.require_manager(interaction, place, channel)
        destination = await destination_of(self.bot, place)
        if destination is None or destination.schedule is None:
            raise UserError(
                _("No digest is scheduled in {where}. Use `/digest schedule` to schedule one.").format(
                    where=name_of(interaction, place)
                )
            )
        await self.bot.store.destinations.schedule(destination.id, None, self.bot.clock())
        waiting = sum(len(section.papers) for section in await self.bot.store.digests.pending(destination.id))
        embed = unscheduled_embed(where=places.mention(place), waiting=waiting)
        await interaction.response.send_message(embed=embed, ephemeral=True)


@dataclass(frozen=True, slots=True)
class _Pending:
    """The next digest so far: of one subscription, or of all (0). *due* is None without a schedule."""

    subscription: int
    whole: DigestPage | None
    due: datetime | None


async def _pending(interaction: Interaction, place: Place, subscription: int) -> _Pending:
    bot, store = interaction.client, interaction.client.store
    destination = await destination_of(bot, place)
    if destination is None:
        return _Pending(subscription, None, None)
    due, day = None, bot.clock().date()
    if schedule := destination.schedule:
        due = next_due(schedule, await store.digests.last_run(destination.id), bot.clock())
        day = due.astimezone(ZoneInfo(schedule.zone)).date()
    sections = await store.digests.pending(destination.id, first=subscription)
    if subscription:
        chosen = await store.subscriptions.get(subscription)
        sections = [section for section in sections if chosen and section.keyword == chosen.keyword]
        destination = replace(destination, schedule=None)  # only the papers are of interest
    whole = await digest_of(store, bot.interests, destination, sections, day=day, now=bot.clock())
    return _Pending(subscription, whole if whole and whole.sections else None, due)


def _stands_in(interaction: Interaction, channel_id: int) -> bool:
    """Tell whether the message that was used is in that channel, or in a post of that forum."""
    forum = interaction.channel.parent_id if isinstance(interaction.channel, discord.Thread) else None
    return channel_id in {interaction.channel_id, forum}


async def _page(
    interaction: Interaction, place: Place, pending: _Pending, number: int
) -> tuple[str | None, list[discord.Embed], discord.ui.View | None]:
    """Return one page of *pending*, counted from 0, with what stands above and below it.

    It is the last page if there are fewer by now.
    """
    if pending.whole is None:
        return None, [empty_digest_embed(where=places.mention(place), due=pending.due)], None
    sheets = pages_of(pending.whole, Kind.DIGEST)
    sheet = sheets[min(number, len(sheets) - 1)]
    papers = await interaction.client.store.papers.get_many(papers_shown(sheet))
    prefix = f"papers:digest:{place.channel_id}:{pending.subscription}"
    known = {paper.id: paper for paper in papers}
    embeds = await asyncio.to_thread(digest_embeds, sheet, known)
    content = f"**{issue_head(Kind.DIGEST, sheet)}**"
    discuss = await can_discuss(interaction)
    return content, embeds, under_page(prefix, Kind.DIGEST, sheet, known, discuss=discuss)


async def _files(interaction: Interaction, pending: _Pending) -> list[Upload]:
    """Return the files that the digest will come with, if they may be attached here."""
    if pending.whole is None or not pending.whole.file or not interaction.app_permissions.attach_files:
        return []
    papers = await interaction.client.store.papers.get_many(papers_on(pending.whole))
    known = {paper.id: paper for paper in papers}
    return uploads(await asyncio.to_thread(issue_files, pending.whole, known, interaction.filesize_limit))


async def setup(bot: Bot) -> None:
    """Register the commands, and the buttons of earlier answers."""
    bot.add_dynamic_items(DigestTurn, IssueTurn)
    await bot.add_cog(DigestCommands(bot))
