"""Where a command points: the channel, thread or conversation it concerns, and who may do what there.

Discord's own check (`default_permissions`) knows only the channel a command is typed in, and an administrator
may loosen it, so the rights that count are looked at here once more, in the channel that is meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from bot.delivery.rights import missing_right
from bot.i18n import format_list, gettext_noop, join_sentences
from bot.i18n import gettext as _
from bot.model.errors import UserError
from bot.model.subscriptions import Destination

Interaction = discord.Interaction[Any]
Channel = app_commands.AppCommandChannel | app_commands.AppCommandThread

_TYPED_IN = (
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
)
_CHOSEN = (*_TYPED_IN, discord.ChannelType.forum)
_WHERE = gettext_noop("Choose a text or announcement channel, a thread or a forum.")


class _ChannelOption(app_commands.Transformer):
    """Any channel that papers can go to, as Discord resolved it: with the rights of the one who asks."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        return list(_CHOSEN)

    async def transform(self, interaction: Interaction, value: Any, /) -> Channel:
        if not isinstance(value, app_commands.AppCommandChannel | app_commands.AppCommandThread):
            raise UserError(_(_WHERE))
        return value


ChannelOption = app_commands.Transform[Channel, _ChannelOption]


@dataclass(frozen=True, slots=True)
class Place:
    """A possible destination. `user_id` is 0 in a server, `guild_id` is 0 in direct messages."""

    guild_id: int
    channel_id: int
    user_id: int = 0

    @property
    def mention(self) -> str:
        return _("this conversation") if self.user_id else f"<#{self.channel_id}>"


def place_of(interaction: Interaction, chosen: Channel | None) -> Place:
    """Return the place that *interaction* concerns: the *chosen* channel, else the one it was typed in.

    Raises:
        UserError: papers cannot be posted in a channel of that type.
    """
    if interaction.guild_id is None:
        return Place(0, _channel_id(interaction), interaction.user.id)
    channel = chosen or interaction.channel
    allowed = _CHOSEN if chosen else _TYPED_IN
    if channel is None or channel.type not in allowed:
        wrong = _("Papers cannot be posted in a channel of that kind.")
        raise UserError(join_sentences(wrong, _(_WHERE)))
    return Place(interaction.guild_id, channel.id)


def name_of(interaction: Interaction, place: Place) -> str:
    """Return what to call *place* in a plain sentence, where a mention would not be one."""
    if place.user_id:
        return _("this conversation")
    here = interaction.channel if place.channel_id == interaction.channel_id else None
    channel = here or (interaction.guild and interaction.guild.get_channel_or_thread(place.channel_id))
    name = getattr(channel, "name", None)
    return f"#{name}" if name else _("that channel")


def place_of_destination(destination: Destination) -> Place:
    """Return the place that *destination* is."""
    return Place(destination.guild_id, destination.channel_id, destination.user_id)


def require_owner(interaction: Interaction, place: Place, chosen: Channel | None = None) -> None:
    """Check that the person may change what *place* receives.

    Raises:
        UserError: it is another server's or person's, or they lack Manage Channels in that very channel.
    """
    if place.guild_id != (interaction.guild_id or 0) or (
        place.user_id and place.user_id != interaction.user.id
    ):
        raise UserError(
            _(
                "That belongs to another server or person; use the command yourself, in the channel "
                "that you mean."
            )
        )
    if place.user_id or _rights(interaction, place.channel_id, chosen).manage_channels:
        return
    raise UserError(
        _(
            "You need the right Manage Channels in {place} for this; whoever manages the server can "
            "give it to you. Nothing has changed."
        ).format(place=name_of(interaction, place))
    )


def may_see(interaction: Interaction, place: Place) -> bool:
    """Tell whether the person can see *place*, so that a list does not tell them of hidden channels."""
    if place.user_id:
        return place.user_id == interaction.user.id
    rights = _rights(interaction, place.channel_id, None)
    return rights.view_channel or rights.manage_channels


def require_sight(interaction: Interaction, place: Place, chosen: Channel | None = None) -> None:
    """Check that the person can see *place*, which what Discord says of the *chosen* channel tells best.

    Raises:
        UserError: they cannot.
    """
    seen = chosen is not None and chosen.id == place.channel_id and chosen.permissions.view_channel
    if not (seen or may_see(interaction, place)):
        raise UserError(_("You cannot see that channel; choose one that you can."))


