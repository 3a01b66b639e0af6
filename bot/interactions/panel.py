"""The panel of `/subscriptions`: a list with pages, and a closer look at one subscription with its buttons.

Everything here survives a restart: the identifiers of buttons, menus and forms hold what they need. The cog
of `/subscriptions` registers them.
"""

from __future__ import annotations

import enum
from typing import Self

import discord

from bot.i18n import gettext as _
from bot.i18n import gettext_noop
from bot.interactions import components, edit_form, permissions
from bot.interactions.access import managed_destinations, visible_destinations
from bot.interactions.context import Interaction
from bot.interactions.subscribe import first_look, save_subscription
from bot.interactions.subscriptions import (
    ListPage,
    channel_subscriptions,
    choice_label,
    digest_note,
    ended_error,
    managed_subscription,
    require_managed,
    visible_subscription,
    visible_subscriptions,
)
from bot.model.errors import QueryError, UserError
from bot.model.outbox import Posting
from bot.model.subscriptions import State, Subscription
from bot.present import limits, places
from bot.present.cards import headline, post_embed
from bot.present.panel import subscription_embed
from bot.present.posts import post_content
from bot.present.subscribed import undone_embed
from bot.present.subscriptions import PER_PAGE, subscriptions_embed, summary
from bot.present.views import View
from bot.query.alternatives import Alternative, alternatives
from bot.query.query import Query, parse_stored, parse_typed, read_query


class PanelAction(enum.StrEnum):
    """What a button under a subscription does; the values are part of the identifiers of posted buttons."""

    PAUSE = "pause"
    RESUME = "resume"
    EDIT = "edit"
    TEST = "test"
    REMOVE = "remove"
    UNDO = "undo"


_LABELS = {
    PanelAction.PAUSE: gettext_noop("Pause"),
    PanelAction.RESUME: gettext_noop("Resume"),
    PanelAction.EDIT: gettext_noop("Edit"),
    PanelAction.TEST: gettext_noop("Test"),
    PanelAction.REMOVE: gettext_noop("Remove"),
    PanelAction.UNDO: gettext_noop("Undo"),
}
_STYLES = {
    PanelAction.REMOVE: discord.ButtonStyle.danger,
    PanelAction.RESUME: discord.ButtonStyle.success,
}


class TurnList(components.PageButton, template=components.page_template("listing", r"(?P<channel>\d+)")):
    """Turns the pages of the list, or leads back to it."""

    @classmethod
    def back_to(cls, page: ListPage) -> Self:
        return cls(f"papers:listing:{page.channel_id}:{page.number}:back", label=_("List"))

    async def run(self, interaction: Interaction) -> None:
        page = ListPage(int(self.state["channel"]), self.page)
        embed, view = await list_page(interaction, page)
        await interaction.response.edit_message(content=None, embed=embed, view=view)


class PickSubscription(components.Menu, template=r"papers:pick:(?P<channel>\d+):(?P<page>\d{1,6})"):
    """Shows one of the subscriptions of a page more closely."""

    def __init__(self, custom_id: str, options: list[discord.SelectOption]) -> None:
        super().__init__(custom_id, options, placeholder=_("Select one to view or change it"))

    async def pick(self, interaction: Interaction, value: str) -> None:
        subscription = await visible_subscription(interaction, int(value))
        page = ListPage(int(self.state["channel"]), int(self.state["page"]))
        await _show_subscription(interaction, subscription, page)


class ChangeSubscription(
    components.Action,
    template=rf"papers:panel:(?P<action>{'|'.join(PanelAction)}):(?P<id>\d+)"
    r":(?P<channel>\d+):(?P<page>\d{1,6})",
):
    """A button under a subscription. Permissions are checked at every click."""

    @classmethod
    def of(cls, action: PanelAction, subscription: Subscription, page: ListPage | None = None) -> Self:
        page = page or ListPage()
        return cls(
            f"papers:panel:{action}:{subscription.id}:{page.channel_id}:{page.number}",
            label=_(_LABELS[action]),
            style=_STYLES.get(action, discord.ButtonStyle.secondary),
        )

    async def run(self, interaction: Interaction) -> None:
        action, subscription_id = PanelAction(self.state["action"]), int(self.state["id"])
        page = ListPage(int(self.state["channel"]), int(self.state["page"]))
        if action is PanelAction.UNDO:
            await _restore(interaction, subscription_id, page)
            return
        subscription = await managed_subscription(interaction, subscription_id)
        match action:
            case PanelAction.EDIT:
                longest = interaction.client.settings.limits.query_length
                form = edit_form.form_of(subscription, page=page, longest=longest)
                await interaction.response.send_modal(form)
            case PanelAction.TEST:
                await _test(interaction, subscription)
            case PanelAction.REMOVE:
                await _remove(interaction, subscription, page)
            case PanelAction.PAUSE:
                await interaction.client.store.subscriptions.set_state(subscription_id, State.PAUSED)
                await _show_current(interaction, subscription_id, page)
            case PanelAction.RESUME:
                await _resume(interaction, subscription)
                await _show_current(interaction, subscription_id, page)


