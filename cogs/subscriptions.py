"""`/subscriptions` and `/unsubscribe`: the panel in which subscriptions are looked at, changed and ended."""

from __future__ import annotations

from typing import Self

import discord
from discord import app_commands
from discord.ext import commands

from bot.i18n import gettext as _
from bot.i18n import gettext_noop
from bot.interactions import components, edit_form, permissions
from bot.interactions import options as choosing
from bot.interactions import subscriptions as owning
from bot.interactions.context import Bot, Interaction
from bot.interactions.place import ChannelOption
from bot.interactions.subscribe import save_subscription
from bot.model.errors import UserError
from bot.model.outbox import Posting
from bot.model.subscriptions import State, Subscription
from bot.present import limits
from bot.present.panel import subscription_embed
from bot.present.posts import paper_embed, post_content
from bot.present.subscribed import undone_embed
from bot.present.subscriptions import PER_PAGE, subscriptions_embed
from bot.query.query import Query, parse, read_query

_LABELS = {
    "pause": gettext_noop("Pause"),
    "resume": gettext_noop("Resume"),
    "edit": gettext_noop("Edit"),
    "test": gettext_noop("Test"),
    "remove": gettext_noop("Remove"),
    "undo": gettext_noop("Undo"),
}
_WAYS = {
    "live": gettext_noop("live"),
    "digest": gettext_noop("in the digest"),
    "both": gettext_noop("live and in the digest"),
}


class Page(components.PageButton, template=components.page_template("listing", r"(?P<channel>\d+)")):
    """Turn the pages of the list, or come back to it."""

    async def run(self, interaction: Interaction) -> None:
        embed, view = await _listing(interaction, int(self.state["channel"]), self.page)
        await interaction.response.edit_message(content=None, embed=embed, view=view)


class Pick(components.Menu, template=r"papers:pick:(?P<channel>\d+):(?P<page>\d{1,6})"):
    """Look closely at one of the subscriptions of a page."""

    def __init__(self, custom_id: str, options: list[discord.SelectOption]) -> None:
        super().__init__(custom_id, options, placeholder=_("Look at one, or change it"))

    async def pick(self, interaction: Interaction, value: str) -> None:
        subscription = await owning.seen(interaction, int(value))
        await _show(interaction, subscription, int(self.state["channel"]), int(self.state["page"]))


class Change(
    components.Action,
    template=r"papers:panel:(?P<what>pause|resume|edit|test|remove|undo):(?P<id>\d+)"
    r":(?P<channel>\d+):(?P<page>\d{1,6})",
):
    """A button under a subscription; whether the person may use it is looked at when it is clicked."""

    @classmethod
    def of(cls, what: str, subscription: Subscription, channel: int = 0, page: int = 0) -> Self:
        styles = {"remove": discord.ButtonStyle.danger, "resume": discord.ButtonStyle.success}
        return cls(
            f"papers:panel:{what}:{subscription.id}:{channel}:{page}",
            label=_(_LABELS[what]),
            style=styles.get(what, discord.ButtonStyle.secondary),
        )

    async def run(self, interaction: Interaction) -> None:
        what, number = self.state["what"], int(self.state["id"])
        channel, page = int(self.state["channel"]), int(self.state["page"])
        if what == "undo":
            await _restore(interaction, number, channel, page)
            return
        subscription = await owning.owned(interaction, number)
        match what:
            case "edit":
                longest = interaction.client.settings.limits.query_length
                form = edit_form.form_of(subscription, channel_id=channel, page=page, longest=longest)
                await interaction.response.send_modal(form)
            case "test":
                await _test(interaction, subscription)
            case "remove":
                await _remove(interaction, subscription, channel, page)
            case _:
                await _pause_or_resume(interaction, subscription, pause=what == "pause")
                changed = await owning.owned(interaction, number)
                await _show(interaction, changed, channel, page)


