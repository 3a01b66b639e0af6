"""How a channel receives: what `/channel` answers."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot.papers import Destination, State
from bot.present import limits
from bot.present.markdown import escape
from bot.schedules import write_days


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
    several = "1 subscription" if channel.subscriptions == 1 else f"{channel.subscriptions:,} subscriptions"
    embed = discord.Embed(
        title="Changed" if channel.changed else "How this channel receives",
        description=f"{channel.where}: {several}",
        colour=discord.Colour.green() if destination.state is State.ACTIVE else discord.Colour.light_grey(),
    )
    embed.add_field(name="Cap", value=_cap(channel), inline=False)
    embed.add_field(name="Digest", value=_digest(destination), inline=False)
    if channel.news:
        embed.add_field(name="Crossposting", value=_crosspost(channel), inline=False)
    if destination.state is not State.ACTIVE:
        reason = escape(destination.reason) or "by a manager"
        embed.add_field(name="Paused", value=limits.cut(reason, limits.FIELD_VALUE), inline=False)
    return embed


def _cap(channel: Receiving) -> str:
    cap = channel.destination.cap or channel.default_cap
    if cap is None:
        return "None: every paper is posted by itself."
    origin = "" if channel.destination.cap else " (the default here)"
    rest = "the digest" if channel.destination.schedule else "one list a day, for there is no digest"
    papers = "1 paper" if cap == 1 else f"{cap:,} papers"
    return (
        f"{papers} a day are posted one by one{origin}. What is above goes into {rest}; nothing is dropped."
    )


def _digest(destination: Destination) -> str:
    schedule = destination.schedule
    if schedule is None:
        return "None; `/digest schedule` sets one."
    return f"{write_days(schedule.days).capitalize()} at {schedule.hour:02}:00, {schedule.zone}."


def _crosspost(channel: Receiving) -> str:
    if not channel.destination.crosspost:
        return "Off: what is posted stays in this channel."
    waiting = f" {channel.waiting:,} wait for their turn." if channel.waiting else ""
    return f"On: what is posted goes to the channels that follow this one, ten an hour at most.{waiting}"
