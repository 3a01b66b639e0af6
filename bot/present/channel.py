"""How a channel receives: what `/channel` answers."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot import i18n
from bot.i18n import format_number, ngettext
from bot.i18n import gettext as _
from bot.model.subscriptions import Destination, State
from bot.present import limits
from bot.present.markdown import escape
from bot.present.reasons import reason_in_words
from bot.rules.schedules import write_schedule


@dataclass(frozen=True, slots=True)
class Receiving:
    """What there is to say of a channel.

    *where* mentions it. *default_cap* is the configuration's, None for none. *news* says that it is an
    announcement channel, in which *waiting* posts are still to be crossposted.
    """

    destination: Destination
    where: str
    subscriptions: int
    default_cap: int | None
    news: bool
    waiting: int = 0
    changed: bool = False


def receiving_embed(channel: Receiving) -> discord.Embed:
    """Return the answer to `/channel`."""
    destination = channel.destination
    count = channel.subscriptions
    several = ngettext("{count} subscription", "{count} subscriptions", count).format(
        count=format_number(count)
    )
    embed = discord.Embed(
        title=_("Changed") if channel.changed else _("How this channel receives"),
        description=_("{where}: {subscriptions}").format(where=channel.where, subscriptions=several),
        colour=discord.Colour.green() if destination.state is State.ACTIVE else discord.Colour.light_grey(),
    )
    embed.add_field(name=_("Cap"), value=_cap(channel), inline=False)
    embed.add_field(name=_("Digest"), value=_digest(destination), inline=False)
    if channel.news:
        embed.add_field(name=_("Crossposting"), value=_crosspost(channel), inline=False)
    if destination.state is not State.ACTIVE:
        reason = escape(reason_in_words(destination.reason)) or _("by a manager")
        embed.add_field(name=_("Paused"), value=limits.cut(reason, limits.FIELD_VALUE), inline=False)
    return embed


def _cap(channel: Receiving) -> str:
    cap = channel.destination.cap or channel.default_cap
    if cap is None:
        return _("None: every paper is posted by itself.")
    most = ngettext(
        "{count} paper a day is posted by itself.", "{count} papers a day are posted one by one.", cap
    ).format(count=format_number(cap))
    origin = "" if channel.destination.cap else _("That is the default here.")
    rest = (
        _("What is above goes into the digest; nothing is dropped.")
        if channel.destination.schedule
        else _("What is above goes into one list a day, for there is no digest; nothing is dropped.")
    )
    return i18n.join_sentences(most, origin, rest)


def _digest(destination: Destination) -> str:
    schedule = destination.schedule
    if schedule is None:
        return _("None; `/digest schedule` sets one.")
    when = write_schedule(schedule.days, schedule.hour, schedule.zone)
    return _("{when}.").format(when=f"{when[:1].upper()}{when[1:]}")


def _crosspost(channel: Receiving) -> str:
    if not channel.destination.crosspost:
        return _("Off: what is posted stays in this channel.")
    said = _("On: what is posted goes to the channels that follow this one, ten an hour at most.")
    if not channel.waiting:
        return said
    waiting = ngettext("{count} waits for its turn.", "{count} wait for their turn.", channel.waiting).format(
        count=format_number(channel.waiting)
    )
    return i18n.join_sentences(said, waiting)