def may_manage(interaction: Interaction, place: Place) -> bool:
    """Tell whether `require_owner` would let the person pass."""
    try:
        require_owner(interaction, place)
    except UserError:
        return False
    return True


def subscribable(interaction: Interaction) -> bool:
    """Tell whether the person may subscribe the place where they are, and the bot itself is there too.

    It is not in the conversations of people who use it as an app of their own, nor in their other servers.
    """
    if interaction.context.private_channel:
        return False
    if interaction.guild_id is not None and interaction.client.get_guild(interaction.guild_id) is None:
        return False
    try:
        return may_manage(interaction, place_of(interaction, None))
    except UserError:
        return False


def _rights(interaction: Interaction, channel_id: int, chosen: Channel | None) -> discord.Permissions:
    """Return what the person may do in that channel; what Discord itself resolved counts before the cache."""
    if chosen is not None and chosen.id == channel_id:
        return chosen.permissions
    if channel_id == interaction.channel_id:
        return interaction.permissions
    member = interaction.user
    if interaction.guild is None or not isinstance(member, discord.Member):
        return discord.Permissions.none()
    channel = interaction.guild.get_channel_or_thread(channel_id)
    if channel is None:  # deleted, or an archived thread: only the server-wide rights are left to judge by
        server_wide = member.guild_permissions
        return server_wide if server_wide.manage_channels else discord.Permissions.none()
    return _in_channel(channel, member)


def _in_channel(
    channel: discord.abc.GuildChannel | discord.Thread, member: discord.Member
) -> discord.Permissions:
    try:
        return channel.permissions_for(member)
    except discord.ClientException:  # a thread whose parent is not in the cache
        return discord.Permissions.none()


async def require_posting(interaction: Interaction, place: Place, role: discord.Role | None = None) -> None:
    """Check that the bot itself can post papers in *place*, and mention *role* there.

    Raises:
        UserError: names every missing right and where to give it.
    """
    if place.user_id:
        if role is not None:
            raise UserError(
                _("A role can only be mentioned in a server; leave it out here. Nothing has been saved.")
            )
        return
    rights, kind = await _own_rights(interaction, place)
    if missing := missing_right(rights, kind):
        said = (
            _("I cannot post in {place}: I lack {missing} there (and need {later}).")
            if missing.later
            else _("I cannot post in {place}: I lack {missing} there.")
        ).format(
            place=name_of(interaction, place),
            missing=_(missing.name),
            later=format_list([_(one) for one in missing.later]) if missing.later else "",
        )
        todo = _(
            "Give me that in the channel's settings under Permissions, and try again. Nothing has been saved."
        )
        raise UserError(join_sentences(said, todo))
    if role is None:
        return
    if role.is_default():
        raise UserError(_("Everyone cannot be mentioned for a paper; choose a role. Nothing has been saved."))
    if not (role.mentionable or rights.mention_everyone):
        raise UserError(
            _(
                "I may not mention @{role}: allow everyone to mention it (Server Settings → Roles), or give "
                "me Mention Everyone in {place}. Nothing has been saved."
            ).format(role=role.name, place=name_of(interaction, place))
        )


async def _own_rights(
    interaction: Interaction, place: Place
) -> tuple[discord.Permissions, discord.ChannelType]:
    if place.channel_id == interaction.channel_id and interaction.channel is not None:
        return interaction.app_permissions, interaction.channel.type
    guild = interaction.guild
    if guild is None or guild.me is None:
        raise UserError(_("I am not a member of this server yet; invite me first. Nothing has been saved."))
    channel = guild.get_channel_or_thread(place.channel_id)
    if channel is None:
        try:
            channel = await guild.fetch_channel(place.channel_id)
        except (discord.Forbidden, discord.NotFound):
            return discord.Permissions.none(), discord.ChannelType.text
    return _in_channel(channel, guild.me), channel.type


async def may_attach(interaction: Interaction, place: Place) -> bool:
    """Tell whether the bot can attach files in *place*, in which it can post."""
    if place.user_id:
        return True
    rights, _kind = await _own_rights(interaction, place)
    return rights.attach_files


def _channel_id(interaction: Interaction) -> int:
    if interaction.channel_id is None:
        raise UserError(_("Discord did not say where this was typed; please try again in a channel."))
    return interaction.channel_id
