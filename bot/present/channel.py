"""The answer to `/channel`: the settings of a channel."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot import i18n
from bot.i18n import format_number, gettext_noop, ngettext
from bot.i18n import gettext as _
from bot.model.subscriptions import Destination, Live, Notify, State, Style
from bot.present import colours, limits
from bot.present.digest_schedule import digest_extras, schedule_in_words
from bot.present.markdown import escape
from bot.present.reasons import reason_in_words
from bot.rules.choice import best_of_day

_STYLES = {
    Style.COMPACT: gettext_noop(
        "Compact: title, what is new, and links. Three posts fit on a phone's screen. `/channel` can show "
        "more."
    ),
    Style.FULL: gettext_noop(
        "Full: also the beginning of the abstract and all that arXiv says. `/channel` can show less."
    ),
}


_NOTIFY = {
    Notify.ALL: gettext_noop("Every post notifies, and mentions the role of its subscription."),
    Notify.BEST: gettext_noop(
        "The best of the day and digests notify; the others arrive silently and mention nobody."
    ),
    Notify.NONE: gettext_noop("Everything arrives silently and mentions nobody."),
}


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """The settings of a channel, and what they apply to.

    *where* mentions the channel. *default_cap* is the configured one, None for no cap. *news* marks an
    announcement channel, where *waiting* posts are still to be crossposted. *changed*: they have just
    changed.
    """

    destination: Destination
    where: str
    subscriptions: int
    default_cap: int | None
    news: bool
    waiting: int = 0
    changed: bool = False


def channel_embed(channel: ChannelSettings) -> discord.Embed:
    """Return the answer to `/channel`."""
    destination = channel.destination
    subscriptions = ngettext(
        "{count} subscription in {where}", "{count} subscriptions in {where}", channel.subscriptions
    )
    embed = discord.Embed(
        title=_("Updated") if channel.changed else _("Channel settings"),
        description=subscriptions.format(count=format_number(channel.subscriptions), where=channel.where),
        colour=colours.GREEN if destination.state is State.ACTIVE else colours.GREY,
    )
    embed.add_field(name=_("Daily cap"), value=_cap(channel), inline=False)
    embed.add_field(name=_("Best of the day"), value=_best(channel), inline=False)
    embed.add_field(name=_("Notifications"), value=_notify(destination), inline=False)
    embed.add_field(name=_("Digest"), value=_digest(destination), inline=False)
    if channel.news:
        embed.add_field(name=_("Crossposting"), value=_crosspost(channel), inline=False)
    embed.add_field(name=_("Posts"), value=_(_STYLES[destination.style]), inline=False)
    if destination.state is not State.ACTIVE:
        reason = escape(reason_in_words(destination.reason)) or _("A manager paused this channel.")
        embed.add_field(name=_("Paused"), value=limits.cut(reason, limits.FIELD_VALUE), inline=False)
    return embed


def _cap(channel: ChannelSettings) -> str:
    cap = channel.destination.cap or channel.default_cap
    if cap is None:
        return _("No cap: each paper gets its own post.")
    most = ngettext(
        "{count} paper a day gets its own post.", "{count} papers a day get their own posts.", cap
    ).format(count=format_number(cap))
    origin = "" if channel.destination.cap else _("That is the default here.")
    rest = (
        _("The others go into the digest; nothing is dropped.")
        if channel.destination.schedule
        else _("The others go into one list a day, because no digest is scheduled; nothing is dropped.")
    )
    return i18n.join_sentences(most, origin, rest)


def _best(channel: ChannelSettings) -> str:
    destination = channel.destination
    best = best_of_day(destination.best, destination.cap or channel.default_cap)
    if destination.live is Live.BEST:
        return ngettext(
            "Only the {count} paper a day that is closest to what is saved here gets its own post; the "
            "others come together, and nothing is dropped.",
            "Only the {count} papers a day that are closest to what is saved here get their own posts; the "
            "others come together, and nothing is dropped.",
            best,
        ).format(count=format_number(best))
    return ngettext(
        "The {count} paper a day that is closest to what is saved here comes first in the digest.",
        "The {count} papers a day that are closest to what is saved here come first in the digest.",
        best,
    ).format(count=format_number(best))


def _notify(destination: Destination) -> str:
    hours = destination.quiet_hours
    quiet = ""
    if hours:
        quiet = _("From {first}:00 to {last}:00 ({zone}), everything arrives silently.").format(
            first=hours.first, last=hours.last, zone=escape(hours.zone)
        )
    return i18n.join_sentences(_(_NOTIFY[destination.notify]), quiet)


def _digest(destination: Destination) -> str:
    schedule = destination.schedule
    if schedule is None:
        return _("No digest is scheduled. Use `/digest schedule` to schedule one.")
    return "\n".join((schedule_in_words(schedule), i18n.join_sentences(*digest_extras(schedule)))).strip()


def _crosspost(channel: ChannelSettings) -> str:
    if not channel.destination.crosspost:
        return _("Off: posts stay in this channel.")
    on = _("On: posts are published to the channels that follow this one, at most ten an hour.")
    if not channel.waiting:
        return on
    waiting = ngettext("{count} post is waiting.", "{count} posts are waiting.", channel.waiting)
    return i18n.join_sentences(on, waiting.format(count=format_number(channel.waiting)))
