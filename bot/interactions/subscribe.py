"""Subscribe a place to a query, whoever asks for it: what is checked, saved and answered, and *Undo* below.

    await subscribing.subscribe(interaction, place, query, options)

The cog of `/subscribe` registers the buttons under the answer, once for all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Self

import discord

from bot.i18n import format_number
from bot.i18n import gettext as _
from bot.interactions import ask_arxiv, components, permissions
from bot.interactions import subscriptions as owning
from bot.interactions.context import Bot, Interaction
from bot.model.errors import UserError
from bot.model.papers import Page
from bot.model.subscriptions import Deliver, Options, Place, State, Subscription
from bot.polling.pacing import pace_at
from bot.present import limits
from bot.present.subscribed import redirected_embed, subscribed_embed, undone_embed
from bot.query.query import Query
from bot.rules.newness import wants


class Undo(components.Action, template=r"papers:undo:(?P<id>\d+):(?P<before>[\w.,:-]*)"):
    """Take back what `/subscribe` did: remove the subscription, or give it the options it had before."""

    @classmethod
    def of(cls, subscription: Subscription, before: Options | None) -> Self | None:
        """Return the button; None where the options before an edit are too many for an identifier."""
        custom_id = f"papers:undo:{subscription.id}:{_written(before) if before else ''}"
        if len(custom_id) > limits.CUSTOM_ID:
            return None
        return cls(custom_id, label=_("Undo"), style=discord.ButtonStyle.danger)

    async def run(self, interaction: Interaction) -> None:
        subscriptions = interaction.client.store.subscriptions
        subscription = await owning.owned(interaction, int(self.state["id"]))
        before = _read(self.state["before"])
        if before is not None:
            await subscriptions.edit(subscription.id, before)
        else:
            await subscriptions.remove(subscription.id)
        where = subscription.destination.place.mention
        embed = undone_embed(subscription, where=where, restored=before)
        await interaction.response.edit_message(embed=embed, view=None)


class DigestInstead(components.Action, template=r"papers:digest-instead:(?P<id>\d+)"):
    """Deliver a subscription in the digest, and no longer live."""

    @classmethod
    def of(cls, subscription: Subscription, *, suggested: bool = False) -> Self:
        already = subscription.options.deliver is Deliver.DIGEST
        return cls(
            f"papers:digest-instead:{subscription.id}",
            label=_("Digest instead"),
            style=discord.ButtonStyle.primary if suggested else discord.ButtonStyle.secondary,
            disabled=already,
        )

    async def run(self, interaction: Interaction) -> None:
        bot = interaction.client
        subscription = await owning.owned(interaction, int(self.state["id"]))
        changed = replace(subscription, options=replace(subscription.options, deliver=Deliver.DIGEST))
        await bot.store.subscriptions.edit(subscription.id, changed.options)
        view = components.View(timeout=None)
        for button in _undo_of(interaction):
            view.add_item(button)
        view.add_item(self.of(changed))
        if interaction.message is None or not interaction.message.embeds:
            raise UserError(_("That is done; `/subscriptions` shows it."))
        embed = redirected_embed(
            interaction.message.embeds[0],
            changed.options,
            where=subscription.destination.place.mention,
            digest=await owning.digest_note(bot, subscription.destination),
        )
        await interaction.response.edit_message(embed=embed, view=view)


async def subscribe(
    interaction: Interaction,
    place: Place,
    query: Query,
    options: Options,
    *,
    role: discord.Role | None = None,
    backfill: int = 0,
) -> None:
    """Subscribe *place* to *query*, or change how it is, and say so where the deferred answer stands.

    *role* is the one that *options* mention. Whether the person may do this is the caller's to check.

    Raises:
        UserError: the bot cannot post there, there are too many subscriptions, or arXiv refuses the query.
    """
    bot = interaction.client
    await permissions.require_bot_can_post(interaction, place, role)
    before = await existing(interaction, place, query)
    if before is None:
        await _require_room(bot, place)
    saved, page = await save(interaction, place, query, options)
    destination = saved.destination
    if destination.state is State.PAUSED:  # what was missing is there again, as has just been checked
        await bot.store.destinations.resume(destination.id)
    bot.wake_delivery()  # also for other channels of the same query, whose papers this may have brought
    await _answer(interaction, query, subscription=saved, page=page, before=before, backfill=backfill)


async def existing(interaction: Interaction, place: Place, query: Query) -> Subscription | None:
    """Return the subscription of *place* to *query*, if there is one."""
    known = await interaction.client.store.subscriptions.of_channel(place.channel_id)
    return next((one for one in known if one.query == query.canonical), None)


async def save(
    interaction: Interaction, place: Place, query: Query, options: Options
) -> tuple[Subscription, Page | None]:
    """Save the subscription, silent about the past; return it, and what arXiv has now, if it can be asked.

    Raises:
        UserError: arXiv refuses the query.
    """
    bot = interaction.client
    page = await ask_arxiv.first_look(bot.arxiv, query)
    result = await bot.store.subscriptions.subscribe(
        guild_id=place.guild_id,
        channel_id=place.channel_id,
        user_id=place.user_id,
        keyword=query.typed,
        query=query.canonical,
        options=options,
        created_by=interaction.user.id,
        now=bot.clock(),
        known=await ask_arxiv.known_papers(bot.arxiv, bot.store, page, bot.clock()),
        complete=ask_arxiv.is_complete(page),
        pace=pace_at(bot.clock(), bot.settings),
    )
    return result.subscription, page


async def _answer(
    interaction: Interaction,
    query: Query,
    *,
    subscription: Subscription,
    page: Page | None,
    before: Subscription | None,
    backfill: int,
) -> None:
    """Post what was asked for at once, and say what has been saved."""
    bot = interaction.client
    papers = page.papers if page else ()
    options = subscription.options
    wanted = [paper for paper in papers if wants(options, paper.categories, paper.primary_category)]
    posted = 0
    if first := [paper.id for paper in wanted[:backfill]]:
        posted = await bot.store.subscriptions.backfill(subscription.id, first, bot.clock())
        bot.wake_delivery()
    digest = ""
    if options.deliver is not Deliver.LIVE:
        digest = await owning.digest_note(bot, subscription.destination)
    complete = page is not None and page.total <= len(papers)
    pace = ask_arxiv.per_day(papers, complete=complete, now=bot.clock())
    pace = pace * len(wanted) / len(papers) if papers else 0.0
    cap = subscription.destination.cap or bot.settings.delivery.daily_cap
    too_many = cap is not None and pace > cap and options.deliver is not Deliver.DIGEST
    embed = subscribed_embed(
        subscription,
        words=query.description,
        where=subscription.destination.place.mention,
        created=before is None,
        old=page.total if page else None,
        samples=wanted,
        per_day=pace,
        cap=cap if too_many else None,
        backfill=backfill,
        posted=posted,
        before=before.options if before else None,
        unchanged=before == subscription and before.destination.state is State.ACTIVE and not posted,
        digest=digest,
    )
    view = components.View(timeout=None)
    undo = Undo.of(subscription, before.options if before else None)
    for button in (undo, DigestInstead.of(subscription, suggested=too_many)):
        if button is not None:
            view.add_item(button)
    await interaction.edit_original_response(embed=embed, view=view)


async def _require_room(bot: Bot, place: Place) -> None:
    limits, subscriptions = bot.settings.limits, bot.store.subscriptions
    if place.user_id:
        held, most = await subscriptions.count_user(place.user_id), limits.subscriptions_per_person
        limit = _(
            "You have {held} subscriptions, and at most {most} are allowed. End one with `/unsubscribe` "
            "first. Nothing has been saved."
        )
    else:
        held, most = await subscriptions.count_guild(place.guild_id), limits.subscriptions_per_server
        limit = _(
            "This server has {held} subscriptions, and at most {most} are allowed. End one with "
            "`/unsubscribe` first. Nothing has been saved."
        )
    if held >= most:
        raise UserError(limit.format(held=format_number(held), most=format_number(most)))


def _undo_of(interaction: Interaction) -> list[Undo]:
    """Return the *Undo* button of the message that was clicked, as it stands there."""
    if interaction.message is None:
        return []
    rows = discord.ui.View.from_message(interaction.message).children
    ids = [item.custom_id for item in rows if isinstance(item, discord.ui.Button) and item.custom_id]
    return [
        Undo(custom_id, label=_("Undo"), style=discord.ButtonStyle.danger)
        for custom_id in ids
        if custom_id.startswith("papers:undo:")
    ]


def _written(options: Options) -> str:
    """Return *options* in the few characters that an identifier has room for."""
    flags = f"{options.deliver}{int(options.cross_lists)}{int(options.revisions)}"
    return f"{flags}:{options.role_id}:{','.join(options.categories)}"


def _read(text: str) -> Options | None:
    """Return what `_written` wrote; None for nothing."""
    if not text:
        return None
    flags, role_id, listed = text.split(":", 2)
    return Options(
        deliver=Deliver(flags[:-2]),
        role_id=int(role_id),
        categories=tuple(listed.split(",")) if listed else (),
        cross_lists=flags[-2] == "1",
        revisions=flags[-1] == "1",
    )
