"""Who may do what in a place: the person who asks, and the bot itself.

Discord's own check (`default_permissions`) covers only the channel where a command is typed, and server
administrators can relax it. So every command checks the permissions again, in the channel that it concerns.
"""

from __future__ import annotations

import discord

from bot.delivery.rights import kind_of, missing_permissions
from bot.i18n import format_list, join_sentences
from bot.i18n import gettext as _
from bot.interactions.access import in_channel, rights_here, rights_in
from bot.interactions.context import Interaction
from bot.interactions.place import ChosenChannel, name_of, place_of
from bot.model.errors import UserError
from bot.model.subscriptions import Place
from bot.present.reasons import permission_name


async def require_visible(
    interaction: Interaction, place: Place, chosen: ChosenChannel | None = None
) -> discord.Permissions:
    """Check that the person can see *place*, and return their permissions there.

    Raises:
        UserError: they cannot see it; the error is the same whether or not it exists.
    """
    stored = await interaction.client.store.destinations.by_channel(place.channel_id)
    if stored is not None and stored.place != place:  # of another server or person, whatever Discord sends
        raise hidden_error()
    if stored is None and chosen is None and not _is_known(interaction, place):
        raise hidden_error()  # a deleted channel that nothing is left of, or another server's
    rights = await rights_in(interaction, place, chosen)
    if not rights.view_channel:
        raise hidden_error()
    return rights


def _is_known(interaction: Interaction, place: Place) -> bool:
    """Tell whether *place* is where the person is, or a channel of their server that is in the cache."""
    guild = interaction.guild
    if guild is None or place.channel_id == interaction.channel_id:
        return True
    return guild.get_channel_or_thread(place.channel_id) is not None


async def require_manager(
    interaction: Interaction, place: Place, chosen: ChosenChannel | None = None
) -> None:
    """Check that the person may change what *place* receives.

    Raises:
        UserError: they cannot see it, or lack Manage Channels there. Only the latter names it.
    """
    require_manage_channels(interaction, place, await require_visible(interaction, place, chosen))


def require_manage_channels(interaction: Interaction, place: Place, rights: discord.Permissions) -> None:
    """Check that *rights*, those of the person in *place*, which they can see, let them change it.

    Raises:
        UserError: they lack Manage Channels.
    """
    if rights.manage_channels:
        return
    raise UserError(
        _(
            "You need the Manage Channels permission in {place} for this. Someone who manages the server can "
            "grant it; nothing has changed."
        ).format(place=name_of(interaction, place))
    )


def hidden_error() -> UserError:
    """Return the error for a channel that the person cannot see, or that does not exist."""
    return UserError(_("You cannot see that channel. Choose one that you can see."))


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
        place_of(interaction, None)
    except UserError:
        return False
    return rights_here(interaction).manage_channels


async def require_may_mention(
    interaction: Interaction, place: Place, role_id: int, chosen: ChosenChannel | None = None
) -> None:
    """Check that the person could mention a role in *place* themselves; 0 is no role.

    The bot often may mention every role. Without this check, everyone who may subscribe could use it to
    mention those that they may not.

    Raises:
        UserError: they may not.
    """
    role = interaction.guild.get_role(role_id) if interaction.guild and role_id else None
    if role is None or (role.mentionable and not role.is_default()):
        return
    if not (await rights_in(interaction, place, chosen)).mention_everyone:
        raise UserError(
            _(
                "You are not allowed to mention @{role} in {place} yourself, so I will not do it for you. "
                "Choose a role that everyone may mention, or ask someone with the Mention Everyone "
                "permission. Nothing has been saved."
            ).format(role=role.name.removeprefix("@"), place=name_of(interaction, place))
        )


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
    return in_channel(channel, guild.me), channel.type


async def bot_can_attach(interaction: Interaction, place: Place) -> bool:
    """Tell whether the bot, which can post in *place*, can attach files there."""
    if place.user_id:
        return True
    rights, _kind = await _own_rights(interaction, place)
    return rights.attach_files
