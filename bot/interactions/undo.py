"""*Undo* under the answer to `/subscribe`: what it has to know is in its identifier."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Self

from bot.i18n import gettext as _
from bot.interactions import components, permissions
from bot.interactions.context import Interaction
from bot.interactions.subscriptions import managed_subscription
from bot.model.errors import UserError
from bot.model.subscriptions import Deliver, Live, Options, Subscription
from bot.present import limits
from bot.present.subscribed import undone_embed

_OF_CHANNEL = 11  # characters that `Undo.also_of_channel` adds


class Undo(
    components.Action,
    template=r"papers:undo:(?P<id>\d+):(?:(?P<replaced>\d+)|(?P<before>[\w.,:-]*))(?:\+(?P<scheduled>\d+))?",
):
    """Takes back what `/subscribe` did: removes the subscription, or restores the options that it had.

    It also takes back what *… instead* did: the subscription that was replaced comes back. And it takes back
    that the channel gets only the best papers live, if that was chosen below the answer.
    """

    @classmethod
    def of(
        cls, subscription: Subscription, before: Options | None, replaced: Subscription | None = None
    ) -> Self | None:
        """Return the button; None if the options before an edit do not fit its identifier."""
        earlier = replaced.id if replaced else written_options(before) if before else ""
        custom_id = f"papers:undo:{subscription.id}:{earlier}"
        if len(custom_id) + _OF_CHANNEL > limits.CUSTOM_ID:
            return None
        return cls(custom_id, label=_("Undo"))

    @staticmethod
    def also_of_channel(custom_id: str, scheduled: datetime | None) -> str:
        """Return the identifier of a button that takes back the channel's settings, too.

        *scheduled* is when the schedule of its digest was set with them, None if it was not.
        """
        return f"{custom_id}+{int(scheduled.timestamp()) if scheduled else 0}"

    async def run(self, interaction: Interaction) -> None:
        subscriptions = interaction.client.store.subscriptions
        subscription = await managed_subscription(interaction, int(self.state["id"]))
        restored = subscription
        if replaced_id := self.state["replaced"]:
            restored = await _bring_back(interaction, int(replaced_id), subscription)
            options: Options | None = restored.options
        elif before := self.state["before"]:
            options = read_options(before)
            if options.role_id != subscription.options.role_id:
                place = subscription.destination.place
                await permissions.require_may_mention(interaction, place, options.role_id)
            await subscriptions.edit(subscription.id, options)
        else:
            options = None
            await subscriptions.remove(subscription.id, interaction.client.clock())
        channel_too = await self._restore_channel(interaction, subscription)
        embed = undone_embed(restored, restored=options, channel_too=channel_too)
        await interaction.response.edit_message(embed=embed, view=None)

    async def _restore_channel(self, interaction: Interaction, undone: Subscription) -> bool:
        """Let the channel of *undone* get all papers one by one again, if this button says so.

        Its digest goes, unless others have come to need it.
        """
        bot, destination, scheduled = interaction.client, undone.destination, self.state["scheduled"]
        if scheduled is None or destination.live is not Live.BEST:
            return False
        since = datetime.fromtimestamp(int(scheduled), UTC) if int(scheduled) else None
        siblings = await bot.store.subscriptions.of_channel(destination.channel_id)
        if any(one.options.deliver is not Deliver.LIVE for one in siblings):
            since = None
        await bot.store.destinations.post_all(destination.id, unschedule=since, now=bot.clock())
        return True


async def _bring_back(interaction: Interaction, replaced_id: int, instead: Subscription) -> Subscription:
    """Restore the subscription that *instead* replaced, which ends; return the restored one.

    Raises:
        UserError: the person may not mention its role, or it was replaced too long ago; nothing has changed.
    """
    bot, subscriptions = interaction.client, interaction.client.store.subscriptions
    role_id = await subscriptions.removed_role(replaced_id)
    await permissions.require_may_mention(interaction, instead.destination.place, role_id)
    restored = await subscriptions.restore(replaced_id, bot.clock(), bot.settings.delivery.undo)
    if restored is None:
        raise UserError(_("This can no longer be undone. See `/subscriptions` for the current list."))
    # A crash in between leaves both, which `/subscriptions` shows; the other order could leave neither.
    await subscriptions.remove(instead.id, bot.clock())
    return restored


def written_options(options: Options) -> str:
    """Return *options* in few characters, for an identifier."""
    flags = f"{options.deliver}{int(options.cross_lists)}{int(options.revisions)}"
    return f"{flags}:{options.role_id}:{','.join(options.categories)}"


def read_options(text: str) -> Options:
    """Return the options that `written_options` wrote."""
    flags, role_id, listed = text.split(":", 2)
    return Options(
        deliver=Deliver(flags[:-2]),
        role_id=int(role_id),
        categories=tuple(listed.split(",")) if listed else (),
        cross_lists=flags[-2] == "1",
        revisions=flags[-1] == "1",
    )