class Panel(commands.Cog):
    """List subscriptions, and change or end each of them."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(
        description="Show what this server is subscribed to; pause, edit, test or remove it"
    )
    @app_commands.describe(channel="Only the subscriptions of this channel")
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def subscriptions(self, interaction: Interaction, channel: ChannelOption | None = None) -> None:
        embed, view = await _listing(interaction, channel.id if channel else 0, 0)
        await interaction.response.send_message(
            embed=embed, view=view or discord.utils.MISSING, ephemeral=True
        )

    @app_commands.command(description="Stop posting the papers of a subscription")
    @app_commands.describe(subscription="Pick one from the list, or type its keyword")
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def unsubscribe(self, interaction: Interaction, subscription: str) -> None:
        known = await owning.known(interaction)
        chosen = choosing.choose(known, subscription, here=interaction.channel_id or 0)
        place = chosen.destination.place
        permissions.require_manager(interaction, place)
        await self.bot.store.subscriptions.remove(chosen.id, self.bot.clock())
        view = components.View(timeout=None)
        view.add_item(Change.of("undo", chosen))
        embed = undone_embed(chosen)
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)

    @unsubscribe.autocomplete("subscription")
    async def _complete_subscription(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        mine = [
            one
            for one in await owning.known(interaction)
            if permissions.may_manage(interaction, one.destination.place)
        ]
        found = choosing.suggest(mine, typed, here=interaction.channel_id or 0)
        return [app_commands.Choice(name=owning.label(interaction, one), value=str(one.id)) for one in found]

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Take the answer to a form, also to one that was opened before this process started."""
        if answer := components.form_answer(interaction, edit_form.FORM):
            async with components.answering(interaction):
                await _edit(interaction, edit_form.read_form(*answer))


async def _listing(
    interaction: Interaction, channel_id: int, page: int
) -> tuple[discord.Embed, components.View | None]:
    """Return one page of the list, with a menu of what is on it and the buttons to turn it."""
    found = await owning.visible(interaction, channel_id)
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(page, pages - 1)
    shown = found[page * PER_PAGE :][:PER_PAGE]
    embed = subscriptions_embed(shown, page=page, pages=pages, total=len(found))
    if not shown:
        return embed, None
    options = [
        discord.SelectOption(
            label=owning.label(interaction, one),
            value=str(one.id),
            description=limits.cut(_plainly(one), limits.CHOICE),
        )
        for one in shown
    ]
    view = components.View(timeout=None)
    view.add_item(Pick(f"papers:pick:{channel_id}:{page}", options))
    turning = Page.buttons(f"papers:listing:{channel_id}", page, pages)
    for button in turning.children if turning else ():
        view.add_item(button)
    return embed, view


def _plainly(subscription: Subscription) -> str:
    """Say how a subscription is delivered, where Markdown and mentions would not be shown."""
    options = subscription.options
    parts = [
        _(_WAYS[options.deliver]),
        ", ".join(options.categories),
        _("revisions too") if options.revisions else "",
    ]
    stopped = {subscription.state, subscription.destination.state} != {State.ACTIVE}
    return " · ".join(filter(None, (*(_("paused"),) * stopped, *parts)))


async def _show(interaction: Interaction, subscription: Subscription, channel: int, page: int) -> None:
    """Show one subscription in the place of what the message showed."""
    place = subscription.destination.place
    embed = subscription_embed(
        subscription,
        words=parse(subscription.query).description,
        digest=await owning.digest_note(interaction.client, subscription.destination),
    )
    view = components.View(timeout=None)
    if permissions.may_manage(interaction, place):
        stopped = State.PAUSED in {subscription.state, subscription.destination.state}
        for what in ("resume" if stopped else "pause", "edit", "test", "remove"):
            view.add_item(Change.of(what, subscription, channel, page))
    view.add_item(Page(f"papers:listing:{channel}:{page}:back", label=_("List")))
    if interaction.response.is_done():
        await interaction.edit_original_response(content=None, embed=embed, view=view)
    else:
        await interaction.response.edit_message(content=None, embed=embed, view=view)


async def _pause_or_resume(interaction: Interaction, subscription: Subscription, *, pause: bool) -> None:
    """Pause the subscription; or resume it, and its channel where that is paused and works again."""
    bot = interaction.client
    if pause:
        await bot.store.subscriptions.set_state(subscription.id, State.PAUSED)
        return
    destination = subscription.destination
    if destination.state is not State.ACTIVE:
        await permissions.require_bot_can_post(interaction, destination.place)
        await bot.store.destinations.resume(destination.id, bot.clock(), earlier=destination.state)
        bot.wake_delivery()
    if subscription.state is not State.ACTIVE:
        await bot.store.subscriptions.set_state(subscription.id, State.ACTIVE)


