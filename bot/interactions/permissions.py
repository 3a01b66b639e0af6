"""Who may do what in a place: the person who asks, and the bot itself.

Discord's own check (`default_permissions`) covers only the channel where a command is typed, and server
administrators can relax it. So every command checks the permissions again, in the channel that it concerns.
"""

from __future__ import annotations

import discord

from bot.delivery.rights import kind_of, missing_permissions
from bot.i18n import format_list, join_sentences
from bot.i18n import gettext as _
from bot.interactions.context import Interaction
from bot.interactions.place import ChosenChannel, name_of, place_of
from bot.model.errors import UserError
from bot.model.subscriptions import Place
from bot.present.reasons import permission_name


def require_manager(interaction: Interaction, place: Place, chosen: ChosenChannel | None = None) -> None:
    """Check that the person may change what *place* receives.

    Raises:
        UserError: it belongs to another server or person, or they lack Manage Channels in that channel.
    """
    if place.guild_id != (interaction.guild_id or 0) or (
        place.user_id and place.user_id != interaction.user.id
    ):
        raise UserError(
            _("This belongs to another server or person. Run the command yourself in the channel you want.")
        )
    if place.user_id or _rights(interaction, place.channel_id, chosen).manage_channels:
        return
    raise UserError(
        _(
            "You need the Manage Channels permission in {place} for this. Someone who manages the server can "
            "grant it; nothing has changed."
        ).format(place=name_of(interaction, place))
    )


def can_see(interaction: Interaction, place: Place) -> bool:
    """Tell whether the person can see *place*; lists must not reveal hidden channels."""
    if place.user_id:
        return place.user_id == interaction.user.id
    rights = _rights(interaction, place.channel_id, None)
    return rights.view_channel or rights.manage_channels


def require_visible(interaction: Interaction, place: Place, chosen: ChosenChannel | None = None) -> None:
    """Check that the person can see *place*; what Discord says about the *chosen* channel counts first.

    Raises:
        UserError: they cannot see it.
    """
    seen = chosen is not None and chosen.id == place.channel_id and chosen.permissions.view_channel
    if not (seen or can_see(interaction, place)):
        raise UserError(_("You cannot see that channel. Choose one that you can see."))


def may_manage(interaction: Interaction, place: Place) -> bool:
    """Tell whether the person passes `require_manager`."""
    try:
        require_manager(interaction, place)
    except UserError:
        return False
    return True


def may_subscribe_here(interaction: Interaction) -> bool:
    """Tell whether the person may subscribe the place where they are.

    The bot must be there itself: it is not in the conversations of people who installed it for themselves,
    nor in their other servers.
    """
    if interaction.context.private_channel:
        return False
    if interaction.guild_id is not None and interaction.client.get_guild(interaction.guild_id) is None:
        return False
    try:
        return may_manage(interaction, place_of(interaction, None))
    except UserError:
        return False


def _rights(interaction: Interaction, channel_id: int, chosen: ChosenChannel | None) -> discord.Permissions:
    """Return the person's permissions in a channel; what Discord itself sent counts before the cache."""
    if chosen is not None and chosen.id == channel_id:
        return chosen.permissions
    if channel_id == interaction.channel_id:
        return interaction.permissions
    member = interaction.user
    if interaction.guild is None or not isinstance(member, discord.Member):
        return discord.Permissions.none()
    channel = interaction.guild.get_channel_or_thread(channel_id)
    if channel is None:  # deleted, or an archived thread: only the server-wide permissions are known
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


async def require_bot_can_post(
    interaction: Interaction, place: Place, role: discord.Role | None = None
) -> None:
    """Check that the bot itself can post papers in *place*, and mention *role* there.

    Raises:
        UserError: the bot cannot; the error names the missing permission and where to grant it.
    """
    if place.user_id:
        if role is not None:
            raise UserError(
                _(
                    "Roles can only be mentioned in a server. Leave out `mention` here; nothing has been "
                    "saved."
                )
            )
        return
    rights, channel_type = await _own_rights(interaction, place)
    kind = kind_of(channel_type)
    if permissions := missing_permissions(rights, kind):
        missing, *others = [permission_name(each, kind) for each in permissions]
        said = (
            _(
                "I cannot post in {place}: I do not have the {missing} permission there (I also need "
                "{others})."
            )
            if others
            else _("I cannot post in {place}: I do not have the {missing} permission there.")
        ).format(
            place=name_of(interaction, place),
            missing=missing,
            others=format_list(others) if others else "",
        )
        todo = _(
            "Grant it in the channel's settings, under Permissions, and try again. Nothing has been saved."
        )
        raise UserError(join_sentences(said, todo))
    if role is None:
        return
    if role.is_default():
        raise UserError(_("Papers cannot mention everyone. Choose a role; nothing has been saved."))
    if not (role.mentionable or rights.mention_everyone):
        raise UserError(
            _(
                "I am not allowed to mention @{role}. Allow everyone to mention it (Server Settings → "
                "Roles), or grant me the Mention Everyone permission in {place}. Nothing has been saved."
            ).format(role=role.name, place=name_of(interaction, place))
        )


async def _own_rights(
    interaction: Interaction, place: Place
) -> tuple[discord.Permissions, discord.ChannelType]:
    if place.channel_id == interaction.channel_id and interaction.channel is not None:
        return interaction.app_permissions, interaction.channel.type
    guild = interaction.guild
    if guild is None or guild.me is None:
        raise UserError(_("I am not a member of this server. Invite me first; nothing has been saved."))
    channel = guild.get_channel_or_thread(place.channel_id)
    if channel is None:
        try:
            channel = await guild.fetch_channel(place.channel_id)
        except (discord.Forbidden, discord.NotFound):
            return discord.Permissions.none(), discord.ChannelType.text
    return _in_channel(channel, guild.me), channel.type


async def bot_can_attach(interaction: Interaction, place: Place) -> bool:
    """Tell whether the bot, which can post in *place*, can attach files there."""
    if place.user_id:
        return True
    rights, _kind = await _own_rights(interaction, place)
    return rights.attach_files
