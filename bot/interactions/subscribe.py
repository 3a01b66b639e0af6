"""Subscribes a channel to a query: checks, saves and answers; below stand buttons, also for other queries.

`/subscribe` and a button under search results both come here. The cog of `/subscribe` registers the buttons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import discord

from bot.i18n import format_number
from bot.i18n import gettext as _
from bot.interactions import ask_arxiv, components, permissions
from bot.interactions.alternatives import KIND, other_query
from bot.interactions.arrival import ChooseArrival, DigestInstead, ShowQuery, due_note, reception_of
from bot.interactions.author_preview import Target, show_preview
from bot.interactions.context import Bot, Interaction
from bot.interactions.place import ChosenChannel
from bot.interactions.searching import Search, Suggestion, read_words, suggestion, written_words
from bot.interactions.subscriptions import channel_subscriptions, managed_subscription
from bot.interactions.undo import Undo
from bot.model.errors import UserError
from bot.model.subscriptions import Deliver, Options, Place, State, Subscription
from bot.polling.pacing import pace_at
from bot.present import limits
from bot.present.alternatives import FOLLOW
from bot.present.search import SortOrder
from bot.present.subscribed import SubscribedAnswer, subscribed_embed
from bot.present.views import View
from bot.query.alternatives import Alternative, alternatives, name_in
from bot.query.query import Query, parse_typed, read_query
from bot.query.spelling import respelled
from bot.rules.forecast import Complete, FirstLook, NotAsked, Partial, daily, papers_per_day
from bot.rules.newness import wants


class SubscribeInstead(components.Action, template=rf"papers:instead:{KIND}:(?P<id>\d+)"):
    """Replaces a subscription by one to another query that its answer offers, with the same options.

    Of a person's name, it first shows a preview, whose button replaces the subscription.
    """

    @classmethod
    def of(cls, kind: Alternative, subscription: Subscription) -> Self:
        return cls(f"papers:instead:{kind}:{subscription.id}", label=_(FOLLOW[kind]))

    async def run(self, interaction: Interaction) -> None:
        subscription = await managed_subscription(interaction, int(self.state["id"]))
        query = other_query(interaction, parse_typed(subscription.keyword), self.state["kind"])
        if query is None:  # the keyword has been edited since
            raise UserError(_("This no longer fits the subscription. Use `/subscribe` instead."))
        if self.state["kind"] == Alternative.AUTHOR:
            await permissions.require_bot_can_post(interaction, subscription.destination.place, None)
            await interaction.response.defer(ephemeral=True, thinking=True)
            await show_preview(interaction, name_in(query.typed), Target(replaces=subscription.id))
            return
        await interaction.response.defer()
        await _replace(interaction, subscription, query)


class SubscribeToThat(components.Action, template=r"papers:meant:(?P<id>\d+):(?P<words>.+)"):
    """Replaces a subscription by one with other words in the places of misspelt ones."""

    @classmethod
    def of(cls, subscription: Subscription, meant: Suggestion | None) -> Self | None:
        """Return the button; None if nothing was meant, or if its identifier has no room for the words."""
        if meant is None:
            return None
        custom_id = f"papers:meant:{subscription.id}:{written_words(meant.words)}"
        if limits.length(custom_id) > limits.CUSTOM_ID:
            return None
        return cls(custom_id, label=_("Subscribe to that"), style=discord.ButtonStyle.primary)

    async def run(self, interaction: Interaction) -> None:
        subscription = await managed_subscription(interaction, int(self.state["id"]))
        typed = respelled(subscription.keyword, read_words(self.state["words"]))
        query = read_query(typed, interaction.client.settings.limits.query_length)
        await interaction.response.defer()
        await _replace(interaction, subscription, query)


async def _replace(interaction: Interaction, subscription: Subscription, query: Query) -> None:
    """Subscribe to *query* in the place of *subscription*, with its options, and send the deferred answer."""
    place, options = subscription.destination.place, subscription.options
    if await find_subscription(interaction, place, query):
        raise UserError(
            _("The channel already has a subscription to “{keyword}”. Nothing has changed.").format(
                keyword=query.typed
            )
        )
    role = interaction.guild.get_role(options.role_id) if interaction.guild else None
    await subscribe_place(interaction, place, query, options, role=role, replaced=subscription)


async def subscribe_place(
    interaction: Interaction,
    place: Place,
    query: Query,
    options: Options,
    *,
    role: discord.Role | None = None,
    backfill: int = 0,
    chosen: ChosenChannel | None = None,
    replaced: Subscription | None = None,
) -> None:
    """Subscribe *place* to *query*, or edit the subscription that it has, and send the deferred answer.

    *role* is the one that *options* mention; *backfill* is how many of the newest papers to post at once.
    The caller has checked that the person may change what *place*, the *chosen* channel, receives. The new
    subscription stands in for the one *replaced*, which ends. It is saved even if arXiv has no paper on it;
    the answer then says what was probably meant.

    Raises:
        UserError: the person may not mention the role, the bot cannot post there, there are too many
            subscriptions, or arXiv refuses the query.
    """
    bot = interaction.client
    await permissions.require_bot_can_post(interaction, place, role)
    await permissions.require_may_mention(interaction, place, options.role_id, chosen)
    before = await find_subscription(interaction, place, query)
    if before is None and replaced is None:
        await _require_room(bot, place)
    look = await first_look(interaction, query)
    saved = await save_subscription(interaction, place, query, options, look)
    if replaced is not None:  # a crash in between leaves both, which `/subscriptions` shows
        await bot.store.subscriptions.remove(replaced.id, bot.clock())
    destination = saved.destination
    if destination.state is State.PAUSED:  # the bot can post there again, as has just been checked
        await bot.store.destinations.resume(destination.id, bot.clock())
    bot.wake_delivery()  # the first look may have found papers for other channels with the same query
    found = isinstance(look, NotAsked) or papers_per_day(look, bot.clock()) > 0
    meant = None
    if before is None and not isinstance(look, NotAsked) and not look.total:
        meant = await suggestion(interaction, Search(query, SortOrder.NEWEST, "", interaction.user.id))
    answer = SubscribedAnswer(
        saved,
        look,
        await reception_of(interaction, saved),
        today=bot.clock().date(),
        before=before,
        backfill=backfill,
        alternatives=alternatives(query, found=found or meant is not None),
        meant=(meant.query.typed, meant.total) if meant else None,
        remark=query.remark,
    )
    if not isinstance(look, NotAsked):
        answer = await _backfill(bot, answer, look)
    answer = replace(answer, digest=await due_note(interaction, saved))
    undo = Undo.of(saved, before.options if before else None, replaced)
    view = _buttons(answer, undo, SubscribeToThat.of(saved, meant))
    await interaction.edit_original_response(embed=subscribed_embed(answer), view=view)


def _buttons(answer: SubscribedAnswer, undo: Undo | None, that: SubscribeToThat | None) -> View:
    """Return the buttons under *answer*: how so many papers arrive, or what else there is to do.

    *that* subscribes to what was probably meant.
    """
    subscription = answer.subscription
    rows: list[Sequence[components.Action | None]]
    if answer.is_busy:
        first, *others = ChooseArrival.buttons(subscription, answer.reception.best)
        rows = [[first], [*others, undo]]
    else:
        digest = DigestInstead.of(subscription, suggested=answer.cap is not None)
        rows = [[undo, digest, ShowQuery.of(subscription)]]
    rows.append([that, *(SubscribeInstead.of(kind, subscription) for kind in answer.alternatives)])
    view = View()
    for number, row in enumerate(rows):
        for button in filter(None, row):
            button.row = number
            view.add_item(button)
    return view


async def find_subscription(interaction: Interaction, place: Place, query: Query) -> Subscription | None:
    """Return the subscription of *place* to *query*, if there is one."""
    subscriptions = await channel_subscriptions(interaction.client, place)
    return next((one for one in subscriptions if one.query == query.canonical), None)


async def first_look(interaction: Interaction, query: Query) -> FirstLook:
    """Return what arXiv has of *query* now.

    Raises:
        UserError: arXiv refuses the query.
    """
    asker = ask_arxiv.asker_of(interaction)
    return await ask_arxiv.first_look(interaction.client.arxiv, query, asker=asker)


async def save_subscription(
    interaction: Interaction, place: Place, query: Query, options: Options, look: FirstLook
) -> Subscription:
    """Save a subscription to which all papers of *look* are old; return it."""
    bot, baseline = interaction.client, look
    if isinstance(look, Partial) and not look.papers and not await _store_newest_papers(interaction):
        baseline = NotAsked()  # nothing shows which papers are old
    result = await bot.store.subscriptions.subscribe(
        place=place,
        keyword=query.typed,
        query=query.canonical,
        options=options,
        created_by=interaction.user.id,
        now=bot.clock(),
        look=baseline,
        pace=pace_at(bot.clock(), bot.settings),
    )
    return result.subscription


async def _store_newest_papers(interaction: Interaction) -> bool:
    """Store some of the newest papers on any topic; tell whether the store has any paper at all.

    Their numbers show which papers are old to a query that has none yet. Without them, everything that its
    first poll brings would count as new.
    """
    bot, asker = interaction.client, ask_arxiv.asker_of(interaction)
    newest = await ask_arxiv.newest_papers(bot.arxiv, bot.clock(), asker=asker)
    await bot.store.record(newest, [], bot.clock())
    return await bot.store.papers.highest() is not None


async def _backfill(bot: Bot, answer: SubscribedAnswer, look: Partial | Complete) -> SubscribedAnswer:
    """Queue the newest papers that were asked for; return the answer with them and with what to expect."""
    subscription, options = answer.subscription, answer.subscription.options
    samples = [paper for paper in look.papers if wants(options, paper.categories, paper.primary_category)]
    posted = 0
    if newest := [paper.id for paper in samples[: answer.backfill]]:
        posted = await bot.store.subscriptions.backfill(subscription.id, newest, bot.clock())
        bot.wake_delivery()
    share = len(samples) / len(look.papers) if look.papers else 0.0
    per_day = papers_per_day(look, bot.clock()) * share
    cap = subscription.destination.cap or bot.settings.delivery.daily_cap
    exceeded = cap is not None and daily(per_day) > cap and options.deliver is not Deliver.DIGEST
    return replace(answer, samples=samples, posted=posted, per_day=per_day, cap=cap if exceeded else None)


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