async def list_page(interaction: Interaction, page: ListPage) -> tuple[discord.Embed, View | None]:
    """Return *page* of the list, the last one where it has become shorter.

    Below it are a menu of the subscriptions on it and the buttons that turn the pages.
    """
    subscriptions = await visible_subscriptions(interaction, page.channel_id)
    pages = max(1, -(-len(subscriptions) // PER_PAGE))
    number = min(page.number, pages - 1)
    shown = subscriptions[number * PER_PAGE :][:PER_PAGE]
    embed = subscriptions_embed(shown, page=number, pages=pages, total=len(subscriptions))
    if not shown:
        return embed, None
    options = [
        discord.SelectOption(
            label=choice_label(interaction, one),
            value=str(one.id),
            description=limits.cut(summary(one), limits.CHOICE),
        )
        for one in shown
    ]
    view = View()
    view.add_item(PickSubscription(f"papers:pick:{page.channel_id}:{number}", options))
    turning = TurnList.buttons(f"papers:listing:{page.channel_id}", number, pages)
    for button in turning.children if turning else ():
        view.add_item(button)
    return embed, view


async def apply_edit(interaction: Interaction, edited: edit_form.Edited) -> None:
    """Change a subscription as its edit form says, and show it.

    Raises:
        UserError: the person may not do this, or the values cannot be used; nothing has changed.
    """
    bot = interaction.client
    before = await managed_subscription(interaction, edited.subscription_id)
    if " ".join(edited.keyword.split()) == before.keyword:  # what was accepted once stays as it is
        query = parse_stored(before.query, before.keyword)
    else:
        query = read_query(edited.keyword, bot.settings.limits.query_length)
    role_id = edited.options.role_id
    place = before.destination.place
    if role_id and role_id != before.options.role_id:
        role = interaction.guild.get_role(role_id) if interaction.guild else None
        if role is None:
            raise UserError(_("That role no longer exists. Choose another one; nothing has changed."))
        await permissions.require_bot_can_post(interaction, place, role)
        await permissions.require_may_mention(interaction, place, role_id)
    elif query.canonical != before.query or edited.options != before.options:
        # The role stays, but it would be mentioned because of other papers, or at other times.
        await permissions.require_may_mention(interaction, place, role_id)
    await interaction.response.defer()
    if query.canonical == before.query:
        changed = await bot.store.subscriptions.edit(before.id, edited.options, keyword=query.typed)
    else:
        changed = await _replace(interaction, before, query, edited)
    if changed is None:
        raise ended_error()
    await _show_subscription(interaction, changed, edited.page)


async def _replace(
    interaction: Interaction, before: Subscription, query: Query, edited: edit_form.Edited
) -> Subscription:
    """Subscribe to another query instead of *before*; all papers that the new one has now count as old."""
    bot, place = interaction.client, before.destination.place
    siblings = await channel_subscriptions(bot, place)
    if any(one.query == query.canonical for one in siblings):
        raise UserError(
            _(
                "The channel already has a subscription to this keyword. Edit that one instead; nothing has "
                "changed."
            )
        )
    look = await first_look(interaction, query)
    new = await save_subscription(interaction, place, query, edited.options, look)
    # A crash in between leaves both, which the panel shows; the other order could leave neither.
    await bot.store.subscriptions.remove(before.id, bot.clock())
    return new


async def _show_current(interaction: Interaction, subscription_id: int, page: ListPage) -> None:
    await _show_subscription(interaction, await managed_subscription(interaction, subscription_id), page)


async def _show_subscription(interaction: Interaction, subscription: Subscription, page: ListPage) -> None:
    """Show a subscription in the message that was used, with the buttons that the person may use."""
    query = parse_stored(subscription.query, subscription.keyword)
    embed = subscription_embed(
        subscription,
        words=query.description,
        remark=query.remark,
        alternatives=_operators(subscription.keyword),
        digest=await digest_note(interaction.client, subscription.destination),
    )
    view = View()
    if await managed_destinations(interaction, [subscription.destination]):
        paused = State.PAUSED in {subscription.state, subscription.destination.state}
        first = PanelAction.RESUME if paused else PanelAction.PAUSE
        for action in (first, PanelAction.EDIT, PanelAction.TEST, PanelAction.REMOVE):
            view.add_item(ChangeSubscription.of(action, subscription, page))
    view.add_item(TurnList.back_to(page))
    if interaction.response.is_done():
        await interaction.edit_original_response(content=None, embed=embed, view=view)
    else:
        await interaction.response.edit_message(content=None, embed=embed, view=view)


def _operators(keyword: str) -> dict[Alternative, str]:
    """Return the query that a keyword with foreign operators probably means."""
    try:
        return alternatives(parse_typed(keyword), found=True)
    except QueryError:  # accepted by an earlier version
        return {}


async def _resume(interaction: Interaction, subscription: Subscription) -> None:
    """Resume a subscription, and its channel too if that is paused and the bot can post there again."""
    bot, destination = interaction.client, subscription.destination
    if destination.state is not State.ACTIVE:
        await permissions.require_bot_can_post(interaction, destination.place)
        await bot.store.destinations.resume(destination.id, bot.clock(), earlier=destination.state)
        bot.wake_delivery()
    if subscription.state is not State.ACTIVE:
        await bot.store.subscriptions.set_state(subscription.id, State.ACTIVE)


async def _test(interaction: Interaction, subscription: Subscription) -> None:
    """Check that the bot can post in the channel, and show the person, and nobody else, a sample post."""
    place, options = subscription.destination.place, subscription.options
    await permissions.require_bot_can_post(interaction, place)
    newest = await interaction.client.store.papers.newest(subscription.query, 1, options=options)
    if not newest:
        raise UserError(
            _(
                "I can post in {place}, but no paper for this subscription is stored yet. Try again after "
                "the next poll of arXiv."
            ).format(place=places.mention(place))
        )
    posting = Posting(newest[0], (subscription.keyword,), (options.role_id,) if options.role_id else ())
    note = _("**Test** – only you can see this. I can post in {place}; a post looks like this:").format(
        place=places.mention(place)
    )
    await interaction.response.send_message(
        "\n".join(filter(None, (note, headline(posting), post_content(posting)))),
        embed=post_embed(posting, subscription.destination.style, today=interaction.client.clock().date()),
        allowed_mentions=discord.AllowedMentions.none(),
        ephemeral=True,
    )


async def _remove(interaction: Interaction, subscription: Subscription, page: ListPage) -> None:
    await interaction.client.store.subscriptions.remove(subscription.id, interaction.client.clock())
    view = View()
    view.add_item(ChangeSubscription.of(PanelAction.UNDO, subscription, page))
    view.add_item(TurnList.back_to(page))
    await interaction.response.edit_message(content=None, embed=undone_embed(subscription), view=view)


async def _restore(interaction: Interaction, subscription_id: int, page: ListPage) -> None:
    """Restore a subscription that was removed, if the person may change what its channel receives."""
    bot = interaction.client
    destination = await bot.store.subscriptions.removed_from(subscription_id)
    if destination is None or not await visible_destinations(interaction, [destination]):
        raise UserError(_("This can no longer be undone. Use `/subscribe` to subscribe again."))
    await require_managed(interaction, destination)
    role_id = await bot.store.subscriptions.removed_role(subscription_id)
    await permissions.require_may_mention(interaction, destination.place, role_id)
    undo = bot.settings.delivery.undo
    restored = await bot.store.subscriptions.restore(subscription_id, bot.clock(), undo)
    if restored is None:
        raise UserError(_("This can no longer be undone. See `/subscriptions` for the current list."))
    await _show_subscription(interaction, restored, page)
