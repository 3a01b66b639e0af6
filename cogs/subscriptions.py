"""`/subscribe`: which papers arrive where, and what is done about that answer; the rest is the panel's."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, Self

import discord
from discord import app_commands
from discord.ext import commands

from bot import asking, choosing, owning, places, views
from bot.client import PaperBot
from bot.errors import UserError
from bot.newness import wants
from bot.papers import Deliver, Options, Page, State, Subscription
from bot.present import categories as arxiv_categories
from bot.present.subscribing import redirected_embed, subscribed_embed, undone_embed
from bot.query import Query

Interaction = discord.Interaction[PaperBot]

_IDENTIFIER = 100
_CHOICE = 100


class Undo(views.Action, template=r"papers:undo:(?P<id>\d+):(?P<before>[\w.,:-]*)"):
    """Take back what `/subscribe` did: remove the subscription, or give it the options it had before."""

    @classmethod
    def of(cls, subscription: Subscription, before: Options | None) -> Self | None:
        """Return the button; None where the options before an edit are too many for an identifier."""
        custom_id = f"papers:undo:{subscription.id}:{_written(before) if before else ''}"
        if len(custom_id) > _IDENTIFIER:
            return None
        return cls(custom_id, label="Undo", style=discord.ButtonStyle.danger)

    async def run(self, interaction: Interaction) -> None:
        subscriptions = interaction.client.store.subscriptions
        subscription = await owning.owned(interaction, int(self.state["id"]))
        before = _read(self.state["before"])
        if before is not None:
            await subscriptions.edit(subscription.id, before)
        else:
            await subscriptions.remove(subscription.id)
        where = places.place_of_destination(subscription.destination).mention
        embed = undone_embed(subscription, where=where, restored=before)
        await interaction.response.edit_message(embed=embed, view=None)


class DigestInstead(views.Action, template=r"papers:digest-instead:(?P<id>\d+)"):
    """Deliver a subscription in the digest, and no longer live."""

    @classmethod
    def of(cls, subscription: Subscription, *, suggested: bool = False) -> Self:
        already = subscription.options.deliver is Deliver.DIGEST
        return cls(
            f"papers:digest-instead:{subscription.id}",
            label="Digest instead",
            style=discord.ButtonStyle.primary if suggested else discord.ButtonStyle.secondary,
            disabled=already,
        )

    async def run(self, interaction: Interaction) -> None:
        bot = interaction.client
        subscription = await owning.owned(interaction, int(self.state["id"]))
        changed = replace(subscription, options=replace(subscription.options, deliver=Deliver.DIGEST))
        await bot.store.subscriptions.edit(subscription.id, changed.options)
        view = views.View(timeout=None)
        for button in _undo_of(interaction):
            view.add_item(button)
        view.add_item(self.of(changed))
        if interaction.message is None or not interaction.message.embeds:
            raise UserError("That is done; `/subscriptions` shows it.")
        embed = redirected_embed(
            interaction.message.embeds[0],
            changed.options,
            where=places.place_of_destination(subscription.destination).mention,
            digest=await owning.digest_note(bot, subscription.destination),
        )
        await interaction.response.edit_message(embed=embed, view=view)


class Subscriptions(commands.Cog):
    """Make subscriptions, or make them anew."""

    def __init__(self, bot: PaperBot) -> None:
        self.bot = bot

    @app_commands.command(description="Post new arXiv papers on a keyword or query, here or in a channel")
    @app_commands.describe(
        keyword="Words such as speech synthesis, or a query such as ti:diffusion AND cat:cs.CV",
        channel="Where to post; by default the channel or thread this is typed in",
        deliver="live: as they are announced; digest: in the digest; both: once each (default: live)",
        mention="A role to mention with every paper",
        categories="Only papers of these arXiv categories, such as cs.CL,stat",
        cross_lists="Also papers that are only cross-listed in those categories (default: yes)",
        revisions="Also new versions of papers (default: no)",
        backfill="How many of the newest papers to post at once (default: none)",
    )
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def subscribe(
        self,
        interaction: Interaction,
        *,
        keyword: str,
        channel: places.ChannelOption | None = None,
        deliver: Literal["live", "digest", "both"] = "live",
        mention: discord.Role | None = None,
        categories: str = "",
        cross_lists: bool = True,
        revisions: bool = False,
        backfill: app_commands.Range[int, 0, 10] = 0,
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        place = places.place_of(interaction, channel)
        places.require_owner(interaction, place, channel)
        query = asking.read_query(keyword, self.bot.settings.limits.query_length)
        options = Options(
            deliver=Deliver(deliver),
            role_id=mention.id if mention else 0,
            categories=choosing.read_categories(categories),
            cross_lists=cross_lists,
            revisions=revisions,
        )
        await places.require_posting(interaction, place, mention)
        before = await self._same(place, query)
        if before is None:
            await self._require_room(place)
        page = await asking.first_look(self.bot.arxiv, query)
        known = await asking.known_papers(self.bot.arxiv, self.bot.store, page, self.bot.clock())
        result = await self.bot.store.subscriptions.subscribe(
            guild_id=place.guild_id,
            channel_id=place.channel_id,
            user_id=place.user_id,
            keyword=query.typed,
            query=query.canonical,
            options=options,
            created_by=interaction.user.id,
            now=self.bot.clock(),
            known=known,
            complete=asking.is_complete(page),
        )
        destination = result.subscription.destination
        if destination.state is State.PAUSED:  # what was missing is there again, as has just been checked
            await self.bot.store.destinations.resume(destination.id)
        await self._answer(
            interaction,
            query,
            subscription=result.subscription,
            page=page,
            before=before,
            backfill=backfill,
        )

    async def _answer(
        self,
        interaction: Interaction,
        query: Query,
        *,
        subscription: Subscription,
        page: Page | None,
        before: Subscription | None,
        backfill: int,
    ) -> None:
        """Post what was asked for at once, and say what has been saved."""
        papers = page.papers if page else ()
        options = subscription.options
        wanted = [paper for paper in papers if wants(options, paper.categories, paper.primary_category)]
        posted = 0
        if first := [paper.id for paper in wanted[:backfill]]:
            posted = await self.bot.store.subscriptions.backfill(subscription.id, first, self.bot.clock())
            self.bot.wake_delivery()
        digest = ""
        if options.deliver is not Deliver.LIVE:
            digest = await owning.digest_note(self.bot, subscription.destination)
        complete = page is not None and page.total <= len(papers)
        pace = asking.per_day(papers, complete=complete, now=self.bot.clock())
        pace = pace * len(wanted) / len(papers) if papers else 0.0
        cap = subscription.destination.cap or self.bot.settings.delivery.daily_cap
        too_many = cap is not None and pace > cap and options.deliver is not Deliver.DIGEST
        embed = subscribed_embed(
            subscription,
            words=query.words,
            where=places.place_of_destination(subscription.destination).mention,
            created=before is None,
            old=page.total if page else None,
            samples=wanted,
            per_day=pace,
            cap=cap if too_many else None,
            backfill=backfill,
            posted=posted,
            before=before.options if before else None,
            digest=digest,
        )
        view = views.View(timeout=None)
        undo = Undo.of(subscription, before.options if before else None)
        for button in (undo, DigestInstead.of(subscription, suggested=too_many)):
            if button is not None:
                view.add_item(button)
        await interaction.edit_original_response(embed=embed, view=view)

    async def _same(self, place: places.Place, query: Query) -> Subscription | None:
        """Return the subscription that this one repeats."""
        known = await self.bot.store.subscriptions.of_channel(place.channel_id)
        return next((one for one in known if one.query == query.canonical), None)

    async def _require_room(self, place: places.Place) -> None:
        limits, subscriptions = self.bot.settings.limits, self.bot.store.subscriptions
        if place.user_id:
            held, most = await subscriptions.count_user(place.user_id), limits.subscriptions_per_person
            whose = "You have"
        else:
            held, most = await subscriptions.count_guild(place.guild_id), limits.subscriptions_per_server
            whose = "This server has"
        if held >= most:
            raise UserError(
                f"{whose} {held} subscriptions, and at most {most} are allowed. "
                "End one with `/unsubscribe` first. Nothing has been saved."
            )

    @subscribe.autocomplete("keyword")
    async def _complete_keyword(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        mine = [one.keyword for one in await owning.visible(interaction)]
        return [
            app_commands.Choice(name=f"{found} · {words}"[:_CHOICE] if words else found, value=found)
            for found, words in choosing.suggest_keywords(mine, typed)
        ]

    @subscribe.autocomplete("categories")
    async def _complete_categories(
        self, _interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        *done, last = [part.strip() for part in typed.split(",")]
        return [
            app_commands.Choice(name=f"{chosen} · {arxiv_categories.name(found)}"[:_CHOICE], value=chosen)
            for found in arxiv_categories.search(last)
            if found not in done and len(chosen := ",".join([*done, found])) <= _CHOICE
        ]


def _undo_of(interaction: Interaction) -> list[Undo]:
    """Return the *Undo* button of the message that was clicked, as it stands there."""
    if interaction.message is None:
        return []
    rows = discord.ui.View.from_message(interaction.message).children
    ids = [item.custom_id for item in rows if isinstance(item, discord.ui.Button) and item.custom_id]
    return [
        Undo(custom_id, label="Undo", style=discord.ButtonStyle.danger)
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


async def setup(bot: PaperBot) -> None:
    """Register the commands, and the buttons of earlier messages."""
    bot.add_dynamic_items(Undo, DigestInstead)
    await bot.add_cog(Subscriptions(bot))