async def _test(interaction: Interaction, subscription: Subscription) -> None:
    """Show the one who asks what a post looks like, having made sure that it could be posted.

    Nobody else sees it: a channel full of people is no place to try things out.
    """
    place = subscription.destination.place
    await permissions.require_bot_can_post(interaction, place)
    options = subscription.options
    found = await interaction.client.store.papers.newest(subscription.query, 1, options=options)
    if not found:
        raise UserError(
            _(
                "I can post in {place}, but no paper of this subscription is stored yet; the next poll of "
                "arXiv brings them."
            ).format(place=place.mention)
        )
    posting = Posting(found[0], (subscription.keyword,), (options.role_id,) if options.role_id else ())
    lines = [
        _("**Test** – only you see this. I can post in {place}, and a post looks like this:").format(
            place=place.mention
        )
    ]
    await interaction.response.send_message(
        "\n".join(filter(None, (*lines, post_content(posting)))),
        embed=paper_embed(posting),
        allowed_mentions=discord.AllowedMentions.none(),
        ephemeral=True,
    )


async def _remove(interaction: Interaction, subscription: Subscription, channel: int, page: int) -> None:
    await interaction.client.store.subscriptions.remove(subscription.id, interaction.client.clock())
    view = components.View(timeout=None)
    view.add_item(Change.of("undo", subscription, channel, page))
    view.add_item(Page(f"papers:listing:{channel}:{page}:back", label=_("List")))
    await interaction.response.edit_message(content=None, embed=undone_embed(subscription), view=view)


async def _restore(interaction: Interaction, number: int, channel: int, page: int) -> None:
    """Take back a removal, for who may change what the channel receives."""
    bot = interaction.client
    destination = await bot.store.subscriptions.removed_from(number)
    if destination is None:
        raise UserError(_("That cannot be undone any more; subscribe again with `/subscribe`."))
    place = destination.place
    permissions.require_manager(interaction, place)
    undo = bot.settings.delivery.undo
    restored = await bot.store.subscriptions.restore(number, bot.clock(), undo)
    if restored is None:
        raise UserError(_("That cannot be undone any more: `/subscriptions` shows what there is now."))
    await _show(interaction, restored, channel, page)


async def _edit(interaction: Interaction, edited: edit_form.Edited) -> None:
    """Change a subscription as a form says."""
    bot = interaction.client
    before = await owning.owned(interaction, edited.subscription_id)
    query = read_query(edited.keyword, bot.settings.limits.query_length)
    place = before.destination.place
    role_id = edited.options.role_id
    if role_id and role_id != before.options.role_id:
        role = interaction.guild.get_role(role_id) if interaction.guild else None
        if role is None:
            raise UserError(_("That role is not there any more; choose another one. Nothing has changed."))
        await permissions.require_bot_can_post(interaction, place, role)
    await interaction.response.defer()
    if query.canonical == before.query:
        changed = await bot.store.subscriptions.edit(before.id, edited.options, keyword=query.typed)
    else:
        changed = await _replace(interaction, before, query, edited)
    if changed is None:
        raise owning.ended()
    await _show(interaction, changed, edited.channel_id, edited.page)


async def _replace(
    interaction: Interaction, before: Subscription, query: Query, edited: edit_form.Edited
) -> Subscription:
    """Subscribe to another query in the place of *before*; what is old to the new one stays silent."""
    bot, place = interaction.client, before.destination.place
    siblings = await bot.store.subscriptions.of_channel(place.channel_id)
    if any(one.query == query.canonical for one in siblings):
        raise UserError(
            _(
                "{place} is subscribed to that already; edit that subscription instead. Nothing has changed."
            ).format(place=place.mention)
        )
    made, _page = await save_subscription(interaction, place, query, edited.options)
    # A crash in between leaves both, which the panel shows; the other order could leave neither.
    await bot.store.subscriptions.remove(before.id, bot.clock())
    return made


async def setup(bot: Bot) -> None:
    """Register the commands, and the menus and buttons of earlier messages."""
    bot.add_dynamic_items(Page, Pick, Change)
    await bot.add_cog(Panel(bot))
